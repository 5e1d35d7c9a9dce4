"""Tables for publication: what is printed is true, and nobody finds out what is withheld, even by solving for it."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from borders.core.statistics import (
    LEAST,
    LEAST_GROUP,
    LEAST_ROOM,
    OTHERS,
    TOTAL,
    PublishedTable,
    band_of_stay,
    publish_table,
)


def withheld_of(table: PublishedTable) -> list[tuple[str, str]]:
    return [(r, c) for r, line in table.cells.items() for c, n in line.items() if n is None]


def ranges_by_attack(table: PublishedTable, most: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Return what an attacker finds out: the least and most that each withheld cell may be, by trying every table there can be.

    most: above this the attacker need not look. Nought is printed, so a withheld cell is at least 1, unless its row is
    withheld whole.
    """
    all_totals_hidden = all(n is None for n in table.cells[TOTAL].values())
    inner = [(r, c) for r in table.rows for c in table.columns if table.cells[r][c] is None]
    found: dict[tuple[str, str], list[int]] = {}
    for row_by_row in product(*(_fillings(table, row, most) for row in table.rows)):
        guess = {cell: n for row in row_by_row for cell, n in row.items()}
        sums = {}
        for column in table.columns:
            sums[column] = sum(guess.get((r, column), table.cells[r][column] or 0) for r in table.rows)
        printed = table.cells[TOTAL]
        if any(printed[c] not in (None, n) for c, n in sums.items()):
            continue
        if any(printed[c] is None and not n and not all_totals_hidden for c, n in sums.items()):
            continue
        for cell in inner:
            found.setdefault(cell, []).append(guess[cell])
        for column, n in sums.items():
            if printed[column] is None:
                found.setdefault((TOTAL, column), []).append(n)
    return {cell: (min(values), max(values)) for cell, values in found.items()}


def _fillings(table: PublishedTable, row: str, most: int) -> list[dict[tuple[str, str], int]]:
    hidden = [(row, c) for c in table.columns if table.cells[row][c] is None]
    rest = table.row_totals[row] - sum(n for n in table.cells[row].values() if n is not None)
    least = 0 if len(hidden) == len(table.columns) else 1
    if not hidden:
        return [{}]
    return [
        dict(zip(hidden, (*values, rest - sum(values)), strict=True))
        for values in product(range(least, min(most, rest) + 1), repeat=len(hidden) - 1)
        if rest - sum(values) >= least
    ]


COUNTS = {
    "UTAIR": {"F": 40, "M": 55, "X": 2},
    "UTLND": {"F": 12, "M": 25, "X": 0},
    "UTSEA": {"F": 8, "M": 3, "X": 0},
}


def test_totals_are_printed_as_they_are() -> None:
    table = publish_table(COUNTS)

    assert table.row_totals == {"UTAIR": 97, "UTLND": 37, "UTSEA": 11, TOTAL: 145}


def test_small_cells_are_withheld_and_nought_is_printed() -> None:
    table = publish_table(COUNTS)

    assert table.cells["UTAIR"]["X"] is None
    assert table.cells["UTSEA"]["M"] is None
    assert table.cells["UTLND"]["X"] == 0


def test_what_is_printed_is_true() -> None:
    table = publish_table(COUNTS)

    for row, line in COUNTS.items():
        for column, n in line.items():
            assert table.cells[row][column] in (n, None)


def test_a_table_without_small_cells_is_printed_whole() -> None:
    table = publish_table({"A": {"F": 20, "M": 30}, "B": {"F": 12, "M": 9}})

    assert withheld_of(table) == []


def test_ports_with_few_crossings_are_counted_as_others() -> None:
    table = publish_table(COUNTS | {"UTFAR": {"F": 1, "M": 3}, "UTISL": {"F": 2, "M": 1}})

    # 7 at both are too few still: the smallest of the rest goes with them
    assert table.rows == ("UTAIR", "UTLND", OTHERS)
    assert table.row_totals[OTHERS] == 18


def test_seldom_nationalities_are_counted_as_others() -> None:
    table = publish_table(
        {"A": {"UTO": 50, "XXA": 3, "XXB": 9}, "B": {"UTO": 30, "XXB": 4}}, merge_columns=True
    )

    assert table.columns == ("UTO", OTHERS)
    assert table.cells[TOTAL] == {"UTO": 80, OTHERS: 16}


@pytest.mark.parametrize("counts", [{}, {"A": {"F": 0}}, {"A": {"F": 4, "M": LEAST_GROUP - 5}}])
def test_a_table_of_hardly_anybody_is_withheld_whole(counts) -> None:
    assert publish_table(counts) == PublishedTable(withheld=True)


def test_a_single_port_is_protected_without_others_to_subtract() -> None:
    table = publish_table({"A": {"F": 30, "M": 2, "X": 9}})

    assert set(withheld_of(table)) == {("A", "M"), ("A", "X"), (TOTAL, "M"), (TOTAL, "X")}


FEW = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 7, 9])


@pytest.mark.parametrize(("ports", "values"), [(3, 2), (2, 3), (1, 3)])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_attack_by_adding_and_subtracting_finds_a_small_cell(
    ports: int, values: int, data: st.DataObject
) -> None:
    lines = data.draw(
        st.lists(st.lists(FEW, min_size=values, max_size=values), min_size=ports, max_size=ports)
    )
    counts = {f"P{i}": dict(zip("FMX", line, strict=False)) for i, line in enumerate(lines)}

    table = publish_table(counts)

    if table.withheld:
        return
    true = {row: dict.fromkeys(table.columns, 0) for row in table.rows}
    for row, line in counts.items():
        for column, n in line.items():
            if n:
                true[row if row in true else OTHERS][column] += n
    true[TOTAL] = {c: sum(true[r][c] for r in table.rows) for c in table.columns}
    ranges = ranges_by_attack(table, most=40)
    for row, column in withheld_of(table):
        least, most = ranges[row, column]
        n = true[row][column]
        assert least < most
        assert least <= n
        if n < LEAST:
            assert most >= n + LEAST_ROOM


def test_stays_fall_into_the_bands_of_the_three_and_twelve_months() -> None:
    cases = {None: "UNKNOWN", -1: "UNKNOWN", 0: "UNDER_3_MONTHS", 89: "UNDER_3_MONTHS", 90: "3_TO_12_MONTHS"}
    cases |= {364: "3_TO_12_MONTHS", 365: "12_MONTHS_AND_MORE"}

    assert {days: band_of_stay(days) for days in cases} == cases
