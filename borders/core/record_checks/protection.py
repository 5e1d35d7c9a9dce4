"""What the record says about children: the same adult with other children each time, children who stayed behind.

These are questions for a protection officer. They prove nothing, refuse nobody, and never look at nationality. Source
of the indicators: UNODC, indicators of trafficking in children.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from biometrics.core.outcomes import (
    AS_DELIVERED,
    Check,
    Finding,
    Outcome,
    Parameter,
    Route,
    Settings,
    Severity,
    value_of,
)
from borders.core.record_checks.history import Companion, History
from borders.core.record_checks.party import GUARDIAN_CONSENT, PartyMember, age_at, share_surname

INDICATORS = "UNODC, human trafficking indicators (children)"
PROTECT_CHANGING_MINORS = Check(
    "PROTECT.CHANGING_MINORS",
    "The adult has not crossed with other unrelated minors each time.",
    Severity.REVIEW,
    INDICATORS,
    Route.PROTECTION,
    parameters=(
        Parameter("journeys", 2, "Journeys with unrelated minors, this one with them.", least=2, most=20),
        Parameter("minors", 3, "Different unrelated minors on them.", least=2, most=50),
        Parameter("days", 365, "Days looked back.", unit="days", least=7, most=365),
    ),
)
PROTECT_MINOR_LEFT = Check(
    "PROTECT.MINOR_LEFT",
    "No minor who entered with this adult stays behind when the adult leaves.",
    Severity.REVIEW,
    INDICATORS,
    Route.PROTECTION,
    parameters=(Parameter("days", 180, "Days looked back.", unit="days", least=1, most=365),),
)
PROTECT_DOCUMENTS_HELD = Check(
    "PROTECT.DOCUMENTS_HELD",
    "Everybody of the party holds their own document.",
    Severity.REVIEW,
    INDICATORS + "; seen by the officer",
    Route.PROTECTION,
)
PROTECT_SHARED_BOOKING = Check(
    "PROTECT.SHARED_BOOKING",
    "No minor shares a booking or contact with strangers alone.",
    Severity.INFORM,
    INDICATORS + "; advance passenger manifest",
    Route.PROTECTION,
)
PROTECTION_CHECKS: tuple[Check, ...] = (
    PROTECT_CHANGING_MINORS,
    PROTECT_MINOR_LEFT,
    PROTECT_DOCUMENTS_HELD,
    PROTECT_SHARED_BOOKING,
)

# what an officer may say of a party (InspectionRequest.observations)
DOCUMENTS_HELD_BY_OTHER = "documents_held_by_other"
OBSERVATIONS: tuple[str, ...] = (DOCUMENTS_HELD_BY_OTHER, GUARDIAN_CONSENT)


def is_minor(birth_date: date | None, *, minor_below_years: int, at: datetime) -> bool:
    """Tell whether somebody is known to be under age at a time."""
    return birth_date is not None and age_at(birth_date=birth_date, at=at) < minor_below_years


def check_protection(
    *,
    subject: PartyMember,
    party: Sequence[PartyMember],
    party_travelers: Collection[str],
    history: History | None,
    entering: bool,
    observations: Collection[str],
    booking: Sequence[PartyMember],
    minor_below_years: int,
    at: datetime,
    settings: Settings = AS_DELIVERED,
) -> tuple[Finding, ...]:
    """Return the findings of PROTECTION_CHECKS, in their order.

    subject: the traveller asked about. party: all members now, the subject with them. party_travelers: ids of those
    who are known travellers. history: of the subject, None where nothing was read. observations: of OBSERVATIONS.
    booking: others on the same booking or contact, by the manifest. at: aware UTC.
    """
    if not subject.primary_identifier or history is None:
        unknown = "identity_unknown"
        past = (
            Finding(PROTECT_CHANGING_MINORS, Outcome.UNDETERMINED, unknown),
            Finding(PROTECT_MINOR_LEFT, Outcome.UNDETERMINED, unknown),
        )
    elif is_minor(subject.birth_date, minor_below_years=minor_below_years, at=at):
        past = (
            Finding(PROTECT_CHANGING_MINORS, Outcome.NOT_APPLICABLE, "minor"),
            Finding(PROTECT_MINOR_LEFT, Outcome.NOT_APPLICABLE, "minor"),
        )
    else:
        past = (
            _check_changing(subject, party, history, minor_below_years, at, settings),
            _check_left(subject, party_travelers, history, entering, minor_below_years, at, settings),
        )
    return (*past, _check_held(party, observations), _check_booking(subject, booking, minor_below_years, at))


def _check_changing(
    subject: PartyMember,
    party: Sequence[PartyMember],
    history: History,
    minor_below_years: int,
    at: datetime,
    settings: Settings,
) -> Finding:
    since = at - timedelta(days=int(value_of(PROTECT_CHANGING_MINORS, "days", settings)))
    earlier = [
        c
        for c in history.companions
        if since <= c.crossed_at <= at
        and c.entering
        and _is_unrelated_minor(c, subject, minor_below_years, at)
    ]
    now = {
        m.person or str(m.inspection_id)
        for m in party
        if m is not subject
        and is_minor(m.birth_date, minor_below_years=minor_below_years, at=at)
        and not share_surname(m.primary_identifier, subject.primary_identifier)
    }
    if not now and not earlier:
        return Finding(PROTECT_CHANGING_MINORS, Outcome.PASS)
    journeys = len({c.party for c in earlier}) + bool(now)
    minors = len({c.traveler for c in earlier} | now)
    detail = {"journeys": journeys, "minors": minors}
    enough = journeys >= int(value_of(PROTECT_CHANGING_MINORS, "journeys", settings))
    if now and enough and minors >= int(value_of(PROTECT_CHANGING_MINORS, "minors", settings)):
        return Finding(PROTECT_CHANGING_MINORS, Outcome.FAIL, "other_minors_each_time", detail)
    return Finding(PROTECT_CHANGING_MINORS, Outcome.PASS, "", detail)


def _is_unrelated_minor(
    companion: Companion, subject: PartyMember, minor_below_years: int, at: datetime
) -> bool:
    return is_minor(companion.birth_date, minor_below_years=minor_below_years, at=at) and not share_surname(
        companion.primary_identifier, subject.primary_identifier
    )


def _check_left(
    subject: PartyMember,
    party_travelers: Collection[str],
    history: History,
    entering: bool,
    minor_below_years: int,
    at: datetime,
    settings: Settings,
) -> Finding:
    """Look for minors who entered with the adult and neither left nor leave now. A relative's child may stay with others."""
    if entering:
        return Finding(PROTECT_MINOR_LEFT, Outcome.NOT_APPLICABLE, "entry")
    since = at - timedelta(days=int(value_of(PROTECT_MINOR_LEFT, "days", settings)))
    behind = {
        c.traveler
        for c in history.companions
        if c.entering
        and since <= c.crossed_at <= at
        and _is_unrelated_minor(c, subject, minor_below_years, at)
        and (c.left_at is None or c.left_at < c.crossed_at)
        and c.traveler not in party_travelers
    }
    if behind:
        return Finding(
            PROTECT_MINOR_LEFT, Outcome.FAIL, "unrelated_minor_stays", {"travelers": sorted(behind)}
        )
    return Finding(PROTECT_MINOR_LEFT, Outcome.PASS)


