"""Everything known about one inspection, read for one page: what was seen, found, scored, decided, and who has looked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from audit.admin import Fact, Picture, Table, show, show_time, words
from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from audit.queries.trail import shown_trail
from biometrics.admin import outcome_badge
from biometrics.core.outcomes import Check, Outcome, Severity
from biometrics.models import Comparison
from borders.admin.chip import chip_facts, chip_table
from borders.admin.marks import decision_mark, referral_mark, route_mark, state_mark
from borders.admin.reading import Character, ReadField, read_fields, zone_lines
from borders.core.checks import CHECKS_OF_STEP
from borders.core.explanations import explain
from borders.core.pipeline import shown_ms
from borders.core.printed_zone import values_in_force
from borders.models import Crossing, Decision, Inspection, InspectionFinding, Referral, Stay
from travelers.models import DocumentReading
from watchlists.models import Hit

CHECKS: Mapping[str, Check] = {c.code: c for checks in CHECKS_OF_STEP.values() for c in checks}
EARLIER_SHOWN = 10
TRAIL_SHOWN = 100
# the lowest and the highest score that the meter draws, by engine: cosine, and distance below zero
METER_ENDS = {"sface": (-0.2, 1.0), "dlib": (-1.0, 0.0)}
METER_WIDTH = 400.0


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding as a supervisor reads it."""

    row: InspectionFinding
    statement: str
    clause: str
    mark: str
    reason: str
    details: Sequence[Fact]
    protects: bool
    blocks: bool


@dataclass(frozen=True, slots=True)
class FindingGroup:
    title: str
    note: str
    sign: str
    findings: Sequence[ShownFinding]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A score against its threshold. Positions in the drawing run from 0 to METER_WIDTH."""

    comparison: Comparison
    mark: str
    score: str
    threshold: str
    engine: str
    score_at: float
    threshold_at: float
    match_width: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole page. pictures: page, portrait, live face, those that exist."""

    inspection: Inspection
    facts: Sequence[Fact]
    pictures: Sequence[Picture]
    meter: Meter | None
    zone: Sequence[Sequence[Character]]
    fields: Sequence[ReadField]
    reading: DocumentReading | None
    reason: str
    chip: Table
    chip_facts: Sequence[Fact]
    groups: Sequence[FindingGroup]
    failed_steps: Sequence[str]
    steps: Table
    hits: Table
    decisions: Sequence[tuple[Decision, str, str]]
    referrals: Table
    after: Sequence[Fact]
    party: Table | None
    earlier: Table | None
    trail: Table


def inspections_with_evidence() -> QuerySet[Inspection]:
    """Return inspections with all that the page needs of them in one query."""
    return Inspection.objects.select_related(
        "port",
        "booth",
        "officer",
        "party",
        "page_image",
        "face_image",
        "reading__read_by",
        "reading__corrects",
        "portrait_template",
        "live_template",
        "screening",
        "chip_verification__trust_store",
        "traveler",
        "document",
    )


def gather(*, inspection: Inspection, actor: Actor, link: Any) -> Evidence:
    """Read the evidence of one inspection. link(model, pk): address of another page, "" where the actor may not go."""
    findings = list(
        inspection.findings.filter(superseded_at__isnull=True)
        .select_related("comparison__operating_point")
        .order_by("found_at", "id")
    )
    steps = list(inspection.steps.order_by("round", "finished_at"))
    referrals = list(
        inspection.referrals.select_related("acknowledged_by__officer").order_by("opened_at", "id")
    )
    decisions = list(inspection.decisions.select_related("decided_by__officer").order_by("decided_at"))
    return Evidence(
        inspection=inspection,
        facts=_facts(inspection),
        pictures=pictures_of(inspection),
        meter=meter_of(findings),
        zone=zone_lines(inspection.reading),
        fields=read_fields(
            inspection.reading, values_in_force(sent=inspection.printed, read=inspection.printed_read)
        ),
        reading=inspection.reading,
        reason=words(inspection.reading.reason).lower() if inspection.reading else "",
        chip=chip_table(inspection),
        chip_facts=chip_facts(inspection),
        groups=finding_groups(findings),
        failed_steps=[f"{words(s.step)}: {words(s.code)}" for s in steps if s.state == "FAILED"],
        steps=_step_table(steps),
        hits=_hit_table(inspection, actor, link),
        decisions=[(d, decision_mark(d), badge_of(d.decided_by)) for d in decisions],
        referrals=_referral_table(referrals, link),
        after=_after(inspection, link),
        party=_party_table(inspection, actor, link),
        earlier=_earlier_table(inspection, actor, link),
        trail=_trail_table(inspection, referrals, actor),
    )


def _facts(row: Inspection) -> list[Fact]:
    return [
        Fact("Opened", show_time(row.opened_at)),
        Fact("Answer ready", show_time(row.ready_at)),
        Fact("Port and booth", f"{row.port.name}, {row.booth.code}"),
        Fact("Officer", row.officer.badge_number),
        Fact("Conveyance", show(row.conveyance)),
        Fact("Purpose of travel", show(row.purpose_of_travel)),
        Fact("Address of stay", show(row.address_of_stay)),
        Fact("State", state_mark(row)),
    ]


