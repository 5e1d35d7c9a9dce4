"""X.509 certificates of the passport PKI: country signers (CSCA), document signers (DSC), list signers.

Sources: RFC 5280; Doc 9303-12 section 7.1 for the profile. Values are read, not judged: rules.py judges.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from travelers.core.chip.algorithms import SignatureAlgorithm, signature_algorithm
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey, load_key
from travelers.core.chip.signatures import verify_signature
from travelers.core.chip.tlv import (
    BIT_STRING,
    BOOLEAN,
    GENERALIZED_TIME,
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    UTC_TIME,
    Node,
    Quirks,
    bits,
    integer,
    oid,
    parse_der,
)

MAX_CERTIFICATE_OCTETS = 32 * 1024
MAX_ELEMENTS = 4_000

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16"
BASIC_CONSTRAINTS = "2.5.29.19"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
EXTENDED_KEY_USAGE = "2.5.29.37"
DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.2"
COUNTRY = "2.5.4.6"

_SHOWN = {COUNTRY: "C", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER"}
_STRINGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be", 0x12: "ascii"}
# names of the bits of key usage, RFC 5280 section 4.2.1.3
KEY_USAGE_BITS = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name. parts: (attribute OID, value) as given. canonical: for comparing, case and spaces folded."""

    parts: tuple[tuple[str, str], ...]
    canonical: tuple[tuple[str, str], ...]

    @property
    def country(self) -> str:
        """Return the two-letter code in upper case, "" if there is none."""
        return next((value.strip().upper() for kind, value in self.parts if kind == COUNTRY), "")

    def __str__(self) -> str:
        return ", ".join(f"{_SHOWN[kind]}={value}" for kind, value in self.parts if kind in _SHOWN)


@dataclass(frozen=True, slots=True)
class Extension:
    """critical as encoded. value: the DER inside."""

    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate as encoded. not_before, not_after: aware UTC, inclusive.

    key_info: the tree of its SubjectPublicKeyInfo. extensions: by OID. quirks: encodings that DER forbids but
    that change no value.
    """

    der: bytes
    version: int
    serial_number: int
    issuer: Name
    subject: Name
    issuer_der: bytes
    subject_der: bytes
    not_before: datetime
    not_after: datetime
    key_info: Node
    algorithm_der: bytes
    tbs: bytes
    algorithm: SignatureAlgorithm
    signature: bytes
    extensions: Mapping[str, Extension]
    quirks: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def is_self_issued(self) -> bool:
        return self.issuer.canonical == self.subject.canonical

    @property
    def subject_key_identifier(self) -> bytes | None:
        found = self.extensions.get(SUBJECT_KEY_IDENTIFIER)
        return None if found is None else parse_der(found.value).expect(OCTET_STRING, "EXTENSION").content

    @property
    def authority_key_identifier(self) -> bytes | None:
        found = self.extensions.get(AUTHORITY_KEY_IDENTIFIER)
        if found is None:
            return None
        for child in parse_der(found.value, []).expect(SEQUENCE, "EXTENSION").children:
            if child.tag == 0x80:
                return child.content
        return None

    @property
    def key_usage(self) -> frozenset[str] | None:
        """Return names of KEY_USAGE_BITS, or None without the extension."""
        found = self.extensions.get(KEY_USAGE)
        if found is None:
            return None
        octets = parse_der(found.value, []).expect(BIT_STRING, "EXTENSION").content[1:]
        return frozenset(
            name
            for index, name in enumerate(KEY_USAGE_BITS)
            if index // 8 < len(octets) and octets[index // 8] & 0x80 >> index % 8
        )

    @property
    def extended_key_usage(self) -> tuple[str, ...]:
        found = self.extensions.get(EXTENDED_KEY_USAGE)
        if found is None:
            return ()
        return tuple(oid(c) for c in parse_der(found.value).expect(SEQUENCE, "EXTENSION").children)

    @property
    def basic_constraints(self) -> tuple[bool, int | None] | None:
        """Return (CA, path length), or None without the extension."""
        found = self.extensions.get(BASIC_CONSTRAINTS)
        if found is None:
            return None
        is_authority, length = False, None
        for child in parse_der(found.value, []).expect(SEQUENCE, "EXTENSION").children:
            if child.tag == BOOLEAN:
                is_authority = child.content != b"\x00"
            else:
                length = integer(child, "EXTENSION")
        return is_authority, length

    @property
    def private_key_usage_period(self) -> tuple[datetime | None, datetime | None]:
        found = self.extensions.get(PRIVATE_KEY_USAGE_PERIOD)
        begin = end = None
        if found is not None:
            for child in parse_der(found.value, []).expect(SEQUENCE, "EXTENSION").children:
                if child.tag == 0x80:
                    begin = _generalized(child.content)
                elif child.tag == 0x81:
                    end = _generalized(child.content)
        return begin, end

    @property
    def document_types(self) -> tuple[str, ...] | None:
        """Return the document codes of the DSC's list, None without one. Source: Doc 9303-12 section 7.1.1.6."""
        found = self.extensions.get(DOCUMENT_TYPE_LIST)
        if found is None:
            return None
        node = parse_der(found.value, []).expect(SEQUENCE, "EXTENSION")
        return tuple(_text(child) for child in node.child(1, SET, "EXTENSION").children)


