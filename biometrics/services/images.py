"""The image store: bytes in files named by a key, everything known about them in a row."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy.typing as npt
from django.conf import settings

from audit.core.actor import Actor
from audit.models import new_id
from audit.services import record
from biometrics.core.images import decode_image, inspect_image
from biometrics.models import CapturedImage


class ImageMissing(LookupError):
    """The row is there, its file is not: the store and the database do not belong together."""

    code = "image_missing"


def store_image(*, actor: Actor, at: datetime, content: bytes, kind: CapturedImage.Kind) -> CapturedImage:
    """Store one captured image and return its row.

    content: the file as the booth sent it; only its header is looked at here. The file is on disk before the row can commit;
    a file whose row never commits is an orphan, harmless and found by its missing row.
    Raises ImageRefused (code) for anything that is not an acceptable image.
    """
    header = inspect_image(content)
    image_id = new_id()
    # the first characters of a UUIDv7 are its time, so a folder holds about 70 minutes of captures
    key = f"{image_id.hex[:6]}/{image_id.hex[6:8]}/{image_id.hex}"
    _write_durably(Path(settings.IMAGE_STORE_DIR) / key, content)
    image = CapturedImage.objects.create(
        id=image_id,
        kind=kind,
        key=key,
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=header.media_type,
        byte_count=len(content),
        width=header.width,
        height=header.height,
        captured_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="image.stored",
        object_type="image",
        object_id=image.id,
        detail={"kind": kind},
    )
    return image


def read_content(*, image: CapturedImage) -> bytes:
    """Return the bytes of an image as they were sent. Raises ImageMissing."""
    try:
        return (Path(settings.IMAGE_STORE_DIR) / image.key).read_bytes()
    except FileNotFoundError:
        raise ImageMissing from None


def load_image(*, image: CapturedImage) -> npt.NDArray[Any]:
    """Return an image as uint8 (H, W, 3) BGR, upright. Raises ImageMissing, ImageRefused."""
    return decode_image(read_content(image=image))


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
