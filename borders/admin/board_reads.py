"""What the live board of one post reads. Every read is bounded: a day of one post, or the latest INSPECTIONS_TIMED of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import ExtractHour

from borders.core.board import (
    CaptureFailures,
    HourCount,
    Link,
    StepTimes,
    count_by_hour,
    link_of,
    midnight_of,
    tell_failures,
    time_steps,
)
from borders.core.pipeline import Step
from borders.models import (
    Booth,
    BoothSession,
    CaptureFault,
    Crossing,
    Inspection,
    InspectionFinding,
    InspectionStep,
    PortOfEntry,
    Referral,
)
from travelers.models import DocumentReading
from watchlists.models import SelfTestRun, Watchlist
from watchlists.queries import self_test_alarm

INSPECTIONS_TIMED = 1000
WAITING = (Inspection.State.RECEIVED, Inspection.State.PROCESSING, Inspection.State.READY)
RETAKEN = Inspection.State.RETAKEN
NOT_TAKEN = "not_taken"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Inspections without an answer. oldest_at: when the oldest of them was opened, None for none."""

    machine: int
    officer: int
    oldest_at: datetime | None

    @property
    def count(self) -> int:
        return self.machine + self.officer


@dataclass(frozen=True, slots=True)
class BoothLine:
    """One booth: how it is connected, whose badge is signed in, its latest act of today."""

    code: str
    link: Link
    badge_number: str
    since: datetime | None
    latest_act_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListLine:
    """One watchlist in force. number None: no version is in force, so nobody is screened against it."""

    name: str
    number: int | None
    in_force_since: datetime | None
    entries: int


@dataclass(frozen=True, slots=True)
class Board:
    """The board of one post at one moment."""

    port: PortOfEntry
    at: datetime
    hours: Sequence[HourCount]
    waiting: Waiting
    steps: Sequence[StepTimes]
    timed: int
    advised: int
    refer: int
    captures: Sequence[CaptureFailures]
    booths: Sequence[BoothLine]
    referrals_open: int
    referrals_overdue: int
    referral_due_at: datetime | None
    lists: Sequence[ListLine]
    self_test: SelfTestRun | None
    self_test_alarm: str

    @property
    def entries(self) -> int:
        return sum(h.entries for h in self.hours)

    @property
    def exits(self) -> int:
        return sum(h.exits for h in self.hours)

    @property
    def refer_rate(self) -> float | None:
        """Return the share of advice that was to refer, None before the first advice of the day."""
        return self.refer / self.advised if self.advised else None


def read_board(*, port: PortOfEntry, at: datetime) -> Board:
    """Return the board of a post, counted from midnight UTC to `at`."""
    today = midnight_of(at)
    of_today = Inspection.objects.filter(port=port, opened_at__gte=today, opened_at__lte=at)
    by_booth = {
        row["booth_id"]: row
        for row in of_today.values("booth_id").annotate(
            latest=Max("opened_at"),
            # whoever was taken anew is counted with the inspection that followed
            advised=Count("id", filter=~Q(advice="") & ~Q(state=RETAKEN)),
            refer=Count("id", filter=Q(advice="REFER") & ~Q(state=RETAKEN)),
        )
    }
    latest = list(of_today.order_by("-opened_at", "-id").values_list("id", flat=True)[:INSPECTIONS_TIMED])
    referrals = Referral.objects.filter(
        port=port, state__in=(Referral.State.OPEN, Referral.State.ACKNOWLEDGED)
    ).aggregate(open=Count("id"), overdue=Count("id", filter=Q(due_at__lt=at)), due_at=Min("due_at"))
    return Board(
        port=port,
        at=at,
        hours=_hours(port, today, at),
        waiting=_waiting(port),
        steps=time_steps(
            InspectionStep.objects.filter(inspection_id__in=latest).values_list(
                "step", "state", "elapsed_ms"
            ),
            order=list(Step),
        ),
        timed=len(latest),
        advised=sum(row["advised"] for row in by_booth.values()),
        refer=sum(row["refer"] for row in by_booth.values()),
        captures=_captures(latest),
        booths=_booths(port, {i: row["latest"] for i, row in by_booth.items()}, at),
        referrals_open=referrals["open"],
        referrals_overdue=referrals["overdue"],
        referral_due_at=referrals["due_at"],
        lists=_lists(),
        self_test=SelfTestRun.objects.filter(at__lte=at).order_by("-at").first(),
        self_test_alarm=self_test_alarm(at=at),
    )


