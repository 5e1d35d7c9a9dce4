"""PNG structure. Source: W3C Portable Network Graphics, third edition, sections 5 and 11."""

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint
from biometrics.core.images.tiff import read_orientation

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
MOST_CHUNKS = 65_536


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a PNG whose chunks reach IEND. Raises ImageRefused."""
    if content[12:16] != b"IHDR":
        raise ImageRefused(ImageRefusal.TRUNCATED if len(content) < 33 else ImageRefusal.MALFORMED)
    width, height = read_uint(content, 16, 4, order="big"), read_uint(content, 20, 4, order="big")
    depth, colour = read_uint(content, 24, 1, order="big"), read_uint(content, 25, 1, order="big")
    interlace = read_uint(content, 28, 1, order="big")
    if depth not in DEPTHS.get(colour, set()) or interlace > 1:
        raise ImageRefused(ImageRefusal.MALFORMED)
    position, orientation, has_alpha, has_pixels = 8, 0, colour in (4, 6), False
    for _ in range(MOST_CHUNKS):
        length = read_uint(content, position, 4, order="big")
        kind = content[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(content):
            raise ImageRefused(ImageRefusal.TRUNCATED)
        if kind == b"acTL":
            raise ImageRefused(ImageRefusal.ANIMATED)
        if kind == b"eXIf" and not orientation:
            orientation = read_orientation(content[position + 8 : end - 4])
        has_alpha = has_alpha or kind == b"tRNS"
        has_pixels = has_pixels or kind == b"IDAT"
        if kind == b"IEND":
            break
        position = end
    else:
        raise ImageRefused(ImageRefusal.MALFORMED)
    if not has_pixels:
        raise ImageRefused(ImageRefusal.MALFORMED)
    return ImageHeader(
        "image/png",
        width,
        height,
        CHANNELS[colour],
        depth,
        orientation=orientation or 1,
        has_alpha=has_alpha,
    )
