"""What the record says about a crossing, and what a party of travellers says about its minors.

No rule here looks at nationality; own nationals differ only in that no length of stay is set for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from biometrics.core.outcomes import Check, Finding, Outcome, Route, Severity
from borders.core.stays import OpenStay, days_over

STAY_DIRECTION = Check(
    "STAY.DIRECTION",
    "The crossing fits the record: an entry without an open stay, an exit out of one.",
    Severity.REVIEW,
)
STAY_OVERSTAY = Check("STAY.OVERSTAY", "The traveller leaves within the stay allowed.", Severity.REVIEW)
PARTY_MINOR_ACCOMPANIED = Check(
    "PARTY.MINOR_ACCOMPANIED",
    "A minor travels with an adult who shares a surname.",
    Severity.REVIEW,
    "Convention on the Rights of the Child, articles 11 and 35",
    Route.PROTECTION,
)
PARTY_UNRELATED_MINORS = Check(
    "PARTY.UNRELATED_MINORS",
    "No single adult brings two or more minors of other surnames.",
    Severity.BLOCK,
    "Protocol to Prevent, Suppress and Punish Trafficking in Persons, article 11",
    Route.PROTECTION,
)
STAY_CHECKS: tuple[Check, ...] = (STAY_DIRECTION, STAY_OVERSTAY)
PARTY_CHECKS: tuple[Check, ...] = (PARTY_MINOR_ACCOMPANIED, PARTY_UNRELATED_MINORS)
RECORD_CHECKS: tuple[Check, ...] = STAY_CHECKS + PARTY_CHECKS

UNRELATED_MINORS_FROM = 2

# words of surnames that unrelated people share
PARTICLE_WORDS = """
    ABU AL BEN BIN BINT DA DAS DE DEL DELLA DEN DER DES DI DOS DU EL IBN LA LAS LE LOS MAC MC
    SAN TEN TER VAN VON ZU
"""
PARTICLES = frozenset(PARTICLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class PartyMember:
    """One member of a party, as far as the inspection has come.

    primary_identifier: as in the MRZ, "" while nothing is read. birth_date None: not known. gone: refused or
    withdrawn, so that they accompany nobody any more. person: tells that two inspections are of one person;
    by default every inspection is its own.
    """

    inspection_id: UUID
    primary_identifier: str
    birth_date: date | None
    gone: bool = False
    person: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether name and age are known."""
        return bool(self.primary_identifier) and self.birth_date is not None


def age_at(*, birth_date: date, at: datetime) -> int:
    """Return the age in completed years on the day of `at`.

    Born on 29 February: a year older on 1 March of common years.
    """
    today = at.date()
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def surname_words(primary_identifier: str) -> frozenset[str]:
    """Return the words of a surname that tell a family.

    Particles are left out, and words under three letters where longer ones are there: "DE LA CRUZ" gives
    CRUZ, "LI" gives LI.
    """
    words = frozenset(primary_identifier.upper().replace("-", " ").replace("<", " ").split())
    telling = frozenset(w for w in words - PARTICLES if len(w) > 2)
    return telling or (words - PARTICLES) or words


def share_surname(a: str, b: str) -> bool:
    """Tell whether two primary identifiers have a telling word in common."""
    return not surname_words(a).isdisjoint(surname_words(b))


def check_stay(
    *, entering: bool, identified: bool, own_national: bool, open_stay: OpenStay | None, at: datetime
) -> tuple[Finding, Finding]:
    """Return the findings STAY.DIRECTION and STAY.OVERSTAY.

    entering: direction is ENTRY. identified: a name was read or declared; without one the record cannot be
    asked. open_stay: of the traveller in this country, None when there is none or the traveller has never
    crossed. at: aware UTC.
    """
    if not identified:
        unknown = "identity_unknown"
        return (
            Finding(STAY_DIRECTION, Outcome.UNDETERMINED, unknown),
            Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "entry")
            if entering
            else Finding(STAY_OVERSTAY, Outcome.UNDETERMINED, unknown),
        )
    return _check_direction(entering, own_national, open_stay), _check_overstay(
        entering, own_national, open_stay, at
    )


def _check_direction(entering: bool, own_national: bool, open_stay: OpenStay | None) -> Finding:
    if entering and open_stay is not None:
        detail = {"entered_at": open_stay.entered_at.isoformat()}
        return Finding(STAY_DIRECTION, Outcome.FAIL, "exit_missing", detail)
    if not entering and open_stay is None:
        if own_national:  # a citizen's journey begins with the exit; the unpaired stay is kept all the same
            return Finding(STAY_DIRECTION, Outcome.NOT_APPLICABLE, "own_national")
        return Finding(STAY_DIRECTION, Outcome.FAIL, "entry_missing")
    return Finding(STAY_DIRECTION, Outcome.PASS)


