"""The printed zone against the machine readable zone. Both are one page's word for the same facts.

A field that the booth's reader did not take is NOT_APPLICABLE. A difference where a character of the MRZ may
be misread is UNDETERMINED: doubt about the reading is not forgery.
"""

import re
from datetime import date

from biometrics.core.mrz.alphabet import FILLER
from biometrics.core.mrz.layouts import FieldName, select_layout
from biometrics.core.mrz.names import TransliterationError, is_mrz_name_of
from biometrics.core.outcomes import Check, Finding, Severity
from travelers.core.checks.facts import (
    DocumentFacts,
    ReadingSource,
    failed_unless_doubtful,
    not_applicable,
    passed,
    undetermined,
)
from travelers.core.codes import is_known_code, normalise_code
from travelers.core.numbers import normalise_document_number

VIZ_NAME = Check(
    "VIZ.NAME",
    "The printed name is the name in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-3 sections 4.6 and 6; Doc 9303-4 section 4.2.3 for truncation",
)
VIZ_BIRTH_DATE = Check(
    "VIZ.BIRTH_DATE",
    "The printed birth date is the one in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.8",
)
VIZ_DOCUMENT_NUMBER = Check(
    "VIZ.DOCUMENT_NUMBER",
    "The printed document number is the one in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-4 section 4.2.2",
)
VIZ_EXPIRY_DATE = Check(
    "VIZ.EXPIRY_DATE",
    "The printed expiry date is the one in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.8",
)
VIZ_NATIONALITY = Check(
    "VIZ.NATIONALITY",
    "The printed nationality is the one in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-3 section 5",
)
VIZ_SEX = Check(
    "VIZ.SEX",
    "The printed sex is the one in the machine readable zone.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.8; X is printed where the zone has a filler",
)

PRINTED_CHECKS: tuple[Check, ...] = (
    VIZ_NAME,
    VIZ_BIRTH_DATE,
    VIZ_DOCUMENT_NUMBER,
    VIZ_EXPIRY_DATE,
    VIZ_NATIONALITY,
    VIZ_SEX,
)

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME_FIELDS = (FieldName.NAMES, FieldName.PRIMARY_IDENTIFIER, FieldName.SECONDARY_IDENTIFIER)


def check_name(facts: DocumentFacts) -> Finding:
    """Compare the printed identifiers with those of the zone: any form of Doc 9303-3 section 6, cut where the
    field is full.
    """
    both = (
        ("primary_identifier", facts.primary_identifier),
        ("secondary_identifier", facts.secondary_identifier),
    )
    pairs = [(name, _printed(facts, name), read) for name, read in both if _printed(facts, name)]
    unchecked = _unchecked(facts, VIZ_NAME, bool(pairs))
    if unchecked is not None:
        return unchecked
    try:
        different = [
            name
            for name, printed, read in pairs
            if not _is_same_name(read, printed, truncated=_may_be_cut(facts))
        ]
    except TransliterationError:
        return undetermined(VIZ_NAME, "no_form_in_zone")
    if different:
        return failed_unless_doubtful(facts, VIZ_NAME, "different", *_NAME_FIELDS, fields=different)
    return passed(VIZ_NAME, fields=[name for name, _, _ in pairs])


def _may_be_cut(facts: DocumentFacts) -> bool:
    """Tell whether the name may go on beyond its field.

    Tolerance: a field that is full but for one last filler, because the next word would have begun there. Doc 9303-4
    section 4.2.3 asks for a letter in the last cell; issuers that cut between two words leave the filler.
    """
    if facts.names_truncated:
        return True
    layout = select_layout(facts.lines)
    field = layout.text(facts.lines, FieldName.NAMES) if layout else ""
    return field.endswith(FILLER) and not field.endswith(FILLER * 2)


def _is_same_name(read: str, printed: str, *, truncated: bool) -> bool:
    # an officer may have keyed the name in the page's own letters
    if " ".join(read.upper().split()) == " ".join(printed.upper().split()):
        return True
    return is_mrz_name_of(read, printed, truncated=truncated)


