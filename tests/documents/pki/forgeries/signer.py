"""Document signers, their authorities and their revocation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from borders.demo.pki import der
from borders.demo.pki.certificates import AUTHORITY, KEY_CERT_SIGN, SIGNER, issue_csca, issue_signer
from borders.demo.pki.chips import make_com, make_dg1, make_dg12, make_sod
from borders.demo.pki.keys import SigningKey, make_ec_key
from tests.documents.pki.forgeries.kinds import ROGUE, Forgery, Kind, forged
from tests.documents.pki.state import (
    AT,
    CRL_AT,
    CSCA_AT,
    MRZ,
    SIGNED_AT,
    SIGNER_AT,
    revocation_list,
    utopia,
)
from travelers.core.chip import ChipFiles


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


SIGNER_KINDS: tuple[Kind, ...] = (
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
)
