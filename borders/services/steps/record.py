"""Check the crossing against the record, and the party that the traveller belongs to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from audit.services import record
from biometrics.core.outcomes import Finding
from biometrics.services.faces import verify
from borders.core.pipeline import Step
from borders.core.record_checks import (
    PARTY_CHECKS,
    Announced,
    History,
    PartyMember,
    Post,
    check_manifest,
    check_movement,
    check_party,
    check_protection,
    check_stay,
    judge_age,
    judge_document_face,
    youngest_birth_date,
)
from borders.core.rules import govern
from borders.core.stays import OpenStay
from borders.models import Country, Inspection, InspectionFinding, ManifestPassenger
from borders.models.inspections import Direction
from borders.queries import announced_for, history_of, known_traveler_id, open_stay_of, party_of
from borders.services.advice import renew_advice
from borders.services.findings import as_finding, write_findings
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading, Enrolment

FACES_COMPARED = 3
GONE = (Inspection.State.REFUSED, Inspection.State.WITHDRAWN)
# final states keep the findings on which they were decided
UNDECIDED = (
    Inspection.State.RECEIVED,
    Inspection.State.PROCESSING,
    Inspection.State.READY,
    Inspection.State.REFERRED,
)
ADVISED = (Inspection.State.READY, Inspection.State.REFERRED)


def check_the_record(given: StepInput) -> StepResult:
    """Apply the rules on stays, movement, manifest and party, and apply the party rules again to the members who came
    before.
    """
    inspection = given.inspection
    country = inspection.port.country
    # locked in the order of their ids, as every worker does, so that two members of a party never wait for
    # each other
    members = list(party_of(inspection=inspection).select_for_update(no_key=True, of=("self",)))
    party = [as_member(member, given.at) for member in members]
    _refresh_others(given, members, party, country)
    traveler_id = _traveler_of(inspection)
    faces, comparisons = _check_faces(given, traveler_id)
    findings = (
        *_check_stay(given, country, traveler_id),
        *check_the_party(inspection, party, country, given),
        *faces,
        *check_past(given, members, party, country, traveler_id),
    )
    return StepResult(findings, comparisons=comparisons)


def _check_stay(given: StepInput, country: Country, traveler_id: UUID | None) -> tuple[Finding, ...]:
    inspection, reading = given.inspection, given.inspection.reading
    identified = _is_read(reading)
    stay = open_stay_of(traveler_id=traveler_id, country_code=country.code) if traveler_id else None
    return check_stay(
        entering=inspection.direction == Direction.ENTRY,
        identified=identified,
        own_national=identified and reading.nationality == country.code,
        open_stay=OpenStay(stay.entered_at, stay.allowed_until) if stay is not None else None,
        at=given.at,
    )


def check_the_party(
    inspection: Inspection, party: Sequence[PartyMember], country: Country, given: StepInput
) -> tuple[Finding, ...]:
    """Apply the rules on minors in the party."""
    return check_party(
        subject_id=inspection.id,
        members=party,
        minor_below_years=country.minor_below_years,
        at=given.at,
        settings=given.settings,
    )


def check_past(
    given: StepInput,
    members: Sequence[Inspection],
    party: Sequence[PartyMember],
    country: Country,
    traveler_id: UUID | None,
) -> tuple[Finding, ...]:
    """Apply the rules that look at the year behind the traveller: movement, manifest, protection of minors."""
    inspection, reading = given.inspection, given.inspection.reading
    history = booth = announced = None
    sharing: list[ManifestPassenger] = []
    if _is_read(reading):
        history = (
            History()
            if inspection.training
            else history_of(reading=reading, traveler_id=traveler_id, inspection=inspection, at=given.at)
        )
        announced, sharing = announced_for(inspection=inspection, reading=reading, at=given.at)
        booth = _announced(reading)
    post = Post(inspection.port.code, inspection.port.latitude, inspection.port.longitude)
    known = {str(t) for m in members if (t := _traveler_of(m))}
    return (
        *check_movement(history=history, post=post, at=given.at, settings=given.settings),
        check_manifest(
            booth=booth, manifest=[_announced(p) for p in announced] if announced is not None else None
        ),
        *check_protection(
            subject=next(m for m in party if m.inspection_id == inspection.id),
            party=party,
            party_travelers=known,
            history=history,
            entering=inspection.direction == Direction.ENTRY,
            observations=inspection.observations,
            booking=[PartyMember(p.id, p.primary_identifier, p.birth_date) for p in sharing],
            minor_below_years=country.minor_below_years,
            at=given.at,
            settings=given.settings,
        ),
    )


def _announced(row: DocumentReading | ManifestPassenger) -> Announced:
    return Announced(
        row.document_number,
        row.issuing_state,
        row.primary_identifier,
        row.secondary_identifier,
        row.birth_date,
        row.nationality,
    )


def _check_faces(given: StepInput, traveler_id: UUID | None) -> tuple[tuple[Finding, ...], dict[str, UUID]]:
    """Compare the live face with those that crossed with this document before."""
    inspection = given.inspection
    reading = inspection.reading
    # nobody estimates ages here yet; the rule waits for a figure from the booth
    age = judge_age(apparent_years=None, birth_date=reading.birth_date if reading else None, at=given.at)
    if traveler_id is None:
        return (judge_document_face(scores=(), threshold=0.0), age), {}
    earlier = [
        e.template
        for e in Enrolment.objects.filter(traveler_id=traveler_id)
        .select_related("template")
        .order_by("-enrolled_at", "-id")[:FACES_COMPARED]
    ]
    if not earlier:
        return (judge_document_face(scores=(), threshold=0.0), age), {}
    if inspection.live_template is None:
        return (judge_document_face(scores=(), threshold=None, reason="no_live_face"), age), {}
    live = inspection.live_template
    same_engine = [t for t in earlier if (t.engine, t.engine_version) == (live.engine, live.engine_version)]
    if not same_engine:
        return (judge_document_face(scores=(), threshold=None, reason="other_engine"), age), {}
    made = [verify(probe=live, reference=template, at=given.at) for template in same_engine]
    scored = [c for c in made if c.score is not None]
    best = max(scored, key=lambda c: c.score) if scored else None
    if best is None:
        return (judge_document_face(scores=(), threshold=None, reason="not_comparable"), age), {}
    finding = judge_document_face(scores=[c.score for c in scored], threshold=best.threshold)
    return (finding, age), {finding.code: best.id}


def _refresh_others(
    given: StepInput, members: Sequence[Inspection], party: Sequence[PartyMember], country: Country
) -> None:
    others = {m.id: m for m in members if m.id != given.inspection.id and m.state in UNDECIDED}
    if not others:
        return
    codes = [check.code for check in PARTY_CHECKS]
    rows = InspectionFinding.objects.filter(
        inspection_id__in=others, code__in=codes, superseded_at__isnull=True
    )
    in_force = {(row.inspection_id, row.code): as_finding(row) for row in rows}
    for member in others.values():
        if not any((member.id, code) in in_force for code in codes):
            continue  # not that far yet: it will see this party itself
        found = govern(check_the_party(member, party, country, given), given.context.rules)
        changed = [f for f in found if not _is_same(f, in_force.get((member.id, f.code)))]
        if changed:
            _refresh(given, member, changed)


def _refresh(given: StepInput, member: Inspection, changed: Sequence[Finding]) -> None:
    write_findings(inspection_id=member.id, step=Step.CHECK_RECORD, findings=changed, at=given.at)
    if member.state in ADVISED:
        renew_advice(inspection=member)
    record(
        actor=PIPELINE,
        at=given.at,
        action="inspection.rechecked",
        object_type="inspection",
        object_id=member.id,
        detail={"because_of": str(given.inspection.id), "checks": [f.code for f in changed]},
    )


def _is_same(new: Finding, old: Finding | None) -> bool:
    return old is not None and (new.outcome, new.reason, dict(new.detail)) == (
        old.outcome,
        old.reason,
        dict(old.detail),
    )


def as_member(inspection: Inspection, at: datetime) -> PartyMember:
    """Return one inspection as the rules on parties see it."""
    reading = inspection.reading
    gone = inspection.state in GONE
    if not _is_read(reading):
        return PartyMember(inspection.id, "", None, gone)
    if reading.document_number:
        person = f"{reading.issuing_state}/{reading.document_code}/{reading.document_number}"
    else:
        person = f"{reading.primary_identifier}/{reading.secondary_identifier}/{reading.birth_date}"
    born = reading.birth_date or youngest_birth_date(reading.birth_date_raw, at=at)
    return PartyMember(inspection.id, reading.primary_identifier, born, gone, person)


def _traveler_of(inspection: Inspection) -> UUID | None:
    """Return who crossed with this document before; somebody drawn never did, whatever stands on the page."""
    if inspection.training or not _is_read(inspection.reading):
        return None
    return known_traveler_id(reading=inspection.reading)


def _is_read(reading: DocumentReading | None) -> bool:
    return (
        reading is not None
        and reading.status != DocumentReading.Status.UNREADABLE
        and bool(reading.primary_identifier)
    )
