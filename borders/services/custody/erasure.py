"""Erase a person: rows in one transaction by the map of personal data, then keys, files and indexes, for good.

The keys of the subject go last and are what counts: without them no copy of image or template, in whatever backup, opens.
"""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast, Replace, TruncDay

from audit.core.actor import Actor
from audit.models import new_id
from audit.services import record
from audit.services.erasing import as_eraser
from biometrics.core.error_rates import age_band
from biometrics.models import Template
from biometrics.services.erasure import leave_galleries
from borders.core.personal_data import ERASED, Scope, Table, Treatment
from borders.models import Crossing, ErasedCrossingCount, Erasure, Inspection, LegalHold
from borders.services.custody.finishing import Tried, finish
from borders.services.custody.scope import NOBODY_ID, Gathered, gather, inspections_of, nobody, rows_of
from travelers.models import Traveler
from watchlists.models import EntryFace

WORD = "erased"
FACE_SCOPES = (Scope.IMAGES, Scope.TEMPLATES, Scope.CHIPS)


class ErasureRefused(RuntimeError):
    """Nothing was erased. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def held(*, traveler_ids: Sequence[UUID] = (), inspection_ids: Sequence[UUID] = ()) -> bool:
    """Tell whether a legal hold stands against erasing any of these."""
    of = Q(traveler_id__in=traveler_ids) | Q(inspection_id__in=inspection_ids)
    return LegalHold.objects.filter(of, lifted_at__isnull=True).exists()


def erase_traveler(
    *,
    actor: Actor,
    at: datetime,
    traveler_id: UUID,
    ground: str,
    retention: str = "",
    reason: str = "",
    seconded_by_id: int | None = None,
    tried: Tried | None = None,
) -> Erasure:
    """Erase all of a traveller. A request or order needs a second person and its file number; a legal hold stands against it.

    tried: of a sweep, which finishes what is left.
    Raises ErasureRefused: traveler_unknown, legal_hold, reason_missing, second_person_missing, still_in_progress.
    """
    if ground in (Erasure.Ground.REQUEST, Erasure.Ground.ORDER):
        if not reason.strip():
            raise ErasureRefused("reason_missing")
        if seconded_by_id is None or seconded_by_id == actor.user_id:
            raise ErasureRefused("second_person_missing")
    with transaction.atomic():
        traveler = Traveler.objects.select_for_update().filter(id=traveler_id).exclude(id=NOBODY_ID).first()
        if traveler is None:
            raise ErasureRefused("traveler_unknown")
        inspections = inspections_of(traveler_id)
        erasure = _erase(
            actor,
            at,
            Erasure.Subject.TRAVELER,
            traveler_id,
            inspections,
            ground,
            retention,
            reason,
            seconded_by_id,
        )
    return finish(at=at, erasure=erasure, tried=tried)


def erase_inspections(
    *,
    actor: Actor,
    at: datetime,
    subject_id: UUID,
    inspection_ids: Sequence[UUID],
    retention: str,
    tried: Tried | None = None,
) -> Erasure:
    """Erase single records whose time is over; the traveller's file stays. subject_id: the traveller, else the inspection.

    Raises ErasureRefused: legal_hold, still_in_progress.
    """
    with transaction.atomic():
        erasure = _erase(
            actor,
            at,
            Erasure.Subject.RECORD,
            subject_id,
            list(inspection_ids),
            Erasure.Ground.RETENTION,
            retention,
        )
    return finish(at=at, erasure=erasure, tried=tried)


def erase_images(
    *, actor: Actor, at: datetime, inspection_id: UUID, retention: str, tried: Tried | None = None
) -> Erasure:
    """Erase images, templates and chip files of one inspection whose record stays. Raises as erase_inspections."""
    with transaction.atomic():
        erasure = _erase(
            actor,
            at,
            Erasure.Subject.IMAGES,
            inspection_id,
            [inspection_id],
            Erasure.Ground.RETENTION,
            retention,
            only=FACE_SCOPES,
        )
    return finish(at=at, erasure=erasure, tried=tried)


def erase_entry_faces(*, actor: Actor, at: datetime, entry_id: UUID, reason: str) -> Erasure:
    """Erase the faces of a watchlist entry that no other entry shows: its owner has withdrawn them, or its time is over.

    reason: file number of the withdrawal. Raises ErasureRefused: reason_missing, no_faces.
    """
    if not reason.strip():
        raise ErasureRefused("reason_missing")
    shared = EntryFace.objects.exclude(entry_id=entry_id).values("template_id")
    with transaction.atomic():
        templates = list(
            Template.objects.filter(watchlist_faces__entry_id=entry_id, image__erased_at__isnull=True)
            .exclude(id__in=shared)
            .select_related("image__subject_key")
        )
        if not templates:
            raise ErasureRefused("no_faces")
        gathered = Gathered({scope: [] for scope in Scope})
        gathered.ids[Scope.TEMPLATES] = [t.id for t in templates]
        gathered.ids[Scope.IMAGES] = [t.image_id for t in templates]
        gathered.files = [t.image.key for t in templates]
        keys = {t.image.subject_key for t in templates if t.image.subject_key is not None}
        gathered.keys = [(key.slot, key.id) for key in keys]
        erasure = _erase(
            actor,
            at,
            Erasure.Subject.ENTRY,
            entry_id,
            [],
            Erasure.Ground.ORDER,
            "",
            reason,
            only=FACE_SCOPES,
            gathered=gathered,
        )
    return finish(at=at, erasure=erasure)


def erase_again(*, actor: Actor, at: datetime, line: Mapping[str, Any]) -> None:
    """Apply an erasure of the register to a database that was put back to an earlier state."""
    subject = Erasure.Subject(line["subject"])
    only = FACE_SCOPES if subject == Erasure.Subject.IMAGES else ()
    inspections = [UUID(i) for i in line["inspections"]]
    if subject == Erasure.Subject.TRAVELER:
        inspections = list({*inspections, *inspections_of(UUID(line["subject_id"]))})
    if subject == Erasure.Subject.ENTRY:
        with contextlib.suppress(ErasureRefused):  # the lists that came back show no such face
            erase_entry_faces(actor=actor, at=at, entry_id=UUID(line["subject_id"]), reason="restore")
        return
    with transaction.atomic():
        erasure = _erase(
            actor,
            at,
            subject,
            UUID(line["subject_id"]),
            list(Inspection.objects.filter(id__in=inspections).values_list("id", flat=True)),
            Erasure.Ground.RESTORE,
            "",
            only=only,
            # under its own id, so that the register and the table speak of the same act again
            erasure_id=None if Erasure.objects.filter(id=line["id"]).exists() else UUID(line["id"]),
        )
    finish(at=at, erasure=erasure)


def _erase(
    actor: Actor,
    at: datetime,
    subject: str,
    subject_id: UUID,
    inspections: list[UUID],
    ground: str,
    retention: str,
    reason: str = "",
    seconded_by_id: int | None = None,
    *,
    only: tuple[Scope, ...] = (),
    erasure_id: UUID | None = None,
    gathered: Gathered | None = None,
) -> Erasure:
    whole = subject == Erasure.Subject.TRAVELER
    # locked before holds are asked for, as placing one locks the same rows; in the order in which deciding takes them
    states = list(Inspection.objects.select_for_update(no_key=True).filter(id__in=inspections).order_by("id"))
    owners = {subject_id, *(i.traveler_id for i in states if i.traveler_id is not None)}
    list(Traveler.objects.select_for_update(no_key=True).filter(id__in=owners).order_by("id"))
    if ground != Erasure.Ground.RESTORE and held(traveler_ids=list(owners), inspection_ids=inspections):
        raise ErasureRefused("legal_hold")
    if any(i.state == Inspection.State.PROCESSING and (i.leased_until or at) > at for i in states):
        raise ErasureRefused("still_in_progress")
    nobody()
    gathered = gathered or gather(inspection_ids=inspections, traveler_id=subject_id if whole else None)
    galleries = leave_galleries(
        template_ids=gathered.ids[Scope.TEMPLATES], subject_ids=[subject_id] if whole else ()
    )
    if not only:
        count_crossings(gathered.ids[Scope.CROSSINGS])
    with pgtrigger.ignore(*_triggers()), as_eraser():
        counts = _apply(gathered, only)
        Inspection.objects.filter(id__in=[] if only else inspections).update(erased_at=at)
        _mark_images(gathered, at)
    erasure = Erasure.objects.create(
        id=erasure_id or new_id(),
        subject=subject,
        subject_id=subject_id,
        ground=ground,
        retention=retention,
        reason=reason.strip()[:200],
        inspections=[str(i) for i in inspections],
        keys=[[slot, str(key_id)] for slot, key_id in gathered.keys],
        files=gathered.files,
        galleries=[str(g.id) for g in galleries],
        counts=counts,
        erased_by=actor.label,
        seconded_by_id=seconded_by_id,
        erased_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="person.erased",
        object_type="erasure",
        object_id=erasure.id,
        detail={
            "subject": subject,
            "subject_id": str(subject_id),
            "ground": ground,
            "retention": retention,
            "inspections": len(inspections),
            "keys": len(gathered.keys),
            "rows": sum(counts.values()),
        },
    )
    return erasure


def _apply(gathered: Gathered, only: tuple[Scope, ...]) -> dict[str, int]:
    """Treat every table of the map; return how many rows of each."""
    counts = {}
    for label, table in ERASED.items():
        ids = gathered.ids[table.scope]
        if not ids or (only and table.scope not in only):
            continue
        rows = rows_of(apps.get_model(label), table, ids)
        if table.deleted:
            done = rows._raw_delete(rows.db) if label == "watchlists.TravelerKey" else rows.delete()[0]
        else:
            done = rows.update(**_values(rows.model, table)) if table.treated else 0
        if done:
            counts[label] = done
    return counts


def _values(model: type[models.Model], table: Table) -> dict[str, Any]:
    return {name: _value(model, name, treatment) for name, treatment in table.treated.items()}


def _value(model: type[models.Model], name: str, treatment: Treatment) -> Any:
    column = model._meta.get_field(name)
    match treatment:
        case Treatment.NULL:
            return None
        case Treatment.NOBODY:
            return NOBODY_ID
        case Treatment.WORD:
            # where nothing was written, a constraint may want it so
            return Case(When(**{name: ""}, then=Value("")), default=Value(WORD))
        case Treatment.DAY:
            return TruncDay(name, tzinfo=UTC)
        case Treatment.OWN_ID:
            return Replace(Cast(F("id"), models.CharField()), Value("-"), Value(""))
        case Treatment.BLANK:
            if isinstance(column, models.JSONField):
                return column.get_default() if column.has_default() else {}
            return b"" if isinstance(column, models.BinaryField) else ""


def _mark_images(gathered: Gathered, at: datetime) -> None:
    apps.get_model("biometrics.CapturedImage").objects.filter(id__in=gathered.ids[Scope.IMAGES]).update(
        erased_at=at
    )


def _triggers() -> list[str]:
    """Return the triggers of the map's tables that protect rows: erasing is what they make an exception for."""
    return [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if model._meta.label in ERASED and isinstance(trigger, pgtrigger.Protect)
    ]


