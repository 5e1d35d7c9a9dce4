"""The image store: bytes in files named by a key, everything known about them in a row."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy.typing as npt
from django.conf import settings

from audit.core.actor import Actor
from audit.models import new_id
from audit.services import record
from biometrics.core.envelope import Kind
from biometrics.core.images import decode_image, inspect_image
from biometrics.models import CapturedImage, SubjectKey
from biometrics.services.files import write_durably
from biometrics.services.keys import KeyDestroyed, make_key, open_for, seal_for


class ImageMissing(LookupError):
    """The row is there, its file is not: the store and the database do not belong together."""

    code = "image_missing"


class ImageErased(ImageMissing):
    """The person whom it shows was erased: nobody can read it any more."""

    code = "image_erased"


def store_image(
    *,
    actor: Actor,
    at: datetime,
    content: bytes,
    kind: CapturedImage.Kind,
    subject_key: SubjectKey | None = None,
) -> CapturedImage:
    """Store one captured image, sealed, and return its row.

    content: the file as the booth sent it; only its header is looked at here. subject_key: of the person it shows (take_key);
    None: the image is a subject of its own, erased by itself. The file is on disk before the row can commit;
    a file whose row never commits is an orphan, harmless and found by its missing row.
    Raises ImageRefused (code) for anything that is not an acceptable image.
    """
    header = inspect_image(content)
    image_id = new_id()
    # the first characters of a UUIDv7 are its time, so a folder holds about 70 minutes of captures
    key = f"{image_id.hex[:6]}/{image_id.hex[6:8]}/{image_id.hex}"
    if subject_key is None:
        subject_key = make_key(kind=SubjectKey.Kind.IMAGE, subject_id=image_id, at=at)
    sealed = seal_for(content, key=subject_key, kind=Kind.IMAGE, item=image_id)
    write_durably(Path(settings.IMAGE_STORE_DIR) / key, sealed)
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
        subject_key=subject_key,
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
    """Return the bytes of an image as they were sent. Raises ImageMissing, ImageErased."""
    if image.erased_at is not None:
        raise ImageErased
    try:
        content = (Path(settings.IMAGE_STORE_DIR) / image.key).read_bytes()
    except FileNotFoundError:
        raise ImageMissing from None
    if image.subject_key_id is None:
        return content
    try:
        return open_for(content, key_id=image.subject_key_id, kind=Kind.IMAGE, item=image.id)
    except KeyDestroyed:
        raise ImageErased from None


def load_image(*, image: CapturedImage) -> npt.NDArray[Any]:
    """Return an image as uint8 (H, W, 3) BGR, upright. Raises ImageMissing, ImageRefused."""
    return decode_image(read_content(image=image))