def check_birth_date(facts: DocumentFacts) -> Finding:
    """Compare the birth dates as far as the zone knows its parts."""
    return _check_date(facts, VIZ_BIRTH_DATE, "birth_date", facts.birth_date_raw, FieldName.BIRTH_DATE)


def check_expiry_date(facts: DocumentFacts) -> Finding:
    """Compare the expiry dates."""
    return _check_date(facts, VIZ_EXPIRY_DATE, "expiry_date", facts.expiry_date_raw, FieldName.EXPIRY_DATE)


def _check_date(facts: DocumentFacts, check: Check, name: str, raw: str, field: FieldName) -> Finding:
    text = _printed(facts, name)
    unchecked = _unchecked(facts, check, bool(text))
    if unchecked is not None:
        return unchecked
    printed = _parse_date(text)
    if printed is None:
        return undetermined(check, "printed_date_not_read")
    if len(raw) != 6:
        return not_applicable(check, "no_date_in_zone")
    expected = printed.strftime("%y%m%d")
    # the zone has no century, and writes a part that is not known as fillers or as 00
    known = [i for i in (0, 2, 4) if "<" not in raw[i : i + 2] and (i == 0 or raw[i : i + 2] != "00")]
    if any(raw[i : i + 2] != expected[i : i + 2] for i in known):
        return failed_unless_doubtful(facts, check, "different", field)
    return (
        passed(check, parts_compared=len(known)) if known else not_applicable(check, "date_unknown_in_zone")
    )


def _parse_date(text: str) -> date | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def check_document_number(facts: DocumentFacts) -> Finding:
    """Compare the numbers without separators."""
    printed = normalise_document_number(_printed(facts, "document_number"))
    unchecked = _unchecked(facts, VIZ_DOCUMENT_NUMBER, bool(printed))
    if unchecked is not None:
        return unchecked
    if printed == normalise_document_number(facts.document_number):
        return passed(VIZ_DOCUMENT_NUMBER)
    fields = (FieldName.DOCUMENT_NUMBER, FieldName.OPTIONAL_DATA)
    return failed_unless_doubtful(facts, VIZ_DOCUMENT_NUMBER, "different", *fields)


def check_nationality(facts: DocumentFacts) -> Finding:
    """Compare the nationalities where the page prints a code; a word in the issuer's language is not
    compared.
    """
    printed = normalise_code(_printed(facts, "nationality"))
    unchecked = _unchecked(facts, VIZ_NATIONALITY, bool(printed))
    if unchecked is not None:
        return unchecked
    if not is_known_code(printed):
        return not_applicable(VIZ_NATIONALITY, "no_code_printed")
    if not facts.nationality:
        return not_applicable(VIZ_NATIONALITY, "no_nationality_in_zone")
    if printed == normalise_code(facts.nationality):
        return passed(VIZ_NATIONALITY)
    return failed_unless_doubtful(facts, VIZ_NATIONALITY, "different", FieldName.NATIONALITY)


def check_sex(facts: DocumentFacts) -> Finding:
    """Compare the sexes. X printed and a filler in the zone are the same."""
    printed = _printed(facts, "sex").upper()
    unchecked = _unchecked(facts, VIZ_SEX, bool(printed))
    if unchecked is not None:
        return unchecked
    if printed not in ("M", "F", "X", "<"):
        return undetermined(VIZ_SEX, "printed_sex_not_read")
    if {"<": "", "X": ""}.get(printed, printed) == {"X": ""}.get(facts.sex, facts.sex):
        return passed(VIZ_SEX)
    return failed_unless_doubtful(facts, VIZ_SEX, "different", FieldName.SEX)


def _printed(facts: DocumentFacts, name: str) -> str:
    return facts.printed.get(name, "").strip()


def _unchecked(facts: DocumentFacts, check: Check, is_printed: bool) -> Finding | None:
    """Return why the comparison cannot be made, or None where it can."""
    if not is_printed:
        return not_applicable(check, "not_printed")
    if facts.has_document:
        return None
    if facts.source is ReadingSource.MRZ:
        return undetermined(check, "unreadable")
    return not_applicable(check, "no_document")
