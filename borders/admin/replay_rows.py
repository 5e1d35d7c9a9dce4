"""All rows of one inspection that a replay is rebuilt from, whatever their time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from audit.admin import show_time, words
from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from audit.queries.trail import shown_trail
from biometrics.models import Comparison, OperatingPoint
from borders.core.pipeline import Step, StepState
from borders.core.replay import ChangeRow, DatedRow, FindingRow, ReadingRow, ReplayRows, StepRow
from borders.models import CheckRule, Decision, Inspection, InspectionFinding, Referral
from borders.services.findings import as_finding
from travelers.models import DocumentReading
from watchlists.models import Adjudication, Hit, Screening, Watchlist, WatchlistVersion

CORRECTIONS_FOLLOWED = 20
LOOKS_READ = 500
CHANGES_READ = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows themselves, by id, for the page."""

    findings: dict[UUID, InspectionFinding] = field(default_factory=dict)
    readings: dict[UUID, DocumentReading] = field(default_factory=dict)
    comparisons: dict[UUID, Comparison] = field(default_factory=dict)
    screenings: dict[UUID, Screening] = field(default_factory=dict)
    hits: dict[UUID, Hit] = field(default_factory=dict)
    answers: dict[UUID, Adjudication] = field(default_factory=dict)
    decisions: dict[UUID, Decision] = field(default_factory=dict)
    looks: dict[UUID, AuditEntry] = field(default_factory=dict)


def read_rows(inspection: Inspection, actor: Actor) -> tuple[ReplayRows, Kept]:
    """Read everything that was ever written about one inspection.

    Silent hits are left out: nobody at the border saw them; and what would tell an actor who owns no list that there is one.
    """
    kept = Kept(
        findings=_by_id(
            inspection.findings.select_related("comparison__operating_point").order_by("found_at", "id")
        ),
        readings=_by_id(_readings(inspection)),
        comparisons=_by_id(_comparisons(inspection, actor)),
        screenings=_by_id(Screening.objects.filter(inspection_id=inspection.id)),
        hits=_by_id(
            Hit.objects.filter(screening__inspection_id=inspection.id, silent=False)
            .exclude(entry__action="SILENT")
            .select_related("entry__version__watchlist")
        ),
        decisions=_by_id(inspection.decisions.select_related("decided_by__officer")),
        looks=_by_id(_looks(inspection, actor)),
    )
    answers = Adjudication.objects.filter(hit_id__in=list(kept.hits)).select_related(
        "adjudicated_by__officer"
    )
    kept.answers.update(_by_id(answers))
    rows = ReplayRows(
        findings=[
            FindingRow(f.id, as_finding(f), f.found_at, f.superseded_at, f.comparison_id)
            for f in kept.findings.values()
        ],
        steps=[
            StepRow(Step(s.step), s.round, StepState(s.state), s.code, s.elapsed_ms, s.finished_at)
            for s in inspection.steps.all()
        ],
        readings=[ReadingRow(r.id, r.read_at, r.corrects_id) for r in kept.readings.values()],
        comparisons=[DatedRow(c.id, c.at) for c in kept.comparisons.values()],
        screenings=[DatedRow(s.id, s.at) for s in kept.screenings.values()],
        hits=[DatedRow(h.id, h.found_at) for h in kept.hits.values()],
        answers=[DatedRow(a.id, a.at) for a in kept.answers.values()],
        decisions=[DatedRow(d.id, d.decided_at) for d in kept.decisions.values()],
        looks=[DatedRow(e.id, e.at) for e in kept.looks.values()],
        changes=list(_changes(inspection, kept)),
    )
    return rows, kept


def _by_id(rows: Iterable) -> dict:
    return {row.id: row for row in rows}


def _readings(inspection: Inspection) -> Iterator[DocumentReading]:
    """Return the reading in force, those that it corrects, and those that correct it."""
    related = DocumentReading.objects.select_related("corrects", "read_by__officer")
    reading = related.filter(id=inspection.reading_id).first()
    if reading is None:
        return
    yield reading
    earlier, later = reading, reading
    for _ in range(CORRECTIONS_FOLLOWED):
        if earlier.corrects_id is None:
            break
        earlier = related.get(id=earlier.corrects_id)
        yield earlier
    for _ in range(CORRECTIONS_FOLLOWED):
        found = related.filter(corrects_id=later.id).first()
        if found is None:
            break
        later = found
        yield later


