"""The portrait of data group 2: the image inside ISO/IEC 19794-5 and ISO/IEC 39794-5 containers.

Sources: Doc 9303-10 section 4.7.2; ISO/IEC 19794-5:2005 section 5; ISO/IEC 39794-5 annex A. The image is not
decoded here; biometrics.core.images bounds that.
"""

from dataclasses import dataclass
from enum import StrEnum

from travelers.core.chip.errors import Malformed
from travelers.core.chip.tlv import elements, read_ber

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/j2k"),
)
_HEADER = 14
_FACE_BLOCK = 20
_FEATURE = 8
_IMAGE_BLOCK = 12
MAX_TEMPLATES = 9
MAX_NESTING = 12


class Container(StrEnum):
    ISO_19794_5 = "ISO/IEC 19794-5"
    ISO_39794_5 = "ISO/IEC 39794-5"


@dataclass(frozen=True, slots=True)
class Portrait:
    """content: an image file. media_type: by its first octets. templates: how many the group holds."""

    content: bytes
    media_type: str
    container: Container
    templates: int = 1


def read_portrait(data: bytes, position: int, end: int) -> Portrait:
    """Return the first portrait of the biometric templates in data[position:end].

    Raises Malformed: GROUP_STRUCTURE, TOO_MANY_TEMPLATES, PORTRAIT_RECORD, PORTRAIT_FORMAT, TRUNCATED.
    """
    groups = elements(data, position, end)
    if len(groups) != 1 or groups[0][0] != 0x7F61:
        raise Malformed("GROUP_STRUCTURE")
    inner = groups[0][1]
    members = elements(inner, 0, len(inner))
    if len(members) < 2 or members[0][0] != 0x02 or len(members[0][1]) != 1:
        raise Malformed("GROUP_STRUCTURE")
    count = members[0][1][0]
    templates = [value for tag, value in members[1:] if tag == 0x7F60]
    if not 1 <= count <= MAX_TEMPLATES or len(templates) != count or len(members) != count + 1:
        raise Malformed("TOO_MANY_TEMPLATES" if count > MAX_TEMPLATES else "GROUP_STRUCTURE")
    content, container = _image(templates[0])
    return Portrait(content, _media_type(content), container, count)


def _image(template: bytes) -> tuple[bytes, Container]:
    members = dict(elements(template, 0, len(template)))
    if 0xA1 not in members:
        raise Malformed("GROUP_STRUCTURE")
    record = members.get(0x5F2E)
    if record is not None:
        return _from_19794(record), Container.ISO_19794_5
    record = members.get(0x7F2E)
    if record is None:
        raise Malformed("GROUP_STRUCTURE")
    if record[:4] == b"FAC\x00":  # the constructed tag around the old record, as some chips have it
        return _from_19794(record), Container.ISO_19794_5
    found = _largest_image(record, 0, len(record), 0)
    if not found:
        raise Malformed("PORTRAIT_RECORD")
    return found, Container.ISO_39794_5


def _from_19794(record: bytes) -> bytes:
    """Return the first image of a face image record."""
    if len(record) < _HEADER or record[:4] != b"FAC\x00":
        raise Malformed("PORTRAIT_RECORD")
    length, faces = int.from_bytes(record[8:12], "big"), int.from_bytes(record[12:14], "big")
    if length != len(record) or faces < 1:
        raise Malformed("PORTRAIT_RECORD")
    if record[4:8] == b"010\x00":
        size = int.from_bytes(record[14:18], "big")
        features = int.from_bytes(record[18:20], "big")
        start = _HEADER + _FACE_BLOCK + _FEATURE * features + _IMAGE_BLOCK
        end = _HEADER + size
        if not start < end <= len(record) or (faces == 1 and end != len(record)):
            raise Malformed("PORTRAIT_RECORD")
        return record[start:end]
    if record[4:8] == b"030\x00":  # edition of 2011: blocks of variable length stand before the image
        at = min((i for i in (record.find(magic, _HEADER) for magic, _ in _SIGNATURES) if i >= 0), default=-1)
        if at < 0:
            raise Malformed("PORTRAIT_FORMAT")
        return record[at:]
    raise Malformed("PORTRAIT_RECORD")


def _largest_image(data: bytes, position: int, end: int, depth: int) -> bytes:
    """Return the longest octet string of a tree that begins like an image."""
    best = b""
    for _ in range(256):
        if position >= end or depth > MAX_NESTING:
            break
        tag, body, position = read_ber(data, position, end)
        first = tag
        while first > 0xFF:
            first >>= 8
        if first & 0x20:
            found = _largest_image(data, body, position, depth + 1)
        else:
            value = data[body:position]
            found = value if any(value.startswith(magic) for magic, _ in _SIGNATURES) else b""
        best = max(best, found, key=len)
    return best


def _media_type(content: bytes) -> str:
    for magic, media_type in _SIGNATURES:
        if content.startswith(magic):
            return media_type
    raise Malformed("PORTRAIT_FORMAT")
