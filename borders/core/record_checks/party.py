"""What a party of travellers says about its minors. No rule here looks at nationality."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

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

PARTY_MINOR_ACCOMPANIED = Check(
    "PARTY.MINOR_ACCOMPANIED",
    "A minor travels with an adult who shares a surname.",
    Severity.REVIEW,
    "Convention on the Rights of the Child, articles 11 and 35",
    Route.PROTECTION,
    parameters=(
        Parameter(
            "consent_from_years",
            18,
            "Age from which a minor may travel without family, with a guardian's consent that the officer has seen; "
            "18: at no age.",
            unit="years",
            most=21,
        ),
    ),
)
# what an officer may say of a traveller: a guardian's written consent was shown
GUARDIAN_CONSENT = "guardian_consent"
PARTY_UNRELATED_MINORS = Check(
    "PARTY.UNRELATED_MINORS",
    "No single adult brings two or more minors of other surnames.",
    Severity.BLOCK,
    "Protocol to Prevent, Suppress and Punish Trafficking in Persons, article 11",
    Route.PROTECTION,
    parameters=(
        Parameter(
            "minors_from", 2, "Minors of other surnames from which one adult is asked.", least=1, most=20
        ),
    ),
)
PARTY_CHECKS: tuple[Check, ...] = (PARTY_MINOR_ACCOMPANIED, PARTY_UNRELATED_MINORS)

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
    by default every inspection is its own. has_consent: the officer has seen a guardian's consent to the journey.
    """

    inspection_id: UUID
    primary_identifier: str
    birth_date: date | None
    gone: bool = False
    person: str = ""
    has_consent: bool = False

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


def latest_birth_date_of_adults(*, minor_below_years: int, at: datetime) -> date:
    """Return the latest birth date of those who are not minors on the day of `at`: age_at() < minor_below_years for
    everybody born after it.
    """
    today = at.date()
    try:
        return today.replace(year=today.year - minor_below_years)
    except ValueError:  # 29 February of a common year
        return date(today.year - minor_below_years, 2, 28)


def youngest_birth_date(raw: str, *, at: datetime) -> date | None:
    """Return the latest day on which somebody may be born of whose birth date parts are unknown.

    raw: YYMMDD as in the zone, unknown parts as fillers or 00. None where the year is unknown too. Who may be a child is
    asked about as one. Source: Doc 9303-3 section 4.8.
    """
    if len(raw) != 6 or not raw[:2].isdecimal():
        return None
    century = at.year - at.year % 100
    year = century + int(raw[:2])
    month = int(raw[2:4]) if raw[2:4].isdecimal() and 1 <= int(raw[2:4]) <= 12 else 0
    if date(year, month or 1, 1) > at.date():
        year -= 100
    following = date(year + (month or 12) // 12, (month or 12) % 12 + 1, 1)
    return min(following - timedelta(days=1), at.date())


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


def check_party(
    *,
    subject_id: UUID,
    members: Sequence[PartyMember],
    minor_below_years: int,
    at: datetime,
    settings: Settings = AS_DELIVERED,
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
        _check_accompanied(
            subject,
            people,
            minor_below_years,
            at,
            int(value_of(PARTY_MINOR_ACCOMPANIED, "consent_from_years", settings)),
        ),
        _check_unrelated(
            subject,
            people,
            minor_below_years,
            at,
            int(value_of(PARTY_UNRELATED_MINORS, "minors_from", settings)),
        ),
    )


def _is_same(a: PartyMember, b: PartyMember) -> bool:
    return bool(a.person) and a.person == b.person


def _is_minor(member: PartyMember, minor_below_years: int, at: datetime) -> bool:
    return member.birth_date is not None and age_at(birth_date=member.birth_date, at=at) < minor_below_years


def _check_accompanied(
    subject: PartyMember,
    others: Sequence[PartyMember],
    minor_below_years: int,
    at: datetime,
    consent_from_years: int,
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
    if subject.has_consent and age_at(birth_date=subject.birth_date, at=at) >= consent_from_years:
        return Finding(check, Outcome.PASS, "", {"consent": True})
    if any(not m.is_known for m in present):
        return Finding(check, Outcome.UNDETERMINED, "party_incomplete")
    # a consent that does not settle it is shown to whoever asks further
    consent = {"consent": True} if subject.has_consent else {}
    if not adults:
        return Finding(check, Outcome.FAIL, "alone", consent)
    adults_seen = {"adults": [str(a.inspection_id) for a in adults]}
    return Finding(check, Outcome.FAIL, "no_shared_surname", {**adults_seen, **consent})


def _check_unrelated(
    subject: PartyMember,
    others: Sequence[PartyMember],
    minor_below_years: int,
    at: datetime,
    minors_from: int,
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
    if len(unrelated) >= minors_from:
        detail = {
            "adult": str(adult.inspection_id),
            "minors": sorted(str(m.inspection_id) for m in unrelated),
        }
        return Finding(check, Outcome.FAIL, "one_adult_unrelated_minors", detail)
    if len(unrelated) + len(unknown) >= minors_from:
        return Finding(check, Outcome.UNDETERMINED, "party_incomplete")
    return Finding(check, Outcome.PASS)
