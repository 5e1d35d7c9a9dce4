"""Checks of the machine readable zone in itself: was it read, do its digits hold, are its codes known, is it
a specimen.
"""

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER, LETTERS
from biometrics.core.mrz.doubt import CheckDigitVerdict
from biometrics.core.mrz.layouts import FieldName, select_layout
from biometrics.core.outcomes import Check, Finding, Severity
from travelers.core.checks.facts import (
    CheckDigitFact,
    DocumentFacts,
    ReadingSource,
    ReadingStatus,
    ReviewReason,
    failed,
    failed_unless_doubtful,
    not_applicable,
    nothing_to_check,
    passed,
    undetermined,
)
from travelers.core.codes import is_known_code, normalise_code
from travelers.core.numbers import normalise_document_number

MRZ_READ = Check(
    "MRZ.READ",
    "The machine readable zone was read, every character with a wide margin.",
    Severity.REVIEW,
    "Doc 9303-3 section 4",
)
MRZ_CHECK_DIGITS = Check(
    "MRZ.CHECK_DIGITS",
    "The check digits of number, dates and optional data are right.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.9",
)
MRZ_COMPOSITE = Check(
    "MRZ.COMPOSITE",
    "The composite check digit is right.",
    Severity.BLOCK,
    "Doc 9303-3 section 4.9; Doc 9303-4, -5, -6 section 4.2.2",
)
MRZ_ISSUING_STATE = Check(
    "MRZ.ISSUING_STATE",
    "The issuing State or organisation has a code that exists.",
    Severity.BLOCK,
    "Doc 9303-3 section 5",
)
MRZ_NATIONALITY = Check(
    "MRZ.NATIONALITY", "The nationality has a code that exists.", Severity.BLOCK, "Doc 9303-3 section 5"
)
MRZ_SPECIMEN = Check(
    "MRZ.SPECIMEN",
    "The document is not a published specimen.",
    Severity.BLOCK,
    "Doc 9303-4 appendix (worked examples)",
)

MRZ_FORM = Check(
    "MRZ.FORM",
    "Every cell of the zone holds a character of the kind that its place demands.",
    Severity.BLOCK,
    "Doc 9303-3 section 4; Doc 9303-4 to -7 section 4.2",
)

ZONE_CHECKS: tuple[Check, ...] = (
    MRZ_READ,
    MRZ_FORM,
    MRZ_CHECK_DIGITS,
    MRZ_COMPOSITE,
    MRZ_ISSUING_STATE,
    MRZ_NATIONALITY,
    MRZ_SPECIMEN,
)

SPECIMEN_STATE = "UTO"
# (primary, first secondary identifier, birth date) of the holders of published specimens; "": whatever the birth date,
# for names that people do not bear. Many people are called Anna Eriksson.
SPECIMEN_HOLDERS: frozenset[tuple[str, str, str]] = frozenset(
    {("ERIKSSON", "ANNA", "740812"), ("ERIKSSON", "ANNA", "690806"), ("MUSTERMANN", "ERIKA", "")}
)
SPECIMEN_NUMBERS: frozenset[tuple[str, str]] = frozenset({("UTO", "L898902C3"), ("UTO", "D23145890")})
SPECIMEN_WORD = "SPECIMEN"


def check_read(facts: DocumentFacts) -> Finding:
    """Tell whether the zone was read as it is printed. A wrong printed digit is no fault of the reading."""
    if facts.source in (ReadingSource.KEYED, ReadingSource.DECLARED):
        return not_applicable(MRZ_READ, facts.source.lower())
    if facts.source is ReadingSource.NONE:
        return not_applicable(MRZ_READ, "no_page")
    if facts.source is ReadingSource.CHIP:
        # what the chip says is no reading of the page: a page that could not be read is still a question
        if facts.reason == ReviewReason.PAGE_NOT_READ:
            return undetermined(MRZ_READ, ReviewReason.PAGE_NOT_READ)
        return not_applicable(MRZ_READ, "no_page")
    if facts.status is ReadingStatus.UNREADABLE:
        return undetermined(MRZ_READ, facts.reason or "unreadable")
    if facts.status is ReadingStatus.REVIEW and facts.reason != ReviewReason.WRONG_CHECK_DIGITS:
        return undetermined(MRZ_READ, facts.reason or ReviewReason.DOUBTFUL, doubtful=len(facts.doubtful))
    return passed(MRZ_READ, layout=facts.layout)


# the letters of a mask (biometrics.core.mrz.layouts)
_OF_KIND = {
    "a": frozenset(LETTERS + FILLER),
    "n": frozenset(DIGITS),
    "d": frozenset(DIGITS + FILLER),
    "x": frozenset(ALPHABET),
    "s": frozenset("MFX" + FILLER),
}


