"""Every kind of cryptographic tampering, and what it must come out as.

Each function makes one forged (or merely doubtful) chip. The table at the end names mechanism, result and code; docs/chip.md
is written from the same codes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from borders.demo.pki import der
from borders.demo.pki.certificates import AUTHORITY, KEY_CERT_SIGN, SIGNER, issue, issue_csca, issue_signer
from borders.demo.pki.chips import make_com, make_dg1, make_dg12, make_dg15, make_security_object, make_sod
from borders.demo.pki.keys import SigningKey, explicit_parameters, make_ec_key
from tests.documents.pki.state import (
    AT,
    CRL_AT,
    CSCA_AT,
    MRZ,
    SIGNED_AT,
    SIGNER_AT,
    TestState,
    revocation_list,
    utopia,
    verify,
)
from travelers.core.chip import ChipFiles, ChipResult, TrustStore


@dataclass(frozen=True)
class Forgery:
    """One chip with the trust under which it is looked at."""

    files: ChipFiles
    store: TrustStore
    at: datetime = AT

    def verify(self) -> ChipResult:
        return verify(self.files, self.store, self.at)


@dataclass(frozen=True)
class Kind:
    """mechanism, result, code: what must be said. make: the forgery."""

    name: str
    mechanism: str
    result: str
    code: str
    make: Callable[[], Forgery] = field(repr=False)


ROGUE = make_ec_key("P-256", seed=b"rogue")


def forged(files: ChipFiles, at: datetime = AT, state: TestState | None = None, **trust: object) -> Forgery:
    return Forgery(files, (state or utopia()).store(**trust), at)


def with_groups(**changed: bytes | None) -> Callable[[], Forgery]:
    """Change group files after signing; None takes one away. Names as dg1."""

    def make() -> Forgery:
        groups = dict(utopia().groups)
        for name, data in changed.items():
            number = int(name[2:])
            groups.pop(number, None)
            if data is not None:
                groups[number] = data
        return forged(replace(utopia().files(), groups=groups))

    return make


def with_sod(**changed: object) -> Callable[[], Forgery]:
    """Sign EF.SOD otherwise than the standard says."""
    return lambda: forged(utopia().files(**changed))


def raw_sod(change: Callable[[bytes], bytes]) -> Callable[[], Forgery]:
    """Change the octets of EF.SOD."""

    def make() -> Forgery:
        files = utopia().files()
        return forged(replace(files, sod=change(files.sod)))

    return make


def with_signer(at: datetime = SIGNER_AT, years: int = 11, key: SigningKey | None = None, **changed: object):
    """Let the State issue another document signer, and let it sign. changed: of its profile."""

    def make() -> Forgery:
        state = utopia()
        profile = replace(SIGNER, **changed)
        signer = issue_signer(state.csca, key or state.signer.key, at, profile, years)
        return forged(replace(state, signer=signer).files())

    return make


def signed_by_nobody_known(country: str, key_identifier: bytes | None, name: str = "CSCA Utopia"):
    """Let a country signer of one's own issue the document signer."""

    def make() -> Forgery:
        own = issue_csca(ROGUE, CSCA_AT, replace(AUTHORITY, country=country, common_name=name))
        profile = replace(SIGNER, country=country, authority_key_identifier=key_identifier)
        signer = issue_signer(own, make_ec_key("P-256", seed=b"rogue signer"), SIGNER_AT, profile)
        return forged(replace(utopia(), csca=own, signer=signer).files())

    return make


def signature_of_another() -> Forgery:
    """Keep the genuine certificate and sign with another key."""
    state = utopia()
    return forged(replace(state, signer=replace(state.signer, key=ROGUE)).files())


def wrong_country_of_signer() -> Forgery:
    state = utopia()
    signer = issue_signer(state.csca, state.signer.key, SIGNER_AT, replace(SIGNER, country="XX"))
    return forged(replace(state, signer=signer).files())


def wrong_country_of_document() -> Forgery:
    """A State signs a document of another State."""
    state = utopia()
    lines = (MRZ[0].replace("UTO", "FRA", 1), MRZ[1])
    groups = state.groups | {1: make_dg1(lines)}
    sod = make_sod(groups, state.signer, state.csca.name, signing_time=SIGNED_AT)
    return forged(replace(state.files(), sod=sod, groups=groups))