def _check_overstay(entering: bool, own_national: bool, open_stay: OpenStay | None, at: datetime) -> Finding:
    if entering:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "entry")
    if own_national:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "own_national")
    if open_stay is None:
        return Finding(STAY_OVERSTAY, Outcome.UNDETERMINED, "entry_missing")
    if open_stay.allowed_until is None:
        return Finding(STAY_OVERSTAY, Outcome.NOT_APPLICABLE, "no_limit")
    days = days_over(allowed_until=open_stay.allowed_until, at=at)
    detail = {"allowed_until": open_stay.allowed_until.isoformat(), "days": days}
    if days:
        return Finding(STAY_OVERSTAY, Outcome.FAIL, "overstayed", detail)
    return Finding(STAY_OVERSTAY, Outcome.PASS, "", detail)


def check_party(
    *, subject_id: UUID, members: Sequence[PartyMember], minor_below_years: int, at: datetime
) -> tuple[Finding, Finding]:
    """Return the findings PARTY.MINOR_ACCOMPANIED and PARTY.UNRELATED_MINORS for one member of a party.

    subject_id: inspection of the traveller asked about, one of members; somebody who travels alone is the
    only member. minor_below_years: full age in this country. at: aware UTC, settles the ages. Raises KeyError
    if the subject is no member.
    """
    by_id = {m.inspection_id: m for m in members}
    subject = by_id[subject_id]
    people = [
        *{
            (m.person or str(m.inspection_id)): m
            for m in members
            if m is not subject and not _is_same(m, subject)
        }.values()
    ]
    return (
        _check_accompanied(subject, people, minor_below_years, at),
        _check_unrelated(subject, people, minor_below_years, at),
    )


def _is_same(a: PartyMember, b: PartyMember) -> bool:
    return bool(a.person) and a.person == b.person


def _is_minor(member: PartyMember, minor_below_years: int, at: datetime) -> bool:
    return member.birth_date is not None and age_at(birth_date=member.birth_date, at=at) < minor_below_years


def _check_accompanied(
    subject: PartyMember, others: Sequence[PartyMember], minor_below_years: int, at: datetime
) -> Finding:
    check = PARTY_MINOR_ACCOMPANIED
    if subject.birth_date is None:
        return Finding(check, Outcome.UNDETERMINED, "age_unknown")
    if not _is_minor(subject, minor_below_years, at):
        return Finding(check, Outcome.NOT_APPLICABLE, "adult")
    present = [m for m in others if not m.gone]
    adults = [m for m in present if m.is_known and not _is_minor(m, minor_below_years, at)]
    for adult in adults:
        if share_surname(adult.primary_identifier, subject.primary_identifier):
            return Finding(check, Outcome.PASS, "", {"adult": str(adult.inspection_id)})
    if any(not m.is_known for m in present):
        return Finding(check, Outcome.UNDETERMINED, "party_incomplete")
    if not adults:
        return Finding(check, Outcome.FAIL, "alone")
    return Finding(
        check, Outcome.FAIL, "no_shared_surname", {"adults": [str(a.inspection_id) for a in adults]}
    )


def _check_unrelated(
    subject: PartyMember, others: Sequence[PartyMember], minor_below_years: int, at: datetime
) -> Finding:
    check = PARTY_UNRELATED_MINORS
    if not others:
        return Finding(check, Outcome.NOT_APPLICABLE, "alone")
    party = [subject, *others]
    # somebody who has withdrawn still counts here: the alarm does not end by turning back
    adults = [m for m in party if m.is_known and not _is_minor(m, minor_below_years, at)]
    minors = [m for m in party if m.is_known and _is_minor(m, minor_below_years, at)]
    unknown = [m for m in party if not m.is_known]
    if len(adults) > 1:
        return Finding(check, Outcome.PASS, "several_adults")
    if not adults:
        if unknown:
            return Finding(check, Outcome.UNDETERMINED, "party_incomplete")
        return Finding(check, Outcome.NOT_APPLICABLE, "no_adult")
    adult = adults[0]
    unrelated = [m for m in minors if not share_surname(m.primary_identifier, adult.primary_identifier)]
    if len(unrelated) >= UNRELATED_MINORS_FROM:
        detail = {
            "adult": str(adult.inspection_id),
            "minors": sorted(str(m.inspection_id) for m in unrelated),
        }
        return Finding(check, Outcome.FAIL, "one_adult_unrelated_minors", detail)
    if len(unrelated) + len(unknown) >= UNRELATED_MINORS_FROM:
        return Finding(check, Outcome.UNDETERMINED, "party_incomplete")
    return Finding(check, Outcome.PASS)
