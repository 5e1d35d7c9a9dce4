"""The layouts of machine readable zones as data. Source: Doc 9303-4 to 9303-7, section 4 of each.

Positions are counted from 0 and half-open; the standard counts from 1.
A mask has one letter for each cell: a letter or filler, n digit, d digit or filler, x any character, s sex.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class LayoutName(StrEnum):
    """Names of the layouts this package knows."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRVA = "MRV-A"
    MRVB = "MRV-B"
    FRENCH_IDENTITY_CARD = "FRA-ID"
    FRENCH_DRIVING_LICENCE = "FRA-DL"
    SWISS_DRIVING_LICENCE = "CHE-DL"


class FieldName(StrEnum):
    """Names of the data elements of a zone."""

    DOCUMENT_CODE = "document_code"
    ISSUING_STATE = "issuing_state"
    NAMES = "names"
    PRIMARY_IDENTIFIER = "primary_identifier"
    SECONDARY_IDENTIFIER = "secondary_identifier"
    DOCUMENT_NUMBER = "document_number"
    NATIONALITY = "nationality"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    EXPIRY_DATE = "expiry_date"
    OPTIONAL_DATA = "optional_data"
    OPTIONAL_DATA_2 = "optional_data_2"
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class Span:
    """Cells start to stop - 1 of a line."""

    line: int
    start: int
    stop: int

    def cells(self) -> tuple[tuple[int, int], ...]:
        """Return (line, position) of each cell."""
        return tuple((self.line, position) for position in range(self.start, self.stop))


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A check digit: the spans it covers in order, and its own cell.

    filler_if_empty: the digit may be a filler where the field is empty (TD3 optional data, Doc 9303-4; permits
    of residence without an end print no expiry date and no digit).
    overflow: where a document number of more than nine characters goes on if the digit's cell is a filler
    (Doc 9303-5 and 9303-6, note on long document numbers).
    """

    field: FieldName
    covers: tuple[Span, ...]
    cell: tuple[int, int]
    filler_if_empty: bool = False
    overflow: Span | None = None

    def covered_cells(self) -> tuple[tuple[int, int], ...]:
        """Return the covered cells in order, without the digit's own."""
        return tuple(cell for span in self.covers for cell in span.cells())


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout: columns characters on the longest of len(masks) lines.

    prefixes: the line that carries the document code begins with one of these (empty: with any letter).
    """

    name: LayoutName
    columns: int
    masks: tuple[str, ...]
    fields: dict[FieldName, Span]
    checks: tuple[CheckRule, ...]
    prefixes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Return the number of lines."""
        return len(self.masks)

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of characters of each line."""
        return tuple(len(mask) for mask in self.masks)

    def has_prefix(self, lines: tuple[str, ...]) -> bool:
        """Return whether lines of this layout's size begin as it demands."""
        line = lines[self.fields[FieldName.DOCUMENT_CODE].line]
        return not self.prefixes or line.startswith(self.prefixes)

    def text(self, lines: tuple[str, ...], name: FieldName) -> str:
        """Return the characters of a field, "" if the layout lacks it. lines: of this layout's size."""
        span = self.fields.get(name)
        return "" if span is None else lines[span.line][span.start : span.stop]


