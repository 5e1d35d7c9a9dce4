"""Cells of exported tables."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.core.exports import CELL_LONGEST, cell_of, defuse, plain_text

MARK = '<span class="mark mark-bad"><span class="material-symbols-outlined" aria-hidden="true">flag</span>{}</span>'


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (MARK.format("Refer"), "Refer"),
        (f"{MARK.format('FACE.<wbr>HOLDER')} {MARK.format('and 2 more')}", "FACE.HOLDER and 2 more"),
        ('<span class="when"><span>2026-11-20</span> <span>09:00:00</span></span>', "2026-11-20 09:00:00"),
        ("&lt;b&gt; &amp; co", "<b> & co"),
        ("  a\n\tb  ", "a b"),
    ],
)
def test_markup_is_reduced_to_its_words(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("—", ""),
        (True, "Yes"),
        (3, 3),
        (float("nan"), ""),
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "2026-11-20 09:00:00 UTC"),
        (date(2026, 11, 20), "2026-11-20"),
        ("a\x00b\ud800", "ab"),
        ("<b>", "<b>"),
    ],
)
def test_values_become_cells(value: Any, expected: Any) -> None:
    assert cell_of(value) == expected


def test_a_cell_has_an_end() -> None:
    assert len(cell_of("x" * 100_000)) == CELL_LONGEST


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠x", "|cmd", "%0A", "\n@"],
)
def test_what_begins_like_a_formula_is_defused(cell: str) -> None:
    assert defuse(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "ERIKSSON", "2026-11-20", "a=1", 3, -3.5])
def test_other_cells_stay_as_they_are(cell: Any) -> None:
    assert defuse(cell) == cell


@given(st.text())
def test_no_text_survives_csv_as_a_formula(text: str) -> None:
    cell = cell_of(text)
    file = io.StringIO(newline="")
    csv.writer(file).writerow([defuse(cell), "end"])
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert row[1] == "end"
    assert not row[0].lstrip().startswith(("=", "+", "-", "@"))
