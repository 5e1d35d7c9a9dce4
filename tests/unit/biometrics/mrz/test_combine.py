"""Several pictures of one page: what each hides the others show, and no picture vetoes the rest."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from biometrics.core.mrz import MrzReading, ReadingStatus, UnreadableReason, combine_readings
from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.candidates import read_cells
from biometrics.core.mrz.doubt import judge_reading
from biometrics.core.mrz.layouts import BY_NAME, LayoutName

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
UNREADABLE = MrzReading(ReadingStatus.UNREADABLE, UnreadableReason.GLARE)


def reading(doubts: dict[tuple[int, int], tuple[str, float]], sure: float = 0.995) -> MrzReading:
    """Return a reading of TD3 in which some cells show another character with a probability."""
    scores = []
    for row, line in enumerate(TD3):
        cells = np.full((44, 37), (1 - sure) / 36)
        for at, character in enumerate(line):
            cells[at, ALPHABET.index(character)] = sure
            if (row, at) in doubts:
                other, share = doubts[row, at]
                cells[at] = 0.001
                cells[at, ALPHABET.index(character)] = 1 - share
                cells[at, ALPHABET.index(other)] = share
        scores.append(np.log(cells / cells.sum(1, keepdims=True)).astype(np.float32))
    candidate = read_cells(tuple(scores), BY_NAME[LayoutName.TD3], misfit=0.0, corners=CORNERS)
    return judge_reading(
        candidate.decoded,
        candidate.lines,
        candidate.repairs,
        CORNERS,
        misfit=0.0,
        has_second_zone=False,
        elapsed_ms={},
    )


def test_two_frames_settle_what_each_alone_gets_wrong() -> None:
    one = reading({(0, 6): ("B", 0.6)})
    two = reading({(0, 9): ("5", 0.3), (0, 15): ("H", 0.55)})
    assert one.lines != TD3
    assert two.lines != TD3
    combined = combine_readings([one, two])
    assert combined.lines == combined.lines_read == TD3
    assert combined.status is ReadingStatus.ACCEPTED


def test_the_order_of_the_frames_does_not_matter() -> None:
    frames = [
        reading({(0, 6): ("B", 0.6)}),
        reading({(0, 9): ("A", 0.7)}),
        reading({(1, 3): ("B", 0.6)}),
        UNREADABLE,
    ]
    assert len({combine_readings(order).lines for order in permutations(frames)}) == 1


def test_one_frame_stays_as_it_is() -> None:
    one = reading({})
    assert combine_readings([one]) is one
    assert combine_readings([UNREADABLE, one]) is one
    assert combine_readings([UNREADABLE]) is UNREADABLE


def test_frames_that_agree_on_a_doubt_keep_it() -> None:
    frames = [reading({(0, 6): ("B", 0.45)}) for _ in range(3)]
    combined = combine_readings(frames)
    assert combined.status is ReadingStatus.REVIEW
    assert (0, 6) in combined.doubtful


def test_another_document_among_the_frames_is_left_out() -> None:
    one = reading({})
    other = replace(reading({}), lines_read=("V" * 44, "X" * 44), status=ReadingStatus.REVIEW)
    assert combine_readings([one, other]) is one


def test_a_second_zone_in_any_frame_stays_a_reason_for_review() -> None:
    combined = combine_readings([reading({}), replace(reading({}), has_second_zone=True)])
    assert combined.status is ReadingStatus.REVIEW


def test_a_wrong_printed_digit_is_not_repaired_by_repetition() -> None:
    digit = {(1, 9): ("7", 0.995)}
    combined = combine_readings([reading(digit), reading(digit)])
    assert combined.lines_read[1][9] == "7"
    assert combined.status is ReadingStatus.REVIEW


def test_no_readings_are_an_error() -> None:
    with pytest.raises(ValueError, match="no readings"):
        combine_readings([])
