"""Checks of the date of issue and of how long a document may last."""

from datetime import MAXYEAR, date, datetime

from biometrics.core.mrz.layouts import FieldName
from biometrics.core.outcomes import AS_DELIVERED, Check, Finding, Parameter, Settings, Severity, value_of
from travelers.core.checks.facts import (
    DocumentFacts,
    failed,
    failed_unless_doubtful,
    informed,
    not_applicable,
    nothing_to_check,
    passed,
    undetermined,
)
from travelers.core.checks.validity import years_between
from travelers.core.codes import normalise_code
from travelers.core.data.issuers import (
    ISSUERS,
    USUAL_CHILD_BELOW,
    USUAL_CHILD_YEARS,
)

DOCUMENT_ISSUED = Check(
    "DOCUMENT.ISSUED",
    "The document was issued after its holder's birth, before today, and before it expires.",
    Severity.BLOCK,
    "Doc 9303-3 section 3.8",
)
DOCUMENT_VALIDITY = Check(
    "DOCUMENT.VALIDITY",
    "The document does not last longer than its issuer's documents do.",
    Severity.REVIEW,
    "table of issuers (travelers/core/data/issuers.py), by age at issue",
    parameters=(
        Parameter(
            "grace_days", 31, "Days beyond the longest validity that are let pass.", unit="days", most=400
        ),
        Parameter(
            "unknown_issuer_years",
            10,
            "Longest validity of issuers that are not in the table.",
            unit="years",
            most=99,
        ),
    ),
)
DOCUMENT_REMAINING = Check(
    "DOCUMENT.REMAINING",
    "The document stays valid as long as this country asks of those who enter.",
    Severity.INFORM,
    "national policy; no rule of Doc 9303",
    parameters=(
        Parameter(
            "months", 0, "Months that a document must still be valid; 0: not asked.", unit="months", most=24
        ),
    ),
)

ISSUE_CHECKS: tuple[Check, ...] = (DOCUMENT_ISSUED, DOCUMENT_VALIDITY, DOCUMENT_REMAINING)

PASSPORT_LETTER = "P"


def issue_date_of(facts: DocumentFacts) -> date | None:
    """Return the date of issue as printed, else as the chip has it."""
    return facts.issue_date or facts.chip.issue_date


def check_issued(facts: DocumentFacts, *, at: datetime) -> Finding:
    """Tell whether the day of issue can be. at: aware time of the crossing."""
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_ISSUED)
    issued = issue_date_of(facts)
    if issued is None:
        return not_applicable(DOCUMENT_ISSUED, "no_issue_date")
    if issued > at.date():
        return failed(DOCUMENT_ISSUED, "issued_in_future")
    if facts.birth_date is not None and issued < facts.birth_date:
        return failed_unless_doubtful(facts, DOCUMENT_ISSUED, "issued_before_birth", FieldName.BIRTH_DATE)
    if facts.expiry_date is not None and issued >= facts.expiry_date:
        return failed_unless_doubtful(facts, DOCUMENT_ISSUED, "issued_after_expiry", FieldName.EXPIRY_DATE)
    return passed(DOCUMENT_ISSUED)


def check_validity(facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED) -> Finding:
    """Compare the validity with the longest that the issuer gives at the holder's age of issue.

    Without a date of issue the time left is compared, which no genuine document exceeds either. Identity
    cards and permits are not in the table: States give them for ten, fifteen years or for life.
    """
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_VALIDITY)
    if not facts.document_code.startswith(PASSPORT_LETTER):
        return not_applicable(DOCUMENT_VALIDITY, "no_passport")
    if facts.expiry_date is None:
        return not_applicable(DOCUMENT_VALIDITY, "no_expiry_date")
    issued = issue_date_of(facts)
    since = issued or at.date()
    issuer = ISSUERS.get(normalise_code(facts.issuing_state))
    years = _longest_years(facts, issued, settings)
    detail = {"longest_years": years, "issue_date_known": issued is not None}
    if (facts.expiry_date - _add_years(since, years)).days <= int(
        value_of(DOCUMENT_VALIDITY, "grace_days", settings)
    ):
        return passed(DOCUMENT_VALIDITY, **detail)
    if facts.is_doubtful(FieldName.EXPIRY_DATE, FieldName.BIRTH_DATE, FieldName.ISSUING_STATE):
        return undetermined(DOCUMENT_VALIDITY, "doubtful", **detail)
    if issuer is None:
        return informed(DOCUMENT_VALIDITY, "too_long_for_passports", **detail)
    if years < issuer.adult_years:
        # limits for children change often, and nobody has confirmed the table
        return informed(DOCUMENT_VALIDITY, "too_long_for_child", **detail)
    return failed(DOCUMENT_VALIDITY, "too_long_for_issuer", **detail)


def _longest_years(facts: DocumentFacts, issued: date | None, settings: Settings) -> int:
    issuer = ISSUERS.get(normalise_code(facts.issuing_state))
    adult = (
        issuer.adult_years if issuer else int(value_of(DOCUMENT_VALIDITY, "unknown_issuer_years", settings))
    )
    child = min(issuer.child_years if issuer else USUAL_CHILD_YEARS, adult)
    below = issuer.child_below_years if issuer else USUAL_CHILD_BELOW
    if issued is None or facts.birth_date is None or issued < facts.birth_date:
        return adult
    # a year more: issuers count from the day of application, and round to a birthday
    return child if years_between(facts.birth_date, issued) < below - 1 else adult


def _add_years(day: date, years: int) -> date:
    year = min(day.year + years, MAXYEAR)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)


def check_remaining(facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether enough validity is left. Many countries ask for six months; it is policy, never forgery."""
    months = int(value_of(DOCUMENT_REMAINING, "months", settings))
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_REMAINING)
    if months == 0:
        return not_applicable(DOCUMENT_REMAINING, "not_asked")
    if facts.expiry_date is None:
        return not_applicable(DOCUMENT_REMAINING, "no_expiry_date")
    left = (facts.expiry_date - at.date()).days
    if left < months * 30:
        return failed_unless_doubtful(
            facts, DOCUMENT_REMAINING, "too_short", FieldName.EXPIRY_DATE, days_left=left
        )
    return passed(DOCUMENT_REMAINING, days_left=left)
