"""What is due to be erased: a walk over travellers, inspections and images that goes on where it stopped."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from borders.core.retention import (
    Due,
    OtherFacts,
    Period,
    PersonFacts,
    RetentionCode,
    StayFacts,
    end_of_stay,
    file_due,
    other_due,
    shortest,
    stay_due,
)
from borders.models import Crossing, Decision, Erasure, Inspection, RetentionFile, Stay
from borders.services.custody.periods import versions_in_force
from borders.services.custody.scope import NOBODY_ID, inspections_of
from travelers.models import Traveler

# travellers in the order of ids that one query looks at: a few dozen milliseconds
WINDOW = 1000
STEP = 500
OTHER_CODES = (RetentionCode.REFUSAL, RetentionCode.UNDECIDED)
Versions = dict[RetentionCode, tuple[Period, int]]
Place = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is due. subject: an Erasure.Subject. inspections: of a record."""

    subject: str
    subject_id: UUID
    due: Due
    inspections: tuple[UUID, ...] = ()


class Walk:
    """A walk over all that was due when it began; its caller keeps it from one round to the next.

    failed: codes of what could not be erased and was passed over. finished: it has seen everything.
    """

    def __init__(self, *, at: datetime, versions: Versions | None = None) -> None:
        self.at = at
        self.begin(versions_in_force() if versions is None else versions)

    def begin(self, versions: Versions) -> None:
        """Start from the first again, by these periods."""
        self.versions = versions
        self.failed: Counter[str] = Counter()
        self._periods = {code: period for code, (period, _) in versions.items()}
        self._stages: list[Callable[[Place | None], Iterator[tuple[Place, list[Item]]]]] = [
            self._persons,
            self._others,
        ]
        if RetentionCode.IMAGES in self._periods:
            self._stages.append(self._images)
        self._after: Place | None = None

    @property
    def finished(self) -> bool:
        return not self._stages

    def steps(self) -> Iterator[Item | None]:
        """Yield what is due, and None for each that was looked at in vain. Broken off anywhere, the next call goes on there."""
        while self._stages:
            seen = False
            for place, items in self._stages[0](self._after):
                seen = True
                yield from items[:-1]
                # of one with several things due all were handed out before the walk goes past
                self._after = place
                yield items[-1] if items else None
            if not seen:
                self._stages.pop(0)
                self._after = None

    def _persons(self, after: Place | None) -> Iterator[tuple[Place, list[Item]]]:
        travelers = Traveler.objects.filter(id__gt=after[0] if after else UUID(int=0)).order_by("id")
        window = list(travelers.values_list("id", flat=True)[:WINDOW])
        if not window:
            return
        rows = travelers.filter(id__lte=window[-1]).exclude(id=NOBODY_ID).only("id", "created_at")
        for traveler in rows.filter(self._maybe_due()):
            yield (traveler.id,), list(_due_of(traveler, self.at, self._periods))
        yield (window[-1],), []

    def _maybe_due(self) -> Q:
        """Travellers one of whose stays may be over for as long as its class says, and those without any."""

        def over(*codes: RetentionCode) -> datetime:
            return shortest(self._periods, codes).before(self.at)

        def maybe(closed: RetentionCode, no_exit: RetentionCode) -> Exists:
            is_open = Q(exited_at__isnull=True)
            unlimited = over(RetentionCode.UNLIMITED_STAY)
            late = is_open & (
                Q(allowed_until__lte=over(no_exit).date())
                | Q(entered_at__lte=over(no_exit))
                | Q(allowed_until__isnull=True, entered_at__lte=unlimited)
            )
            return Exists(stays.filter(Q(exited_at__lte=over(closed)) | late))

        stays = Stay.objects.filter(traveler=OuterRef("pk"))
        family = Exists(RetentionFile.objects.filter(traveler=OuterRef("pk"), family=True))
        return Q(created_at__lte=over(*self._periods)) & (
            Q(maybe(RetentionCode.CROSSING, RetentionCode.NO_EXIT))
            | (Q(family) & Q(maybe(RetentionCode.FAMILY, RetentionCode.FAMILY_NO_EXIT)))
            | ~Q(Exists(stays))
        )

    def _others(self, after: Place | None) -> Iterator[tuple[Place, list[Item]]]:
        rows = Inspection.objects.filter(
            crossing_id__isnull=True,
            erased_at__isnull=True,
            opened_at__lte=shortest(self._periods, OTHER_CODES).before(self.at),
        )
        for other in list(_other_facts(_page(rows, after))):
            due = other_due(other, periods=self._periods)
            place = (other.opened_at, other.id)
            yield (
                place,
                [Item(Erasure.Subject.RECORD, other.id, due, (other.id,))] if due.at <= self.at else [],
            )

    def _images(self, after: Place | None) -> Iterator[tuple[Place, list[Item]]]:
        period = self._periods[RetentionCode.IMAGES]
        rows = Inspection.objects.filter(
            Q(page_image__erased_at__isnull=True, page_image__isnull=False)
            | Q(face_image__erased_at__isnull=True, face_image__isnull=False),
            erased_at__isnull=True,
            opened_at__lte=period.before(self.at),
        )
        for inspection_id, opened_at in list(_page(rows, after).values_list("id", "opened_at")):
            due = Due(period.after(opened_at), RetentionCode.IMAGES)
            items = [Item(Erasure.Subject.IMAGES, inspection_id, due)] if due.at <= self.at else []
            yield (opened_at, inspection_id), items


def find_due(*, at: datetime) -> Iterator[Item]:
    """Yield what is due: records of stays and whole files, inspections without a crossing, images with a period of their own."""
    yield from (item for item in Walk(at=at).steps() if item is not None)


def _page(rows: QuerySet[Any], after: Place | None) -> QuerySet[Any]:
    if after is not None:
        opened_at, row_id = after
        rows = rows.filter(opened_at__gte=opened_at).filter(Q(opened_at__gt=opened_at) | Q(id__gt=row_id))
    return rows.order_by("opened_at", "id")[:STEP]


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
                end_of_stay(s.allowed_until) if s.allowed_until else None,
            )
            for s in stays
        ),
        others=tuple(_other_facts(Inspection.objects.filter(id__in=others))),
        family=mark is not None and mark.family,
        latest_at=mark.latest_at if mark is not None else None,
    )


def _other_facts(rows: Any) -> Iterator[OtherFacts]:
    refused = Decision.objects.filter(inspection=OuterRef("pk"), outcome=Decision.Outcome.REFUSED)
    for row in rows.annotate(refused_at=refused.values("decided_at")[:1]).values(
        "id", "opened_at", "refused_at"
    ):
        yield OtherFacts(row["id"], row["opened_at"], row["refused_at"])