def pictures_of(row: Inspection) -> list[Picture]:
    """Return the images behind an inspection, those that exist."""

    def address(kind: str) -> str:
        return reverse("admin:borders_inspection_image", args=(row.id, kind))

    pictures = []
    if row.page_image is not None:
        size = f"{row.page_image.width} × {row.page_image.height} px"
        pictures.append(Picture("Document page", address("page"), size))
    if row.portrait_template is not None:
        pictures.append(Picture("Portrait on the page", address("portrait"), "cut from the page"))
    if row.face_image is not None:
        pictures.append(
            Picture("Live face", address("face"), f"{row.face_image.width} × {row.face_image.height} px")
        )
    return pictures


def meter_of(findings: Iterable[InspectionFinding]) -> Meter | None:
    """Return the score of the 1:1 comparison among the evidence of findings."""
    verification = next(
        (
            f.comparison
            for f in findings
            if f.comparison and f.comparison.kind == Comparison.Kind.VERIFICATION
        ),
        None,
    )
    if verification is None or verification.score is None:
        return None
    point = verification.operating_point
    low, high = METER_ENDS.get(point.engine, (min(0.0, verification.score), max(1.0, verification.score)))

    def place(value: float) -> float:
        return round(METER_WIDTH * min(1.0, max(0.0, (value - low) / (high - low))), 1)

    threshold_at = place(verification.threshold)
    return Meter(
        comparison=verification,
        mark=outcome_badge(verification.outcome),
        score=f"{verification.score:.3f}",
        threshold=f"{verification.threshold:.3f}",
        engine=f"{point.engine} {point.engine_version}, operating point version {point.version} ({point.target})",
        score_at=place(verification.score),
        threshold_at=threshold_at,
        match_width=METER_WIDTH - threshold_at,
    )


def _shown(row: InspectionFinding) -> ShownFinding:
    check = CHECKS.get(row.code)
    return ShownFinding(
        row=row,
        statement=check.statement if check else row.code,
        clause=check.clause if check else "",
        mark=outcome_badge(row.outcome),
        reason=(explain(row.code, row.reason) or words(row.reason)) if row.reason else "",
        details=[Fact(words(k), show(v)) for k, v in row.detail.items() if v not in (None, "", [], {})],
        protects=row.route == "PROTECTION",
        blocks=row.severity == Severity.BLOCK,
    )


def finding_groups(findings: Sequence[InspectionFinding]) -> list[FindingGroup]:
    """Return findings by what they do to the advice."""
    against = [f for f in findings if f.outcome in (Outcome.FAIL, Outcome.UNDETERMINED)]
    refer = [f for f in against if f.severity != Severity.INFORM]
    refer.sort(
        key=lambda f: (f.route != "PROTECTION", f.outcome != Outcome.FAIL, f.severity != Severity.BLOCK)
    )
    look = [f for f in against if f.severity == Severity.INFORM]
    passed = [f for f in findings if f.outcome == Outcome.PASS]
    other = [f for f in findings if f.outcome == Outcome.NOT_APPLICABLE]
    groups = [
        FindingGroup(
            "Refer", "Each of these alone makes the advice REFER.", "flag", [_shown(f) for f in refer]
        ),
        FindingGroup(
            "Look at", "Shown to the officer; changes nothing.", "visibility", [_shown(f) for f in look]
        ),
        FindingGroup("Passed", "", "check_circle", [_shown(f) for f in passed]),
        FindingGroup("Not applicable", "", "remove", [_shown(f) for f in other], folded=True),
    ]
    return [g for g in groups if g.findings]


def _step_table(steps: Iterable[Any]) -> Table:
    rounds = {s.round for s in steps}
    return Table(
        ("Step", "Ended as", "Milliseconds"),
        [
            (
                words(s.step) + (f" (round {s.round})" if len(rounds) > 1 else ""),
                "Done" if s.state == "DONE" else f"Not checked: {words(s.code).lower()}",
                f"{shown_ms(s.step, s.elapsed_ms):,.1f}",
            )
            for s in steps
        ],
        empty="No step has ended yet.",
    )


def _hit_table(row: Inspection, actor: Actor, link: Any) -> Table:
    hits = Hit.objects.filter(screening__inspection_id=row.id).select_related("entry__version__watchlist")
    if not actor.has(Role.LIST_OWNER):
        hits = hits.filter(silent=False).exclude(entry__action="SILENT")
    screening = row.screening
    if screening is None:
        empty = "Not screened yet."
    elif screening.status == "NOT_CHECKED":
        empty = f"Not checked: {words(screening.reason).lower()}."
    else:
        empty = f"No hit on the {len(screening.list_versions)} lists in force at {show_time(screening.at)}."
    return Table(
        ("Found", "Kind", "List entry", "Asks to", "State"),
        [
            (
                Fact("", show_time(h.found_at), link(Hit, h.id)),
                h.get_kind_display() + (" (silent)" if h.silent else ""),
                f"{h.entry.version}: {h.entry.source_id}",
                h.entry.get_action_display(),
                h.get_state_display(),
            )
            for h in hits.order_by("found_at", "id")
        ],
        empty=empty,
    )


