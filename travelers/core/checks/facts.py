"""What the document checks look at: one reading and what the booth's reader took from the visual zone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from biometrics.core.mrz.dates import DateRule, resolve_birth_date, resolve_expiry_date
from biometrics.core.mrz.doubt import CheckDigitVerdict
from biometrics.core.mrz.layouts import BY_NAME, FieldName, LayoutName
from biometrics.core.mrz.parse import MrzFormatError, parse_mrz
from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from travelers.core.checks.chip_facts import ChipFacts
from travelers.core.checks.visa_facts import VisaFacts

Cell = tuple[int, int]


class ReadingSource(StrEnum):
    """Where the data of a document came from. CHIP: data group 1, where no page could be read. NONE: nothing was sent."""

    MRZ = "MRZ"
    CHIP = "CHIP"
    KEYED = "KEYED"
    DECLARED = "DECLARED"
    NONE = "NONE"


class ReadingStatus(StrEnum):
    """What a reading is good for."""

    ACCEPTED = "ACCEPTED"
    REVIEW = "REVIEW"
    UNREADABLE = "UNREADABLE"


class ReviewReason(StrEnum):
    """Why a reading from pixels wants a person's eye.

    WRONG_CHECK_DIGITS: read with confidence, printed wrong. PAGE_NOT_READ: the chip was read, and the page could not be.
    """

    REPAIRED = "repaired"
    DOUBTFUL = "doubtful"
    WRONG_CHECK_DIGITS = "wrong_check_digits"
    NOT_PARSED = "not_parsed"
    PAGE_NOT_READ = "page_not_read"


@dataclass(frozen=True, slots=True)
class CheckDigitFact:
    """One check digit as read, before any repair.

    field: a FieldName value; printed: the character in its cell.
    """

    field: str
    printed: str
    computed: str
    verdict: CheckDigitVerdict


# the data elements that a digit vouches for; the composite covers all of them
ELEMENTS_OF_DIGIT: Mapping[str, tuple[str, ...]] = {
    FieldName.DOCUMENT_NUMBER: ("document_number",),
    FieldName.BIRTH_DATE: ("birth_date",),
    FieldName.EXPIRY_DATE: ("expiry_date",),
    FieldName.OPTIONAL_DATA: (),
    FieldName.COMPOSITE: ("document_number", "birth_date", "expiry_date"),
}


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """One reading as the checks see it.

    layout: a LayoutName value, "" unless there is a zone. The data elements are those of the lines as
    READ, before any repair, because a repair proves nothing about the print; where the lines as read do not
    parse they are the repaired ones, and every repaired cell counts as doubtful. doubtful: (line, position)
    of each character that may be misread. birth_date_raw, expiry_date_raw: YYMMDD as in the MRZ, "" if there
    is none. printed: fields of the visual zone, any subset of PRINTED_FIELDS. accept_specimens: a
    demonstration or a test, where specimen documents are the documents. lines: as read, () unless there is a zone.
    issue_date: as printed. chip, visa: what else the traveller
    presented.
    """

    source: ReadingSource = ReadingSource.NONE
    status: ReadingStatus = ReadingStatus.UNREADABLE
    reason: str = ""
    layout: str = ""
    doubtful: frozenset[Cell] = frozenset()
    repaired: bool = False
    check_digits: tuple[CheckDigitFact, ...] = ()
    document_code: str = ""
    issuing_state: str = ""
    document_number: str = ""
    primary_identifier: str = ""
    secondary_identifier: str = ""
    names_truncated: bool = False
    nationality: str = ""
    birth_date: date | None = None
    birth_date_raw: str = ""
    sex: str = ""
    expiry_date: date | None = None
    expiry_date_raw: str = ""
    printed: Mapping[str, str] = field(default_factory=dict)
    accept_specimens: bool = False
    lines: tuple[str, ...] = ()
    issue_date: date | None = None
    chip: ChipFacts = field(default_factory=ChipFacts)
    visa: VisaFacts | None = None

    @property
    def has_data(self) -> bool:
        """Tell whether there are data elements to check at all."""
        return self.source is not ReadingSource.NONE and self.status is not ReadingStatus.UNREADABLE

    @property
    def has_document(self) -> bool:
        """Tell whether there is a document whose elements can be checked."""
        return self.has_data and self.source is not ReadingSource.DECLARED

    @property
    def has_zone(self) -> bool:
        """Tell whether the data are those of a machine readable zone, on the page or in the chip."""
        return self.source in (ReadingSource.MRZ, ReadingSource.CHIP)

    def is_doubtful(self, *fields: FieldName) -> bool:
        """Tell whether a character of one of these fields may be misread. Keyed data are not doubtful."""
        if self.layout not in BY_NAME:
            return False
        spans = BY_NAME[LayoutName(self.layout)].fields
        cells = {cell for name in fields if name in spans for cell in spans[name].cells()}
        return not cells.isdisjoint(self.doubtful)


PRINTED_FIELDS: tuple[str, ...] = (
    "primary_identifier",
    "secondary_identifier",
    "document_number",
    "birth_date",
    "expiry_date",
    "nationality",
    "sex",
    "issue_date",
)


def fields_as_read(lines_read: Sequence[str], *, at: datetime) -> dict[str, object] | None:
    """Return the data elements of the lines before any repair, or None where they do not parse.

    at: aware time of the reading, which settles the century of the dates.
    """
    try:
        mrz = parse_mrz(lines_read, at=at)
    except MrzFormatError:
        return None
    return {
        "document_code": mrz.document_code,
        "issuing_state": mrz.issuing_state,
        "document_number": mrz.document_number,
        "primary_identifier": mrz.primary_identifier,
        "secondary_identifier": mrz.secondary_identifier,
        "names_truncated": mrz.names_truncated,
        "nationality": mrz.nationality,
        "birth_date": mrz.birth_date.date,
        "birth_date_raw": mrz.birth_date.raw,
        "sex": mrz.sex,
        "expiry_date": mrz.expiry_date.date if mrz.expiry_date else None,
        "expiry_date_raw": mrz.expiry_date.raw if mrz.expiry_date else "",
    }


def digits_kept_by_correction(
    digits: Sequence[CheckDigitFact], changed: Collection[str]
) -> tuple[CheckDigitFact, ...]:
    """Return the digits that an officer's correction leaves wrong: printed wrong over elements as they were
    read.

    changed: names of the data elements that the officer keyed otherwise. Keying a forged page again must not
    clear it; where the officer read another value, the digit was judged over a misread one.
    """
    return tuple(
        digit
        for digit in digits
        if digit.verdict is CheckDigitVerdict.WRONG_AS_PRINTED
        and not any(element in changed for element in ELEMENTS_OF_DIGIT.get(digit.field, ()))
    )


def is_impossible_birth(raw: str, at: datetime) -> bool:
    """Tell whether a birth date of the MRZ exists in no calendar.

    raw: YYMMDD; unknown parts are no fault (section 4.8).
    """
    return bool(raw) and resolve_birth_date(raw, at).rule is DateRule.INVALID


def is_impossible_expiry(raw: str, at: datetime) -> bool:
    """Tell whether an expiry date of the MRZ exists in no calendar. raw: YYMMDD."""
    return bool(raw) and resolve_expiry_date(raw, at).rule is DateRule.INVALID


def passed(check: Check, **detail: object) -> Finding:
    """Return PASS."""
    return Finding(check, Outcome.PASS, "", detail)


def failed(check: Check, reason: str, **detail: object) -> Finding:
    """Return FAIL with its reason."""
    return Finding(check, Outcome.FAIL, reason, detail)


def not_applicable(check: Check, reason: str) -> Finding:
    """Return NOT_APPLICABLE with its reason."""
    return Finding(check, Outcome.NOT_APPLICABLE, reason)


def undetermined(check: Check, reason: str, **detail: object) -> Finding:
    """Return UNDETERMINED: not checked, or not to be told.

    It asks for a second look, so it never weighs more than REVIEW.
    """
    severity = Severity.INFORM if check.severity is Severity.INFORM else Severity.REVIEW
    return Finding(replace(check, severity=severity), Outcome.UNDETERMINED, reason, detail)


def informed(check: Check, reason: str, **detail: object) -> Finding:
    """Return FAIL that is shown and changes nothing: the source of the rule is not confirmed."""
    return Finding(replace(check, severity=Severity.INFORM), Outcome.FAIL, reason, detail)


def nothing_to_check(facts: DocumentFacts, check: Check) -> Finding:
    """Return what is said of a check without data: an unreadable page is not checked, no page is no case."""
    if facts.source is ReadingSource.MRZ:
        return undetermined(check, "unreadable")
    return not_applicable(check, "no_document")


def failed_unless_doubtful(
    facts: DocumentFacts, check: Check, reason: str, *fields: FieldName, **detail: object
) -> Finding:
    """Return FAIL, or UNDETERMINED where a character of the fields may be misread: doubt about the reading is
    not forgery.
    """
    if facts.is_doubtful(*fields):
        return undetermined(check, "doubtful", **detail)
    return failed(check, reason, **detail)
