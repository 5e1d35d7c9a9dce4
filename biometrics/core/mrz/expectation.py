"""What stands in a zone more often than the print alone says: known State codes, digits in numbers, fillers at ends.

Expectations choose between characters that look alike; they never make a choice certain. A character that only an
expectation chose has a negative margin, so it is doubtful and its reading is for review.
"""

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET, DIGITS, FILLER
from biometrics.core.mrz.layouts import FieldName, Layout, Span
from biometrics.core.mrz.state_codes import STATE_CODES

Floats = NDArray[np.float32]
Cell = tuple[int, int]

# natural log-probability. One code in some three hundred is printed far more often than any of 19,000 other triples
KNOWN_CODE = 4.0
# numbers hold more digits than letters, and many States print no O at all
DIGIT_IN_NUMBER = 1.0
ZERO_FOR_O = 1.0
# after three fillers a name field holds nothing more
FILLER_AT_END = 3.0
FILLERS_THAT_END = 3

CODE_FIELDS = (FieldName.ISSUING_STATE, FieldName.NATIONALITY)
NUMBER_FIELDS = (FieldName.DOCUMENT_NUMBER, FieldName.OPTIONAL_DATA, FieldName.OPTIONAL_DATA_2)

_INDEX = {character: index for index, character in enumerate(ALPHABET)}
_CODES = np.array([[_INDEX[character] for character in code.ljust(3, FILLER)] for code in STATE_CODES])
_KNOWN = frozenset(STATE_CODES)
_DIGITS = np.array([_INDEX[character] for character in DIGITS])
_ROUND = np.array([_INDEX[character] for character in "ODQ"])
_FILLER = _INDEX[FILLER]


def add_expectations(layout: Layout, scores: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Return the scores with what is expected added, to choose by and for nothing else.

    scores: float32 (columns, 37) a line, natural log-probabilities with the layout's masks applied. Not changed.
    """
    expected = tuple(line.copy() for line in scores)
    for name in NUMBER_FIELDS:
        if (span := layout.fields.get(name)) is not None:
            _expect_digits(expected[span.line][span.start : span.stop])
    for name in CODE_FIELDS:
        if (span := layout.fields.get(name)) is not None:
            _expect_code(expected[span.line][span.start : span.stop])
    for name in (FieldName.NAMES, FieldName.PRIMARY_IDENTIFIER, FieldName.SECONDARY_IDENTIFIER):
        if (span := layout.fields.get(name)) is not None:
            _expect_end(expected, span)
    return expected


def unexpected_cells(layout: Layout, lines: tuple[str, ...]) -> tuple[Cell, ...]:
    """Return the cells of fields that no issued document should hold as they stand, however surely they were read.

    An unknown State code, names that begin with a filler or go on behind three, a month or day that cannot be. A line
    found one cell aside looks like this and no digit sees it. lines: in the layout's size.
    """
    found: list[Cell] = []
    for name in CODE_FIELDS:
        span = layout.fields.get(name)
        code = layout.text(lines, name).rstrip(FILLER)
        # some national papers leave the nationality empty
        is_left_out = name is FieldName.NATIONALITY and not code
        if span is not None and code not in _KNOWN and not is_left_out:
            found += span.cells()
    for name in (FieldName.NAMES, FieldName.PRIMARY_IDENTIFIER):
        span = layout.fields.get(name)
        if span is None:
            continue
        text = layout.text(lines, name)
        names = text.rstrip(FILLER)
        if text[0] == FILLER or FILLER * FILLERS_THAT_END in names:
            found += span.cells()[: len(names) or 1]
    for name in (FieldName.BIRTH_DATE, FieldName.EXPIRY_DATE):
        span = layout.fields.get(name)
        if span is not None and not _can_be_date(layout.text(lines, name)):
            found += span.cells()
    return tuple(found)


def _can_be_date(text: str) -> bool:
    month, day = text[2:4], text[4:6]
    return all(
        FILLER in part or (part.isdigit() and 1 <= int(part) <= most)
        for part, most in ((month, 12), (day, 31))
    )


def _expect_digits(cells: Floats) -> None:
    # only where a letter leads: between digits nothing changes
    letter_leads = cells.argmax(1) > int(_DIGITS.max())
    cells[np.ix_(letter_leads, _DIGITS)] += DIGIT_IN_NUMBER
    round_leads = np.isin(cells.argmax(1), _ROUND)
    cells[round_leads, _INDEX["0"]] += ZERO_FOR_O


def _expect_code(cells: Floats) -> None:
    sums = cells[0, _CODES[:, 0]] + cells[1, _CODES[:, 1]] + cells[2, _CODES[:, 2]]
    likeliest = int(sums.argmax())
    if sums[likeliest] + KNOWN_CODE > cells.max(1).sum():
        # this code, or nothing better: raise it above every other reading of the three cells
        cells[np.arange(3), _CODES[likeliest]] = cells.max(1) + 1


def _expect_end(expected: tuple[Floats, ...], span: Span) -> None:
    cells = expected[span.line][span.start : span.stop]
    fillers = cells.argmax(1) == _FILLER
    for first in range(len(fillers) - FILLERS_THAT_END + 1):
        if fillers[first : first + FILLERS_THAT_END].all():
            cells[first + FILLERS_THAT_END :, _FILLER] += FILLER_AT_END
            return
