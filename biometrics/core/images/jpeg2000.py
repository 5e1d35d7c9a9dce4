"""JPEG 2000 structure, as a JP2 file or a bare codestream; chips carry faces as either.

Source: ITU-T T.800, annexes A and I; ISO/IEC 19794-5 for its use on chips.
"""

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint

CODESTREAM = b"\xff\x4f\xff\x51"
MOST_TILES = 4096
END_OF_CODESTREAM = b"\xff\xd9"


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a JPEG 2000 image. Raises ImageRefused."""
    start = 0 if content.startswith(CODESTREAM) else _find_codestream(content)
    size = [read_uint(content, start + 8 + 4 * index, 4, order="big") for index in range(8)]
    right, lower, left, upper, tile_width, tile_height, tile_left, tile_upper = size
    channels = read_uint(content, start + 40, 2, order="big")
    if not (left < right and upper < lower and tile_width and tile_height):
        raise ImageRefused(ImageRefusal.MALFORMED)
    if tile_left > left or tile_upper > upper:
        raise ImageRefused(ImageRefusal.MALFORMED)
    tiles = -(-(right - tile_left) // tile_width) * -(-(lower - tile_upper) // tile_height)
    if tiles > MOST_TILES:
        raise ImageRefused(ImageRefusal.TOO_MANY_PIXELS)
    if channels not in (1, 2, 3, 4):
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    depths = {read_uint(content, start + 42 + 3 * index, 1, order="big") for index in range(channels)}
    steps = {read_uint(content, start + 43 + 3 * index, 2, order="big") for index in range(channels)}
    depth = max(depths) + 1
    if len(depths) != 1 or depth > 16 or steps != {0x0101}:  # signed, deeper or subsampled components
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    # the end marker is the last thing in a codestream; a file cut anywhere does not have it
    if content.rfind(END_OF_CODESTREAM) < len(content) - 64:
        raise ImageRefused(ImageRefusal.TRUNCATED)
    return ImageHeader(
        "image/jp2", right - left, lower - upper, channels, depth, has_alpha=channels in (2, 4)
    )


def _find_codestream(content: bytes) -> int:
    """Return where the codestream of a JP2 file begins, walking its boxes."""
    position = 0
    for _ in range(1000):
        length, kind = read_uint(content, position, 4, order="big"), content[position + 4 : position + 8]
        header = 8
        if length == 1:
            length, header = read_uint(content, position + 8, 8, order="big"), 16
        if kind == b"jp2c":
            start = position + header
            if not content.startswith(CODESTREAM, start):
                raise ImageRefused(ImageRefusal.MALFORMED)
            return start
        if length < header:
            raise ImageRefused(ImageRefusal.MALFORMED)
        position += length
    raise ImageRefused(ImageRefusal.MALFORMED)
