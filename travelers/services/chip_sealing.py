"""Seal the files of chips that were stored before there were keys."""

from datetime import datetime

import pgtrigger
from django.db import transaction
from django.db.models import QuerySet

from audit.core.actor import Actor
from audit.services import record
from audit.services.erasing import as_eraser
from biometrics.core.envelope import Kind
from biometrics.services.keys import seal_for, take_key
from biometrics.services.keys.sealing import BATCH, SubjectOf
from travelers.models import ChipFile, ChipReading

TRIGGERS = ("travelers.ChipReading:chip_reading_append_only", "travelers.ChipFile:chip_file_append_only")


def unsealed_chips() -> QuerySet[ChipReading]:
    """Return the chips whose files are not sealed yet."""
    return ChipReading.objects.filter(subject_key__isnull=True)


@transaction.atomic
def seal_chips(*, actor: Actor, at: datetime, subject_of: SubjectOf, limit: int = BATCH) -> int:
    """Seal the files of a batch of chips; return how many chips. subject_of: the subject that a chip's id belongs to."""
    chips = list(unsealed_chips().order_by("id")[:limit])
    with pgtrigger.ignore(*TRIGGERS), as_eraser():
        for chip in chips:
            kind, subject_id = subject_of(chip.id)
            key = take_key(kind=kind, subject_id=subject_id, at=at)
            for row in chip.files.all():
                content = seal_for(
                    bytes(row.content), key=key, kind=Kind.CHIP_FILE, item=row.id, purpose=row.name
                )
                ChipFile.objects.filter(id=row.id).update(content=content)
            ChipReading.objects.filter(id=chip.id).update(subject_key=key)
    if chips:
        record(
            actor=actor,
            at=at,
            action="chip.sealed",
            object_type="chip",
            object_id="",
            detail={"count": len(chips)},
        )
    return len(chips)
