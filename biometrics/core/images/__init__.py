"""Images from outside: what they are, whether they are accepted, and their pixels."""

from biometrics.core.images.decode import decode_image, encode_jpeg
from biometrics.core.images.header import ImageHeader, ImageRefusal, ImageRefused
from biometrics.core.images.inspect import inspect_image

__all__ = ["ImageHeader", "ImageRefusal", "ImageRefused", "decode_image", "encode_jpeg", "inspect_image"]
