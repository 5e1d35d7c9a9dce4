"""Checks of the document as such: is there one, who entered its data, is it in force, can its dates be."""

from datetime import date, datetime

from biometrics.core.mrz.layouts import FieldName
from biometrics.core.outcomes import Check, Finding, Severity
from travelers.core.checks.facts import (
    DocumentFacts,
    ReadingSource,
    failed,
    failed_unless_doubtful,
    is_impossible_birth,
    is_impossible_expiry,
    not_applicable,
    nothing_to_check,
    passed,
    undetermined,
)

DOCUMENT_PRESENT = Check(
    "DOCUMENT.PRESENT", "The traveller presented a travel document.", Severity.REVIEW, "Doc 9303-1"
)
DOCUMENT_KEYED = Check(
    "DOCUMENT.KEYED", "The data were read by machine, not keyed by hand.", Severity.INFORM, "DESIGN, step 2"
)
DOCUMENT_EXPIRED = Check(
    "DOCUMENT.EXPIRED",
    "The document has not expired on the day of the crossing.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.8",
)
DOCUMENT_DATES = Check(
    "DOCUMENT.DATES",
    "The dates exist, the holder is born and not older than people become.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.8",
)

VALIDITY_CHECKS: tuple[Check, ...] = (DOCUMENT_PRESENT, DOCUMENT_KEYED, DOCUMENT_EXPIRED, DOCUMENT_DATES)

OLDEST_AGE_YEARS = 120


def check_present(facts: DocumentFacts) -> Finding:
    """Tell whether there is a document. A page that could not be read is a document."""
    if facts.source in (ReadingSource.DECLARED, ReadingSource.NONE):
        return failed(DOCUMENT_PRESENT, "no_document")
    return passed(DOCUMENT_PRESENT)


def check_keyed(facts: DocumentFacts) -> Finding:
    """Say that the data were keyed, so that nobody takes them for read."""
    if facts.source is ReadingSource.KEYED:
        return failed(DOCUMENT_KEYED, "keyed_by_hand")
    if facts.has_zone:
        return passed(DOCUMENT_KEYED)
    return not_applicable(DOCUMENT_KEYED, "no_document")


def check_expired(facts: DocumentFacts, *, at: datetime) -> Finding:
    """Tell whether the document is in force; it is valid to the end of its last day.

    at: aware time of the crossing.
    """
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_EXPIRED)
    if facts.expiry_date is None:
        if facts.has_zone and not facts.expiry_date_raw:
            return not_applicable(DOCUMENT_EXPIRED, "no_expiry_date_in_layout")
        return undetermined(DOCUMENT_EXPIRED, "expiry_date_unknown")
    if facts.expiry_date < at.date():
        days = (at.date() - facts.expiry_date).days
        return failed_unless_doubtful(facts, DOCUMENT_EXPIRED, "expired", FieldName.EXPIRY_DATE, days=days)
    return passed(DOCUMENT_EXPIRED)


def check_dates(facts: DocumentFacts, *, at: datetime) -> Finding:
    """Tell whether the dates can be.

    Unknown parts of a birth date are allowed. at: aware time of the crossing.
    """
    if not facts.has_data:
        return nothing_to_check(facts, DOCUMENT_DATES)
    birth, expiry = FieldName.BIRTH_DATE, FieldName.EXPIRY_DATE
    if is_impossible_birth(facts.birth_date_raw, at) and facts.birth_date is None:
        return failed_unless_doubtful(facts, DOCUMENT_DATES, "impossible_birth_date", birth)
    if is_impossible_expiry(facts.expiry_date_raw, at) and facts.expiry_date is None:
        return failed_unless_doubtful(facts, DOCUMENT_DATES, "impossible_expiry_date", expiry)
    if facts.birth_date is not None:
        if facts.birth_date > at.date():
            return failed_unless_doubtful(facts, DOCUMENT_DATES, "born_after_capture", birth)
        if years_between(facts.birth_date, at.date()) > OLDEST_AGE_YEARS:
            return failed_unless_doubtful(facts, DOCUMENT_DATES, "too_old", birth)
        if facts.expiry_date is not None and facts.expiry_date <= facts.birth_date:
            return failed_unless_doubtful(facts, DOCUMENT_DATES, "expired_before_birth", birth, expiry)
    return passed(DOCUMENT_DATES)


def years_between(earlier: date, later: date) -> int:
    return later.year - earlier.year - ((later.month, later.day) < (earlier.month, earlier.day))
