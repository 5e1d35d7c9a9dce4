"""Reading one group: how many characters, a card's lost line, pictures of any size, and a second look."""

import math
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.core.mrz import ReadingStatus, Recogniser, build_td1, read_page
from biometrics.core.mrz.group import group_lines, with_third_line
from biometrics.core.mrz.locate import find_text_lines
from biometrics.core.mrz.look import mix_looks, nearest_lengths
from biometrics.core.mrz.reader import MAX_LONG_SIDE_PX, to_bounded_gray
from biometrics.core.mrz.search import is_part_of
from biometrics.core.mrz.stages import STAGES, plan_stages
from tests.unit.biometrics.mrz.pages import ERIKSSON, PASSPORT, photograph

CARD = build_td1(document_code="I", **ERIKSSON)


@pytest.mark.parametrize(
    ("count", "is_sure", "expected"),
    [
        (None, False, (44, 36)),
        (36.4, False, (36,)),
        (43.0, False, (44,)),
        (40.5, False, (44, 36)),
        (60.0, False, ()),
        (60.0, True, (44,)),
        (20.0, True, (36,)),
    ],
)
def test_the_characters_seen_choose_the_length(
    count: float | None, is_sure: bool, expected: tuple[int, ...]
) -> None:
    assert nearest_lengths(count, (44, 36), is_sure=is_sure) == expected


@pytest.mark.parametrize("row", [0, 2], ids=["upper line faint", "lower line faint"])
def test_a_cards_lost_line_is_found_beside_the_others(recognise: Recogniser, row: int) -> None:
    image = photograph("TD1", CARD)
    corners = read_page(image, recognise, clock=time.process_time, budget_ms=10_000).corners
    assert corners is not None
    (left, top), (right, _), (_, bottom), _ = corners
    height = (bottom - top) / 3
    # a stroke through the line joins it to what stands left and right, so that its outline is no line of text
    y = round(top + (row + 0.5) * height)
    image[y - 2 : y + 2, : round(left) - 8] = 0
    image[y - 2 : y + 2, round(right) + 8 :] = 0
    reading = read_page(image, recognise, clock=time.process_time, budget_ms=10_000)
    assert reading.lines == CARD


def test_a_third_line_lies_one_spacing_beside_a_pair() -> None:
    gray = cv2.cvtColor(photograph("TD3", PASSPORT), cv2.COLOR_BGR2GRAY)
    scale = max(gray.shape) / 480
    small = cv2.resize(gray, (480, round(gray.shape[0] / scale)), interpolation=cv2.INTER_AREA)
    pair = group_lines(find_text_lines(small, closing_px=13))[0]
    above, below = with_third_line(pair)
    assert above.lines[1:] == below.lines[:2] == pair.lines
    for first, second in ((above.lines[0], pair.lines[0]), (pair.lines[1], below.lines[2])):
        gap = math.dist(first.centre, second.centre)
        assert gap == pytest.approx(pair.spacing, rel=1e-6)
    assert is_part_of(pair, above)
    assert not is_part_of(above, pair)
    assert not is_part_of(replace(pair, lines=(pair.lines[0], above.lines[0])), below)


@pytest.mark.parametrize(
    ("shape", "factor", "reduced"),
    [
        ((600, 900, 3), 1, (600, 900)),
        ((1700, MAX_LONG_SIDE_PX), 1, (1700, MAX_LONG_SIDE_PX)),
        ((3000, 2001, 3), 2, (1500, 1000)),
        ((5603, 8001, 4), 4, (1400, 2000)),
        ((3, 20_000, 3), 1, (3, 20_000)),
    ],
)
def test_large_pictures_are_reduced_first(
    shape: tuple[int, ...], factor: int, reduced: tuple[int, int]
) -> None:
    gray, found = to_bounded_gray(np.full(shape, 77, np.uint8))
    assert (gray.shape, found) == (reduced, factor)
    assert (gray == 77).all()


def test_corners_of_a_large_picture_are_in_its_own_pixels(recognise: Recogniser) -> None:
    image = photograph("TD3", PASSPORT)
    large = cv2.resize(image, None, fx=5, fy=5, interpolation=cv2.INTER_LINEAR)
    small, big = (
        np.array(read_page(one, recognise, clock=time.process_time, budget_ms=10_000).corners)
        for one in (image, large)
    )
    assert np.abs(big / 5 - small).max() < 4


def test_looks_that_differ_make_each_other_less_sure() -> None:
    sure, other = np.full((1, 37), -8.0, np.float32), np.full((1, 37), -8.0, np.float32)
    sure[0, 3], other[0, 5] = 0.0, 0.0
    alone, together = mix_looks([sure, sure]), mix_looks([sure, other])
    assert alone[0].argmax() == 3
    assert together[0, 3] == together[0, 5]
    assert np.exp(together).sum() == pytest.approx(1, abs=1e-5)


def test_a_faint_page_is_looked_at_again_and_not_accepted_wrongly(recognise: Recogniser) -> None:
    image = cv2.GaussianBlur(photograph("TD3", PASSPORT), (0, 0), 2.6)
    reading = read_page(image, recognise, clock=time.process_time, budget_ms=10_000)
    assert reading.status is not ReadingStatus.ACCEPTED or reading.lines == PASSPORT


def test_a_dark_page_is_searched_as_a_negative_early() -> None:
    bright, dark = plan_stages(is_dark=False), plan_stages(is_dark=True)
    assert bright == STAGES
    assert not any(stage.is_negative for stage in bright)
    assert [stage.is_negative for stage in dark[:3]] == [False, False, True]
    assert {stage for stage in dark if not stage.is_negative} == set(bright)
