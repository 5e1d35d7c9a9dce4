"""What the officer saw: one inspection as it stood at a moment, and apart from it what has changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from audit.admin import Fact, Picture, Table, show, show_time, words
from audit.core.actor import Actor
from biometrics.admin import outcome_badge
from borders.admin.base import FIELDS_OF_EVIDENCE, EvidenceAdmin, may_replay
from borders.admin.evidence import (
    FindingGroup,
    Meter,
    badge_of,
    finding_groups,
    inspections_with_evidence,
    meter_of,
    name_of,
    pictures_of,
)
from borders.admin.marks import advice_mark, decision_mark
from borders.admin.reading import FIELDS, Character, ReadField, read_fields, zone_lines
from borders.admin.replay_rows import Kept, name_point_at, point_words, read_rows
from borders.core.pipeline import shown_ms
from borders.core.printed_zone import values_in_force
from borders.core.replay import NOT_CHECKED, Replay, replay
from borders.core.rules import in_words
from borders.models import CheckRule, Decision, Inspection
from borders.queries import as_rule
from travelers.models import DocumentReading
from watchlists.models import Watchlist

LOOKS_SHOWN = 100
LATER_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment to replay. current: the one that is shown."""

    title: str
    at: datetime
    link: str
    current: bool


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """The whole page. reading, reason, zone, fields: as the template of the evidence names them."""

    inspection: Inspection
    seen: Replay
    moments: Sequence[Moment]
    advice: str
    agreement: str
    disagrees: bool
    pictures: Sequence[Picture]
    meter: Meter | None
    groups: Sequence[FindingGroup]
    reading: DocumentReading | None
    reason: str
    zone: Sequence[Sequence[Character]]
    fields: Sequence[ReadField]
    facts: Sequence[Fact]
    not_checked: Sequence[str]
    steps: Table
    thresholds: Table
    lists: Table
    hits: Table
    rules: Table
    corrections: Table
    decisions: Sequence[tuple[Decision, str, str]]
    looks: Table
    later: Table


class ReplayAdmin(EvidenceAdmin):
    """Inspections that can be looked at as they once stood."""

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "<uuid:inspection_id>/replay/", self.guard(self.replay_view), name="borders_inspection_replay"
        )
        return [page, *super().get_urls()]

    @transaction.atomic
    def replay_view(self, request: HttpRequest, inspection_id: UUID) -> HttpResponse:
        """Show one inspection as of ?at=, by default its latest decision, else now; with the audit row of the look."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        row: Any = self.get_row(request, str(inspection_id))
        if not may_replay(request.actor, row.port_id):
            raise PermissionDenied
        inspection = inspections_with_evidence().get(id=inspection_id)
        now = timezone.now()
        latest = inspection.decisions.order_by("-decided_at").values_list("decided_at", flat=True).first()
        at = min(parse_moment(request.GET.get("at", "")) or latest or now, now)
        self.record_look(
            request,
            [inspection.id],
            object_type="inspection",
            action="replayed",
            detail={"as_of": at.isoformat()},
            fields=FIELDS_OF_EVIDENCE,
        )
        request.current_app = self.admin_site.name
        response = TemplateResponse(
            request,
            "admin/borders/replay.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "media": self.media,
                "title": f"As it stood {show_time(at)}",
                "evidence": read_replay(inspection=inspection, at=at, actor=request.actor),
                "evidence_url": self.link_to(request, Inspection, inspection.id),
            },
        )
        response["Cache-Control"] = "private, no-store"
        return response.render()


def replay_url(inspection_id: UUID, at: datetime | None = None) -> str:
    """Return the address of a replay; at None: of the latest decision."""
    address = reverse("admin:borders_inspection_replay", args=(inspection_id,))
    return f"{address}?{urlencode({'at': at.isoformat()})}" if at else address


def parse_moment(text: str) -> datetime | None:
    """Return the time in an address, UTC where it names no zone; None for none. Raises BadRequest."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest("The moment is a date and a time, such as 2026-11-20T14:02:00.") from None