def _comparisons(inspection: Inspection, actor: Actor) -> Iterator[Comparison]:
    probes = [i for i in (inspection.live_template_id, inspection.portrait_template_id) if i]
    about = Q(findings__inspection_id=inspection.id) | Q(probe_id__in=probes)
    rows = Comparison.objects.filter(about).select_related("operating_point", "gallery").distinct()
    if not actor.has(Role.LIST_OWNER):  # a score above the threshold, and no hit to it, is a silent one
        rows = rows.exclude(operating_point__purpose=OperatingPoint.Purpose.WATCHLIST_IDENTIFICATION)
    return iter(rows.order_by("at", "id"))


def _looks(inspection: Inspection, actor: Actor) -> list[AuditEntry]:
    about = Q(object_type="inspection", object_id=str(inspection.id))
    if inspection.crossing_id is not None:
        about |= Q(object_type="crossing", object_id=str(inspection.crossing_id))
    found = shown_trail(AuditEntry.objects.filter(about, kind=AuditEntry.Kind.READ), actor=actor)
    return list(found.order_by("at", "id")[:LOOKS_READ])


def _changes(inspection: Inspection, kept: Kept) -> Iterator[ChangeRow]:
    for decision in kept.decisions.values():
        said = f"{decision.get_line_display()}: {decision.get_outcome_display().lower()}"
        yield ChangeRow(decision.decided_at, "decision", said)
    for answer in kept.answers.values():
        yield ChangeRow(answer.at, "hit", f"answered: {answer.get_answer_display().lower()}")
    for referral in Referral.objects.filter(inspection=inspection):
        route = referral.get_route_display().lower()
        yield ChangeRow(referral.opened_at, "referral", f"opened to {route}")
        if referral.acknowledged_at is not None:
            yield ChangeRow(referral.acknowledged_at, "referral", f"taken over by {route}")
        if referral.closed_at is not None:
            yield ChangeRow(referral.closed_at, "referral", f"closed by {route}")
    yield from _governed(inspection.opened_at, kept)


def _governed(opened_at: datetime, kept: Kept) -> Iterator[ChangeRow]:
    """Return the changes since then of what this inspection was judged by: its rules, its thresholds, its lists."""
    codes = {f.code for f in kept.findings.values()}
    rules = CheckRule.objects.filter(
        code__in=codes, state__in=("ACTIVE", "RETIRED"), decided_at__gt=opened_at
    )
    for rule in rules.order_by("decided_at")[:CHANGES_READ]:
        yield ChangeRow(rule.decided_at, "rule", f"{rule.code} version {rule.version} in force")
    points = OperatingPoint.objects.filter(approved_at__gt=opened_at).exclude(state="PROPOSED")
    for point in points.order_by("approved_at")[:CHANGES_READ]:
        said = (
            f"{point.get_purpose_display()} version {point.version} in force, threshold {point.threshold:g}"
        )
        yield ChangeRow(point.approved_at, "operating_point", said)
    versions = WatchlistVersion.objects.filter(
        effective_from__gt=opened_at, watchlist__in=screened_lists(kept.screenings.values())
    )
    for version in versions.select_related("watchlist").order_by("effective_from")[:CHANGES_READ]:
        yield ChangeRow(
            version.effective_from, "list", f"{version.watchlist.name} version {version.number} in force"
        )


def screened_lists(screenings: Iterable[Screening]) -> list[UUID]:
    """Return the ids of the lists that were screened against."""
    named = {key for screening in screenings for key in screening.list_versions}
    known = Watchlist.objects.filter(is_test=False).values_list("id", flat=True)
    return [i for i in known if str(i) in named]


def name_point_at(at: datetime) -> OperatingPoint | None:
    """Return the threshold of name screening that was in force at a time."""
    points = OperatingPoint.objects.filter(purpose=OperatingPoint.Purpose.NAME_SCREENING, approved_at__lte=at)
    return points.exclude(state="PROPOSED").order_by("-approved_at", "-version").first()


def point_words(point: OperatingPoint) -> str:
    """Return an operating point in a few words."""
    approved = f", approved {show_time(point.approved_at)}" if point.approved_at else ""
    return f"{words(point.engine)} {point.engine_version}, version {point.version} ({point.target}){approved}"
