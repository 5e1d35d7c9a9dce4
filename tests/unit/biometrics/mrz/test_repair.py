"""Repairs: what is changed, what is left alone, and agreement with the slow plain twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.mrz.alphabet import ALPHABET
from biometrics.core.mrz.layouts import BY_NAME, LayoutName
from biometrics.core.mrz.repair import Repair, find_repair, substitute
from tests.reference.mrz_repair_plain import find_repair_plain

TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
TD1 = ("I<UTOD23145890<7349<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<4", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
PASSPORT = BY_NAME[LayoutName.TD3]


def scores_of(lines: tuple[str, ...], doubts: dict[tuple[int, int, str], float]) -> tuple[np.ndarray, ...]:
    """Return scores that read lines surely, but for doubts: (line, position, other character) -> cost."""
    scores = []
    for index, line in enumerate(lines):
        one = np.full((len(line), len(ALPHABET)), -20.0, np.float32)
        one[np.arange(len(line)), [ALPHABET.index(character) for character in line]] = 0.0
        for (at_line, position, character), cost in doubts.items():
            if at_line == index:
                one[position, ALPHABET.index(character)] = -cost
        scores.append(one)
    return tuple(scores)


def misread(lines: tuple[str, ...], line: int, position: int, character: str) -> tuple[str, ...]:
    return substitute(lines, (Repair(line, position, lines[line][position], character),))


def test_nothing_is_changed_where_every_digit_holds() -> None:
    assert find_repair(PASSPORT, TD3, scores_of(TD3, {(1, 0, "1"): 0.1})) == ()


def test_a_doubtful_misreading_is_put_right() -> None:
    read = misread(TD3, 1, 5, "O")
    assert find_repair(PASSPORT, read, scores_of(read, {(1, 5, "0"): 1.0})) == (Repair(1, 5, "O", "0"),)


def test_two_doubtful_misreadings_are_put_right_together() -> None:
    read = misread(misread(TD3, 1, 5, "D"), 1, 15, "6")
    repairs = find_repair(PASSPORT, read, scores_of(read, {(1, 5, "0"): 1.0, (1, 15, "0"): 1.0}))
    assert substitute(read, repairs) == TD3


def test_a_wrong_printed_digit_read_with_confidence_stays() -> None:
    read = misread(TD3, 1, 9, "7")
    assert find_repair(PASSPORT, read, scores_of(read, {})) == ()


def test_two_repairs_that_are_as_likely_are_neither_made() -> None:
    read = misread(TD3, 1, 13, "8")
    # year and month have cells of the same weight under both digits, so that either could be one less
    doubts = {(1, 13, "7"): 1.0, (1, 16, "7"): 1.2}
    assert find_repair(PASSPORT, read, scores_of(read, doubts)) == ()


def test_a_digit_that_holds_vouches_for_its_field() -> None:
    read = misread(TD3, 1, 43, "1")
    # the composite fails; changing the number would need its own digit to change too
    assert find_repair(PASSPORT, read, scores_of(read, {(1, 43, "0"): 2.0})) == (Repair(1, 43, "1", "0"),)


def test_the_tail_of_a_long_number_is_repaired() -> None:
    card = BY_NAME[LayoutName.TD1]
    assert find_repair(card, TD1, scores_of(TD1, {})) == ()
    read = misread(TD1, 0, 16, "B")
    assert find_repair(card, read, scores_of(read, {(0, 16, "3"): 3.0, (0, 16, "8"): 0.5})) == (
        find_repair_plain(card, read, scores_of(read, {(0, 16, "3"): 3.0, (0, 16, "8"): 0.5}))
    )


@pytest.mark.parametrize("name", list(LayoutName))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_fast_and_plain_repairs_agree(name: LayoutName, seed: int) -> None:
    layout = BY_NAME[name]
    rng = np.random.default_rng(seed)
    characters = np.array(list("0123456789<ABO")) if rng.random() < 0.5 else np.array(list(ALPHABET))
    lines = tuple("".join(rng.choice(characters, layout.columns)) for _ in layout.masks)
    scores = tuple(
        rng.normal(-6, 3, (layout.columns, len(ALPHABET))).astype(np.float32) for _ in layout.masks
    )
    for line, one in zip(lines, scores, strict=True):
        one[np.arange(layout.columns), [ALPHABET.index(character) for character in line]] = 0.0
    assert find_repair(layout, lines, scores) == find_repair_plain(layout, lines, scores)