def _two_line(
    name: LayoutName,
    columns: int,
    optional_stop: int,
    extra_mask: str,
    extra_checks: tuple[CheckRule, ...],
    prefixes: tuple[str, ...],
    overflow: Span | None = None,
) -> Layout:
    """Return a layout of the family TD2, TD3, MRV-A, MRV-B, which share line 2 up to the expiry date."""
    number_mask = "d" if overflow else "n"
    line_2 = "x" * 9 + number_mask + "aaa" + "d" * 6 + "n" + "s" + "d" * 7
    line_2 += "x" * (optional_stop - 28) + extra_mask
    return Layout(
        name=name,
        columns=columns,
        masks=("ax" + "a" * (columns - 2), line_2),
        fields={
            FieldName.DOCUMENT_CODE: Span(0, 0, 2),
            FieldName.ISSUING_STATE: Span(0, 2, 5),
            FieldName.NAMES: Span(0, 5, columns),
            FieldName.DOCUMENT_NUMBER: Span(1, 0, 9),
            FieldName.NATIONALITY: Span(1, 10, 13),
            FieldName.BIRTH_DATE: Span(1, 13, 19),
            FieldName.SEX: Span(1, 20, 21),
            FieldName.EXPIRY_DATE: Span(1, 21, 27),
            FieldName.OPTIONAL_DATA: Span(1, 28, optional_stop),
        },
        checks=(
            CheckRule(FieldName.DOCUMENT_NUMBER, (Span(1, 0, 9),), (1, 9), overflow=overflow),
            CheckRule(FieldName.BIRTH_DATE, (Span(1, 13, 19),), (1, 19)),
            CheckRule(FieldName.EXPIRY_DATE, (Span(1, 21, 27),), (1, 27), filler_if_empty=True),
            *extra_checks,
        ),
        prefixes=prefixes,
    )


TD3 = _two_line(
    LayoutName.TD3,
    44,
    42,
    "dn",
    (
        CheckRule(FieldName.OPTIONAL_DATA, (Span(1, 28, 42),), (1, 42), filler_if_empty=True),
        CheckRule(FieldName.COMPOSITE, (Span(1, 0, 10), Span(1, 13, 20), Span(1, 21, 43)), (1, 43)),
    ),
    (),
)
TD2 = _two_line(
    LayoutName.TD2,
    36,
    35,
    "n",
    (CheckRule(FieldName.COMPOSITE, (Span(1, 0, 10), Span(1, 13, 20), Span(1, 21, 35)), (1, 35)),),
    (),
    overflow=Span(1, 28, 35),
)
# visas have neither a composite digit nor one for the optional data (Doc 9303-7)
MRVA = _two_line(LayoutName.MRVA, 44, 44, "", (), ("V",))
MRVB = _two_line(LayoutName.MRVB, 36, 36, "", (), ("V",))
TD1 = Layout(
    name=LayoutName.TD1,
    columns=30,
    masks=(
        "axaaa" + "x" * 9 + "d" + "x" * 15,
        "d" * 6 + "n" + "s" + "d" * 7 + "aaa" + "x" * 11 + "n",
        "a" * 30,
    ),
    fields={
        FieldName.DOCUMENT_CODE: Span(0, 0, 2),
        FieldName.ISSUING_STATE: Span(0, 2, 5),
        FieldName.DOCUMENT_NUMBER: Span(0, 5, 14),
        FieldName.OPTIONAL_DATA: Span(0, 15, 30),
        FieldName.BIRTH_DATE: Span(1, 0, 6),
        FieldName.SEX: Span(1, 7, 8),
        FieldName.EXPIRY_DATE: Span(1, 8, 14),
        FieldName.NATIONALITY: Span(1, 15, 18),
        FieldName.OPTIONAL_DATA_2: Span(1, 18, 29),
        FieldName.NAMES: Span(2, 0, 30),
    },
    checks=(
        CheckRule(FieldName.DOCUMENT_NUMBER, (Span(0, 5, 14),), (0, 14), overflow=Span(0, 15, 30)),
        CheckRule(FieldName.BIRTH_DATE, (Span(1, 0, 6),), (1, 6)),
        CheckRule(FieldName.EXPIRY_DATE, (Span(1, 8, 14),), (1, 14), filler_if_empty=True),
        CheckRule(
            FieldName.COMPOSITE, (Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29)), (1, 29)
        ),
    ),
)
# the French national identity card of 1988 to 2021, a national layout outside Doc 9303
FRENCH_IDENTITY_CARD = Layout(
    name=LayoutName.FRENCH_IDENTITY_CARD,
    columns=36,
    masks=("a" * 30 + "x" * 6, "x" * 12 + "n" + "a" * 14 + "d" * 6 + "n" + "s" + "n"),
    fields={
        FieldName.DOCUMENT_CODE: Span(0, 0, 2),
        FieldName.ISSUING_STATE: Span(0, 2, 5),
        FieldName.PRIMARY_IDENTIFIER: Span(0, 5, 30),
        FieldName.OPTIONAL_DATA: Span(0, 30, 36),
        FieldName.DOCUMENT_NUMBER: Span(1, 0, 12),
        FieldName.SECONDARY_IDENTIFIER: Span(1, 13, 27),
        FieldName.BIRTH_DATE: Span(1, 27, 33),
        FieldName.SEX: Span(1, 34, 35),
    },
    checks=(
        CheckRule(FieldName.DOCUMENT_NUMBER, (Span(1, 0, 12),), (1, 12)),
        CheckRule(FieldName.BIRTH_DATE, (Span(1, 27, 33),), (1, 33)),
        CheckRule(FieldName.COMPOSITE, (Span(0, 0, 36), Span(1, 0, 35)), (1, 35)),
    ),
    prefixes=("IDFRA",),
)

