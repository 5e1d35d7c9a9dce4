"""EF.COM and the data groups that are read: DG1, DG2, DG11, DG12, DG14, DG15.

Source: Doc 9303-10 sections 4.6 and 4.7; ISO/IEC 7816-11 for the biometric templates of DG2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from biometrics.core.mrz import MrzFormatError, split_mrz
from travelers.core.chip.errors import Malformed
from travelers.core.chip.keys import PublicKey, load_key, load_key_der
from travelers.core.chip.portrait import Portrait, read_portrait
from travelers.core.chip.tlv import OID, SEQUENCE, SET, Node, elements, integer, oid, parse_der, unwrap

COM_TAG = 0x60
TAGS: Mapping[int, int] = MappingProxyType(
    {
        1: 0x61,
        2: 0x75,
        3: 0x63,
        4: 0x76,
        5: 0x65,
        6: 0x66,
        7: 0x67,
        8: 0x68,
        9: 0x69,
        10: 0x6A,
        11: 0x6B,
        12: 0x6C,
        13: 0x6D,
        14: 0x6E,
        15: 0x6F,
        16: 0x70,
    }
)
NUMBERS = MappingProxyType({tag: number for number, tag in TAGS.items()})
MAX_GROUP_OCTETS = 1024 * 1024
MAX_COM_OCTETS = 256
LDS_VERSIONS = ("0107", "0108")
UNICODE_VERSION = "040000"

CHIP_AUTHENTICATION = "0.4.0.127.0.7.2.2.3."
CHIP_AUTHENTICATION_KEY = "0.4.0.127.0.7.2.2.1."
ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"


@dataclass(frozen=True, slots=True)
class Common:
    """EF.COM. groups: numbers of the data groups that it lists, ascending."""

    lds_version: str
    unicode_version: str
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonalDetails:
    """Data group 11, as far as it is used. full_name: in national characters, "" if absent."""

    full_name: str = ""
    personal_number: str = ""
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentDetails:
    """Data group 12, as far as it is used."""

    issuing_authority: str = ""
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationKey:
    """A static key agreement key. info: its SubjectPublicKeyInfo. is_ec: else Diffie-Hellman."""

    is_ec: bool
    info: Node
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    """Data group 14. protocols: chip authentication OID to key identifier. signature_oid: of ActiveAuthenticationInfo."""

    protocols: tuple[tuple[str, int | None], ...] = ()
    keys: tuple[ChipAuthenticationKey, ...] = ()
    signature_oid: str = ""


def parse_common(data: bytes) -> Common:
    """Return EF.COM. Raises Malformed: COM_TOO_LARGE, COM_TAG, COM_STRUCTURE, COM_VERSION, and those of unwrap."""
    if len(data) > MAX_COM_OCTETS:
        raise Malformed("COM_TOO_LARGE")
    body, end = unwrap(data, COM_TAG, "COM_TAG")
    found = elements(data, body, end)
    if [tag for tag, _ in found] != [0x5F01, 0x5F36, 0x5C]:
        raise Malformed("COM_STRUCTURE")
    lds, unicode, tags = (value for _, value in found)
    if lds.decode("latin-1") not in LDS_VERSIONS or unicode.decode("latin-1") != UNICODE_VERSION:
        raise Malformed("COM_VERSION")
    if any(tag not in NUMBERS for tag in tags) or len(set(tags)) != len(tags):
        raise Malformed("COM_STRUCTURE")
    return Common(lds.decode(), unicode.decode(), tuple(sorted(NUMBERS[tag] for tag in tags)))


def parse_dg1(data: bytes) -> tuple[str, ...]:
    """Return the lines of the MRZ. Raises Malformed: GROUP_TAG, GROUP_STRUCTURE, MRZ."""
    body, end = unwrap(data, TAGS[1], "GROUP_TAG")
    found = elements(data, body, end)
    if [tag for tag, _ in found] != [0x5F1F]:
        raise Malformed("GROUP_STRUCTURE")
    try:
        lines = split_mrz(found[0][1].decode("ascii"))
    except (UnicodeDecodeError, MrzFormatError):
        raise Malformed("MRZ") from None
    if not all(c == "<" or "0" <= c <= "9" or "A" <= c <= "Z" for line in lines for c in line):
        raise Malformed("MRZ")
    return lines


def parse_dg11(data: bytes) -> PersonalDetails:
    """Return the additional personal details. Raises Malformed: GROUP_TAG, GROUP_STRUCTURE, DATE."""
    values = _listed(data, TAGS[11])
    birth = values.get(0x5F2B)
    return PersonalDetails(
        _text(values.get(0x5F0E)),
        _text(values.get(0x5F10)),
        _date(birth) if birth is not None else None,
    )


def parse_dg12(data: bytes) -> DocumentDetails:
    """Return the additional document details. Raises Malformed: GROUP_TAG, GROUP_STRUCTURE, DATE."""
    values = _listed(data, TAGS[12])
    issued = values.get(0x5F26)
    return DocumentDetails(_text(values.get(0x5F19)), _date(issued) if issued is not None else None)


def parse_dg14(data: bytes) -> SecurityInfos:
    """Return the security infos. Source: Doc 9303-11 section 9.2. Raises Malformed: GROUP_TAG, SECURITY_INFOS."""
    body, end = unwrap(data, TAGS[14], "GROUP_TAG")
    root = parse_der(data[body:end], [], 4_000)
    protocols: list[tuple[str, int | None]] = []
    keys: list[ChipAuthenticationKey] = []
    signature_oid = ""
    code = "SECURITY_INFOS"
    for info in root.expect(SET, code).children:
        if info.tag != SEQUENCE or not 2 <= len(info.children) <= 3:
            raise Malformed(code)
        name = oid(info.children[0], code)
        last = (
            integer(info.children[2], code) if len(info.children) == 3 and info.children[2].tag == 2 else None
        )
        if name.startswith(CHIP_AUTHENTICATION):
            protocols.append((name, last))
        elif name.startswith(CHIP_AUTHENTICATION_KEY):
            keys.append(ChipAuthenticationKey(name.endswith(".2"), info.child(1, SEQUENCE, code), last))
        elif name == ACTIVE_AUTHENTICATION:
            if integer(info.children[1], code) != 1 or len(info.children) != 3:
                raise Malformed(code)
            signature_oid = oid(info.child(2, OID, code))
    return SecurityInfos(tuple(protocols), tuple(keys), signature_oid)


def parse_dg15(data: bytes) -> PublicKey:
    """Return the active authentication key. Raises Malformed: GROUP_TAG, and as load_key; Invalid as load_key."""
    body, end = unwrap(data, TAGS[15], "GROUP_TAG")
    return load_key_der(data[body:end])


def parse_dg2(data: bytes) -> Portrait:
    """Return the portrait. Raises Malformed: GROUP_TAG, and as read_portrait."""
    body, end = unwrap(data, TAGS[2], "GROUP_TAG")
    return read_portrait(data, body, end)


def load_security_key(key: ChipAuthenticationKey) -> PublicKey:
    """Return the elliptic curve key of data group 14. Raises as load_key."""
    return load_key(key.info)


def check_tag(number: int, data: bytes) -> None:
    """Raise Malformed unless a group that is not read is one element with its tag."""
    unwrap(data, TAGS[number], "GROUP_TAG")


PARSERS: Mapping[int, Callable[[bytes], object]] = MappingProxyType(
    {1: parse_dg1, 2: parse_dg2, 11: parse_dg11, 12: parse_dg12, 14: parse_dg14, 15: parse_dg15}
)


def _listed(data: bytes, tag: int) -> dict[int, bytes]:
    """Return the elements of a group that begins with a list of their tags."""
    body, end = unwrap(data, tag, "GROUP_TAG")
    found = elements(data, body, end)
    if not found or found[0][0] != 0x5C:
        raise Malformed("GROUP_STRUCTURE")
    values: dict[int, bytes] = {}
    for kind, value in found[1:]:
        if kind in values:
            raise Malformed("GROUP_STRUCTURE")
        values[kind] = value
    return values


def _text(value: bytes | None) -> str:
    if value is None:
        return ""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("latin-1")  # some States write ISO 8859-1 here
    return "".join(c for c in text if c.isprintable())


def _date(value: bytes) -> date:
    """Return a date of eight digits, as characters or as packed BCD in four octets."""
    digits = value.hex() if len(value) == 4 else value.decode("latin-1")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        raise Malformed("DATE")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Malformed("DATE") from None
