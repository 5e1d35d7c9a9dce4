"""What the issuer would never have made: number, series, type of document, and documents that no State issues."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from biometrics.core.mrz.layouts import FieldName, LayoutName
from biometrics.core.outcomes import (
    AS_DELIVERED,
    Check,
    Finding,
    Parameter,
    ParameterKind,
    Settings,
    Severity,
    value_of,
)
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
from travelers.core.checks.issue import issue_date_of
from travelers.core.codes import normalise_code
from travelers.core.data.issuers import FANTASY_CODES, ISSUERS, WITHDRAWN_CODES
from travelers.core.number_formats import fits_any, lies_between
from travelers.core.numbers import normalise_document_number

NUMBER_FORMAT = Check(
    "NUMBER.FORMAT",
    "The document number is written as this issuer writes them.",
    Severity.REVIEW,
    "table of issuers (travelers/core/data/issuers.py), with provenance and day of review",
    parameters=(
        Parameter(
            "confirmed",
            (),
            "Issuers whose row somebody has confirmed; the rows of others only inform.",
            ParameterKind.CODES,
        ),
    ),
)
NUMBER_SERIES = Check(
    "NUMBER.SERIES",
    "The document number is of a series that was issued, within its years.",
    Severity.REVIEW,
    "series kept by this State, with their source",
    parameters=(
        Parameter("never_issued", (), "Ranges of numbers that no issuer has issued.", ParameterKind.RANGES),
        Parameter(
            "windows",
            (),
            "Ranges of numbers with the years of issue: issued_from, issued_until as YYYY.",
            ParameterKind.RANGES,
        ),
    ),
)
NUMBER_BLANK = Check(
    "NUMBER.BLANK",
    "The document number is in no range of stolen blanks and in no revoked series.",
    Severity.BLOCK,
    "notices of theft of blanks as this State keeps them; the list is filled by supervisors or import",
    parameters=(
        Parameter(
            "ranges",
            (),
            "Ranges of stolen blanks and revoked series, each with its reason.",
            ParameterKind.RANGES,
        ),
    ),
)
DOCUMENT_TYPE = Check(
    "DOCUMENT.TYPE",
    "The document is of a type that exists, and one that this State recognises.",
    Severity.BLOCK,
    "Doc 9303-4, -5 and -6 section 4.2.2; national list of recognised documents",
    parameters=(
        Parameter(
            "not_recognised",
            (),
            "Documents that this State does not recognise, as ISSUER or ISSUER:CODE, such as XYZ:P.",
            ParameterKind.CODES,
        ),
    ),
)
DOCUMENT_FANTASY = Check(
    "DOCUMENT.FANTASY",
    "The issuer is one that issues travel documents.",
    Severity.BLOCK,
    "ISO 3166-3 for withdrawn codes; published pictures of fantasy documents",
    parameters=(
        Parameter("further_codes", (), "Further issuer codes of fantasy documents.", ParameterKind.CODES),
    ),
)

ISSUER_CHECKS: tuple[Check, ...] = (
    NUMBER_FORMAT,
    NUMBER_SERIES,
    NUMBER_BLANK,
    DOCUMENT_TYPE,
    DOCUMENT_FANTASY,
)

# the first letter of the document code, by layout
_TYPE_LETTERS: Mapping[str, str] = {
    LayoutName.TD3: "P",
    LayoutName.TD2: "ACIP",  # P: travel documents of this size that States issued as passports before 9303-6 said otherwise
    LayoutName.TD1: "ACI",
    LayoutName.MRVA: "V",
    LayoutName.MRVB: "V",
    LayoutName.FRENCH_IDENTITY_CARD: "I",
}
YEARS_AFTER_WITHDRAWAL = 10


def check_number_format(facts: DocumentFacts, *, settings: Settings = AS_DELIVERED) -> Finding:
    """Compare the number with the formats of its issuer. A row that is not confirmed informs, and no more."""
    if not facts.has_document:
        return nothing_to_check(facts, NUMBER_FORMAT)
    number = normalise_document_number(facts.document_number)
    issuer = ISSUERS.get(normalise_code(facts.issuing_state))
    if not number:
        return not_applicable(NUMBER_FORMAT, "no_number")
    if issuer is None or not issuer.formats or not facts.document_code.startswith("P"):
        return not_applicable(NUMBER_FORMAT, "no_format_known")
    detail = {
        "formats": list(issuer.formats),
        "provenance": issuer.provenance,
        "reviewed_on": f"{issuer.reviewed_on}",
    }
    if fits_any(number, issuer.formats):
        return passed(NUMBER_FORMAT, **detail)
    if facts.is_doubtful(FieldName.DOCUMENT_NUMBER, FieldName.ISSUING_STATE):
        return undetermined(NUMBER_FORMAT, "doubtful", **detail)
    confirmed = {normalise_code(str(c)) for c in value_of(NUMBER_FORMAT, "confirmed", settings)}
    if issuer.state in confirmed:
        return failed(NUMBER_FORMAT, "other_format", **detail)
    return informed(NUMBER_FORMAT, "other_format_unconfirmed", **detail)


def check_number_series(facts: DocumentFacts, *, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether the number was never issued, or belongs to other years than the document."""
    never = value_of(NUMBER_SERIES, "never_issued", settings)
    windows = value_of(NUMBER_SERIES, "windows", settings)
    if not facts.has_document:
        return nothing_to_check(facts, NUMBER_SERIES)
    if not never and not windows:
        return not_applicable(NUMBER_SERIES, "no_series_known")
    if (hit := range_of(facts, never)) is not None:
        return failed_unless_doubtful(
            facts, NUMBER_SERIES, "never_issued", FieldName.DOCUMENT_NUMBER, source=str(hit.get("reason", ""))
        )
    window = range_of(facts, windows)
    issued = issue_date_of(facts)
    if window is None or issued is None:
        return passed(NUMBER_SERIES) if window is None else not_applicable(NUMBER_SERIES, "no_issue_date")
    first, latest = int(window.get("issued_from") or 0), int(window.get("issued_until") or 9999)
    if first <= issued.year <= latest:
        return passed(NUMBER_SERIES)
    return failed_unless_doubtful(
        facts, NUMBER_SERIES, "other_years", FieldName.DOCUMENT_NUMBER, issued_from=first, issued_until=latest
    )


