"""Check the crossing against the record, and the party that the traveller belongs to."""

from collections.abc import Sequence
from datetime import datetime

from audit.services import record
from biometrics.core.outcomes import Finding
from borders.core.pipeline import Step
from borders.core.record_checks import PARTY_CHECKS, PartyMember, check_party, check_stay
from borders.core.stays import OpenStay
from borders.models import Country, Inspection, InspectionFinding
from borders.models.inspections import Direction
from borders.queries import known_traveler_id, open_stay_of, party_of
from borders.services.advice import renew_advice
from borders.services.findings import as_finding, write_findings
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading

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
    """Apply the rules on stays and on the party, and apply the party rules again to the members who came
    before.
    """
    inspection = given.inspection
    country = inspection.port.country
    # locked in the order of their ids, as every worker does, so that two members of a party never wait for
    # each other
    members = list(party_of(inspection=inspection).select_for_update(no_key=True, of=("self",)))
    party = [_as_member(member) for member in members]
    _refresh_others(given, members, party, country)
    return StepResult((*_check_stay(given, country), *_check_party(inspection, party, country, given.at)))


def _check_stay(given: StepInput, country: Country) -> tuple[Finding, ...]:
    inspection, reading = given.inspection, given.inspection.reading
    identified = _is_read(reading)
    traveler_id = known_traveler_id(reading=reading) if identified else None
    stay = open_stay_of(traveler_id=traveler_id, country_code=country.code) if traveler_id else None
    return check_stay(
        entering=inspection.direction == Direction.ENTRY,
        identified=identified,
        own_national=identified and reading.nationality == country.code,
        open_stay=OpenStay(stay.entered_at, stay.allowed_until) if stay is not None else None,
        at=given.at,
    )


def _check_party(
    inspection: Inspection, party: Sequence[PartyMember], country: Country, at: datetime
) -> tuple[Finding, ...]:
    return check_party(
        subject_id=inspection.id, members=party, minor_below_years=country.minor_below_years, at=at
    )


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
        found = _check_party(member, party, country, given.at)
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


def _as_member(inspection: Inspection) -> PartyMember:
    reading = inspection.reading
    gone = inspection.state in GONE
    if not _is_read(reading):
        return PartyMember(inspection.id, "", None, gone)
    if reading.document_number:
        person = f"{reading.issuing_state}/{reading.document_code}/{reading.document_number}"
    else:
        person = f"{reading.primary_identifier}/{reading.secondary_identifier}/{reading.birth_date}"
    return PartyMember(inspection.id, reading.primary_identifier, reading.birth_date, gone, person)


def _is_read(reading: DocumentReading | None) -> bool:
    return (
        reading is not None
        and reading.status != DocumentReading.Status.UNREADABLE
        and bool(reading.primary_identifier)
    )
