"""From boxes of printed text to the printed fields, beside the values of the machine readable zone.

A text reader errs now and then, so the zone's own values are looked for first, anywhere on the page: what is found
agrees. A field DIFFERS only where a label names it, the value beside the label is whole and surely read, it has the
shape of the zone's value, and the zone's value stands nowhere. Everything else is DOUBTFUL or NOT_FOUND: a false
alarm costs a traveller more than a miss costs the check.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher
from enum import StrEnum

from biometrics.core.mrz.alphabet import FILLER, LETTERS
from biometrics.core.mrz.names import TransliterationError, is_mrz_name_of
from biometrics.core.mrz.parse import Mrz
from biometrics.core.viz.dates import PrintedDate, printed_dates
from biometrics.core.viz.labels import SEX_WORDS, PrintedName, label_names, normalise

Box = tuple[float, float, float, float]

# scores of the text reader, 0 to 1
MIN_SCORE_TO_AGREE = 0.60
MIN_SCORE_TO_DIFFER = 0.95
# of a name that is clearly another one, 0 to 1
MAX_LIKENESS_OF_OTHER_NAME = 0.45
# heights of the label
MAX_GAP_BELOW = 2.2
MAX_GAP_RIGHT = 8.0
CONFUSABLE = str.maketrans("OQDISBZG", "00015826")
_SHAPE = str.maketrans(LETTERS + "0123456789", "A" * 26 + "0" * 10)


@dataclass(frozen=True, slots=True)
class TextBox:
    """One line of text as the text reader gave it.

    box_xyxy: in pixels, text running from left to right. score: of the reader, 0 to 1.
    """

    text: str
    box_xyxy: Box
    score: float

    @property
    def height(self) -> float:
        return self.box_xyxy[3] - self.box_xyxy[1]


class FieldStatus(StrEnum):
    """What is known of a printed field. READ: found by its label where the zone has no such field."""

    AGREES = "agrees"
    DIFFERS = "differs"
    READ = "read"
    DOUBTFUL = "doubtful"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class PrintedField:
    """One printed field.

    value: dates as YYYY-MM-DD, names as printed, numbers without separators; "" unless AGREES, DIFFERS or READ.
    A value that agrees but for characters that readers confuse (O and 0) is given as the zone has it. score: of
    the box, 0 where there is none. box_xyxy: where the value stands, or None.
    """

    name: PrintedName
    status: FieldStatus
    value: str = ""
    score: float = 0.0
    box_xyxy: Box | None = None


@dataclass(frozen=True, slots=True)
class PrintedFields:
    """The printed fields of a page, one of each of COMPARED_FIELDS, then the issue date."""

    fields: tuple[PrintedField, ...]

    def get(self, name: PrintedName) -> PrintedField:
        """Return one field. Raises KeyError for a name that is not looked for."""
        return {field.name: field for field in self.fields}[name]

    def values(self) -> dict[str, str]:
        """Return the values that are sure enough to be compared, by name."""
        sure = (FieldStatus.AGREES, FieldStatus.DIFFERS)
        return {field.name.value: field.value for field in self.fields if field.status in sure}

    def replaced(self, field: PrintedField) -> "PrintedFields":
        """Return the fields with one put in for that of the same name."""
        return PrintedFields(tuple(field if one.name is field.name else one for one in self.fields))


COMPARED_FIELDS: tuple[PrintedName, ...] = (
    PrintedName.PRIMARY_IDENTIFIER,
    PrintedName.SECONDARY_IDENTIFIER,
    PrintedName.DOCUMENT_NUMBER,
    PrintedName.BIRTH_DATE,
    PrintedName.EXPIRY_DATE,
    PrintedName.NATIONALITY,
    PrintedName.SEX,
)


@dataclass(frozen=True, slots=True)
class _Value:
    """A text that may be a value. anchors: the labels beside it."""

    text: str
    box: TextBox
    anchors: frozenset[PrintedName]


class _Page:
    """The boxes of a page, sorted into labels and values."""

    def __init__(self, boxes: Sequence[TextBox]) -> None:
        labels: list[tuple[TextBox, frozenset[PrintedName]]] = []
        plain: list[TextBox] = []
        self.values: list[_Value] = []
        for box in boxes:
            names, rest = label_names(box.text)
            # what stands behind a label in one box is its value; a value alone is no label, whatever its words
            if names and rest and not _is_noise(rest):
                self.values.append(_Value(rest, box, names))
            elif names:
                labels.append((box, names))
            else:
                plain.append(box)
        for box in plain:
            near = [
                names for label, names in labels if _belongs_to(box, label, [b for b, _ in labels], plain)
            ]
            self.values.append(_Value(box.text, box, frozenset().union(*near)))
        self.values += _joined(self.values)

    def anchored(self, *names: PrintedName) -> list[_Value]:
        """Return the values beside a label of one of these names, and of no other."""
        return [v for v in self.values if v.anchors and v.anchors <= set(names)]


def _is_noise(text: str) -> bool:
    return not any(character.isalnum() for character in text) or len(text) < 2


def _overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """Return how much of the shorter of two stretches lies in the other, 0 to 1."""
    return max(0.0, min(a1, b1) - max(a0, b0)) / max(1e-6, min(a1 - a0, b1 - b0))


def _below(label: Box, box: Box, height: float) -> float | None:
    """Return how far a box lies below a label in pixels, None if it does not."""
    gap = box[1] - label[3]
    aligned = abs(box[0] - label[0]) < 1.5 * height or _overlap(label[0], label[2], box[0], box[2]) > 0.5
    return gap if aligned and -0.6 * height <= gap <= MAX_GAP_BELOW * height and box[3] > label[3] else None


def _right_of(label: Box, box: Box, height: float) -> float | None:
    """Return how far a box lies right of a label in pixels, None if it does not."""
    gap = box[0] - label[2]
    in_row = _overlap(label[1], label[3], box[1], box[3]) > 0.5
    return gap if in_row and -0.5 * height <= gap <= MAX_GAP_RIGHT * height else None


def _belongs_to(box: TextBox, label: TextBox, labels: list[TextBox], plain: list[TextBox]) -> bool:
    """Tell whether a box is the value of a label: the next box below or right of it, with no other label nearer."""
    for direction in (_below, _right_of):
        gap = direction(label.box_xyxy, box.box_xyxy, label.height)
        if gap is None:
            continue
        others = [
            direction(label.box_xyxy, other.box_xyxy, label.height) for other in plain if other is not box
        ]
        if any(other is not None and other < gap - 0.3 * label.height for other in others):
            continue
        rivals = [
            direction(rival.box_xyxy, box.box_xyxy, rival.height) for rival in labels if rival is not label
        ]
        if any(rival is not None and rival < gap - 0.2 * label.height for rival in rivals):
            continue
        # a label below belongs to the next value, unless nothing stands on the row
        return True
    return False


def _joined(values: list[_Value]) -> list[_Value]:
    """Return neighbours of a row as one value too: the reader parts 01 JAN /JAN from 85."""
    joined = []
    for left in values:
        for right in values:
            a, b = left.box.box_xyxy, right.box.box_xyxy
            height = min(left.box.height, right.box.height)
            if left is right or left.box is right.box or _overlap(a[1], a[3], b[1], b[3]) < 0.6:
                continue
            if -0.5 * height <= b[0] - a[2] <= 1.5 * height:
                box = TextBox(
                    f"{left.text} {right.text}",
                    (a[0], min(a[1], b[1]), b[2], max(a[3], b[3])),
                    min(left.box.score, right.box.score),
                )
                joined.append(_Value(box.text, box, left.anchors))
    return joined


def read_printed_fields(boxes: Sequence[TextBox], mrz: Mrz, *, at: datetime) -> PrintedFields:
    """Return the printed fields of a page whose zone has been read.

    boxes: every line of text of the page but those of the zone, in pixels of one upright picture. mrz: the
    zone, as read. at: aware time of capture. Every field of COMPARED_FIELDS and the issue date is answered.
    """
    page = _Page([box for box in boxes if box.text.strip()])
    return PrintedFields(
        (
            _name(page, PrintedName.PRIMARY_IDENTIFIER, mrz.primary_identifier, mrz),
            _name(page, PrintedName.SECONDARY_IDENTIFIER, mrz.secondary_identifier, mrz),
            _number(page, mrz),
            _date(page, PrintedName.BIRTH_DATE, mrz, at),
            _date(page, PrintedName.EXPIRY_DATE, mrz, at),
            _nationality(page, mrz),
            _sex(page, mrz),
            _issue_date(page, at),
        )
    )


def confirm(field: PrintedField, second: Sequence[TextBox], mrz: Mrz, *, at: datetime) -> PrintedField:
    """Return a field that DIFFERS if a second look at its box gives the same value, else the field as DOUBTFUL.

    second: what the text reader made of the box, cut out anew; its boxes are not looked at.
    """
    label = {
        PrintedName.DOCUMENT_NUMBER: "Document No.",
        PrintedName.PRIMARY_IDENTIFIER: "Surname",
        PrintedName.SECONDARY_IDENTIFIER: "Given names",
        PrintedName.BIRTH_DATE: "Date of birth",
        PrintedName.EXPIRY_DATE: "Date of expiry",
        PrintedName.SEX: "Sex",
    }[field.name]
    for box in second:
        _, rest = label_names(box.text)
        text = rest or box.text
        beside = (TextBox(label, (0, 0, 100, 20), 1.0), TextBox(text, (0, 22, 100, 42), box.score))
        again = read_printed_fields(beside, mrz, at=at).get(field.name)
        if again.status is FieldStatus.DIFFERS and again.value == field.value:
            return replace(field, score=min(field.score, again.score))
    return _doubt(field)


def _doubt(field: PrintedField) -> PrintedField:
    return replace(field, status=FieldStatus.DOUBTFUL, value="")


def _settle(
    name: PrintedName,
    values: Sequence[_Value],
    anchored: Sequence[_Value],
    agrees: Callable[[str], str | None],
    other: Callable[[str], str | None],
) -> PrintedField:
    """Return a field by the rule of this module.

    values: where the zone's value may stand; anchored: beside a label of the field. agrees, other: the value that
    a text agrees in, the whole and clearly other value that it is, or None.
    """
    in_agreement = [
        (value, text)
        for value in (*anchored, *values)
        if value.box.score >= MIN_SCORE_TO_AGREE and (text := agrees(value.text)) is not None
    ]
    if in_agreement:
        value, text = max(in_agreement, key=lambda pair: pair[0].box.score)
        return PrintedField(name, FieldStatus.AGREES, text, value.box.score, value.box.box_xyxy)
    if not anchored:
        return PrintedField(name, FieldStatus.NOT_FOUND)
    others = {
        text: value
        for value in anchored
        if value.box.score >= MIN_SCORE_TO_DIFFER and (text := other(value.text)) is not None
    }
    best = max(anchored, key=lambda value: value.box.score)
    if len(others) == 1:
        text, value = next(iter(others.items()))
        return PrintedField(name, FieldStatus.DIFFERS, text, value.box.score, value.box.box_xyxy)
    return PrintedField(name, FieldStatus.DOUBTFUL, "", best.box.score, best.box.box_xyxy)


def _date(page: _Page, name: PrintedName, mrz: Mrz, at: datetime) -> PrintedField:
    zone = mrz.birth_date if name is PrintedName.BIRTH_DATE else mrz.expiry_date
    if zone is None or zone.date is None:
        return PrintedField(name, FieldStatus.NOT_FOUND)
    known, other_known = zone.date, mrz.expiry_date if name is PrintedName.BIRTH_DATE else mrz.birth_date
    elsewhere = other_known.raw if other_known else ""

    def agrees(text: str) -> str | None:
        return known.isoformat() if any(d.yymmdd == zone.raw for d in printed_dates(text)) else None

    def differs(text: str) -> str | None:
        found = printed_dates(text)
        if not found or (len(found) > 1 and not found[0].may_be_month_first):
            return None
        if any(one.yymmdd == elsewhere for one in found):
            return None
        # day or month first: neither way is the zone's date, so the nearer one is what is printed
        nearest = max(found, key=lambda one: _parts_shared(one, known))
        return _clearly_other_date(nearest, known, is_birth=name is PrintedName.BIRTH_DATE, at=at)

    return _settle(name, page.values, page.anchored(name), agrees, differs)


def _clearly_other_date(found: PrintedDate, known: date, *, is_birth: bool, at: datetime) -> str | None:
    """Return a date that is the zone's with a part changed, None for one that shares no part with it.

    A date that shares nothing is more often the one of another field than a forged one.
    """
    day = found.as_date(known)
    if is_birth and day > at.date():
        return None
    return day.isoformat() if _parts_shared(found, known) else None


def _parts_shared(found: PrintedDate, known: date) -> int:
    """Return how many of day, month and year of two digits are the same."""
    return (found.day == known.day) + (found.month == known.month) + (found.year % 100 == known.year % 100)


def _number(page: _Page, mrz: Mrz) -> PrintedField:
    name, number = PrintedName.DOCUMENT_NUMBER, mrz.document_number
    compact = "".join(c for c in number if c.isalnum())
    if len(compact) < 4:
        return PrintedField(name, FieldStatus.NOT_FOUND)
    in_zone = "".join((number, mrz.optional_data, mrz.optional_data_2)).replace(FILLER, "")

    def agrees(text: str) -> str | None:
        for candidate in _numbers_in(text):
            if candidate.translate(CONFUSABLE) == compact.translate(CONFUSABLE):
                return compact
        return None

    def differs(text: str) -> str | None:
        candidate = "".join(c for c in normalise(text) if c.isalnum())
        # another number of the document, such as a personal number, has another shape
        if candidate.translate(_SHAPE) != compact.translate(_SHAPE) or candidate in in_zone:
            return None
        # a page is forged by changing a few characters; where most differ it is another number
        changed = sum(a != b for a, b in zip(candidate, compact, strict=True))
        return candidate if changed <= len(compact) // 2 else None

    return _settle(name, page.values, page.anchored(name), agrees, differs)


def _numbers_in(text: str) -> Iterator[str]:
    """Yield a text without separators, and each run of its words that ends it."""
    words = re.findall(r"[A-Z0-9]+", normalise(text))
    for start in range(len(words)):
        yield "".join(words[start:])


def _name(page: _Page, name: PrintedName, identifier: str, mrz: Mrz) -> PrintedField:
    if not identifier:
        return PrintedField(name, FieldStatus.NOT_FOUND)
    first, second = mrz.primary_identifier, mrz.secondary_identifier
    size = len(identifier.split())

    def is_same(words: Sequence[str], of: str) -> bool:
        try:
            return is_mrz_name_of(of, " ".join(words), truncated=mrz.names_truncated)
        except TransliterationError:
            return False

    def agrees(text: str) -> str | None:
        words = re.findall(r"[^\s,;]+", text)
        if is_same(words, identifier):
            return " ".join(words)
        # both identifiers on one line, the primary one first
        for cut in range(1, len(words)):
            if second and is_same(words[:cut], first) and is_same(words[cut:], second):
                return " ".join(words[:cut] if identifier == first else words[cut:])
        return None

    def differs(text: str) -> str | None:
        plain = normalise(text)
        letters = "".join(c for c in plain if c in LETTERS)
        if len(letters) < 3 or len(letters) < len(plain.replace(" ", "")) or len(plain.split()) > size + 2:
            return None
        everything = (first, second, f"{first} {second}", f"{second} {first}")
        likeness = max(_likeness(letters, known) for known in everything if known)
        return " ".join(text.split()) if likeness <= MAX_LIKENESS_OF_OTHER_NAME else None

    field = _settle(name, page.values, page.anchored(name, PrintedName.NAME), agrees, differs)
    if field.status is FieldStatus.DIFFERS:
        # part of the name may stand in another box, or was read badly
        pieces = ("".join(c for c in normalise(v.text) if c in LETTERS) for v in page.values)
        if any(_likeness(piece, identifier) > 0.6 for piece in pieces if len(piece) >= 3):
            return _doubt(field)
    return field


def _likeness(letters: str, known: str) -> float:
    return SequenceMatcher(None, letters, known.replace(" ", ""), autojunk=False).ratio()


def _nationality(page: _Page, mrz: Mrz) -> PrintedField:
    """Find the code of the zone beside its label. Another word is never another nationality: it may be an adjective."""
    name = PrintedName.NATIONALITY

    def agrees(text: str) -> str | None:
        words = re.findall(r"[A-Z]+", normalise(text))
        return mrz.nationality if mrz.nationality in words else None

    if not mrz.nationality:
        return PrintedField(name, FieldStatus.NOT_FOUND)
    return _settle(name, (), page.anchored(name), agrees, lambda _: None)


def _sex(page: _Page, mrz: Mrz) -> PrintedField:
    name = PrintedName.SEX
    # the page prints X, or nothing, where the zone has a filler
    known = mrz.sex or "X"

    def agrees(text: str) -> str | None:
        words = re.findall(r"[A-Z]+", normalise(text))
        return known if known in {SEX_WORDS.get(word) for word in words} else None

    def differs(text: str) -> str | None:
        words = re.findall(r"[A-Z]+", normalise(text))
        found = {SEX_WORDS.get(word) for word in words}
        # one letter alone may belong to another language: V is a woman in Dutch and a man in Latvian
        is_sure = found in ({"M"}, {"F"}) and known in "MF" and len(words) in (1, 2)
        return next(iter(found)) if is_sure else None

    return _settle(name, (), page.anchored(name), agrees, differs)


def _issue_date(page: _Page, at: datetime) -> PrintedField:
    name = PrintedName.ISSUE_DATE
    for value in page.anchored(name):
        found = printed_dates(value.text)
        if len(found) == 1 and value.box.score >= MIN_SCORE_TO_DIFFER:
            day = found[0].as_date(at.date())
            if day <= at.date():
                return PrintedField(
                    name, FieldStatus.READ, day.isoformat(), value.box.score, value.box.box_xyxy
                )
    return PrintedField(name, FieldStatus.NOT_FOUND)