def _referral_table(referrals: Iterable[Referral], link: Any) -> Table:
    return Table(
        ("To", "State", "Opened", "Due", "Taken by", "Answer"),
        [
            (
                Fact("", route_mark(r.route), link(Referral, r.id)),
                referral_mark(r),
                show_time(r.opened_at),
                show_time(r.due_at),
                badge_of(r.acknowledged_by) if r.acknowledged_by else "nobody",
                show(r.answer),
            )
            for r in referrals
        ],
        empty="Not referred.",
    )


def _after(row: Inspection, link: Any) -> list[Fact]:
    """What the decision led to: crossing, stay, the traveller's page."""
    traveler = Fact(
        "Traveller",
        show(row.traveler and str(row.traveler)),
        link(type(row.traveler), row.traveler_id) if row.traveler else "",
    )
    document = Fact(
        "Document",
        show(row.document and str(row.document)),
        link(type(row.document), row.document_id) if row.document else "",
    )
    if row.crossing_id is None:
        return [traveler, document, Fact("Crossing", "None recorded")]
    crossing = Crossing.objects.filter(id=row.crossing_id).only("id", "occurred_at", "direction").first()
    stay = Stay.objects.filter(Q(entry_id=row.crossing_id) | Q(exit_id=row.crossing_id)).first()
    facts = [traveler, document]
    if crossing is not None:
        facts.append(
            Fact(
                "Crossing",
                f"{crossing.get_direction_display()} {show_time(crossing.occurred_at)}",
                link(Crossing, crossing.id),
            )
        )
    if stay is not None:
        facts.append(Fact("Stay", stay_words(stay), link(Stay, stay.id)))
    return facts


def stay_words(stay: Stay) -> str:
    """Return a stay in a few words."""
    if stay.anomaly:
        return stay.get_anomaly_display()
    begun = f"{stay.entered_at:%Y-%m-%d}" if stay.entered_at else "?"
    if stay.exited_at is not None:
        return f"{begun} to {stay.exited_at:%Y-%m-%d}"
    return f"open since {begun}, " + (
        f"allowed until {stay.allowed_until}" if stay.allowed_until else "no limit"
    )


def members_of(row: Inspection, actor: Actor) -> QuerySet[Inspection]:
    """Return the inspections of the others of a group, at the actor's ports."""
    return Inspection.objects.filter(party_id=row.party_id, port_id__in=actor.port_ids).exclude(id=row.id)


def _party_table(row: Inspection, actor: Actor, link: Any) -> Table | None:
    if row.party_id is None:
        return None
    others = members_of(row, actor).select_related("reading")
    return Table(
        ("Opened", "Who", "Birth date", "State"),
        [
            (
                Fact("", show_time(i.opened_at), link(Inspection, i.id)),
                name_of(i.reading),
                show(i.reading and i.reading.birth_date),
                state_mark(i),
            )
            for i in others.order_by("opened_at")
        ],
        empty="Nobody else of this party has been inspected.",
    )


def _earlier_table(row: Inspection, actor: Actor, link: Any) -> Table | None:
    if row.traveler_id is None:
        return None
    earlier = (
        Inspection.objects.filter(traveler_id=row.traveler_id, port_id__in=actor.port_ids)
        .exclude(id=row.id)
        .select_related("port")
        .order_by("-opened_at")[:EARLIER_SHOWN]
    )
    return Table(
        ("Opened", "Direction", "Port", "State"),
        [
            (
                Fact("", show_time(i.opened_at), link(Inspection, i.id)),
                i.get_direction_display(),
                i.port.name,
                state_mark(i),
            )
            for i in earlier
        ],
        empty="None at your ports.",
    )


def _trail_table(row: Inspection, referrals: Iterable[Referral], actor: Actor) -> Table:
    about = Q(object_type="inspection", object_id=str(row.id))
    if row.crossing_id is not None:
        about |= Q(object_type="crossing", object_id=str(row.crossing_id))
    if row.reading_id is not None:
        about |= Q(object_type="reading", object_id=str(row.reading_id))
    for referral in referrals:
        about |= Q(object_type="referral", object_id=str(referral.id))
    shown = shown_trail(AuditEntry.objects.filter(about), actor=actor)
    entries = shown.order_by("-at", "-id")[:TRAIL_SHOWN]
    return Table(
        ("Time", "Act", "Who", "Purpose", "From"),
        [(show_time(e.at), e.action, e.actor_label, words(e.purpose), show(e.origin)) for e in entries],
    )


def badge_of(user: Any) -> str:
    """Return the badge number of an account, its name where it has no service profile."""
    officer = getattr(user, "officer", None)
    return officer.badge_number if officer else user.get_username()


def name_of(reading: DocumentReading | None) -> str:
    if reading is None:
        return "not read"
    return f"{reading.primary_identifier}, {reading.secondary_identifier}".strip(", ") or "not read"
