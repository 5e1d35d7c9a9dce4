"""The LDS security object: which data groups the chip holds, and their hashes.

Source: Doc 9303-10 section 4.6.2.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from travelers.core.chip.algorithms import DIGEST_OCTETS, digest_algorithm
from travelers.core.chip.cms import SignedData, parse_signed_data
from travelers.core.chip.errors import Malformed
from travelers.core.chip.tlv import OCTET_STRING, SEQUENCE, Node, integer, parse_der, unwrap

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
SOD_TAG = 0x77
MAX_SOD_OCTETS = 64 * 1024
MAX_ELEMENTS = 8_000
_PRINTABLE_STRING = 0x13


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """EF.SOD. version: 0 or 1. hashes: data group number to digest. lds_version, unicode_version: "" in version 0."""

    signed: SignedData
    version: int
    digest: str
    hashes: Mapping[int, bytes]
    lds_version: str = ""
    unicode_version: str = ""


def parse_security_object(data: bytes) -> SecurityObject:
    """Return EF.SOD. data: the whole file, at most MAX_SOD_OCTETS.

    Raises Malformed: SOD_TOO_LARGE, SOD_TAG, SOD_STRUCTURE, LDS_VERSION, DUPLICATE_GROUP, GROUP_NUMBER,
    HASH_LENGTH, and the codes of parse_signed_data; Invalid(CONTENT_TYPE_ATTRIBUTE).
    """
    if len(data) > MAX_SOD_OCTETS:
        raise Malformed("SOD_TOO_LARGE")
    body, end = unwrap(data, SOD_TAG, "SOD_TAG")
    if data[1] & 0x80 and (data[2] == 0 or int.from_bytes(data[2:body], "big") < 0x80):
        raise Malformed("DER_LENGTH")
    signed = parse_signed_data(data[body:end], LDS_SECURITY_OBJECT, MAX_ELEMENTS)
    fields = parse_der(signed.content, max_nodes=MAX_ELEMENTS).expect(SEQUENCE, "SOD_STRUCTURE").children
    if not 3 <= len(fields) <= 4:
        raise Malformed("SOD_STRUCTURE")
    version = integer(fields[0], "LDS_VERSION")
    # version 1 carries the versions of LDS and Unicode, version 0 does not
    if version not in (0, 1) or version != len(fields) - 3:
        raise Malformed("LDS_VERSION")
    digest = digest_algorithm(fields[1])
    hashes = _hashes(fields[2], DIGEST_OCTETS[digest])
    versions = _versions(fields[3]) if version else ("", "")
    return SecurityObject(signed, version, digest, MappingProxyType(hashes), *versions)


def _hashes(node: Node, octets: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for child in node.expect(SEQUENCE, "SOD_STRUCTURE").children:
        if child.tag != SEQUENCE or len(child.children) != 2:
            raise Malformed("SOD_STRUCTURE")
        number = integer(child.children[0], "GROUP_NUMBER")
        value = child.child(1, OCTET_STRING, "SOD_STRUCTURE").content
        if not 1 <= number <= 16:
            raise Malformed("GROUP_NUMBER")
        if number in found:
            raise Malformed("DUPLICATE_GROUP")
        if len(value) != octets:
            raise Malformed("HASH_LENGTH")
        found[number] = value
    if not found:
        raise Malformed("SOD_STRUCTURE")
    return dict(sorted(found.items()))


def _versions(node: Node) -> tuple[str, str]:
    if node.tag != SEQUENCE or len(node.children) != 2:
        raise Malformed("LDS_VERSION")
    lds, unicode = (node.child(i, _PRINTABLE_STRING, "LDS_VERSION").content for i in (0, 1))
    if not (len(lds) == 4 and lds.isdigit() and len(unicode) == 6 and unicode.isdigit()):
        raise Malformed("LDS_VERSION")
    return lds.decode("ascii"), unicode.decode("ascii")