def unsigned_time(at: datetime, years: int, issued: date | None = None, looked_at: datetime = AT):
    """Sign without a signing time by a signer valid from at; issued: date in data group 12."""

    def make() -> Forgery:
        state = utopia()
        signer = issue_signer(state.csca, state.signer.key, at, SIGNER, years)
        groups = dict(state.groups)
        if issued is None:
            del groups[12]
        else:
            groups[12] = make_dg12(issued)
        sod = make_sod(groups, signer, state.csca.name)
        return forged(ChipFiles(sod, make_com(tuple(groups)), groups), looked_at)

    return make


def revoked(next_update_days: int = 90) -> Callable[[], Forgery]:
    def make() -> Forgery:
        state = utopia()
        at = CRL_AT if next_update_days == 90 else CRL_AT - timedelta(days=400)
        return forged(state.files(), crls=(revocation_list(state, state.signer.serial_number, at=at),))

    return make


def foreign_crl() -> Forgery:
    """A list that the country signer did not sign revokes nothing."""
    own = replace(utopia(), csca=replace(utopia().csca, key=ROGUE))
    return forged(utopia().files(), crls=(revocation_list(own, utopia().signer.serial_number),))


def stale_crl() -> Forgery:
    return forged(utopia().files(), crls=(revocation_list(utopia(), at=CRL_AT - timedelta(days=400)),))


def authority_without(**changed: object) -> Callable[[], Forgery]:
    def make() -> Forgery:
        state = utopia()
        csca = issue_csca(state.csca.key, CSCA_AT, replace(AUTHORITY, **changed))
        own = replace(state, csca=csca)
        return forged(own.files(), state=own)

    return make


def parameters(**changed: int | None) -> Callable[[], Forgery]:
    """Write the signer's curve parameters out, one of them changed."""

    def make() -> Forgery:
        state = utopia()
        honest = make_ec_key("P-256", seed=b"signer")
        info = der.sequence(
            der.sequence(der.oid("1.2.840.10045.2.1"), explicit_parameters(honest.curve, **changed)),
            der.bits(honest.point),
        )
        key = replace(honest)
        key.__dict__["public_info"] = info
        signer = issue_signer(state.csca, key, SIGNER_AT)
        return forged(replace(state, signer=signer).files())

    return make


def own_generator() -> dict[str, int]:
    """Return base point and order kept, the point doubled: the trick of CVE-2020-0601."""
    curve = make_ec_key("P-256", seed=b"signer").curve
    point = curve.slow.generator * 2
    return {"gx": int(point.x()), "gy": int(point.y())}


def security_object(**changed: object) -> Callable[[], Forgery]:
    """Sign an LDS security object that is not as prescribed. changed: of make_security_object."""

    def make() -> Forgery:
        state = utopia()
        content = make_security_object(state.groups, "sha256", **changed)
        return forged(state.files(content=content))

    return make


def common(**changed: object) -> Callable[[], Forgery]:
    def make() -> Forgery:
        state = utopia()
        numbers = changed.pop("numbers", tuple(state.groups))
        return forged(replace(state.files(), com=make_com(numbers, **changed)))

    return make


def lds_version(change: bytes) -> Callable[[], Forgery]:
    """Write another version number into the signed LDS security object, and sign it."""

    def make() -> Forgery:
        content = make_security_object(utopia().groups, "sha256")
        return forged(utopia().files(content=content.replace(b"\x02\x01\x00", change, 1)))

    return make


def further_certificate() -> Forgery:
    """Put a certificate beside the signer's that nobody answers for."""
    state = utopia()
    extra = issue(
        key=ROGUE,
        profile=replace(SIGNER, serial_number=0x1002),
        not_before=SIGNER_AT,
        not_after=AT,
        issuer=replace(state.csca, key=ROGUE),
    )
    return forged(state.files(certificates=[state.signer.der, extra.der]))


def _first_hash() -> bytes:
    return hashlib.sha256(utopia().groups[1]).digest()


