"""Check the crossing against the record, and the party that the traveller belongs to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from audit.services import record
from biometrics.core.outcomes import Finding
from biometrics.services.faces import verify
from borders.core.pipeline import Step
from borders.core.record_checks import (
    GUARDIAN_CONSENT,
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
from borders.models import Country, Inspection, InspectionFinding
from borders.models.inspections import Direction
from borders.queries import party_of
from borders.record_queries import Holder, announced_for, history_of, holder_of, known_traveler_ids
from borders.services.advice import renew_advice
from borders.services.findings import NO_COMPARISONS, as_finding, write_findings
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading, Enrolment

FACES_COMPARED = 3
GONE = (Inspection.State.REFUSED, Inspection.State.WITHDRAWN, Inspection.State.RETAKEN)
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
    # each other; whoever travels alone has nobody to wait for
    members = (
        list(party_of(inspection=inspection).select_for_update(no_key=True, of=("self",)))
        if inspection.party_id is not None
        else [inspection]
    )
    party = [as_member(member, given.at) for member in members]
    _refresh_others(given, members, party, country)
    reading = inspection.reading
    # somebody drawn never crossed, whatever stands on the page
    asked = _is_read(reading) and not inspection.training
    holder = holder_of(reading=reading, country_code=country.code, at=given.at) if asked else None
    faces, comparisons = _check_faces(given, holder.traveler_id if holder else None)
    findings = (
        *_check_stay(given, country, holder),
        *check_the_party(inspection, party, country, given),
        *faces,
        *check_past(given, members, party, country, holder),
    )
    return StepResult(findings, comparisons=comparisons)


def _check_stay(given: StepInput, country: Country, holder: Holder | None) -> tuple[Finding, ...]:
    inspection, reading = given.inspection, given.inspection.reading
    identified = _is_read(reading)
    return check_stay(
        entering=inspection.direction == Direction.ENTRY,
        identified=identified,
        own_national=identified and reading.nationality == country.code,
        open_stay=holder.open_stay if holder is not None else None,
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
    holder: Holder | None,
) -> tuple[Finding, ...]:
    """Apply the rules that look at the year behind the traveller: movement, manifest, protection of minors."""
    inspection, reading = given.inspection, given.inspection.reading
    history = booth = announced = None
    if _is_read(reading):
        history = (
            History()
            if inspection.training
            else history_of(
                reading=reading,
                holder=holder,
                inspection=inspection,
                minor_below_years=country.minor_below_years,
                at=given.at,
            )
        )
        announced = announced_for(inspection=inspection, reading=reading, at=given.at)
        booth = _as_announced(reading)
    post = Post(inspection.port.code, inspection.port.latitude, inspection.port.longitude)
    others = [m.reading for m in members if m.id != inspection.id and not m.training and _is_read(m.reading)]
    known = {str(traveler_id) for traveler_id in known_traveler_ids(readings=others)}
    return (
        *check_movement(history=history, post=post, at=given.at, settings=given.settings),
        check_manifest(booth=booth, manifest=announced.passengers if announced is not None else None),
        *check_protection(
            subject=next(m for m in party if m.inspection_id == inspection.id),
            party=party,
            party_travelers=known,
            history=history,
            entering=inspection.direction == Direction.ENTRY,
            observations=inspection.observations,
            booking=announced.sharing if announced is not None else (),
            minor_below_years=country.minor_below_years,
            at=given.at,
            settings=given.settings,
        ),
    )


def _as_announced(reading: DocumentReading) -> Announced:
    return Announced(
        reading.document_number,
        reading.issuing_state,
        reading.primary_identifier,
        reading.secondary_identifier,
        reading.birth_date,
        reading.nationality,
    )


def _check_faces(given: StepInput, traveler_id: UUID | None) -> tuple[tuple[Finding, ...], dict[str, UUID]]:
    """Compare the live face with those that crossed with this document before."""
    inspection = given.inspection
    reading = inspection.reading
    # no estimator of ages is good enough at the borders of childhood to be put before an officer
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
    write_findings(inspection_id=member.id, found=[(Step.CHECK_RECORD, changed, NO_COMPARISONS)], at=given.at)
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
    has_consent = GUARDIAN_CONSENT in inspection.observations
    if not _is_read(reading):
        return PartyMember(inspection.id, "", None, gone)
    if reading.document_number:
        person = f"{reading.issuing_state}/{reading.document_code}/{reading.document_number}"
    else:
        person = f"{reading.primary_identifier}/{reading.secondary_identifier}/{reading.birth_date}"
    born = reading.birth_date or youngest_birth_date(reading.birth_date_raw, at=at)
    return PartyMember(inspection.id, reading.primary_identifier, born, gone, person, has_consent)


def _is_read(reading: DocumentReading | None) -> bool:
    return (
        reading is not None
        and reading.status != DocumentReading.Status.UNREADABLE
        and bool(reading.primary_identifier)
    )
