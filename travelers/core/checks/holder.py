"""The document against the record: has another person crossed with this number before?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biometrics.core.mrz.alphabet import FILLER
from biometrics.core.mrz.layouts import FieldName
from biometrics.core.mrz.names import TransliterationError, mrz_name_forms
from biometrics.core.outcomes import Check, Finding, Severity
from travelers.core.checks.facts import (
    DocumentFacts,
    ReadingSource,
    failed_unless_doubtful,
    not_applicable,
    passed,
    undetermined,
)

DOCUMENT_HOLDER = Check(
    "DOCUMENT.HOLDER",
    "The document was not seen before with another name or birth date.",
    Severity.BLOCK,
    "own record of crossings",
)

HOLDER_CHECKS: tuple[Check, ...] = (DOCUMENT_HOLDER,)


@dataclass(frozen=True, slots=True)
class EarlierHolder:
    """Who an earlier accepted reading of the same document named. birth_date: None if unknown."""

    primary_identifier: str
    secondary_identifier: str
    birth_date: date | None


def check_holder(facts: DocumentFacts, earlier: Sequence[EarlierHolder]) -> Finding:
    """Compare the holder with the earlier ones of the same issuing State, document code and number.

    earlier: any number of them, in any order. Names are compared word by word, of the shorter name only,
    since a keyed and a read name may be cut differently; an unknown birth date contradicts nothing.
    """
    if not facts.has_document:
        if facts.source is ReadingSource.MRZ:
            return undetermined(DOCUMENT_HOLDER, "unreadable")
        return not_applicable(DOCUMENT_HOLDER, "no_document")
    if not facts.document_number:
        return not_applicable(DOCUMENT_HOLDER, "no_number")
    fields = (FieldName.DOCUMENT_NUMBER, FieldName.BIRTH_DATE, FieldName.NAMES)
    born_otherwise = [
        e for e in earlier if e.birth_date and facts.birth_date and e.birth_date != facts.birth_date
    ]
    if born_otherwise:
        return failed_unless_doubtful(facts, DOCUMENT_HOLDER, "other_birth_date", *fields)
    if any(not _may_be_same_name(facts, e) for e in earlier):
        return failed_unless_doubtful(facts, DOCUMENT_HOLDER, "other_name", *fields)
    return passed(DOCUMENT_HOLDER, earlier_readings=len(earlier))


def _may_be_same_name(facts: DocumentFacts, earlier: EarlierHolder) -> bool:
    pairs = (
        (facts.primary_identifier, earlier.primary_identifier),
        (facts.secondary_identifier, earlier.secondary_identifier),
    )
    return all(
        any(_may_be_same_words(a, b) for a in _written_forms(now) for b in _written_forms(then))
        for now, then in pairs
    )


def _written_forms(identifier: str) -> list[list[str]]:
    """Return the words of an identifier in each form of the zone; as they are where there is none."""
    try:
        return [form.split(FILLER) for form in mrz_name_forms(identifier)]
    except TransliterationError:
        return [identifier.split()]


def _may_be_same_words(now: Sequence[str], then: Sequence[str]) -> bool:
    return all(a.startswith(b) or b.startswith(a) for a, b in zip(now, then, strict=False))
