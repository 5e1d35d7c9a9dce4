"""Reading lists of pairs and of pictures: every fault with its line and column, the good rows kept."""

import csv
import io
from dataclasses import dataclass
from enum import StrEnum

PAIR_COLUMNS = ("reference", "probe", "mated", "group")
PICTURE_COLUMNS = ("image", "subject")
MAX_BYTES = 1_000_000_000
MAX_FAULTS_KEPT = 100
MAX_CELL = 4096


class ListFault(StrEnum):
    """Stable codes of what can be wrong with a list."""

    NOT_TEXT = "list_not_utf8"
    EMPTY = "list_empty"
    COLUMN_MISSING = "list_column_missing"
    COLUMN_TWICE = "list_column_twice"
    NO_GOOD_ROW = "list_has_no_usable_row"
    CELLS_MISSING = "row_cells_missing"
    CELLS_TOO_MANY = "row_cells_too_many"
    CELL_EMPTY = "row_cell_empty"
    CELL_TOO_LONG = "row_cell_too_long"
    MATED_UNKNOWN = "row_mated_not_0_or_1"
    NOT_CSV = "row_not_csv"


@dataclass(frozen=True, slots=True)
class RowFault:
    """One cell that cannot be used. line: of the file, from 1. column: its name, empty for the whole row."""

    line: int
    column: str
    code: str


class ListRefused(ValueError):
    """A list cannot be used at all. code: a ListFault. column: the name concerned, or empty. faults: of its rows."""

    def __init__(self, code: ListFault, column: str = "", faults: "tuple[RowFault, ...]" = ()) -> None:
        super().__init__(f"{code.value}: {column}" if column else code.value)
        self.code = code
        self.column = column
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a list of pairs. group may be empty."""

    line: int
    reference: str
    probe: str
    is_mated: bool
    group: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One row of a list of pictures. subject: empty = not enrolled."""

    line: int
    image: str
    subject: str


Rows = list[tuple[int, dict[str, str]]]


def parse_pairs(content: bytes) -> tuple[tuple[Pair, ...], tuple[RowFault, ...]]:
    """Return the usable rows of a list of pairs and what is wrong with the others.

    content: CSV as UTF-8, columns reference, probe, mated (0 or 1) and, if there are groups, group; others are ignored.
    Raises ListRefused.
    """
    rows, faults = _read(content, PAIR_COLUMNS, optional=("group",))
    pairs = []
    for line, cells in rows:
        bad = [
            RowFault(line, name, ListFault.CELL_EMPTY) for name in ("reference", "probe") if not cells[name]
        ]
        if cells["mated"] not in ("0", "1"):
            bad.append(RowFault(line, "mated", ListFault.MATED_UNKNOWN))
        if bad:
            faults += bad
        else:
            pairs.append(
                Pair(line, cells["reference"], cells["probe"], cells["mated"] == "1", cells.get("group", ""))
            )
    if not pairs:
        raise ListRefused(ListFault.NO_GOOD_ROW if faults else ListFault.EMPTY, faults=tuple(faults))
    return tuple(pairs), tuple(faults)


def parse_pictures(
    content: bytes, *, needs_subject: bool
) -> tuple[tuple[Picture, ...], tuple[RowFault, ...]]:
    """Return the usable rows of a list of pictures and what is wrong with the others.

    content: CSV as UTF-8, columns image and subject. needs_subject: an empty subject is a fault (enrolments); without it
    it says "not enrolled" (probes). Raises ListRefused.
    """
    rows, faults = _read(content, PICTURE_COLUMNS)
    wanted = PICTURE_COLUMNS if needs_subject else PICTURE_COLUMNS[:1]
    pictures = []
    for line, cells in rows:
        bad = [RowFault(line, name, ListFault.CELL_EMPTY) for name in wanted if not cells[name]]
        if bad:
            faults += bad
        else:
            pictures.append(Picture(line, cells["image"], cells["subject"]))
    if not pictures:
        raise ListRefused(ListFault.NO_GOOD_ROW if faults else ListFault.EMPTY, faults=tuple(faults))
    return tuple(pictures), tuple(faults)


def _read(
    content: bytes, columns: tuple[str, ...], *, optional: tuple[str, ...] = ()
) -> tuple[Rows, list[RowFault]]:
    """Return line and cells by column of each row that has all cells, and the faults of the others."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListRefused(ListFault.NOT_TEXT) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except StopIteration as error:
        raise ListRefused(ListFault.EMPTY) from error
    except csv.Error as error:
        raise ListRefused(ListFault.COLUMN_MISSING, columns[0]) from error
    for name in columns:
        if header.count(name) > 1:
            raise ListRefused(ListFault.COLUMN_TWICE, name)
        if name not in header and name not in optional:
            raise ListRefused(ListFault.COLUMN_MISSING, name)
    places = {name: header.index(name) for name in columns if name in header}
    rows: Rows = []
    faults: list[RowFault] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows, faults
        except csv.Error:
            faults.append(RowFault(line, "", ListFault.NOT_CSV))
            continue
        if not any(cells):
            continue
        fault = _cells_fault(line, cells, header, places)
        if fault is not None:
            faults.append(fault)
        else:
            rows.append((line, {name: cells[at].strip() for name, at in places.items()}))


def _cells_fault(line: int, cells: list[str], header: list[str], places: dict[str, int]) -> RowFault | None:
    if len(cells) > len(header):
        return RowFault(line, "", ListFault.CELLS_TOO_MANY)
    for name, at in places.items():
        if at >= len(cells):
            return RowFault(line, name, ListFault.CELLS_MISSING)
        if len(cells[at]) > MAX_CELL or "\x00" in cells[at]:
            return RowFault(line, name, ListFault.CELL_TOO_LONG)
    return None
