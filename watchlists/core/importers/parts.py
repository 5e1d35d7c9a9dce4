"""Small readings that several lists share: names with a comma, sexes, kinds and numbers of documents."""

import re
from collections.abc import Hashable, Iterable
from typing import TypeVar

from travelers.core.numbers import normalise_document_number
from watchlists.core.document_ranges import NUMBER_MAX
from watchlists.core.importers.drafts import RowIssue
from watchlists.core.importers.text import clean
from watchlists.core.names import PersonName
from watchlists.core.proposals import NAME_MAX

Thing = TypeVar("Thing", bound=Hashable)

NOTES_A_ROW = 20
_SEXES = {
    **dict.fromkeys(("m", "male", "man", "masculine", "homme", "hombre"), "M"),
    **dict.fromkeys(("f", "female", "woman", "feminine", "femme", "mujer"), "F"),
    **dict.fromkeys(("x", "other", "non-binary"), "X"),
}
_PASSPORT = ("passport", "pasaporte", "passeport", "reisepass", "travel document", "laissez")
_ID_CARD = ("identi", "cedula", "cédula", "d.n.i", "dni", "id card", "national id", "tazkira", "personal id")
_RESIDENCE = ("residen",)
_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z\-./<]*", re.ASCII)
# notes that stand in front of or behind a number in the same field
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LABEL = re.compile(
    r"^(?:passport|number|no\.?|nr\.?|num\.?|id|card|n°|#|:|\s)+(?=[\s:]*[A-Z]{0,4}[\s-]?\d)", re.I
)
_WORDS_BEFORE = re.compile(r"^.*\b(?:NO|NUMBER|NR|NUM)\b[.:]?\s*(?=.*\d)")
_SHORTEST_NUMBER = 4


class Notes:
    """What in one row was not understood, without refusing it."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.issues: list[RowIssue] = []

    def add(self, field: str, code: str) -> None:
        if len(self.issues) < NOTES_A_ROW:
            self.issues.append(RowIssue(self.line, field, code, refuses=False))


def distinct(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Return the things once each, in order, without empty texts."""
    return tuple(dict.fromkeys(thing for thing in things if thing != ""))


def split_name(text: str, *, low_quality: bool = False) -> PersonName:
    """Return a name; one comma parts the primary identifier from the secondary one. text: not blank."""
    bare = clean(text).strip(" ,;'\"")
    primary, comma, secondary = bare.partition(",")
    if comma and primary.strip() and secondary.strip():
        return person_name(primary, secondary, low_quality=low_quality)
    return person_name(bare, low_quality=low_quality)


def person_name(primary: str, secondary: str = "", *, low_quality: bool = False) -> PersonName:
    """Return a name cut to what an entry holds; without a primary identifier the secondary one takes its place."""
    first, second = clean(primary, NAME_MAX).strip(" ,"), clean(secondary, NAME_MAX).strip(" ,")
    return PersonName(first or second, second if first else "", low_quality)


def sex_of(text: str) -> str:
    """Return M, F, X or "" (not said, or not understood)."""
    return _SEXES.get(clean(text).lower().rstrip("."), "")


def document_kind(text: str) -> str:
    """Return the kind of document that a source names in one of several languages."""
    lower = text.lower()
    if any(word in lower for word in _PASSPORT):
        return "PASSPORT"
    if any(word in lower for word in _RESIDENCE):
        return "RESIDENCE"
    if "visa" in lower:
        return "VISA"
    return "ID_CARD" if any(word in lower for word in _ID_CARD) else "OTHER"


def document_numbers(text: str) -> tuple[str, ...]:
    """Return the document numbers of a field that also holds remarks: each as it is printed, without its remark.

    text: e.g. "A1234567 (issued in Utopia)", "Passport no. 12-345", "A12345; B98765".
    """
    found = []
    for part in re.split(r"[;,|]| and | or ", _ASIDE.sub(" ", text)):
        bare = _WORDS_BEFORE.sub("", _LABEL.sub("", part.strip().upper()))
        words = _NUMBER.findall(bare)
        number = " ".join(words)
        normal = normalise_document_number(number)
        if len(normal) > NUMBER_MAX or not any(c.isdigit() for c in normal):
            # remarks stand behind it: the first word with a digit is the number
            number = next((w for w in words if sum(c.isdigit() for c in w) >= 3), "")
            normal = normalise_document_number(number)
        if _SHORTEST_NUMBER <= len(normal) <= NUMBER_MAX and any(c.isdigit() for c in normal):
            found.append(number[: NUMBER_MAX * 2])
    return distinct(found)
