"""What is due to be erased, found in bounded batches and erased; and the warning three months before for overstayers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.core.actor import Actor
from audit.services import record
from borders.core.retention import (
    Due,
    OtherFacts,
    Period,
    PersonFacts,
    RetentionCode,
    StayFacts,
    end_of_day,
    file_due,
    other_due,
    shortest,
    stay_due,
    warning_from,
)
from borders.models import (
    AdvancePassengerManifest,
    Crossing,
    Decision,
    Erasure,
    Inspection,
    OverstayNotice,
    RetentionFile,
    Stay,
)
from borders.services.custody.erasure import (
    ErasureRefused,
    erase_images,
    erase_inspections,
    erase_traveler,
    held,
)
from borders.services.custody.periods import versions_in_force
from borders.services.custody.scope import NOBODY_ID, inspections_of
from travelers.models import Traveler

BATCH = 200
RECORD_CODES = (
    RetentionCode.CROSSING,
    RetentionCode.FAMILY,
    RetentionCode.NO_EXIT,
    RetentionCode.FAMILY_NO_EXIT,
    RetentionCode.UNLIMITED_STAY,
)
OTHER_CODES = (RetentionCode.REFUSAL, RetentionCode.UNDECIDED)
STEP = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is due. subject: an Erasure.Subject. inspections: of a record."""

    subject: str
    subject_id: UUID
    due: Due
    inspections: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Outcome:
    """by_class: what was, or would be, erased. held: kept back by a legal hold. unfinished: their rows are
    gone, the sweep goes on trying the rest. refused: by code. more: was due.
    """

    by_class: Counter[str] = field(default_factory=Counter)
    held: int = 0
    unfinished: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    manifests: int = 0
    notices: int = 0
    more: bool = False
    oldest_due: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "erased": dict(sorted(self.by_class.items())),
            "held": self.held,
            "unfinished": self.unfinished,
            "refused": dict(sorted(self.refused.items())),
            "manifests": self.manifests,
            "overstay_notices": self.notices,
            "more": self.more,
            "oldest_due": self.oldest_due.isoformat() if self.oldest_due else None,
        }


class RetentionIncomplete(LookupError):
    """A class of records has no period in force: nothing may be erased before two persons have set one."""

    code = "retention_incomplete"


def erase_expired(
    *,
    actor: Actor,
    at: datetime,
    limit: int = BATCH,
    dry_run: bool = False,
    progress: Callable[[Item], None] = lambda _: None,
) -> Outcome:
    """Erase what is due, at most `limit` things, the oldest first of each kind; each in a transaction of its own.

    dry_run: say what would be erased, and change nothing. Raises RetentionIncomplete.
    """
    versions = versions_in_force()
    missing = set(RetentionCode) - {RetentionCode.IMAGES} - versions.keys()
    if missing:
        raise RetentionIncomplete(f"No period in force for {', '.join(sorted(missing))}.")
    outcome = Outcome()
    for number, item in enumerate(find_due(at=at)):
        if number >= limit:
            outcome.more = True
            break
        if held_back(item):
            outcome.held += 1
            continue
        if not dry_run:
            try:
                erasure = _erase(actor, at, item, versions)
                outcome.unfinished += erasure.finished_at is None
            except ErasureRefused as refusal:
                outcome.refused[refusal.code] += 1
                continue
        outcome.by_class[f"{item.subject}:{item.due.code}"] += 1
        outcome.oldest_due = min(outcome.oldest_due or item.due.at, item.due.at)
        progress(item)
    outcome.manifests = _erase_manifests(actor, at, limit, dry_run=dry_run)
    outcome.notices = _warn_of_overstayers(actor, at, limit, dry_run=dry_run)
    return outcome


def find_due(*, at: datetime) -> Iterator[Item]:
    """Yield what is due: records of stays and whole files, inspections without a crossing, images with a period of their own."""
    periods = {code: period for code, (period, _) in versions_in_force().items()}
    yield from _due_persons(at, periods)
    yield from _due_others(at, periods)
    if RetentionCode.IMAGES in periods:
        yield from _due_images(at, periods[RetentionCode.IMAGES])