_HASH = der.sequence(der.integer(1), der.octets(bytes(32)))
KINDS: tuple[Kind, ...] = (
    # data groups
    Kind(
        "DG1 altered",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=make_dg1((MRZ[0], MRZ[1].replace("74", "75", 1)))),
    ),
    Kind(
        "DG1 and DG11 swapped",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=utopia().groups[11], dg11=utopia().groups[1]),
    ),
    Kind(
        "DG1 and DG11 swapped, by tag",
        "content",
        "MALFORMED",
        "GROUP_TAG",
        with_groups(dg1=utopia().groups[11], dg11=utopia().groups[1]),
    ),
    Kind(
        "DG1 with trailing bytes",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=utopia().groups[1] + b"\x00"),
    ),
    Kind(
        "DG1 with trailing bytes, by structure",
        "content",
        "MALFORMED",
        "TRAILING_BYTES",
        with_groups(dg1=utopia().groups[1] + b"\x00"),
    ),
    Kind("DG1 empty", "content", "MALFORMED", "TRUNCATED", with_groups(dg1=b"")),
    Kind(
        "unlisted group injected",
        "hashes",
        "INVALID",
        "GROUP_NOT_LISTED",
        with_groups(dg16=der.tlv(0x70, b"\x02\x01\x00")),
    ),
    Kind(
        "DG15 replaced",
        "active_authentication",
        "INVALID",
        "KEY_NOT_AUTHENTIC",
        with_groups(dg15=make_dg15(ROGUE)),
    ),
    # EF.SOD: structure
    Kind(
        "EF.SOD with trailing bytes",
        "signature",
        "MALFORMED",
        "TRAILING_BYTES",
        raw_sod(lambda sod: sod + b"\x00"),
    ),
    Kind(
        "bytes after the message within EF.SOD",
        "signature",
        "MALFORMED",
        "TRAILING_BYTES",
        raw_sod(lambda sod: der.tlv(0x77, sod[4:] + b"\x05\x00")),
    ),
    Kind("EF.SOD cut short", "signature", "MALFORMED", "TRUNCATED", raw_sod(lambda sod: sod[:-1])),
    Kind("EF.SOD without its tag", "signature", "MALFORMED", "SOD_TAG", raw_sod(lambda sod: sod[4:])),
    Kind(
        "indefinite length",
        "signature",
        "MALFORMED",
        "INDEFINITE_LENGTH",
        raw_sod(lambda sod: der.tlv(0x77, b"\x30\x80" + sod[8:] + b"\x00\x00")),
    ),
    Kind(
        "length not minimal",
        "signature",
        "MALFORMED",
        "DER_LENGTH",
        raw_sod(lambda sod: b"\x77\x83\x00" + sod[2:]),
    ),
    Kind(
        "CMS version 4",
        "signature",
        "MALFORMED",
        "CMS_VERSION",
        raw_sod(lambda sod: sod.replace(b"\x02\x01\x03\x31", b"\x02\x01\x04\x31", 1)),
    ),
    Kind(
        "signer version 3 with issuer and serial",
        "signature",
        "MALFORMED",
        "SIGNER_VERSION",
        with_sod(signer_version=3),
    ),
    Kind(
        "signer version 1 with key identifier",
        "signature",
        "MALFORMED",
        "SIGNER_VERSION",
        with_sod(signer_version=1, by_key_identifier=True),
    ),
    Kind(
        "content type changed",
        "signature",
        "MALFORMED",
        "CONTENT_TYPE",
        with_sod(content_type="2.23.136.1.1.2"),
    ),
    Kind(
        "content type of the attribute changed",
        "signature",
        "INVALID",
        "CONTENT_TYPE_ATTRIBUTE",
        with_sod(attribute_content_type="2.23.136.1.1.2"),
    ),
    Kind("two signers", "signature", "MALFORMED", "SIGNER_COUNT", with_sod(signers=2)),
    Kind("no signer", "signature", "MALFORMED", "SIGNER_COUNT", with_sod(signers=0)),
    Kind("no certificate", "signature", "MALFORMED", "CERTIFICATE_MISSING", with_sod(certificates=[])),
    Kind(
        "signer's certificate missing",
        "signature",
        "MALFORMED",
        "SIGNER_NOT_FOUND",
        with_sod(certificates=[utopia().csca.der]),
    ),
    Kind(
        "certificate that nobody answers for",
        "signature",
        "MALFORMED",
        "FURTHER_CERTIFICATE",
        further_certificate,
    ),
    Kind(
        "signed attributes not in DER order",
        "signature",
        "MALFORMED",
        "SIGNED_ATTRIBUTES_NOT_DER",
        with_sod(sort_attributes=False),
    ),
    Kind(
        "unsigned attributes",
        "signature",
        "MALFORMED",
        "UNSIGNED_ATTRIBUTES",
        with_sod(unsigned_attributes=der.sequence(der.oid("1.2.3"), der.set_of([der.null()]))),
    ),
    Kind("LDS version 2", "signature", "MALFORMED", "LDS_VERSION", lds_version(b"\x02\x01\x02")),
    Kind(
        "LDS version 1 without its versions",
        "signature",
        "MALFORMED",
        "LDS_VERSION",
        lds_version(b"\x02\x01\x01"),
    ),
    Kind(
        "group listed twice", "signature", "MALFORMED", "DUPLICATE_GROUP", security_object(further=(_HASH,))
    ),
    Kind(
        "group 17 listed",
        "signature",
        "MALFORMED",
        "GROUP_NUMBER",
        security_object(further=(der.sequence(der.integer(17), der.octets(bytes(32))),)),
    ),
    Kind(
        "hash of another length",
        "signature",
        "MALFORMED",
        "HASH_LENGTH",
        security_object(further=(der.sequence(der.integer(3), der.octets(bytes(20))),)),
    ),
    # EF.SOD: signature
    Kind("signed with another key", "signature", "INVALID", "SIGNATURE_INVALID", signature_of_another),
    Kind(
        "content changed after signing",
        "signature",
        "INVALID",
        "CONTENT_DIGEST_MISMATCH",
        raw_sod(lambda sod: sod.replace(_first_hash(), bytes(32), 1)),
    ),
    # the signer
    Kind(
        "CSCA of one's own with the genuine name",
        "chain",
        "NO_TRUST_ANCHOR",
        "CSCA_UNKNOWN",
        signed_by_nobody_known("UT", b""),
    ),
    Kind(
        "CSCA of one's own that claims the genuine key",
        "chain",
        "INVALID",
        "DSC_SIGNATURE_INVALID",
        signed_by_nobody_known("UT", utopia().csca.key.key_identifier),
    ),
    Kind(
        "CSCA of one's own, no key named",
        "chain",
        "INVALID",
        "DSC_SIGNATURE_INVALID",
        signed_by_nobody_known("UT", None),
    ),
    Kind(
        "State without a CSCA",
        "chain",
        "NO_TRUST_ANCHOR",
        "NO_CSCA_FOR_STATE",
        signed_by_nobody_known("XX", b"", "CSCA XX"),
    ),
    Kind("signer of another State", "country", "INVALID", "SIGNER_COUNTRY_MISMATCH", wrong_country_of_signer),
    Kind(
        "document of another State",
        "country",
        "INVALID",
        "DOCUMENT_COUNTRY_MISMATCH",
        wrong_country_of_document,
    ),
    Kind(
        "signer expired when it signed",
        "validity",
        "EXPIRED",
        "DSC_NOT_VALID_AT_SIGNING",
        with_signer(datetime(2021, 1, 1, tzinfo=UTC), 2),
    ),
    Kind(
        "signer not yet valid when it signed",
        "validity",
        "EXPIRED",
        "DSC_NOT_VALID_AT_SIGNING",
        with_signer(datetime(2024, 6, 1, tzinfo=UTC)),
    ),
    Kind(
        "signed outside of the key's period",
        "validity",
        "EXPIRED",
        "DSC_KEY_PERIOD",
        with_signer(private_key_usage=(SIGNER_AT, SIGNER_AT + timedelta(days=30))),
    ),
    Kind(
        "signer expired, time of signing unknown",
        "validity",
        "EXPIRED",
        "DSC_EXPIRED",
        unsigned_time(datetime(2021, 1, 1, tzinfo=UTC), 2),
    ),
    Kind(
        "signer expired at the date of issue",
        "validity",
        "EXPIRED",
        "DSC_NOT_VALID_AT_SIGNING",
        unsigned_time(datetime(2021, 1, 1, tzinfo=UTC), 2, date(2024, 3, 1)),
    ),
    Kind(
        "signer issued before its CSCA",
        "validity",
        "EXPIRED",
        "CSCA_NOT_VALID_AT_ISSUE",
        with_signer(CSCA_AT - timedelta(days=30)),
    ),
    Kind(
        "signer may sign certificates",
        "key_usage",
        "INVALID",
        "KEY_USAGE",
        with_signer(key_usage=KEY_CERT_SIGN),
    ),
    Kind(
        "signer without key usage", "key_usage", "INVALID", "KEY_USAGE_MISSING", with_signer(key_usage=None)
    ),
    Kind(
        "signer's key usage not critical",
        "key_usage",
        "INVALID",
        "KEY_USAGE_NOT_CRITICAL",
        with_signer(key_usage_critical=False),
    ),
    Kind(
        "signer with an extended key usage",
        "key_usage",
        "INVALID",
        "EXTENDED_KEY_USAGE",
        with_signer(extended_key_usage="2.23.136.1.1.3"),
    ),
    Kind(
        "signer is an authority",
        "key_usage",
        "INVALID",
        "SIGNER_IS_AUTHORITY",
        with_signer(is_authority=True),
    ),
    Kind("signer of visas", "key_usage", "INVALID", "DOCUMENT_TYPE", with_signer(document_types=("V", "ID"))),
    Kind(
        "signer of certificate version 1",
        "key_usage",
        "INVALID",
        "CERTIFICATE_VERSION",
        with_signer(version=1, authority_key_identifier=None),
    ),
    Kind(
        "unknown critical extension",
        "key_usage",
        "INVALID",
        "CRITICAL_EXTENSION",
        with_signer(
            further_extensions=(der.sequence(der.oid("1.2.3.4"), der.boolean(True), der.octets(b"\x05\x00")),)
        ),
    ),
    Kind(
        "CSCA that is no authority",
        "key_usage",
        "INVALID",
        "CSCA_NOT_AUTHORITY",
        authority_without(is_authority=False, path_length=None),
    ),
    Kind(
        "CSCA that may not sign certificates",
        "key_usage",
        "INVALID",
        "CSCA_KEY_USAGE",
        authority_without(key_usage=(b"\x02", 1)),
    ),
    Kind("signer revoked", "revocation", "REVOKED", "DSC_REVOKED", revoked()),
    Kind("signer revoked by an old list", "revocation", "REVOKED", "DSC_REVOKED", revoked(-1)),
    Kind("revocation list not current", "revocation", "NOT_PRESENT", "CRL_NOT_CURRENT", stale_crl),
    Kind("revocation list of another key", "revocation", "NOT_PRESENT", "CRL_NOT_PRESENT", foreign_crl),
    # explicit curve parameters
    Kind("own base point", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(**own_generator())),
    Kind("other coefficient a", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(a=5)),
    Kind("other coefficient b", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(b=7)),
    Kind("other order", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(n=2**255 + 95)),
    Kind("other cofactor", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(h=2)),
    Kind("other field", "signature", "INVALID", "EC_PARAMETERS_MISMATCH", parameters(p=2**255 - 19)),
    Kind(
        "curve that is not known",
        "signature",
        "MALFORMED",
        "EC_PARAMETERS_UNKNOWN",
        parameters(p=2**255 - 19, n=2**252 + 27742317777372353535851937790883648493),
    ),
    # EF.COM
    Kind("EF.COM lists a group less", "common", "INVALID", "GROUP_LISTS_DIFFER", common(numbers=(1, 2))),
    Kind("EF.COM of the other version", "common", "INVALID", "LDS_VERSIONS_DIFFER", common(lds="0108")),
    Kind("EF.COM of an unknown version", "common", "MALFORMED", "COM_VERSION", common(lds="0199")),
)
