"""The gate: what is accepted, what goes to review, and what a failing digit means."""

import numpy as np
import pytest

from biometrics.core.mrz import CheckDigitVerdict, ReadingStatus, Repair, check_digit_findings
from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.doubt import decide_status, doubtful_characters
from biometrics.core.mrz.layouts import BY_NAME, LayoutName

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
MISPRINTED = (TD3[0], TD3[1][:9] + "7" + TD3[1][10:])
LAYOUT = BY_NAME[LayoutName.TD3]


def scores_with_margin(
    lines: tuple[str, ...], cell: tuple[int, int], margin: float
) -> tuple[np.ndarray, ...]:
    scores = []
    for index, line in enumerate(lines):
        one = np.full((len(line), len(ALPHABET)), -9.0, np.float32)
        one[np.arange(len(line)), [ALPHABET.index(character) for character in line]] = 0.0
        if cell[0] == index:
            one[cell[1], ALPHABET.index("Q")] = -margin
        scores.append(one)
    return tuple(scores)


@pytest.mark.parametrize(
    ("cell", "margin", "is_doubtful", "reason"),
    [
        ((0, 7), 1.9, True, "names have no digit and need a margin of 2"),
        ((0, 7), 2.1, False, "wide enough"),
        ((1, 11), 1.9, True, "nationality has no digit"),
        ((1, 20), 1.9, True, "sex has no digit"),
        ((1, 3), 1.5, False, "the number's own digit vouches for it"),
        ((1, 3), 0.9, True, "but not below a margin of 1"),
        ((1, 9), 0.9, True, "nor for the digit itself"),
    ],
)
def test_characters_below_the_gate_are_marked(
    cell: tuple[int, int], margin: float, is_doubtful: bool, reason: str
) -> None:
    doubtful, _, _ = doubtful_characters(LAYOUT, TD3, scores_with_margin(TD3, cell, margin))
    assert (doubtful == (cell,)) is is_doubtful, reason


def test_a_sound_reading_is_accepted() -> None:
    findings = check_digit_findings(LAYOUT, TD3, TD3, ())
    assert {finding.verdict for finding in findings} == {CheckDigitVerdict.HOLDS}
    assert decide_status(findings, (), (), 0.0) is ReadingStatus.ACCEPTED


def test_a_doubtful_character_sends_a_reading_to_review() -> None:
    findings = check_digit_findings(LAYOUT, TD3, TD3, ((0, 7),))
    assert decide_status(findings, (), ((0, 7),), 0.0) is ReadingStatus.REVIEW


def test_characters_beyond_the_grid_send_a_reading_to_review() -> None:
    findings = check_digit_findings(LAYOUT, TD3, TD3, ())
    assert decide_status(findings, (), (), 2.0) is ReadingStatus.REVIEW


def test_a_repair_sends_a_reading_to_review_and_proves_nothing() -> None:
    findings = check_digit_findings(LAYOUT, MISPRINTED, TD3, ())
    assert findings[0].verdict is CheckDigitVerdict.HOLDS_AFTER_REPAIR
    assert findings[0].digit.printed == "7"
    assert decide_status(findings, (Repair(1, 9, "7", "6"),), (), 0.0) is ReadingStatus.REVIEW


def test_a_wrong_digit_read_with_confidence_is_wrong_as_printed() -> None:
    findings = check_digit_findings(LAYOUT, MISPRINTED, MISPRINTED, ())
    assert findings[0].verdict is CheckDigitVerdict.WRONG_AS_PRINTED
    assert decide_status(findings, (), (), 0.0) is ReadingStatus.REVIEW


def test_a_wrong_digit_over_a_doubtful_character_is_only_doubtful() -> None:
    findings = check_digit_findings(LAYOUT, MISPRINTED, MISPRINTED, ((1, 4),))
    assert findings[0].verdict is CheckDigitVerdict.DOUBTFUL