def facts_of(traveler: Traveler) -> PersonFacts:
    """Return all that is kept of a traveller, as their periods see it."""
    stays = list(Stay.objects.filter(traveler=traveler))
    ends = [i for s in stays for i in (s.entry_id, s.exit_id) if i is not None]
    inspections = dict(Crossing.objects.filter(id__in=ends).values_list("id", "inspection_id"))
    paired = set(inspections.values())
    others = [i for i in inspections_of(traveler.id) if i not in paired]
    mark = RetentionFile.objects.filter(traveler=traveler).first()
    return PersonFacts(
        created_at=traveler.created_at,
        stays=tuple(
            StayFacts(
                s.id,
                tuple(inspections[i] for i in (s.entry_id, s.exit_id) if i in inspections),
                s.entered_at,
                s.exited_at,
                end_of_day(datetime.combine(s.allowed_until, time(), UTC)) if s.allowed_until else None,
            )
            for s in stays
        ),
        others=tuple(_other_facts(Inspection.objects.filter(id__in=others))),
        family=mark is not None and mark.family,
        latest_at=mark.latest_at if mark is not None else None,
    )


def held_back(item: Item) -> bool:
    """Tell whether a legal hold keeps this from being erased."""
    travelers = (
        [item.subject_id] if item.subject in (Erasure.Subject.TRAVELER, Erasure.Subject.RECORD) else []
    )
    inspections = item.inspections or ((item.subject_id,) if not travelers else ())
    if item.subject == Erasure.Subject.TRAVELER:
        inspections = tuple(inspections_of(item.subject_id))
    owners = Inspection.objects.filter(id__in=inspections, traveler__isnull=False).values_list(
        "traveler_id", flat=True
    )
    return held(traveler_ids=[*travelers, *owners], inspection_ids=list(inspections))


def _due_persons(at: datetime, periods: dict[RetentionCode, Period]) -> Iterator[Item]:
    """Walk over travellers none of whose crossings is younger than the shortest period, or one of whose stays may be due."""
    ended = shortest(periods, (RetentionCode.CROSSING, RetentionCode.FAMILY)).before(at)
    overdue = shortest(periods, (RetentionCode.NO_EXIT, RetentionCode.FAMILY_NO_EXIT)).before(at)
    unlimited = periods[RetentionCode.UNLIMITED_STAY].before(at)
    maybe = Q(exited_at__lte=ended) | Q(exited_at__isnull=True, allowed_until__lte=overdue.date())
    maybe |= Q(exited_at__isnull=True, entered_at__lte=min(overdue, unlimited)) | Q(
        exited_at__isnull=True, allowed_until__isnull=True, entered_at__lte=unlimited
    )
    stays = Stay.objects.filter(traveler=OuterRef("pk"))
    candidates = Traveler.objects.filter(
        Exists(stays.filter(maybe)) | ~Exists(stays), created_at__lte=shortest(periods, periods).before(at)
    ).exclude(id=NOBODY_ID)
    after: UUID | None = None
    while True:
        page = candidates.order_by("id")
        rows = list((page if after is None else page.filter(id__gt=after))[:STEP])
        if not rows:
            return
        after = rows[-1].id
        for traveler in rows:
            yield from _due_of(traveler, at, periods)


def _due_of(traveler: Traveler, at: datetime, periods: dict[RetentionCode, Period]) -> Iterator[Item]:
    person = facts_of(traveler)
    whole = file_due(person, periods=periods)
    if whole.at <= at:
        yield Item(Erasure.Subject.TRAVELER, traveler.id, whole)
        return
    for stay in person.stays:
        due = stay_due(stay, family=person.family, periods=periods)
        if due.at <= at:
            yield Item(Erasure.Subject.RECORD, traveler.id, due, stay.inspections)


def _due_others(at: datetime, periods: dict[RetentionCode, Period]) -> Iterator[Item]:
    rows = Inspection.objects.filter(
        crossing_id__isnull=True,
        erased_at__isnull=True,
        opened_at__lte=shortest(periods, OTHER_CODES).before(at),
    ).order_by("opened_at", "id")
    for other in _other_facts(rows):
        due = other_due(other, periods=periods)
        if due.at <= at:
            yield Item(Erasure.Subject.RECORD, other.id, due, (other.id,))


def _due_images(at: datetime, period: Period) -> Iterator[Item]:
    rows = Inspection.objects.filter(
        Q(page_image__erased_at__isnull=True, page_image__isnull=False)
        | Q(face_image__erased_at__isnull=True, face_image__isnull=False),
        erased_at__isnull=True,
        opened_at__lte=period.before(at),
    )
    for inspection_id, opened_at in (
        rows.order_by("opened_at", "id").values_list("id", "opened_at").iterator(STEP)
    ):
        due = Due(period.after(opened_at), RetentionCode.IMAGES)
        if due.at <= at:
            yield Item(Erasure.Subject.IMAGES, inspection_id, due)


