"""What the header of an image says, and why an image is refused."""

from dataclasses import dataclass
from enum import StrEnum


class ImageRefusal(StrEnum):
    """Stable codes of refusal."""

    EMPTY = "image_empty"
    TOO_LARGE = "image_too_large"
    TYPE_UNSUPPORTED = "image_type_unsupported"
    TRUNCATED = "image_truncated"
    MALFORMED = "image_malformed"
    TOO_MANY_PIXELS = "image_too_many_pixels"
    ANIMATED = "image_animated"


MESSAGES = {
    ImageRefusal.EMPTY: "The image has no bytes.",
    ImageRefusal.TOO_LARGE: "The image file is larger than accepted.",
    ImageRefusal.TYPE_UNSUPPORTED: "The image is of a type or a variant that is not accepted.",
    ImageRefusal.TRUNCATED: "The image file ends too early.",
    ImageRefusal.MALFORMED: "The image file contradicts its own format.",
    ImageRefusal.TOO_MANY_PIXELS: "The image would cost too much to decode.",
    ImageRefusal.ANIMATED: "The image has more than one frame or page.",
}


class ImageRefused(ValueError):
    """An image is not accepted. `code` is an ImageRefusal; the text holds nothing of the image."""

    def __init__(self, code: ImageRefusal) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


@dataclass(frozen=True)
class ImageHeader:
    """What an image is, before it is decoded.

    media_type: IANA name. width, height: pixels as stored, before `orientation` (EXIF, 1 to 8, 1 if absent)
    turns it. channels: 1 to 4, counting alpha (a palette counts as stored, 1). bit_depth: of one channel, 1
    to 16. frames: 1 for everything that is accepted. scans: passes over all pixels that decoding takes.
    has_alpha: whether pixels may be transparent.
    """

    media_type: str
    width: int
    height: int
    channels: int
    bit_depth: int
    orientation: int = 1
    frames: int = 1
    scans: int = 1
    has_alpha: bool = False


def read_uint(content: bytes, position: int, size: int, *, order: str) -> int:
    """Return an unsigned integer at a position. order: "big" or "little". Raises ImageRefused (TRUNCATED)."""
    field = content[position : position + size]
    if position < 0 or len(field) != size:
        raise ImageRefused(ImageRefusal.TRUNCATED)
    return int.from_bytes(field, "little" if order == "little" else "big")
