"""What a zone is expected to hold: it chooses between look-alikes, and what it chose alone stays doubtful."""

import numpy as np
import pytest

from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.decode import decode
from biometrics.core.mrz.doubt import doubtful_characters
from biometrics.core.mrz.expectation import unexpected_cells
from biometrics.core.mrz.layouts import FRENCH_IDENTITY_CARD, TD1, TD3, Layout
from biometrics.core.mrz.state_codes import STATE_CODES
from tests.unit.biometrics.mrz.pages import PASSPORT

SURE = 9.0
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")


def seen(lines: tuple[str, ...], doubts: dict[tuple[int, int], tuple[str, float]]) -> tuple[np.ndarray, ...]:
    """Return scores of lines read surely; doubts: cell -> another character and how far it lies behind."""
    scores = []
    for row, line in enumerate(lines):
        cells = np.full((len(line), len(ALPHABET)), -SURE, np.float32)
        for column, character in enumerate(line):
            cells[column, ALPHABET.index(character)] = 0.0
            if (row, column) in doubts:
                other, behind = doubts[row, column]
                cells[column, ALPHABET.index(other)] = -behind
        scores.append(cells)
    return tuple(scores)


def put(lines: tuple[str, ...], row: int, column: int, text: str) -> tuple[str, ...]:
    changed = list(lines)
    changed[row] = changed[row][:column] + text + changed[row][column + len(text) :]
    return tuple(changed)


@pytest.mark.parametrize(
    ("row", "column", "read", "other", "behind", "expected"),
    [
        (0, 4, "Q", "O", 3.0, "O"),  # UTQ is no code, UTO is one
        (0, 4, "Q", "O", 6.0, "Q"),  # read too surely to be doubted
        (1, 12, "D", "O", 2.0, "O"),
        (1, 1, "O", "0", 1.5, "0"),  # in a number
        (1, 1, "O", "0", 3.0, "O"),
        (1, 1, "Z", "2", 0.8, "2"),
        (0, 40, "K", "<", 2.0, "<"),  # behind the names
        (0, 7, "I", "1", 0.5, "I"),  # no digit in a name, whatever is expected
    ],
)
def test_look_alikes_are_told_apart_by_what_is_expected(
    row: int, column: int, read: str, other: str, behind: float, expected: str
) -> None:
    lines = put(PASSPORT, row, column, read)
    decoded = decode(seen(lines, {(row, column): (other, behind)}), TD3)
    assert decoded.lines[row][column] == expected
    if expected != read:
        assert (row, column) in doubtful_characters(TD3, decoded.lines, decoded.scores)[0]


def test_a_sound_zone_is_read_as_it_stands() -> None:
    assert decode(seen(PASSPORT, {}), TD3).lines == PASSPORT
    assert decode(seen(CARD, {}), TD1).lines == CARD


@pytest.mark.parametrize(
    ("layout", "lines", "row", "columns"),
    [
        (TD3, put(PASSPORT, 0, 2, "UTQ"), 0, range(2, 5)),
        (TD3, put(PASSPORT, 1, 10, "ZZZ"), 1, range(10, 13)),
        (TD3, put(PASSPORT, 0, 2, "UTO<"), 0, range(5, 25)),
        (TD3, put(PASSPORT, 0, 40, "X"), 0, range(5, 41)),
        (TD3, put(PASSPORT, 1, 13, "741312"), 1, range(13, 19)),
        (TD1, put(CARD, 1, 8, "320432"), 1, range(8, 14)),
    ],
    ids=["issuer", "nationality", "names begin with a filler", "names go on", "month 13", "day 32"],
)
def test_what_no_document_holds_is_pointed_at(
    layout: Layout, lines: tuple[str, ...], row: int, columns: range
) -> None:
    assert unexpected_cells(layout, lines) == tuple((row, column) for column in columns)


@pytest.mark.parametrize(
    ("layout", "lines"),
    [
        (TD3, PASSPORT),
        (TD1, CARD),
        (TD3, put(PASSPORT, 0, 2, "D<<")),
        (TD3, put(PASSPORT, 1, 13, "74<<<<")),
        (TD1, put(CARD, 1, 8, "<<<<<<")),
        (TD1, put(CARD, 1, 15, "<<<")),
        (
            FRENCH_IDENTITY_CARD,
            ("IDFRAERIKSSON<<<<<<<<<<<<<<<<<952042", "0509952018746ANNA<<MARIA<<<7408122F7"),
        ),
    ],
    ids=["passport", "card", "Germany", "birth day unknown", "no expiry", "no nationality", "French card"],
)
def test_what_documents_hold_is_not(layout: Layout, lines: tuple[str, ...]) -> None:
    assert unexpected_cells(layout, lines) == ()


def test_every_code_is_one_to_three_letters() -> None:
    assert all(1 <= len(code) <= 3 and code.isalpha() and code.isupper() for code in STATE_CODES)
    assert {"D", "UTO", "XXA", "FRA", "RKS"} <= set(STATE_CODES)