def _hours(port: PortOfEntry, today: datetime, at: datetime) -> list[HourCount]:
    rows = (
        Crossing.objects.filter(port=port, occurred_at__gte=today, occurred_at__lte=at)
        .annotate(hour=ExtractHour("occurred_at", tzinfo=UTC))
        .values("hour", "direction")
        .annotate(count=Count("id"))
        .values_list("hour", "direction", "count")
    )
    counts = {(hour, way): count for hour, way, count in rows}
    return count_by_hour(counts, until_hour=at.astimezone(UTC).hour)


def _waiting(port: PortOfEntry) -> Waiting:
    found = Inspection.objects.filter(port=port, state__in=WAITING).aggregate(
        machine=Count("id", filter=~Q(state=Inspection.State.READY)),
        officer=Count("id", filter=Q(state=Inspection.State.READY)),
        oldest=Min("opened_at"),
    )
    return Waiting(found["machine"], found["officer"], found["oldest"])


def _captures(inspection_ids: Sequence[UUID]) -> list[CaptureFailures]:
    """Return what was not captured of face, page and chip, of these inspections, by what the officer said if anything."""
    told = {
        (inspection_id, fault.partition("_")[0]): fault.lower()
        for inspection_id, fault in CaptureFault.objects.filter(inspection_id__in=inspection_ids).values_list(
            "inspection_id", "fault"
        )
    }
    faces = list(
        InspectionFinding.objects.filter(
            inspection_id__in=inspection_ids, code="FACE.QUALITY", superseded_at__isnull=True
        ).values_list("inspection_id", "outcome", "reason")
    )
    face = Counter(
        told.get((inspection_id, "FACE"), reason)
        for inspection_id, outcome, reason in faces
        if outcome == "FAIL" or reason == NOT_TAKEN or (inspection_id, "FACE") in told
    )
    rows = list(
        Inspection.objects.filter(id__in=inspection_ids).values_list(
            "id",
            "page_image_id",
            "reading__source",
            "reading__status",
            "reading__reason",
            "chip_id",
            "chip_attempted",
        )
    )
    page: Counter[str] = Counter()
    pages = 0
    for inspection_id, image, source, status, reason, _, _ in rows:
        if source == DocumentReading.Source.DECLARED:
            continue  # there is no document to capture
        pages += 1
        if (inspection_id, "PAGE") in told:
            page[told[inspection_id, "PAGE"]] += 1
        elif image is None:
            page[NOT_TAKEN] += 1
        elif source == DocumentReading.Source.KEYED:
            page["keyed_by_hand"] += 1
        elif status == DocumentReading.Status.UNREADABLE:
            page[reason or "unreadable"] += 1
    chips = [(chip, attempted) for *_, chip, attempted in rows if chip is not None or attempted]
    return [
        tell_failures("Face", tried=len(faces), reasons=face),
        tell_failures("Page", tried=pages, reasons=page),
        tell_failures(
            "Chip", tried=len(chips), reasons={"nothing_read": sum(chip is None for chip, _ in chips)}
        ),
    ]


def _booths(port: PortOfEntry, latest: dict[UUID, datetime], at: datetime) -> list[BoothLine]:
    booths = list(Booth.objects.filter(port=port).order_by("code"))
    sessions: dict[UUID, BoothSession] = {}
    live = BoothSession.objects.filter(
        booth_id__in=[b.id for b in booths], ended_at__isnull=True, expires_at__gt=at
    )
    for session in live.select_related("officer").order_by("started_at"):
        sessions[session.booth_id] = session
    return [_line(booth, sessions.get(booth.id), latest.get(booth.id), at) for booth in booths]


def _line(booth: Booth, session: BoothSession | None, opened_at: datetime | None, at: datetime) -> BoothLine:
    known = [t for t in (opened_at, session and session.active_at) if t is not None]
    acted_at = max(known, default=session.started_at if session else None)
    link = link_of(
        active=booth.active,
        signed_in=session is not None,
        locked=session is not None and session.locked_at is not None,
        latest_act_at=acted_at,
        at=at,
    )
    return BoothLine(
        booth.code,
        link,
        session.officer.badge_number if session else "",
        session.started_at if session else None,
        acted_at,
    )


def _lists() -> list[ListLine]:
    rows = Watchlist.objects.filter(is_test=False).select_related("active_version").order_by("name")
    return [
        ListLine(
            row.name,
            row.active_version.number if row.active_version else None,
            (row.active_version.effective_from or row.active_version.approved_at)
            if row.active_version
            else None,
            row.active_version.entry_count if row.active_version else 0,
        )
        for row in rows
    ]