# national layouts outside Doc 9303, as published parsers and descriptions agree on them (docs/mrz.md names them).
# Driving licences after ISO/IEC 18013-3 have one line; what stands behind the document number differs by State, so
# only the French one is known here. Its first digit covers the line from the document code on.
FRENCH_DRIVING_LICENCE = Layout(
    name=LayoutName.FRENCH_DRIVING_LICENCE,
    columns=30,
    masks=("ax" + "aaa" + "x" * 9 + "n" * 7 + "a" * 8 + "n",),
    fields={
        FieldName.DOCUMENT_CODE: Span(0, 0, 2),
        FieldName.ISSUING_STATE: Span(0, 2, 5),
        FieldName.DOCUMENT_NUMBER: Span(0, 5, 14),
        FieldName.EXPIRY_DATE: Span(0, 15, 21),
        FieldName.PRIMARY_IDENTIFIER: Span(0, 21, 29),
    },
    checks=(
        CheckRule(FieldName.DOCUMENT_NUMBER, (Span(0, 0, 14),), (0, 14)),
        CheckRule(FieldName.COMPOSITE, (Span(0, 0, 29),), (0, 29)),
    ),
    prefixes=("D1FRA", "DPFRA", "DNFRA", "D<FRA"),
)
# number of the blank; code, State, number of the licence (register number and version), birth date; names. No digit
SWISS_DRIVING_LICENCE = Layout(
    name=LayoutName.SWISS_DRIVING_LICENCE,
    columns=30,
    masks=("x" * 9, "a" * 5 + "n" * 12 + "aa" + "d" * 6 + "a" * 5, "a" * 30),
    fields={
        FieldName.OPTIONAL_DATA: Span(0, 0, 9),
        FieldName.DOCUMENT_CODE: Span(1, 0, 2),
        FieldName.ISSUING_STATE: Span(1, 2, 5),
        FieldName.DOCUMENT_NUMBER: Span(1, 5, 17),
        FieldName.BIRTH_DATE: Span(1, 19, 25),
        FieldName.NAMES: Span(2, 0, 30),
    },
    checks=(),
    prefixes=("FACHE",),
)

# where two layouts have the same size, the one with a prefix is tried first. These are what the reader looks for
LAYOUTS: tuple[Layout, ...] = (TD1, MRVB, FRENCH_IDENTITY_CARD, TD2, MRVA, TD3)
ALL_LAYOUTS: tuple[Layout, ...] = (*LAYOUTS, FRENCH_DRIVING_LICENCE, SWISS_DRIVING_LICENCE)
BY_NAME: dict[LayoutName, Layout] = {layout.name: layout for layout in ALL_LAYOUTS}


def select_layout(lines: tuple[str, ...]) -> Layout | None:
    """Return the layout whose size and prefix fit the lines, or None. lines: any texts."""
    widths = tuple(len(line) for line in lines)
    for layout in ALL_LAYOUTS:
        if widths == layout.widths and layout.has_prefix(lines):
            return layout
    return None