def parse_certificate(der: bytes) -> Certificate:
    """Return a certificate. der: at most MAX_CERTIFICATE_OCTETS, nothing after it.

    Raises Malformed: CERTIFICATE, CERTIFICATE_TOO_LARGE, CERTIFICATE_ALGORITHMS_DIFFER, EXTENSION,
    DUPLICATE_EXTENSION, TIME, and the codes of parse_der and signature_algorithm.
    """
    if len(der) > MAX_CERTIFICATE_OCTETS:
        raise Malformed("CERTIFICATE_TOO_LARGE")
    quirks: Quirks = []
    return read_certificate(parse_der(der, quirks, MAX_ELEMENTS), quirks)


def read_certificate(node: Node, quirks: Quirks) -> Certificate:
    """Return the certificate that a parsed tree holds. quirks: of its parsing. Raises as parse_certificate."""
    code = "CERTIFICATE"
    if node.tag != SEQUENCE or len(node.children) != 3:
        raise Malformed(code)
    body, outer, signature = node.children
    fields = body.expect(SEQUENCE, code).children
    version = 1
    if fields and fields[0].tag == 0xA0:
        version = integer(fields[0].child(0, 0x02, code), code) + 1
        fields = fields[1:]
    if len(fields) < 6:
        raise Malformed(code)
    serial, inner, issuer, validity, subject, key_info = fields[:6]
    if inner.raw != outer.raw:
        raise Malformed("CERTIFICATE_ALGORITHMS_DIFFER")
    if validity.tag != SEQUENCE or len(validity.children) != 2:
        raise Malformed(code)
    extensions: dict[str, Extension] = {}
    for field in fields[6:]:
        if field.tag == 0xA3 and len(field.children) == 1 and version == 3:
            extensions = _extensions(field.children[0])
        elif field.tag not in (0x81, 0x82, 0xA1, 0xA2):
            raise Malformed(code)
    return Certificate(
        der=node.raw,
        version=version,
        serial_number=integer(serial, code),
        issuer=read_name(issuer),
        subject=read_name(subject),
        issuer_der=issuer.raw,
        subject_der=subject.raw,
        not_before=read_time(validity.children[0]),
        not_after=read_time(validity.children[1]),
        key_info=key_info,
        algorithm_der=outer.raw,
        tbs=body.raw,
        algorithm=signature_algorithm(outer),
        signature=bits(signature, code),
        extensions=extensions,
        quirks=frozenset(name for name, _ in quirks),
    )


def is_signed_by(certificate: Certificate, key: PublicKey) -> bool:
    """Tell whether a key made the signature of a certificate."""
    try:
        verify_signature(key, certificate.algorithm, certificate.signature, certificate.tbs)
    except Invalid:
        return False
    return True


def key_of(certificate: Certificate) -> PublicKey:
    """Return the public key of a certificate. Raises as load_key."""
    return load_key(certificate.key_info)


def read_time(node: Node) -> datetime:
    """Return a UTCTime (years 1950 to 2049) or a GeneralizedTime as aware UTC. Raises Malformed(TIME)."""
    if node.tag == GENERALIZED_TIME:
        return _generalized(node.content)
    if node.tag != UTC_TIME:
        raise Malformed("TIME")
    digits = node.content
    if len(digits) == 11:  # without seconds, as in some certificates from before RFC 3280
        digits = digits[:10] + b"00Z"
    if len(digits) != 13 or not digits[:12].isdigit():
        raise Malformed("TIME")
    return _generalized((b"20" if digits[:2] < b"50" else b"19") + digits)


def _generalized(content: bytes) -> datetime:
    digits, zone = content[:14], content[14:]
    if len(digits) != 14 or not digits.isdigit() or zone != b"Z":
        raise Malformed("TIME")
    year, month, day, hour, minute, second = (
        int(digits[a:b]) for a, b in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))
    )
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise Malformed("TIME") from None


def read_name(node: Node) -> Name:
    """Return a distinguished name. Raises Malformed(CERTIFICATE)."""
    if node.tag != SEQUENCE:
        raise Malformed("CERTIFICATE")
    parts: list[tuple[str, str]] = []
    for group in node.children:
        for attribute in group.expect(SET, "CERTIFICATE").children:
            if attribute.tag != SEQUENCE or len(attribute.children) != 2:
                raise Malformed("CERTIFICATE")
            parts.append((oid(attribute.child(0, OID, "CERTIFICATE")), _text(attribute.children[1])))
    canonical = tuple((kind, " ".join(value.casefold().split())) for kind, value in parts)
    return Name(tuple(parts), canonical)


def _text(node: Node) -> str:
    """Return a string without what cannot be shown: names of issuers reach screens."""
    text = node.content.decode(_STRINGS.get(node.tag, "latin-1"), errors="replace")
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _extensions(node: Node) -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    for child in node.expect(SEQUENCE, "EXTENSION").children:
        fields = child.expect(SEQUENCE, "EXTENSION").children
        if not 2 <= len(fields) <= 3:
            raise Malformed("EXTENSION")
        kind = oid(fields[0], "EXTENSION")
        critical = False
        if len(fields) == 3:
            critical = fields[1].expect(BOOLEAN, "EXTENSION").content != b"\x00"
        if kind in found:
            raise Malformed("DUPLICATE_EXTENSION")
        found[kind] = Extension(critical, fields[-1].expect(OCTET_STRING, "EXTENSION").content)
    return found
