"""Seal what was stored before there were keys: in batches, to be stopped and gone on with at any time."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from audit.core.actor import Actor
from audit.services import record
from audit.services.erasing import as_eraser
from biometrics.core.envelope import Kind
from biometrics.models import CapturedImage, SubjectKey, Template
from biometrics.services.files import write_durably
from biometrics.services.keys.subjects import seal_for, take_key

BATCH = 200
SEALED_SUFFIX = ".sealed"

SubjectOf = Callable[[UUID], tuple[SubjectKey.Kind, UUID]]


def unsealed_images() -> QuerySet[CapturedImage]:
    """Return the images whose file is not sealed yet."""
    return CapturedImage.objects.filter(subject_key__isnull=True, erased_at__isnull=True)


def unsealed_templates() -> QuerySet[Template]:
    """Return the templates whose vector is not sealed yet."""
    return Template.objects.filter(subject_key__isnull=True).exclude(vector=b"")


def seal_images(*, actor: Actor, at: datetime, subject_of: SubjectOf, limit: int = BATCH) -> tuple[int, int]:
    """Seal a batch of images, the oldest first; return how many were sealed and how many have no file.

    subject_of: the subject that an image's id belongs to. The sealed file is written beside the old one, the row turns to it,
    and only then the old one goes: whoever reads meanwhile finds one of the two.
    """
    sealed, missing = 0, 0
    store = Path(settings.IMAGE_STORE_DIR)
    for image in unsealed_images().order_by("id")[:limit]:
        kind, subject_id = subject_of(image.id)
        key = take_key(kind=kind, subject_id=subject_id, at=at)
        old = store / image.key
        try:
            content = old.read_bytes()
        except FileNotFoundError:
            missing += 1
            content = None
        new_key = image.key + SEALED_SUFFIX
        if content is not None:
            octets = seal_for(content, key=key, kind=Kind.IMAGE, item=image.id)
            write_durably(store / new_key, octets, replace=True)
        with (
            transaction.atomic(),
            pgtrigger.ignore("biometrics.CapturedImage:captured_image_append_only"),
            as_eraser(),
        ):
            CapturedImage.objects.filter(id=image.id, subject_key__isnull=True).update(
                key=new_key, subject_key=key
            )
        old.unlink(missing_ok=True)
        sealed += content is not None
    if sealed or missing:
        _record(actor, at, "image", sealed)
    return sealed, missing


def seal_templates(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Seal a batch of templates whose image has a key; return how many."""
    rows = list(
        unsealed_templates()
        .filter(image__subject_key__isnull=False)
        .select_related("image__subject_key")
        .order_by("id")[:limit]
    )
    with (
        transaction.atomic(),
        pgtrigger.ignore("biometrics.Template:template_append_only"),
        as_eraser(),
    ):
        for row in rows:
            key = row.image.subject_key
            model = f"{row.engine} {row.engine_version}"
            vector = seal_for(bytes(row.vector), key=key, kind=Kind.TEMPLATE, item=row.image_id, model=model)
            Template.objects.filter(id=row.id, subject_key__isnull=True).update(
                vector=vector, subject_key=key
            )
        if rows:
            _record(actor, at, "template", len(rows))
    return len(rows)


def _record(actor: Actor, at: datetime, what: str, count: int) -> None:
    record(
        actor=actor, at=at, action=f"{what}.sealed", object_type=what, object_id="", detail={"count": count}
    )