def count_crossings(crossing_ids: Sequence[UUID]) -> None:
    """Add crossings to what statistics keep of the erased: one attribute at a time, per month, port, direction and mode."""
    cells: dict[tuple[Any, ...], int] = {}
    rows = (
        Crossing.objects.filter(id__in=crossing_ids).exclude(traveler_id=NOBODY_ID).select_related("traveler")
    )
    for row in rows:
        traveler, day = row.traveler, row.occurred_at.astimezone(UTC).date()
        where = (day.replace(day=1), row.port_id, row.direction, row.transport_mode)
        for dimension, value in (
            (ErasedCrossingCount.Dimension.ALL, ""),
            (ErasedCrossingCount.Dimension.SEX, traveler.sex),
            (ErasedCrossingCount.Dimension.AGE, age_band(traveler.birth_date, day)),
            (ErasedCrossingCount.Dimension.NATIONALITY, traveler.nationality),
        ):
            cell = (*where, dimension.value, value)
            cells[cell] = cells.get(cell, 0) + 1
    for month, port_id, direction, mode, dimension, value in sorted(cells, key=str):
        count = cells[month, port_id, direction, mode, dimension, value]
        found = {
            "month": month,
            "port_id": port_id,
            "direction": direction,
            "transport_mode": mode,
            "dimension": dimension,
            "value": value,
        }
        # the row's lock makes two erasures add up
        if not ErasedCrossingCount.objects.filter(**found).update(count=F("count") + count):
            _, made = ErasedCrossingCount.objects.get_or_create(**found, defaults={"count": count})
            if not made:
                ErasedCrossingCount.objects.filter(**found).update(count=F("count") + count)
