"""Read tag-length-value data: strict DER, and the looser BER-TLV of the LDS, within bounds.

Sources: ITU-T X.690 (DER) for EF.SOD and certificates, ISO/IEC 7816-4 section 5.2.2 for the LDS.
"""

from __future__ import annotations

from travelers.core.chip.errors import Malformed

# (code, offset) of encodings that DER forbids but that change no value
Quirks = list[tuple[str, int]]

MAX_DEPTH = 24
MAX_NODES = 200_000

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
BOOLEAN = 0x01
UTF8_STRING = 0x0C
SEQUENCE = 0x30
SET = 0x31
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18

_STRINGS = frozenset((0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B, 0x1C, 0x1E))


class Node:
    """One data element. tag: all its octets as one integer. start, body, end: offsets in data.

    children: of a constructed element, else empty.
    """

    __slots__ = ("body", "children", "data", "end", "start", "tag")

    def __init__(self, data: bytes, tag: int, start: int, body: int, end: int) -> None:
        self.data = data
        self.tag = tag
        self.start = start
        self.body = body
        self.end = end
        self.children: list[Node] = []

    @property
    def raw(self) -> bytes:
        """Return the whole element with tag and length."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """Return the value octets."""
        return self.data[self.body : self.end]

    def expect(self, tag: int, code: str) -> Node:
        """Return self. Raises Malformed(code) if the tag is another."""
        if self.tag != tag:
            raise Malformed(code)
        return self

    def child(self, index: int, tag: int, code: str) -> Node:
        """Return one child. Raises Malformed(code) if it is missing or has another tag."""
        if index >= len(self.children) or self.children[index].tag != tag:
            raise Malformed(code)
        return self.children[index]


def parse_der(data: bytes, quirks: Quirks | None = None, max_nodes: int = MAX_NODES) -> Node:
    """Return the one element that data is, as a tree.

    quirks: None for strict reading. Else encodings that DER forbids but that change no value are added to it
    instead of raised; it is for certificates, whose bytes their issuer's signature protects.
    Raises Malformed: TRUNCATED, TRAILING_BYTES, INDEFINITE_LENGTH, TOO_DEEP, TOO_MANY_ELEMENTS, DER_LENGTH,
    DER_INTEGER, DER_BOOLEAN, DER_NULL, DER_OID, DER_BIT_STRING, DER_TAG.
    """
    node, position, _ = _parse(data, 0, len(data), 0, quirks, max_nodes)
    if position != len(data):
        raise Malformed("TRAILING_BYTES")
    return node


def _deviate(quirks: Quirks | None, code: str, position: int) -> None:
    if quirks is None:
        raise Malformed(code)
    quirks.append((code, position))


def _parse(
    data: bytes, position: int, limit: int, depth: int, quirks: Quirks | None, left: int
) -> tuple[Node, int, int]:
    if depth > MAX_DEPTH:
        raise Malformed("TOO_DEEP")
    if left <= 0:
        raise Malformed("TOO_MANY_ELEMENTS")
    left -= 1
    start = position
    if position + 2 > limit:
        raise Malformed("TRUNCATED")
    tag = data[position]
    if tag & 0x1F == 0x1F or tag == 0:
        # nothing in these structures has a tag number above 30
        raise Malformed("DER_TAG")
    length = data[position + 1]
    position += 2
    if length & 0x80:
        count = length & 0x7F
        if count == 0:
            raise Malformed("INDEFINITE_LENGTH")
        if count > 4 or position + count > limit:
            raise Malformed("TRUNCATED")
        length = int.from_bytes(data[position : position + count], "big")
        if length < 0x80 or data[position] == 0:
            _deviate(quirks, "DER_LENGTH", position)
        position += count
    end = position + length
    if end > limit:
        raise Malformed("TRUNCATED")
    node = Node(data, tag, start, position, end)
    if tag & 0x20:
        if tag < 0x40 and tag not in (SEQUENCE, SET):
            raise Malformed("DER_TAG")
        children = node.children
        while position < end:
            child, position, left = _parse(data, position, end, depth + 1, quirks, left)
            children.append(child)
    elif tag < 0x20:
        _check_primitive(data, tag, position, length, quirks)
    return node, end, left


def _check_primitive(data: bytes, tag: int, position: int, length: int, quirks: Quirks | None) -> None:
    if tag == INTEGER:
        if length == 0:
            raise Malformed("DER_INTEGER")
        if length > 1 and (
            (data[position] == 0 and data[position + 1] < 0x80)
            or (data[position] == 0xFF and data[position + 1] >= 0x80)
        ):
            _deviate(quirks, "DER_INTEGER", position)
    elif tag == OID:
        end = position + length
        if length == 0 or data[end - 1] & 0x80:
            raise Malformed("DER_OID")
        if data[position] == 0x80:
            raise Malformed("DER_OID")
    elif tag == NULL:
        if length:
            raise Malformed("DER_NULL")
    elif tag == BOOLEAN:
        if length != 1:
            raise Malformed("DER_BOOLEAN")
        if data[position] not in (0, 0xFF):
            _deviate(quirks, "DER_BOOLEAN", position)
    elif tag == BIT_STRING:
        if length == 0 or data[position] > 7 or (length == 1 and data[position]):
            raise Malformed("DER_BIT_STRING")
        unused = data[position]
        if unused and data[position + length - 1] & ((1 << unused) - 1):
            _deviate(quirks, "DER_BIT_STRING", position)
    elif tag in (SEQUENCE & 0x1F, SET & 0x1F):
        # a SEQUENCE or SET is constructed
        raise Malformed("DER_TAG")
    elif tag not in (OCTET_STRING, UTC_TIME, GENERALIZED_TIME, 0x0A) and tag not in _STRINGS:
        raise Malformed("DER_TAG")


def integer(node: Node, code: str = "INTEGER") -> int:
    """Return the value of an INTEGER. Raises Malformed(code)."""
    if node.tag != INTEGER:
        raise Malformed(code)
    return int.from_bytes(node.content, "big", signed=True)


def oid(node: Node, code: str = "OID") -> str:
    """Return an OBJECT IDENTIFIER in dotted form. Raises Malformed(code)."""
    if node.tag != OID:
        raise Malformed(code)
    arcs: list[int] = []
    value = 0
    for octet in node.content:
        value = value << 7 | octet & 0x7F
        if value >> 128:
            raise Malformed(code)
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def bits(node: Node, code: str = "BIT_STRING") -> bytes:
    """Return the octets of a BIT STRING without unused bits. Raises Malformed(code)."""
    if node.tag != BIT_STRING or node.content[:1] != b"\x00":
        raise Malformed(code)
    return node.content[1:]


def read_ber(data: bytes, position: int, limit: int) -> tuple[int, int, int]:
    """Return (tag, body, end) of the BER-TLV element at a position. Lengths are definite, at most four octets.

    Raises Malformed: TRUNCATED, INDEFINITE_LENGTH, BER_TAG.
    """
    if position >= limit:
        raise Malformed("TRUNCATED")
    tag = data[position]
    position += 1
    if tag & 0x1F == 0x1F:
        for _ in range(3):
            if position >= limit:
                raise Malformed("TRUNCATED")
            tag = tag << 8 | data[position]
            position += 1
            if not tag & 0x80:
                break
        else:
            raise Malformed("BER_TAG")
    if position >= limit:
        raise Malformed("TRUNCATED")
    length = data[position]
    position += 1
    if length & 0x80:
        count = length & 0x7F
        if count == 0:
            raise Malformed("INDEFINITE_LENGTH")
        if count > 4 or position + count > limit:
            raise Malformed("TRUNCATED")
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    if position + length > limit:
        raise Malformed("TRUNCATED")
    return tag, position, position + length


def unwrap(data: bytes, tag: int, code: str) -> tuple[int, int]:
    """Return (body, end) of the one element that a file is, without bytes after it.

    Raises Malformed: code for another tag, TRUNCATED, INDEFINITE_LENGTH, TRAILING_BYTES.
    """
    found, body, end = read_ber(data, 0, len(data))
    if found != tag:
        raise Malformed(code)
    if end != len(data):
        raise Malformed("TRAILING_BYTES")
    return body, end


def elements(data: bytes, position: int, end: int, limit: int = 64) -> list[tuple[int, bytes]]:
    """Return (tag, value) of the elements that fill data[position:end], at most limit of them.

    Raises Malformed as read_ber, and TOO_MANY_ELEMENTS.
    """
    found: list[tuple[int, bytes]] = []
    while position < end:
        if len(found) >= limit:
            raise Malformed("TOO_MANY_ELEMENTS")
        tag, body, position = read_ber(data, position, end)
        found.append((tag, data[body:position]))
    return found
