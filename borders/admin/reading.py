"""What was read from a page, character by character and field by field, with every doubt marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.admin import Tone, badge, show
from biometrics.core.mrz.layouts import BY_NAME, FieldName, Layout, LayoutName
from travelers.models import DocumentReading


@dataclass(frozen=True, slots=True)
class Character:
    """One character of the zone. doubt: "", "doubtful" or "repaired". was: what was read before a repair."""

    text: str
    doubt: str = ""
    was: str = ""


@dataclass(frozen=True, slots=True)
class ReadField:
    """One data element: as it stands, as the booth's reader took it from the printed page, and what speaks against it."""

    label: str
    value: Any
    printed: str
    marks: Sequence[str]
    differs: bool = False
    before: str = ""


FIELDS: tuple[tuple[str, str, FieldName], ...] = (
    ("document_code", "Document code", FieldName.DOCUMENT_CODE),
    ("issuing_state", "Issuing State", FieldName.ISSUING_STATE),
    ("document_number", "Document number", FieldName.DOCUMENT_NUMBER),
    ("primary_identifier", "Primary identifier", FieldName.NAMES),
    ("secondary_identifier", "Secondary identifier", FieldName.NAMES),
    ("nationality", "Nationality", FieldName.NATIONALITY),
    ("birth_date", "Birth date", FieldName.BIRTH_DATE),
    ("sex", "Sex", FieldName.SEX),
    ("expiry_date", "Expires", FieldName.EXPIRY_DATE),
)
DIGIT_MARKS = {
    "holds": (Tone.GOOD, "check", "check digit holds"),
    "holds_after_repair": (Tone.WARN, "build", "check digit holds after repair"),
    "wrong_as_printed": (Tone.BAD, "close", "check digit wrong as printed"),
    "doubtful": (Tone.WARN, "help", "check digit doubtful"),
}


def zone_lines(reading: DocumentReading | None) -> list[list[Character]]:
    """Return the zone as it stands, each character with its doubt."""
    if reading is None:
        return []
    doubtful = {(line, position) for line, position in reading.doubtful}
    repaired = {(r["line"], r["position"]): r["read"] for r in reading.repairs}
    return [
        [_character(text, (n, position), doubtful, repaired) for position, text in enumerate(line)]
        for n, line in enumerate(reading.lines)
    ]


def _character(
    text: str, cell: tuple[int, int], doubtful: set[tuple[int, int]], repaired: Mapping[Any, str]
) -> Character:
    if cell in repaired:
        return Character(text, "repaired", repaired[cell])
    return Character(text, "doubtful" if cell in doubtful else "")


def read_fields(reading: DocumentReading | None, printed: Mapping[str, str]) -> list[ReadField]:
    """Return the data elements of a reading."""
    if reading is None:
        return []
    layout = _layout(reading)
    digits = {d["field"]: d["verdict"] for d in reading.check_digits}
    fields = []
    for name, label, element in FIELDS:
        value = getattr(reading, name) or getattr(reading, f"{name}_raw", "")
        earlier = getattr(reading.corrects, name) if reading.corrects is not None else value
        on_page = str(printed.get(name, ""))
        fields.append(
            ReadField(
                label=label,
                value=show(value),
                printed=on_page,
                marks=_marks(reading, layout, element, digits),
                differs=bool(on_page) and _plain(on_page) != _plain(str(show(value))),
                before=str(show(earlier))
                if earlier != getattr(reading, name) and reading.corrects is not None
                else "",
            )
        )
    return fields


def _marks(
    reading: DocumentReading, layout: Layout | None, element: FieldName, digits: Mapping[str, str]
) -> list[str]:
    marks = []
    if layout is not None and element in layout.fields:
        cells = set(layout.fields[element].cells())
        doubtful = len(cells & {(line, position) for line, position in reading.doubtful})
        repaired = len(cells & {(r["line"], r["position"]) for r in reading.repairs})
        if doubtful:
            marks.append(
                badge(f"{doubtful} doubtful character{'s' if doubtful > 1 else ''}", Tone.WARN, "help")
            )
        if repaired:
            marks.append(badge(f"{repaired} repaired", Tone.WARN, "build"))
    verdict = digits.get(element.value)
    if verdict in DIGIT_MARKS:
        tone, sign, word = DIGIT_MARKS[verdict]
        marks.append(badge(word, tone, sign))
    return marks


def _layout(reading: DocumentReading) -> Layout | None:
    name = reading.layout
    return BY_NAME.get(LayoutName(name)) if name in LayoutName._value2member_map_ else None


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())
