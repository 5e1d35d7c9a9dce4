"""Erase faces: out of the galleries with the transaction; then keys, files and indexes, which no transaction takes back."""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from biometrics.models import Gallery, GalleryMember, SubjectKey
from biometrics.services.keys import destroy_keys, is_destroyed
from biometrics.services.resealing import reseal


def leave_galleries(*, template_ids: Iterable[UUID], subject_ids: Iterable[UUID] = ()) -> list[Gallery]:
    """Remove templates, and whatever stands for these subjects, from every gallery; return the galleries changed.

    Their indexes are to be made anew (`finish_erasure`); until then every search leaves the removed out by the rows. Inside
    the caller's transaction, which writes the audit row.
    """
    members = GalleryMember.objects.filter(removed_version__isnull=True)
    leaving = members.filter(template_id__in=list(template_ids)) | members.filter(
        subject_id__in=list(subject_ids)
    )
    ids = set(leaving.values_list("gallery_id", flat=True))
    changed = []
    for gallery in Gallery.objects.select_for_update().filter(id__in=ids).order_by("id"):
        removed = leaving.filter(gallery=gallery).update(removed_version=gallery.version + 1)
        gallery.version += 1
        gallery.size -= removed
        gallery.purged_version = gallery.version
        gallery.save(update_fields=("version", "size", "purged_version"))
        changed.append(gallery)
    return changed


def finish_erasure(
    *, at: datetime, keys: Sequence[tuple[int, UUID]], files: Sequence[str], gallery_ids: Sequence[UUID]
) -> None:
    """Remove files, make this host's indexes anew and destroy keys; safe to run twice.

    keys: slot and id of each. files: keys of images. Other hosts make their indexes anew with their next search. Each part
    is tried whatever becomes of the others; the failure of the last that failed rises.
    """
    with contextlib.ExitStack() as rest:
        # called in the reverse order, each whatever became of the one before: keys go last and are what counts
        rest.callback(_destroy, at, dict(keys))
        for gallery_id in gallery_ids:
            rest.callback(reseal, gallery_id)
        for key in files:
            rest.callback((Path(settings.IMAGE_STORE_DIR) / key).unlink, missing_ok=True)


def _destroy(at: datetime, keys: dict[int, UUID]) -> None:
    try:
        destroy_keys(keys)
    finally:
        # gone from the store itself, though a copy could not be written
        if Path(settings.KEY_STORE_FILE).exists():
            gone = [key_id for slot, key_id in keys.items() if is_destroyed(slot, subject=key_id)]
            SubjectKey.objects.filter(id__in=gone, destroyed_at__isnull=True).update(destroyed_at=at)