def check_blank(facts: DocumentFacts, *, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether the number lies in a range of stolen blanks or a revoked series."""
    ranges = value_of(NUMBER_BLANK, "ranges", settings)
    if not facts.has_document:
        return nothing_to_check(facts, NUMBER_BLANK)
    if not ranges:
        return not_applicable(NUMBER_BLANK, "no_ranges_kept")
    hit = range_of(facts, ranges)
    if hit is None:
        return passed(NUMBER_BLANK, ranges=len(ranges))
    fields = (FieldName.DOCUMENT_NUMBER, FieldName.ISSUING_STATE)
    return failed_unless_doubtful(
        facts, NUMBER_BLANK, "stolen_blank_or_revoked", *fields, source=str(hit.get("reason", ""))
    )


def range_of(facts: DocumentFacts, ranges: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the first range that holds the document, or None.

    ranges: mappings with issuing_state, first, last, and document_code where one type alone is meant.
    """
    number, state = normalise_document_number(facts.document_number), normalise_code(facts.issuing_state)
    for entry in ranges:
        if normalise_code(str(entry["issuing_state"])) != state:
            continue
        code = str(entry.get("document_code") or "")
        first, last = (normalise_document_number(str(entry[end])) for end in ("first", "last"))
        if facts.document_code.startswith(code) and lies_between(number, first, last):
            return entry
    return None


def check_type(facts: DocumentFacts, *, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether the document code fits the size of the document, and whether this State recognises it."""
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_TYPE)
    code, state = facts.document_code, normalise_code(facts.issuing_state)
    excluded = {str(entry).strip().upper() for entry in value_of(DOCUMENT_TYPE, "not_recognised", settings)}
    if state in excluded or f"{state}:{code}" in excluded:
        return failed_unless_doubtful(facts, DOCUMENT_TYPE, "not_recognised", FieldName.ISSUING_STATE)
    letters = _TYPE_LETTERS.get(facts.layout, "PACIV")  # keyed: the size is not known
    if code[:1] and code[0] in letters:
        return passed(DOCUMENT_TYPE)
    return failed_unless_doubtful(facts, DOCUMENT_TYPE, "unknown_type", FieldName.DOCUMENT_CODE)


def check_fantasy(facts: DocumentFacts, *, at: datetime, settings: Settings = AS_DELIVERED) -> Finding:
    """Tell whether the issuer is a fantasy, or a State whose last documents have expired."""
    if not facts.has_document:
        return nothing_to_check(facts, DOCUMENT_FANTASY)
    state = normalise_code(facts.issuing_state)
    further = {normalise_code(str(code)) for code in value_of(DOCUMENT_FANTASY, "further_codes", settings)}
    if state in FANTASY_CODES or state in further:
        return failed_unless_doubtful(facts, DOCUMENT_FANTASY, "fantasy", FieldName.ISSUING_STATE)
    withdrawn = WITHDRAWN_CODES.get(state)
    if withdrawn is not None and at.year > withdrawn + YEARS_AFTER_WITHDRAWAL:
        return failed_unless_doubtful(
            facts, DOCUMENT_FANTASY, "state_no_more", FieldName.ISSUING_STATE, withdrawn=withdrawn
        )
    return passed(DOCUMENT_FANTASY)
