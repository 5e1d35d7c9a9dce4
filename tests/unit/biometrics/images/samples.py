"""Small images of every kind, made by the tests."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def colourful(width: int = 40, height: int = 30) -> Image.Image:
    """A picture whose four corners differ: red, green, blue and white quarters."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = 255
    return Image.fromarray(pixels)


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file of a Pillow format."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small JPEG whose frame header claims any size up to 65,535."""
    content = bytearray(encode(colourful(), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def animation(kind: str) -> bytes:
    """Three frames in one file."""
    frames = [colourful().rotate(angle) for angle in (0, 90, 180)]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:])


KINDS = {
    "JPEG": ("image/jpeg", {}),
    "PNG": ("image/png", {}),
    "WEBP": ("image/webp", {"lossless": True}),
    "BMP": ("image/bmp", {}),
    "TIFF": ("image/tiff", {}),
    "JPEG2000": ("image/jp2", {}),
}
