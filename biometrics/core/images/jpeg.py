"""JPEG structure. Source: ITU-T T.81, annex B; EXIF 2.32 for the orientation."""

import re

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint
from biometrics.core.images.tiff import read_orientation

FRAMES = {0xC0: False, 0xC1: False, 0xC2: True}  # baseline, extended, progressive
OTHER_FRAMES = {
    0xC3,
    0xC5,
    0xC6,
    0xC7,
    0xC9,
    0xCA,
    0xCB,
    0xCD,
    0xCE,
    0xCF,
}  # lossless, hierarchical, arithmetic
START_OF_SCAN, END_OF_IMAGE, APP1 = 0xDA, 0xD9, 0xE1
MOST_SCANS = 100
MOST_SEGMENTS = 10_000
FILL = re.compile(rb"\xff+")
# behind a scan: a marker that is neither a stuffed byte, nor fill, nor a restart
BEHIND_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a JPEG that reaches its end marker. Raises ImageRefused.

    What stands behind the end marker is ignored: cameras append previews and maker's data there.
    """
    position = 2
    header: ImageHeader | None = None
    orientation = scans = 0
    for _ in range(MOST_SEGMENTS):
        marker, position = _read_marker(content, position)
        if marker == END_OF_IMAGE:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        length = read_uint(content, position, 2, order="big")
        if length < 2:
            raise ImageRefused(ImageRefusal.MALFORMED)
        body = position + 2
        if position + length > len(content):
            raise ImageRefused(ImageRefusal.TRUNCATED)
        if marker in OTHER_FRAMES:
            raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
        if marker in FRAMES:
            if header is not None:
                raise ImageRefused(ImageRefusal.MALFORMED)
            header = _read_frame(content, body)
        elif marker == APP1 and content[body : body + 6] == b"Exif\0\0" and not orientation:
            orientation = read_orientation(content[body + 6 : position + length])
        position += length
        if marker == START_OF_SCAN:
            scans += 1
            if header is None:
                raise ImageRefused(ImageRefusal.MALFORMED)
            if scans > MOST_SCANS:
                raise ImageRefused(ImageRefusal.TOO_MANY_PIXELS)
            position = _skip_scan(content, position)
    else:
        raise ImageRefused(ImageRefusal.MALFORMED)
    if header is None or scans == 0:
        raise ImageRefused(ImageRefusal.MALFORMED)
    return ImageHeader(
        header.media_type,
        header.width,
        header.height,
        header.channels,
        header.bit_depth,
        orientation=orientation or 1,
        scans=scans,
    )


def _read_marker(content: bytes, position: int) -> tuple[int, int]:
    """Return the marker at a position, past fill bytes, and the position behind it."""
    if position >= len(content):
        raise ImageRefused(ImageRefusal.TRUNCATED)
    fill = FILL.match(content, position)
    if fill is None:
        raise ImageRefused(ImageRefusal.MALFORMED)
    return read_uint(content, fill.end(), 1, order="big"), fill.end() + 1


def _read_frame(content: bytes, body: int) -> ImageHeader:
    depth = read_uint(content, body, 1, order="big")
    height = read_uint(content, body + 1, 2, order="big")
    width = read_uint(content, body + 3, 2, order="big")
    channels = read_uint(content, body + 5, 1, order="big")
    if depth != 8 or channels not in (1, 3, 4):
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    return ImageHeader("image/jpeg", width, height, channels, depth)


def _skip_scan(content: bytes, position: int) -> int:
    """Return the position of the next marker that is neither a stuffed byte nor a restart."""
    found = BEHIND_SCAN.search(content, position)
    if found is None:
        raise ImageRefused(ImageRefusal.TRUNCATED)
    return found.start()
