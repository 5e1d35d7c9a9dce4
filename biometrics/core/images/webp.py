"""WebP structure. Source: RFC 9649, sections 2 and 3."""

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint
from biometrics.core.images.tiff import read_orientation

ALPHA, ANIMATION = 0x10, 0x02
MOST_CHUNKS = 10_000


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a still WebP, as long as it says it is. Raises ImageRefused."""
    end = 8 + read_uint(content, 4, 4, order="little")
    if end > len(content):
        raise ImageRefused(ImageRefusal.TRUNCATED)
    position, has_alpha, orientation, chunks = 12, False, 0, 0
    size: tuple[int, int] | None = None
    canvas: tuple[int, int] | None = None
    while position + 8 <= end:
        chunks += 1
        if chunks > MOST_CHUNKS:
            raise ImageRefused(ImageRefusal.MALFORMED)
        kind = content[position : position + 4]
        length = read_uint(content, position + 4, 4, order="little")
        body = position + 8
        if body + length > len(content):
            raise ImageRefused(ImageRefusal.TRUNCATED)
        if kind == b"VP8X":
            flags = read_uint(content, body, 1, order="little")
            if flags & ANIMATION:
                raise ImageRefused(ImageRefusal.ANIMATED)
            has_alpha = bool(flags & ALPHA)
            canvas = (
                read_uint(content, body + 4, 3, order="little") + 1,
                read_uint(content, body + 7, 3, order="little") + 1,
            )
        elif kind in (b"ANIM", b"ANMF"):
            raise ImageRefused(ImageRefusal.ANIMATED)
        elif kind == b"EXIF" and not orientation:
            block = content[body : body + length]
            orientation = read_orientation(block.removeprefix(b"Exif\0\0"))
        elif kind == b"VP8 " and size is None:
            if content[body + 3 : body + 6] != b"\x9d\x01\x2a":
                raise ImageRefused(ImageRefusal.MALFORMED)
            size = (
                read_uint(content, body + 6, 2, order="little") & 0x3FFF,
                read_uint(content, body + 8, 2, order="little") & 0x3FFF,
            )
        elif kind == b"VP8L" and size is None:
            if read_uint(content, body, 1, order="little") != 0x2F:
                raise ImageRefused(ImageRefusal.MALFORMED)
            bits = read_uint(content, body + 1, 4, order="little")
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
            has_alpha = has_alpha or bool(bits >> 28 & 1)
        position = body + length + length % 2
    if size is None or (canvas is not None and canvas != size):
        raise ImageRefused(ImageRefusal.MALFORMED)
    channels = 4 if has_alpha else 3
    return ImageHeader("image/webp", *size, channels, 8, orientation=orientation or 1, has_alpha=has_alpha)
