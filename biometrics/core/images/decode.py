"""From bytes to pixels, upright, eight bits, three channels."""

import io
import warnings
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused
from biometrics.core.images.inspect import inspect_image

Array = npt.NDArray[Any]
WHITE = 255
BAND_PIXELS = 262_144


def decode_image(content: bytes) -> Array:
    """Return the pixels of an image, uint8 (H, W, 3) BGR, upright by its EXIF orientation.

    content: the whole file. Sixteen bits are scaled to eight, transparent pixels lie over white, CMYK becomes
    RGB. Refuses before decoding what would cost more than 1 s or 150 MB. Raises ImageRefused.
    """
    header = inspect_image(content)
    # OpenCV is the faster for the common case; Pillow knows more kinds of pixels and reports broken files
    if header.media_type == "image/jpeg" and header.channels != 4:
        image = _decode_jpeg(content, header)
    else:
        image = _decode_other(content, header)
    # Pillow has turned a TIFF already
    return turn_upright(image, 1 if header.media_type == "image/tiff" else header.orientation)


def encode_jpeg(image_bgr: Array, quality: int) -> bytes:
    """Return an image as a JPEG file. image_bgr: uint8 (H, W, 3). quality: 1 to 100."""
    _, encoded = cv2.imencode(".jpg", image_bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def turn_upright(image: Array, orientation: int) -> Array:
    """Return the image as it is to be looked at. orientation: 1 to 8. Source: EXIF 2.32, tag 274."""
    if orientation in (5, 6, 7, 8):
        image = image.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)


def _decode_jpeg(content: bytes, header: ImageHeader) -> Array:
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None or image.shape != (header.height, header.width, 3):
        raise ImageRefused(ImageRefusal.MALFORMED)
    return np.asarray(image)


def _decode_other(content: bytes, header: ImageHeader) -> Array:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd metadata that changes no pixel
            with Image.open(io.BytesIO(content), formats=FORMATS[header.media_type]) as opened:
                if sorted(opened.size) != sorted((header.width, header.height)):
                    raise ImageRefused(ImageRefusal.MALFORMED)
                opened.load()
                return _convert_to_bgr(opened)
    except ImageRefused:
        raise
    except Exception as error:
        # Pillow's plugins raise whatever their struct, zlib or tables raise; for hostile bytes all mean the same
        raise ImageRefused(ImageRefusal.MALFORMED) from error


FORMATS = {
    "image/jpeg": ("JPEG",),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/bmp": ("BMP", "DIB"),
    "image/tiff": ("TIFF",),
    "image/jp2": ("JPEG2000",),
}


def _convert_to_bgr(opened: Image.Image) -> Array:
    """Return BGR, made in bands of rows, so that the whole image exists only once beside the result."""
    width, height = opened.size
    image = np.empty((height, width, 3), np.uint8)
    rows = max(1, BAND_PIXELS // width)
    # asked once of the whole image, because a crop forgets how its palette is transparent
    has_alpha = opened.has_transparency_data
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        band = opened.crop((0, top, width, bottom))
        if opened.mode.startswith("I"):  # sixteen bits of grey, which Pillow would cut off and not scale
            grey = np.clip(np.asarray(band), 0, 65535)
            image[top:bottom] = (grey / 257 + 0.5).astype(np.uint8)[..., None]
        elif has_alpha:
            band.info = opened.info
            image[top:bottom] = _lay_over_white(np.asarray(band.convert("RGBA")))
        else:
            image[top:bottom] = np.asarray(band.convert("RGB"))[..., ::-1]
    return image


def _lay_over_white(rgba: Array) -> Array:
    """Return uint8 (h, w, 3) BGR over white. rgba: uint8 (h, w, 4)."""
    colours = rgba[..., 2::-1].astype(np.uint16)
    alpha = rgba[..., 3:].astype(np.uint16)
    return np.asarray((colours * alpha + WHITE * (255 - alpha) + 127) // 255, np.uint8)
