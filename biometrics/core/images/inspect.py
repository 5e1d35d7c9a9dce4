"""Say what an image is and refuse what is not accepted, without decoding a pixel."""

from collections.abc import Callable

from biometrics.core.images import bmp, jpeg, jpeg2000, png, tiff, webp
from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused

MOST_BYTES = 20_000_000
MOST_SIDE = 30_000
# What decoding may cost. Measured: see docs/biometrics.md, section "Images".
MOST_DECODED_BYTES = 120_000_000
# Peak memory of decoding, bytes a pixel, result included
DECODED_BYTES = {
    "image/jpeg": 6,
    "image/png": 7,
    "image/webp": 20,
    "image/bmp": 7,
    "image/tiff": 12,
    "image/jp2": 24,
}
COEFFICIENT_BYTES = 2  # a progressive JPEG keeps every coefficient until the last scan
MOST_PIXELS = {"image/jp2": 3_000_000}  # where time runs out before memory
MOST_BYTES_OF_TYPE = {"image/jp2": 3_000_000}
MOST_SCANNED_PIXELS = 150_000_000  # pixels times passes over them

READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], ImageHeader]], ...] = (
    (lambda content: content.startswith(b"\xff\xd8\xff"), jpeg.read_header),
    (lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"), png.read_header),
    (lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP", webp.read_header),
    (lambda content: content[:4] in (b"II*\0", b"MM\0*"), tiff.read_header),
    (
        lambda content: content.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", jpeg2000.CODESTREAM)),
        jpeg2000.read_header,
    ),
    (lambda content: content[:2] == b"BM", bmp.read_header),
)


def inspect_image(content: bytes) -> ImageHeader:
    """Return the header of an image that is accepted.

    content: the whole file, JPEG, PNG, WebP, TIFF, JPEG 2000 or BMP. Reads headers and structure only, in
    time proportional to the number of bytes. Raises ImageRefused with one of the codes of ImageRefusal.
    """
    if not content:
        raise ImageRefused(ImageRefusal.EMPTY)
    if len(content) > MOST_BYTES:
        raise ImageRefused(ImageRefusal.TOO_LARGE)
    for is_type, read_header in READERS:
        if is_type(content):
            header = read_header(content)
            check_cost(header, len(content))
            return header
    raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)


def count_decoded_bytes(header: ImageHeader) -> int:
    """Return an upper estimate of the memory that decoding takes, in bytes."""
    per_pixel = DECODED_BYTES[header.media_type]
    if header.scans > 1:
        per_pixel += COEFFICIENT_BYTES * header.channels - 3
    return header.width * header.height * max(per_pixel, DECODED_BYTES[header.media_type])


def check_cost(header: ImageHeader, byte_count: int) -> None:
    """Raise ImageRefused if the image has no pixels, or decoding it would take too much time or memory."""
    pixels = header.width * header.height
    if pixels == 0:
        raise ImageRefused(ImageRefusal.MALFORMED)
    if byte_count > MOST_BYTES_OF_TYPE.get(header.media_type, MOST_BYTES):
        raise ImageRefused(ImageRefusal.TOO_LARGE)
    if (
        max(header.width, header.height) > MOST_SIDE
        or pixels > MOST_PIXELS.get(header.media_type, pixels)
        or pixels * header.scans > MOST_SCANNED_PIXELS
        or count_decoded_bytes(header) > MOST_DECODED_BYTES
    ):
        raise ImageRefused(ImageRefusal.TOO_MANY_PIXELS)