def read_replay(*, inspection: Inspection, at: datetime, actor: Actor) -> ReplayPage:
    """Rebuild the page of one inspection at a moment, as an actor may be shown it."""
    rows, kept = read_rows(inspection, actor)
    seen = replay(rows, at=at)
    findings = [kept.findings[f.id] for f in seen.findings]
    reading = kept.readings.get(seen.reading_id) if seen.reading_id else None
    own = [d for d in kept.decisions.values() if d.decided_at == at]
    recorded = own[0].advice if own else ""
    rebuilt = seen.advice.advice.value if seen.advice else ""
    return ReplayPage(
        inspection=inspection,
        seen=seen,
        moments=_moments(inspection, kept, rows.steps, at),
        advice=advice_mark(rebuilt),
        agreement=_agreement(recorded, rebuilt),
        disagrees=bool(recorded) and recorded != rebuilt,
        pictures=pictures_of(inspection),
        meter=meter_of(findings),
        groups=finding_groups(findings),
        reading=reading,
        reason=words(reading.reason).lower() if reading else "",
        zone=zone_lines(reading),
        fields=read_fields(reading, values_in_force(sent=inspection.printed, read=inspection.printed_read)),
        facts=_facts(inspection, reading),
        not_checked=[f"{words(s.step)}: {words(s.code).lower()}" for s in seen.not_checked],
        steps=_steps_table(seen),
        thresholds=_thresholds_table(seen, kept, at),
        lists=_lists_table(seen, kept),
        hits=_hits_table(seen, kept),
        rules=_rules_table(findings),
        corrections=_corrections_table(seen, kept),
        decisions=[
            (d, decision_mark(d), badge_of(d.decided_by))
            for d in (kept.decisions[r.id] for r in seen.decisions)
        ],
        looks=_looks_table(seen, kept),
        later=_later_table(seen, kept),
    )


def _agreement(recorded: str, rebuilt: str) -> str:
    if not recorded:
        return "Rebuilt from the findings and steps of this moment."
    if recorded == rebuilt:
        return "Rebuilt from the findings and steps of this moment; it is the advice that was recorded with the decision."
    return f"Rebuilt from the findings and steps of this moment. The decision was recorded on the advice {recorded.lower()}."


def _moments(inspection: Inspection, kept: Kept, steps: Sequence[Any], at: datetime) -> list[Moment]:
    named = [("Opened", inspection.opened_at)]
    named += [("Advice ready", s.finished_at) for s in steps if s.step == "RECOMMEND"]
    named += [("Corrected", r.read_at) for r in kept.readings.values() if r.corrects_id]
    named += [
        (f"{d.get_line_display()}: {d.get_outcome_display().lower()}", d.decided_at)
        for d in kept.decisions.values()
    ]
    return [
        Moment(f"{title} {when:%H:%M:%S}", when, replay_url(inspection.id, when), when == at)
        for title, when in sorted(named, key=lambda pair: pair[1])
    ]


def _facts(inspection: Inspection, reading: DocumentReading | None) -> list[Fact]:
    return [
        Fact("Traveller, as read then", name_of(reading)),
        Fact("Opened", show_time(inspection.opened_at)),
        Fact("Port and booth", f"{inspection.port.name}, {inspection.booth.code}"),
        Fact("Officer", inspection.officer.badge_number),
        Fact("Conveyance", show(inspection.conveyance)),
    ]


def _steps_table(seen: Replay) -> Table:
    return Table(
        ("Step", f"Round {seen.round}", "Milliseconds"),
        [
            (
                words(s.step),
                "Done"
                if s.done
                else ("Not checked" if s.code == NOT_CHECKED else f"Not checked: {words(s.code).lower()}"),
                f"{shown_ms(s.step, s.elapsed_ms):,.1f}" if s.elapsed_ms is not None else show(None),
            )
            for s in seen.steps
        ],
    )


def _thresholds_table(seen: Replay, kept: Kept, at: datetime) -> Table:
    rows = []
    for dated in seen.comparisons:
        row = kept.comparisons[dated.id]
        point = row.operating_point
        rows.append(
            (
                point.get_purpose_display(),
                f"{row.score:.3f}" if row.score is not None else "nobody to compare with",
                f"{row.threshold:.3f}",
                outcome_badge(row.outcome),
                point_words(point),
            )
        )
    name_point = name_point_at(at)
    if name_point is not None:
        shown = (show(None), f"{name_point.threshold:g} bits", show(None), point_words(name_point))
        rows.append((name_point.get_purpose_display(), *shown))
    return Table(
        ("Compared for", "Score", "Threshold", "Came out as", "Operating point"),
        rows,
        empty="No face had been compared, and no threshold of name screening was in force.",
    )