def _other_facts(rows: Any) -> Iterator[OtherFacts]:
    refused = Decision.objects.filter(inspection=OuterRef("pk"), outcome=Decision.Outcome.REFUSED)
    for row in rows.annotate(refused_at=refused.values("decided_at")[:1]).values(
        "id", "opened_at", "refused_at"
    ):
        yield OtherFacts(row["id"], row["opened_at"], row["refused_at"])


def _erase(
    actor: Actor, at: datetime, item: Item, versions: dict[RetentionCode, tuple[Period, int]]
) -> Erasure:
    retention = f"{item.due.code}/{versions[item.due.code][1]}"
    if item.subject == Erasure.Subject.TRAVELER:
        return erase_traveler(
            actor=actor,
            at=at,
            traveler_id=item.subject_id,
            ground=Erasure.Ground.RETENTION,
            retention=retention,
        )
    if item.subject == Erasure.Subject.IMAGES:
        return erase_images(actor=actor, at=at, inspection_id=item.subject_id, retention=retention)
    _remember_latest(at, item)
    return erase_inspections(
        actor=actor,
        at=at,
        subject_id=item.subject_id,
        inspection_ids=item.inspections,
        retention=retention,
    )


@transaction.atomic
def _remember_latest(at: datetime, item: Item) -> None:
    """Keep what the file's period counts from, before the record that says so is gone."""
    traveler = Traveler.objects.select_for_update(no_key=True).filter(id=item.subject_id).first()
    if traveler is None:
        return
    person = facts_of(traveler)
    ends = [s.exited_at for s in person.stays if s.exited_at] + [
        o.refused_at for o in person.others if o.refused_at
    ]
    latest = max((*ends, *([person.latest_at] if person.latest_at else [])), default=None)
    RetentionFile.objects.update_or_create(
        traveler=traveler, defaults={"latest_at": latest, "updated_at": at}
    )


@transaction.atomic
def _erase_manifests(actor: Actor, at: datetime, limit: int, *, dry_run: bool) -> int:
    """Delete passengers of manifests whose time is over; the counts of the manifest stay."""
    period, _ = versions_in_force()[RetentionCode.MANIFEST]
    rows = AdvancePassengerManifest.objects.filter(
        passengers__isnull=False, scheduled_at__lte=period.before(at)
    )
    due = [m for m in rows.distinct().order_by("scheduled_at")[:limit] if period.after(m.scheduled_at) <= at]
    if due and not dry_run:
        for manifest in due:
            manifest.passengers.all().delete()
        record(
            actor=actor,
            at=at,
            action="manifest_passengers.erased",
            object_type="manifest",
            object_id="",
            detail={"count": len(due)},
        )
    return len(due)


@transaction.atomic
def _warn_of_overstayers(actor: Actor, at: datetime, limit: int, *, dry_run: bool) -> int:
    """Notice the stays without an exit whose data will be erased in three months (Article 34 (3)); return how many are new."""
    versions = versions_in_force()
    period, _ = versions[RetentionCode.NO_EXIT]
    # whoever is warned three months ahead has overstayed for the period less those months
    horizon = period.before(at)
    rows = Stay.objects.filter(
        exit_id__isnull=True,
        allowed_until__isnull=False,
        allowed_until__lte=_three_months_on(horizon).date(),
        erasure_notice__isnull=True,
    )
    notices = []
    for stay in rows.order_by("allowed_until")[:limit]:
        due = period.after(end_of_day(datetime.combine(stay.allowed_until, time(), UTC)))
        if warning_from(due) <= at < due:
            notices.append(OverstayNotice(stay=stay, due_at=due, noticed_at=at))
    if notices and not dry_run:
        OverstayNotice.objects.bulk_create(notices, ignore_conflicts=True)
        record(
            actor=actor,
            at=at,
            action="overstay.noticed",
            object_type="overstay_notice",
            object_id="",
            detail={"count": len(notices)},
        )
    return len(notices)


def _three_months_on(at: datetime) -> datetime:
    return Period(months=3, days=3).after(at)


__all__ = ["Item", "Outcome", "erase_expired", "facts_of", "find_due"]