def check_form(facts: DocumentFacts) -> Finding:
    """Tell whether digits stand where digits belong and letters where letters do."""
    if not facts.has_zone:
        return not_applicable(MRZ_FORM, "no_zone")
    if facts.status is ReadingStatus.UNREADABLE:
        return undetermined(MRZ_FORM, "unreadable")
    layout = select_layout(facts.lines)
    if layout is None:
        return undetermined(MRZ_FORM, "no_lines") if not facts.lines else failed(MRZ_FORM, "wrong_length")
    cells = [
        (row, column)
        for row, mask in enumerate(layout.masks)
        for column, kind in enumerate(mask)
        if facts.lines[row][column] not in _OF_KIND[kind]
    ]
    if not cells:
        return passed(MRZ_FORM)
    if not facts.doubtful.isdisjoint(cells):
        return undetermined(MRZ_FORM, "doubtful", cells=[list(c) for c in cells])
    return failed(MRZ_FORM, "wrong_kind", cells=[list(c) for c in cells])


def check_digits(facts: DocumentFacts) -> Finding:
    """Judge the digits of single fields as printed."""
    digits = tuple(d for d in facts.check_digits if d.field != FieldName.COMPOSITE)
    return _judge_digits(facts, MRZ_CHECK_DIGITS, digits)


def check_composite(facts: DocumentFacts) -> Finding:
    """Judge the composite digit as printed. Visas have none (Doc 9303-7)."""
    digits = tuple(d for d in facts.check_digits if d.field == FieldName.COMPOSITE)
    return _judge_digits(facts, MRZ_COMPOSITE, digits)


def _judge_digits(facts: DocumentFacts, check: Check, digits: tuple[CheckDigitFact, ...]) -> Finding:
    """Return FAIL if a digit is wrong as printed, UNDETERMINED if one holds only after a repair or may be
    misread.
    """
    if facts.source is ReadingSource.MRZ and facts.status is ReadingStatus.UNREADABLE:
        return undetermined(check, "unreadable")
    if not digits:
        in_zone = facts.has_zone
        return not_applicable(check, "no_digit_in_layout" if in_zone else "no_zone")
    wrong = [d.field for d in digits if d.verdict is CheckDigitVerdict.WRONG_AS_PRINTED]
    if wrong:
        return failed(check, "wrong_as_printed", fields=wrong)
    doubtful = [d.field for d in digits if d.verdict is CheckDigitVerdict.DOUBTFUL]
    if doubtful:
        return undetermined(check, "doubtful", fields=doubtful)
    repaired = [d.field for d in digits if d.verdict is CheckDigitVerdict.HOLDS_AFTER_REPAIR]
    if repaired:
        return undetermined(check, "repaired", fields=repaired)
    return passed(check, fields=[d.field for d in digits])


def check_issuing_state(facts: DocumentFacts) -> Finding:
    """Tell whether the issuer's code exists."""
    return _check_code(facts, MRZ_ISSUING_STATE, facts.issuing_state, FieldName.ISSUING_STATE)


def check_nationality(facts: DocumentFacts) -> Finding:
    """Tell whether the nationality's code exists.

    XXA, XXB, XXC and XXX are lawful holders' codes, and known.
    """
    return _check_code(facts, MRZ_NATIONALITY, facts.nationality, FieldName.NATIONALITY)


def _check_code(facts: DocumentFacts, check: Check, code: str, field: FieldName) -> Finding:
    if not facts.has_document:
        return nothing_to_check(facts, check)
    if not code:
        # some layouts have no nationality; an officer may key a document without one
        return not_applicable(check, "no_code")
    if is_known_code(normalise_code(code)):
        return passed(check)
    return failed_unless_doubtful(facts, check, "unknown_code", field)


def check_specimen(facts: DocumentFacts) -> Finding:
    """Tell whether the document is one that was published as a specimen."""
    if not facts.has_document:
        return nothing_to_check(facts, MRZ_SPECIMEN)
    if facts.accept_specimens:
        return not_applicable(MRZ_SPECIMEN, "specimens_accepted")
    given = facts.secondary_identifier.split()
    number = (facts.issuing_state, normalise_document_number(facts.document_number))
    if SPECIMEN_STATE in (facts.issuing_state, facts.nationality):
        return failed(MRZ_SPECIMEN, "specimen_state")
    holder = (facts.primary_identifier, given[0] if given else "")
    if number in SPECIMEN_NUMBERS or {(*holder, ""), (*holder, facts.birth_date_raw)} & SPECIMEN_HOLDERS:
        return failed(MRZ_SPECIMEN, "known_specimen")
    if SPECIMEN_WORD in (*facts.primary_identifier.split(), *given):
        return failed(MRZ_SPECIMEN, "specimen_name")
    return passed(MRZ_SPECIMEN)
