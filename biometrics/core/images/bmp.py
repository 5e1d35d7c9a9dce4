"""BMP structure, uncompressed true colour, palette or grey. Source: Microsoft, BITMAPINFOHEADER and its successors."""

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint

UNCOMPRESSED = 0
DEPTHS = {1, 4, 8, 24, 32}


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a BMP whose pixels are all there. Raises ImageRefused."""
    start = read_uint(content, 10, 4, order="little")
    if read_uint(content, 14, 4, order="little") < 40:
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    width, height = read_uint(content, 18, 4, order="little"), read_uint(content, 22, 4, order="little")
    if height >= 1 << 31:  # rows from the top
        height = (1 << 32) - height
    if width >= 1 << 31:
        raise ImageRefused(ImageRefusal.MALFORMED)
    depth = read_uint(content, 28, 2, order="little")
    if depth not in DEPTHS or read_uint(content, 30, 4, order="little") != UNCOMPRESSED:
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    row = (width * depth + 31) // 32 * 4
    if start + row * height > len(content):
        raise ImageRefused(ImageRefusal.TRUNCATED)
    channels = depth // 8 if depth >= 24 else 1
    return ImageHeader("image/bmp", width, height, channels, 8 if depth >= 8 else depth)