def _check_held(party: Sequence[PartyMember], observations: Collection[str]) -> Finding:
    if DOCUMENTS_HELD_BY_OTHER in observations:
        return Finding(PROTECT_DOCUMENTS_HELD, Outcome.FAIL, "one_person_holds_documents")
    if len(party) < 2:
        return Finding(PROTECT_DOCUMENTS_HELD, Outcome.NOT_APPLICABLE, "alone")
    return Finding(PROTECT_DOCUMENTS_HELD, Outcome.NOT_APPLICABLE, "not_observed")


def _check_booking(
    subject: PartyMember, booking: Sequence[PartyMember], minor_below_years: int, at: datetime
) -> Finding:
    if not booking:
        return Finding(PROTECT_SHARED_BOOKING, Outcome.NOT_APPLICABLE, "no_shared_booking")
    people = [subject, *booking]
    minors = [m for m in people if is_minor(m.birth_date, minor_below_years=minor_below_years, at=at)]
    alone = [
        m
        for m in minors
        if not any(share_surname(m.primary_identifier, o.primary_identifier) for o in people if o is not m)
    ]
    if alone:
        return Finding(PROTECT_SHARED_BOOKING, Outcome.FAIL, "minor_with_strangers", {"people": len(people)})
    return Finding(PROTECT_SHARED_BOOKING, Outcome.PASS, "", {"people": len(people)})
