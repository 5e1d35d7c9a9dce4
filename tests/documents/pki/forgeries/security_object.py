"""EF.SOD that is not built or not signed as the standard says."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from borders.demo.pki import der
from borders.demo.pki.certificates import SIGNER, issue
from borders.demo.pki.chips import make_security_object
from tests.documents.pki.forgeries.kinds import ROGUE, Forgery, Kind, forged
from tests.documents.pki.state import (
    AT,
    SIGNER_AT,
    utopia,
)


def with_sod(**changed: object) -> Callable[[], Forgery]:
    """Sign EF.SOD otherwise than the standard says."""
    return lambda: forged(utopia().files(**changed))


def raw_sod(change: Callable[[bytes], bytes]) -> Callable[[], Forgery]:
    """Change the octets of EF.SOD."""

    def make() -> Forgery:
        files = utopia().files()
        return forged(replace(files, sod=change(files.sod)))

    return make


def signature_of_another() -> Forgery:
    """Keep the genuine certificate and sign with another key."""
    state = utopia()
    return forged(replace(state, signer=replace(state.signer, key=ROGUE)).files())


def security_object(**changed: object) -> Callable[[], Forgery]:
    """Sign an LDS security object that is not as prescribed. changed: of make_security_object."""

    def make() -> Forgery:
        state = utopia()
        content = make_security_object(state.groups, "sha256", **changed)
        return forged(state.files(content=content))

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


SECURITY_OBJECT_KINDS: tuple[Kind, ...] = (
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
    Kind("signed with another key", "signature", "INVALID", "SIGNATURE_INVALID", signature_of_another),
    Kind(
        "content changed after signing",
        "signature",
        "INVALID",
        "CONTENT_DIGEST_MISMATCH",
        raw_sod(lambda sod: sod.replace(_first_hash(), bytes(32), 1)),
    ),
)
