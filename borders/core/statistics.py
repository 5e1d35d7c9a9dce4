"""Tables for publication that expose nobody: small groups merged, small cells withheld, and others so that none is derived.

A table counts crossings of one month and direction: rows are ports of entry, columns the values of one attribute, and all of its
totals are printed. What may be added and subtracted is then a network of flows: a withheld cell is safe when a round trip through
withheld cells lets it be LEAST_ROOM larger, with nothing that is printed changed. Cells for such round trips are chosen by the
cheapest path (Fischetti and Salazar's problem, solved greedily), small cells first, the totals of the country last.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LEAST = 5
"""A cell of 1 to LEAST - 1 crossings is withheld. Nought is printed: it is about nobody."""
LEAST_ROOM = 5
"""By how much a withheld small cell may at least be larger than it is, for all that the table tells."""
LEAST_GROUP = LEAST + LEAST_ROOM
"""A port, and a nationality, with fewer crossings is counted among the others, and a table with fewer is withheld whole."""
METHOD_VERSION = 1
OTHERS, UNKNOWN = "OTHERS", "UNKNOWN"
TOTAL = "TOTAL"
METHOD_NOTE = (
    "Crossings are not people: who crosses twice counts twice. Counted is what was recorded at the posts of this system; "
    "crossings elsewhere are not in it. A month is published once, after it is over, and not changed afterwards. Cells of 1 to "
    f"{LEAST - 1} are withheld, and others with them so that none can be derived by subtraction; posts and nationalities with "
    f"fewer than {LEAST_GROUP} crossings in a table are counted as OTHERS. Withheld cells are empty; 0 is 0. Of erased records "
    "month, post, direction, sex, age band and nationality are kept as counts, the rest counts as UNKNOWN. Age is that on the "
    "day of crossing."
)


class Dimension(StrEnum):
    """By what a table divides the crossings. One attribute at a time: no two of a person ever meet."""

    SEX = "SEX"
    AGE = "AGE"
    NATIONALITY = "NATIONALITY"
    PURPOSE = "PURPOSE"
    TRANSPORT = "TRANSPORT"
    LENGTH_OF_STAY = "LENGTH_OF_STAY"


# UN recommendations: short-term 3 to under 12 months, long-term 12 months and more
STAY_BANDS = ((0, "UNDER_3_MONTHS"), (90, "3_TO_12_MONTHS"), (365, "12_MONTHS_AND_MORE"))

Counts = Mapping[str, Mapping[str, int]]
Cell = tuple[str, str]
Node = tuple[str, str]
_FREE: Node = ("free", "")


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """What is printed. cells: row -> column -> count, None where withheld; with the column totals as the row TOTAL.

    row_totals: never withheld, TOTAL among them. withheld: nothing but `withheld` is printed.
    """

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    row_totals: Mapping[str, int] = field(default_factory=dict)
    withheld: bool = False


def band_of_stay(days: int | None) -> str:
    """Return the band of a stay in days; UNKNOWN for one whose entry is not recorded."""
    if days is None or days < 0:
        return UNKNOWN
    return next(name for least, name in reversed(STAY_BANDS) if days >= least)


def months_between(first: date, latest: date) -> list[date]:
    """Return the first days of the months from one to another, both included."""
    months, month = [], first.replace(day=1)
    while month <= latest:
        months.append(month)
        month = (
            month.replace(year=month.year + 1, month=1)
            if month.month == 12
            else month.replace(month=month.month + 1)
        )
    return months


def publish_table(counts: Counts, *, merge_columns: bool = False) -> PublishedTable:
    """Return a table that may be printed.

    counts: row -> column -> crossings, >= 0. merge_columns: columns with few crossings go into OTHERS too, as nationalities do.
    """
    table = _merged(_whole(counts))
    if merge_columns:
        table = _turned(_merged(_turned(table)))
    if sum(map(_sum_of, table.values())) < LEAST_GROUP:
        return PublishedTable(withheld=True)
    rows = tuple(sorted(table, key=_place))
    columns = tuple(sorted(next(iter(table.values())), key=_place))
    totals = {column: sum(table[row][column] for row in rows) for column in columns}
    try:
        hidden = _withheld(table, totals)
    except ArithmeticError:
        return PublishedTable(withheld=True)
    cells: dict[str, dict[str, int | None]] = {
        row: {c: None if (row, c) in hidden else table[row][c] for c in columns} for row in rows
    }
    cells[TOTAL] = {c: None if (TOTAL, c) in hidden else totals[c] for c in columns}
    row_totals = {row: sum(table[row].values()) for row in rows}
    return PublishedTable(rows, columns, cells, row_totals | {TOTAL: sum(row_totals.values())})


def _withheld(table: Counts, totals: Mapping[str, int]) -> set[Cell]:
    """Return the cells to withhold, (row or TOTAL, column). Raises ArithmeticError where nothing would hide a small one."""
    lines = {**table, TOTAL: totals}
    if len(table) == 1:
        # the only row is its own total: there is nothing to add up between rows
        (row,) = table
        hidden = _Search({row: table[row]}, is_free=True).hide_all()
        return hidden | {(TOTAL, column) for _, column in hidden}
    return _Search(lines, is_free=False).hide_all()


class _Search:
    """The cells of one table, and which of them are withheld so far.

    Whoever reads it knows that a withheld cell is no nought, for noughts are printed: a cell may become smaller down to 1. Where
    that leaves too little room a row is withheld whole, noughts and all. is_free: the sums of the columns are not fixed.
    """

    def __init__(self, lines: Counts, *, is_free: bool) -> None:
        self.lines, self.is_free = lines, is_free
        self.counts: dict[Cell, int] = {(r, c): n for r, line in lines.items() for c, n in line.items() if n}
        self.hidden = {cell for cell, n in self.counts.items() if n < LEAST}
        self.whole: set[str] = set()

    def hide_all(self) -> set[Cell]:
        small = sorted(self.hidden, key=lambda cell: (self.counts[cell], cell))
        for cell in small:
            passed = self.round_trip(cell)
            for row in (cell[0], TOTAL):
                if passed is None and row in self.lines:
                    self.hide_row(row)
                    passed = self.round_trip(cell)
            if passed is None:
                raise ArithmeticError("nothing in this table hides a small cell")
            self.hidden |= passed
        return self.hidden

    def hide_row(self, row: str) -> None:
        self.whole.add(row)
        for column, n in self.lines[row].items():
            self.counts[row, column] = n
            self.hidden.add((row, column))

    def round_trip(self, cell: Cell) -> set[Cell] | None:
        """Return the cells by which one may be LEAST_ROOM larger, the cheapest to withhold; None where there are none.

        Nodes are rows and columns, whose sums are fixed. To raise a cell of a port runs from its row to its column; to raise a
        total from its column to the row of totals, for it stands on the other side of its sum.
        """
        row, column = ("row", cell[0]), ("column", cell[1])
        start, goal = (row, column) if cell[0] == TOTAL else (column, row)
        moved: dict[Cell, int] = {}
        left = LEAST_ROOM
        while left:
            path = self.cheapest_path(start, goal, cell, moved)
            if path is None:
                return None
            step = min([left, *(self.room_below(c, moved) for c, change in path if change < 0)])
            for passed, change in path:
                moved[passed] = moved.get(passed, 0) + change * step
            left -= step
        return set(moved)

    def room_below(self, cell: Cell, moved: Mapping[Cell, int]) -> int:
        return self.counts[cell] + moved.get(cell, 0) - (0 if cell[0] in self.whole else 1)

    def cheapest_path(
        self, start: Node, goal: Node, without: Cell, moved: Mapping[Cell, int]
    ) -> list[tuple[Cell, int]] | None:
        """Return the cells on the way with +1 or -1 each. Cells that are withheld already cost nothing, others their count."""
        best, came = {start: 0.0}, dict[Node, tuple[Node, Cell | None, int]]()
        queue, done = [(0.0, start)], set[Node]()
        while queue:
            cost, node = heapq.heappop(queue)
            if node in done:
                continue
            if node == goal:
                return _way_back(came, start, goal)
            done.add(node)
            for price, other, cell, change in self.arcs_from(node, without, moved):
                if other not in done and cost + price < best.get(other, float("inf")):
                    best[other] = cost + price
                    came[other] = (node, cell, change)
                    heapq.heappush(queue, (cost + price, other))
        return None

    def arcs_from(
        self, node: Node, without: Cell, moved: Mapping[Cell, int]
    ) -> Iterator[tuple[float, Node, Cell | None, int]]:
        kind, name = node
        if node == _FREE:
            for column in {c for _, c in self.counts}:
                yield 0.0, ("column", column), None, 0
            return
        if self.is_free and kind == "column":
            yield 0.0, _FREE, None, 0
        cells = [(name, c) for c in self.lines[name]] if kind == "row" else [(r, name) for r in self.lines]
        for cell in cells:
            if cell == without or cell not in self.counts:
                continue
            # from the row of a port to a column raises; of the row of totals it is the other way round
            change = 1 if (kind == "row") != (cell[0] == TOTAL) else -1
            if change < 0 and self.room_below(cell, moved) <= 0:
                continue
            price = 0.0 if cell in self.hidden or cell in moved else float(self.counts[cell])
            yield price, ("column", cell[1]) if kind == "row" else ("row", cell[0]), cell, change


def _way_back(
    came: Mapping[Node, tuple[Node, Cell | None, int]], start: Node, goal: Node
) -> list[tuple[Cell, int]]:
    path: list[tuple[Cell, int]] = []
    node = goal
    while node != start:
        node, cell, change = came[node]
        if cell is not None:
            path.append((cell, change))
    return path


def _whole(counts: Counts) -> dict[str, dict[str, int]]:
    """Return the table with every column in every row, and without rows of nothing."""
    columns = {column for line in counts.values() for column in line}
    rows = {row: {c: line.get(c, 0) for c in columns} for row, line in counts.items()}
    return {row: line for row, line in rows.items() if _sum_of(line)}


def _merged(table: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Return the table with its small rows in one, and where that is small the smallest other row with them."""
    by_size = sorted(table, key=lambda row: (_sum_of(table[row]), row))
    merged = [row for row in by_size if _sum_of(table[row]) < LEAST_GROUP]
    rest = by_size[len(merged) :]
    while merged and rest and sum(_sum_of(table[row]) for row in merged) < LEAST_GROUP:
        merged.append(rest.pop(0))
    if not merged:
        return table
    if OTHERS in rest:
        rest.remove(OTHERS)
        merged.append(OTHERS)
    columns = table[merged[0]]
    others = {column: sum(table[row][column] for row in merged) for column in columns}
    return {row: table[row] for row in rest} | {OTHERS: others}


def _turned(table: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    columns = next(iter(table.values()), {})
    return {column: {row: line[column] for row, line in table.items()} for column in columns}


def _sum_of(line: Mapping[str, int]) -> int:
    return sum(line.values())


def _place(name: str) -> tuple[bool, bool, str]:
    return (name == OTHERS, name == UNKNOWN, name)
