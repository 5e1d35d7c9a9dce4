"""Certificates, link certificates, revocation lists and master lists of a State of ours. Source: Doc 9303-12 section 7."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from borders.demo.pki import der
from borders.demo.pki.keys import SigningKey, algorithm_info, digest_info
from borders.demo.pki.signed_data import signed_data

KEY_CERT_SIGN = (b"\x06", 1)  # keyCertSign and cRLSign: bits 5 and 6
DIGITAL_SIGNATURE = (b"\x80", 7)


@dataclass(frozen=True)
class Issued:
    """A certificate with the key that belongs to it."""

    der: bytes
    key: SigningKey
    name: bytes
    serial_number: int
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class Profile:
    """What may be written into a certificate; a forgery changes one of these."""

    country: str = "UT"
    common_name: str = "Utopia"
    serial_number: int = 1
    version: int = 3
    key_usage: tuple[bytes, int] | None = DIGITAL_SIGNATURE
    key_usage_critical: bool = True
    is_authority: bool | None = None
    path_length: int | None = None
    extended_key_usage: str = ""
    extended_key_usage_critical: bool = True
    document_types: tuple[str, ...] = ()
    private_key_usage: tuple[datetime, datetime] | None = None
    further_extensions: tuple[bytes, ...] = ()
    authority_key_identifier: bytes | None = b""  # b"": the issuer's; None: left out


def name(country: str, common_name: str) -> bytes:
    """Return a distinguished name."""
    return der.sequence(
        der.set_of([der.sequence(der.oid("2.5.4.6"), der.printable(country))]),
        der.set_of([der.sequence(der.oid("2.5.4.10"), der.utf8("Government of Utopia"))]),
        der.set_of([der.sequence(der.oid("2.5.4.3"), der.utf8(common_name))]),
    )


def issue(
    *,
    key: SigningKey,
    profile: Profile,
    not_before: datetime,
    not_after: datetime,
    issuer: Issued | None = None,
    issuer_name: bytes | None = None,
) -> Issued:
    """Return a certificate for a key; issuer None: self-signed. issuer_name: to write instead of the issuer's."""
    subject = name(profile.country, profile.common_name)
    signer = issuer.key if issuer else key
    written_issuer = issuer_name or (issuer.name if issuer else subject)
    algorithm = algorithm_info(signer.algorithm)
    body = der.sequence(
        *([der.context(0, der.integer(profile.version - 1))] if profile.version > 1 else []),
        der.integer(profile.serial_number),
        algorithm,
        written_issuer,
        der.sequence(der.time(not_before), der.time(not_after)),
        subject,
        key.public_info,
        *([der.context(3, der.sequence(*_extensions(key, signer, profile)))] if profile.version == 3 else []),
    )
    certificate = der.sequence(body, algorithm, der.bits(signer.sign(body)))
    return Issued(certificate, key, subject, profile.serial_number, not_before, not_after)


def _extension(kind: str, value: bytes, critical: bool = False) -> bytes:
    return der.sequence(der.oid(kind), *([der.boolean(True)] if critical else []), der.octets(value))


def _extensions(key: SigningKey, signer: SigningKey, profile: Profile) -> Iterable[bytes]:
    if profile.authority_key_identifier is not None:
        identifier = profile.authority_key_identifier or signer.key_identifier
        yield _extension("2.5.29.35", der.sequence(der.context(0, identifier, constructed=False)))
    yield _extension("2.5.29.14", der.octets(key.key_identifier))
    if profile.key_usage is not None:
        yield _extension("2.5.29.15", der.bits(*profile.key_usage), profile.key_usage_critical)
    if profile.is_authority is not None:
        length = [] if profile.path_length is None else [der.integer(profile.path_length)]
        flag = [der.boolean(True)] if profile.is_authority else []
        yield _extension("2.5.29.19", der.sequence(*flag, *length), critical=True)
    if profile.private_key_usage is not None:
        begin, end = (der.generalized(at)[2:] for at in profile.private_key_usage)
        value = der.sequence(der.context(0, begin, constructed=False), der.context(1, end, constructed=False))
        yield _extension("2.5.29.16", value)
    if profile.extended_key_usage:
        yield _extension(
            "2.5.29.37",
            der.sequence(der.oid(profile.extended_key_usage)),
            profile.extended_key_usage_critical,
        )
    if profile.document_types:
        types = der.set_of(der.printable(code) for code in profile.document_types)
        yield _extension("2.23.136.1.1.6.2", der.sequence(der.integer(0), types))
    yield from profile.further_extensions


AUTHORITY = Profile(common_name="CSCA Utopia", key_usage=KEY_CERT_SIGN, is_authority=True, path_length=0)
SIGNER = Profile(common_name="Document Signer Utopia", serial_number=0x1001)
LIST_SIGNER = Profile(
    common_name="Master List Signer Utopia", serial_number=0x2001, extended_key_usage="2.23.136.1.1.3"
)


def issue_csca(key: SigningKey, at: datetime, profile: Profile = AUTHORITY, years: int = 15) -> Issued:
    """Return a self-signed country signer, valid from at."""
    return issue(key=key, profile=profile, not_before=at, not_after=at + timedelta(days=365 * years))


def issue_signer(
    csca: Issued, key: SigningKey, at: datetime, profile: Profile = SIGNER, years: int = 11
) -> Issued:
    """Return a document signer of a country signer, valid from at."""
    return issue(
        key=key, profile=profile, not_before=at, not_after=at + timedelta(days=365 * years), issuer=csca
    )


def issue_link(old: Issued, new: Issued) -> Issued:
    """Return the link certificate: the new key and name, signed by the old key. Source: Doc 9303-12 section 4.4."""
    profile = replace(AUTHORITY, common_name="CSCA Utopia 2", serial_number=0x3001)
    return issue(key=new.key, profile=profile, not_before=new.not_before, not_after=old.not_after, issuer=old)


def issue_crl(csca: Issued, revoked: Sequence[int], at: datetime, days: int = 90, number: int = 1) -> bytes:
    """Return a full revocation list of a country signer."""
    algorithm = algorithm_info(csca.key.algorithm)
    entries = [der.sequence(der.integer(serial), der.time(at)) for serial in revoked]
    extensions = der.sequence(
        _extension("2.5.29.35", der.sequence(der.context(0, csca.key.key_identifier, constructed=False))),
        _extension("2.5.29.20", der.integer(number)),
    )
    body = der.sequence(
        der.integer(1),
        algorithm,
        csca.name,
        der.time(at),
        der.time(at + timedelta(days=days)),
        *([der.sequence(*entries)] if entries else []),
        der.context(0, extensions),
    )
    return der.sequence(body, algorithm, der.bits(csca.key.sign(body)))


def issue_master_list(csca: Issued, signer: Issued, certificates: Iterable[bytes], at: datetime) -> bytes:
    """Return a master list signed by a list signer of a country signer."""
    content = der.sequence(der.integer(0), der.set_of(certificates))
    return signed_data(
        content=content,
        content_type="2.23.136.1.1.2",
        signer=signer,
        issuer_name=csca.name,
        certificates=(signer.der, csca.der),
        signing_time=at,
    )


__all__ = [
    "AUTHORITY",
    "DIGITAL_SIGNATURE",
    "KEY_CERT_SIGN",
    "LIST_SIGNER",
    "SIGNER",
    "Issued",
    "Profile",
    "digest_info",
    "issue",
    "issue_crl",
    "issue_csca",
    "issue_link",
    "issue_master_list",
    "issue_signer",
    "name",
]
