"""TIFF structure: the first directory of a TIFF file or of an EXIF block. Source: TIFF 6.0, sections 2 and 8."""

from collections.abc import Set
from dataclasses import dataclass

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused, read_uint

SIZES = {1: 1, 3: 2, 4: 4}  # BYTE, SHORT, LONG
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_SIZES = 273, 274, 277, 279
PLANAR, TILE_WIDTH, EXTRA_SAMPLES, SAMPLE_FORMAT = 284, 322, 338, 339
NEEDED = {
    WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_SIZES,
    PLANAR, TILE_WIDTH, EXTRA_SAMPLES, SAMPLE_FORMAT,
}  # fmt: skip
COMPRESSIONS = {1, 5, 8, 32773, 32946}  # none, LZW, deflate, PackBits, deflate as Adobe first wrote it
PHOTOMETRICS = {0, 1, 2, 3, 5}  # white is zero, black is zero, RGB, palette, CMYK
MOST_ENTRIES = 512
MOST_VALUES = 65536


@dataclass(frozen=True)
class Directory:
    """The known integer fields of one directory, and the position of the next directory (0 if none)."""

    fields: dict[int, tuple[int, ...]]
    following: int

    def get_first(self, tag: int, default: int | None = None) -> int:
        """Return the first value of a field. Raises ImageRefused (MALFORMED) if absent without a default."""
        values = self.fields.get(tag)
        if values:
            return values[0]
        if default is None:
            raise ImageRefused(ImageRefusal.MALFORMED)
        return default


def read_directory(content: bytes, needed: Set[int]) -> Directory:
    """Return the first directory.

    content: a TIFF, from its byte order mark. needed: the tags to read. Raises ImageRefused.
    """
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(content[:4])
    if order is None:
        raise ImageRefused(ImageRefusal.MALFORMED)
    position = read_uint(content, 4, 4, order=order)
    count = read_uint(content, position, 2, order=order)
    if not 0 < count <= MOST_ENTRIES:
        raise ImageRefused(ImageRefusal.MALFORMED)
    fields: dict[int, tuple[int, ...]] = {}
    for entry in range(position + 2, position + 2 + 12 * count, 12):
        tag = read_uint(content, entry, 2, order=order)
        kind = read_uint(content, entry + 2, 2, order=order)
        length = read_uint(content, entry + 4, 4, order=order)
        if tag not in needed or kind not in SIZES:
            continue
        if length > MOST_VALUES or tag in fields:
            raise ImageRefused(ImageRefusal.MALFORMED)
        size = SIZES[kind]
        start = entry + 8 if size * length <= 4 else read_uint(content, entry + 8, 4, order=order)
        fields[tag] = tuple(
            read_uint(content, start + size * index, size, order=order) for index in range(length)
        )
    return Directory(fields, read_uint(content, position + 2 + 12 * count, 4, order=order))


def read_orientation(block: bytes) -> int:
    """Return the orientation in an EXIF block, 1 to 8; 1 if there is none or the block is broken.

    A broken EXIF block makes no picture unreadable, so it is not an error.
    """
    try:
        orientation = read_directory(block, {ORIENTATION}).get_first(ORIENTATION, 1)
    except ImageRefused:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def read_header(content: bytes) -> ImageHeader:
    """Return the header of a TIFF file with one page, in strips, of the common kinds. Raises ImageRefused."""
    directory = read_directory(content, NEEDED)
    if directory.following != 0:
        raise ImageRefused(ImageRefusal.ANIMATED)
    depths = directory.fields.get(BITS, (1,))
    channels = directory.get_first(SAMPLES, 1)
    photometric = directory.get_first(PHOTOMETRIC)
    if (
        TILE_WIDTH in directory.fields  # a tile may be far larger than the picture it is part of
        or directory.get_first(COMPRESSION, 1) not in COMPRESSIONS
        or photometric not in PHOTOMETRICS
        or directory.get_first(PLANAR, 1) != 1
        or directory.get_first(SAMPLE_FORMAT, 1) != 1
        or len(set(depths)) != 1
        or depths[0] not in (1, 8, 16)
        or not 1 <= channels <= 4
        or (photometric == 5 and depths[0] != 8)
    ):
        raise ImageRefused(ImageRefusal.TYPE_UNSUPPORTED)
    offsets, sizes = directory.fields.get(STRIP_OFFSETS, ()), directory.fields.get(STRIP_SIZES, ())
    if not offsets or len(offsets) != len(sizes):
        raise ImageRefused(ImageRefusal.MALFORMED)
    if any(offset + size > len(content) for offset, size in zip(offsets, sizes, strict=True)):
        raise ImageRefused(ImageRefusal.TRUNCATED)
    return ImageHeader(
        "image/tiff",
        directory.get_first(WIDTH),
        directory.get_first(HEIGHT),
        channels,
        depths[0],
        orientation=read_orientation(content),
        has_alpha=bool(directory.fields.get(EXTRA_SAMPLES)),
    )