def _lists_table(seen: Replay, kept: Kept) -> Table:
    screening = kept.screenings.get(seen.screening_id) if seen.screening_id else None
    if screening is None:
        return Table((), (), empty="Not screened yet: not checked against any list.")
    if screening.status == "NOT_CHECKED":
        return Table((), (), empty=f"Not checked: {words(screening.reason).lower()}.")
    names = {str(w.id): w.name for w in Watchlist.objects.filter(is_test=False)}
    return Table(
        ("List", "Version", "Screened"),
        sorted(
            (names.get(key, f"list {key[:8]}"), str(number), show_time(screening.at))
            for key, number in screening.list_versions.items()
        ),
        empty="No list was in force.",
    )


def _hits_table(seen: Replay, kept: Kept) -> Table:
    answers = {}
    for dated in seen.answers:
        answers[kept.answers[dated.id].hit_id] = kept.answers[dated.id].get_answer_display()
    rows = []
    for dated in seen.hits:
        hit = kept.hits[dated.id]
        rows.append(
            (
                hit.get_kind_display(),
                f"{hit.entry.version.watchlist.name}: {hit.entry.source_id}",
                f"{hit.score:.3g}" if hit.score is not None else "same number",
                f"{hit.threshold:.3g}" if hit.threshold is not None else show(None),
                show(hit.list_version),
                answers.get(hit.id, "not answered yet"),
            )
        )
    headers = ("Found by", "List entry", "Score", "Threshold", "List version", "Answer then")
    return Table(headers, rows, empty="No hit.")


def _rules_table(findings: Sequence[Any]) -> Table:
    governed = {f.code: f.rule_version for f in findings if f.rule_version}
    rules = CheckRule.objects.filter(code__in=governed).select_related("proposed_by", "decided_by")
    rows = [
        (r.code, str(r.version), " ".join(in_words(as_rule(r))), show_time(r.decided_at))
        for r in rules.order_by("code")
        if r.version == governed[r.code]
    ]
    others = len({f.code for f in findings} - set(governed))
    if others:
        rows.append((f"{others} other checks", "0", "As delivered with the program.", show(None)))
    return Table(
        ("Check", "Version", "What it said", "In force since"), rows, empty="No check had been made."
    )


def _corrections_table(seen: Replay, kept: Kept) -> Table:
    rows = []
    for correction in seen.corrections:
        row = kept.readings[correction.id]
        before = kept.readings.get(correction.corrects) if correction.corrects else None
        changed = [
            f"{label}: {show(getattr(before, name) if before else None)} → {show(getattr(row, name))}"
            for name, label, _ in FIELDS
            if before is None or getattr(before, name) != getattr(row, name)
        ]
        who = badge_of(row.read_by) if row.read_by else "the system"
        rows.append((show_time(row.read_at), who, "; ".join(changed) or "nothing"))
    return Table(("Time", "Who", "What"), rows, empty="Nothing had been corrected.")


def _looks_table(seen: Replay, kept: Kept) -> Table:
    entries = [kept.looks[r.id] for r in seen.looks][-LOOKS_SHOWN:]
    return Table(
        ("Time", "Act", "Who", "Purpose", "From"),
        [(show_time(e.at), e.action, e.actor_label, words(e.purpose), show(e.origin)) for e in entries],
        empty="Nobody had looked at it yet.",
    )


def _later_table(seen: Replay, kept: Kept) -> Table:
    rows = [(show_time(c.at), words(c.kind), c.text) for c in seen.later[:LATER_SHOWN]]
    if len(seen.later) > LATER_SHOWN:
        rows.append((show(None), "And", f"{len(seen.later) - LATER_SHOWN} more"))
    looked = len(kept.looks) - len(seen.looks)
    if looked:
        rows.append((show(None), "Looks", f"{looked} since then; they stand in the audit trail"))
    return Table(("Time", "What", "How"), rows, empty="Nothing has changed since.")
