"""Reading pages: whole pages with the project's own network, and every other image with a coded outcome."""

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.mrz import (
    CheckDigitVerdict,
    MrzReading,
    ReadingStatus,
    Recogniser,
    UnreadableReason,
    build_td1,
    read_page,
)
from biometrics.training.pages import Level, generate_page
from tests.unit.biometrics.mrz.pages import ERIKSSON, FONT, PASSPORT, photograph


def read(image: np.ndarray, recognise: Recogniser, budget_ms: float = 10_000) -> MrzReading:
    return read_page(image, recognise, clock=time.process_time, budget_ms=budget_ms)


def test_a_passport_is_accepted_and_read_exactly(recognise: Recogniser) -> None:
    reading = read(photograph("TD3", PASSPORT), recognise)
    assert reading.status is ReadingStatus.ACCEPTED
    assert reading.lines == reading.lines_read == PASSPORT
    assert reading.layout == "TD3"
    assert reading.repairs == ()
    assert [len(line) for line in reading.confidences] == [44, 44]
    assert all(0 <= value <= 1 for line in reading.confidences for value in line)


def test_a_card_is_accepted_and_read_exactly(recognise: Recogniser) -> None:
    lines = build_td1(document_code="I", **ERIKSSON)
    reading = read(photograph("TD1", lines), recognise)
    assert reading.status is ReadingStatus.ACCEPTED
    assert reading.lines == lines


def test_corners_lie_on_the_printed_zone(recognise: Recogniser) -> None:
    page = generate_page(3, 0, FONT, level=Level.PHONE)
    reading = read(page.image_bgr, recognise)
    assert reading.lines == page.lines
    pitch = np.linalg.norm(page.corners[1] - page.corners[0]) / 44
    assert np.abs(np.array(reading.corners) - page.corners).max() < 1.5 * pitch


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_page_is_read_whichever_way_it_lies(recognise: Recogniser, turns: int) -> None:
    image = np.rot90(photograph("TD3", PASSPORT), turns).copy()
    assert read(image, recognise).lines == PASSPORT


def test_gray_and_colour_images_read_alike(recognise: Recogniser) -> None:
    image = photograph("TD3", PASSPORT)
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    assert read(gray, recognise).lines == read(gray[:, :, None], recognise).lines == PASSPORT
    assert read(cv2.cvtColor(image, cv2.COLOR_BGR2BGRA), recognise).lines == PASSPORT


def test_a_wrong_printed_digit_is_read_as_printed_and_named(recognise: Recogniser) -> None:
    misprinted = (PASSPORT[0], PASSPORT[1][:9] + "7" + PASSPORT[1][10:])
    reading = read(photograph("TD3", misprinted), recognise)
    assert reading.status is ReadingStatus.REVIEW
    assert reading.lines == reading.lines_read == misprinted
    assert reading.repairs == ()
    assert reading.findings[0].verdict is CheckDigitVerdict.WRONG_AS_PRINTED


def test_a_page_without_a_zone_is_unreadable(recognise: Recogniser) -> None:
    for index in range(6):
        page = generate_page(3, index, FONT, level=Level(index % 3), with_zone=False)
        reading = read(page.image_bgr, recognise)
        assert reading.status is ReadingStatus.UNREADABLE
        assert reading.lines == ()


def test_a_zone_in_mirror_writing_is_not_reported(recognise: Recogniser) -> None:
    reading = read(photograph("TD3", PASSPORT)[:, ::-1].copy(), recognise)
    assert reading.status is ReadingStatus.UNREADABLE


def test_one_line_alone_is_not_reported(recognise: Recogniser) -> None:
    image = photograph("TD3", PASSPORT)
    height = image.shape[0]
    reading = read(image[: round(height * 0.84)], recognise)
    assert reading.status is ReadingStatus.UNREADABLE


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ((600, 900, 3), 255),
        ((600, 900, 3), 0),
        ((8000, 12, 3), 90),
        ((12, 8000), 90),
        ((0, 0, 3), 0),
        ((1, 1), 7),
    ],
)
def test_blank_and_degenerate_images_are_unreadable(
    recognise: Recogniser, shape: tuple[int, ...], value: int
) -> None:
    assert read(np.full(shape, value, np.uint8), recognise).status is ReadingStatus.UNREADABLE


def test_a_picture_too_small_says_so(recognise: Recogniser) -> None:
    small = cv2.resize(photograph("TD3", PASSPORT), (120, 84), interpolation=cv2.INTER_AREA)
    assert read(small, recognise).reason is UnreadableReason.TOO_SMALL


def test_a_spent_budget_ends_the_search(recognise: Recogniser) -> None:
    page = generate_page(3, 1, FONT, level=Level.PHONE, with_zone=False)
    ticks = iter(range(10_000))
    reading = read_page(page.image_bgr, recognise, clock=lambda: next(ticks) * 0.1, budget_ms=50)
    assert reading.status is ReadingStatus.UNREADABLE
    assert reading.reason is UnreadableReason.OUT_OF_TIME
    assert reading.elapsed_ms["locate"] < 200


def test_each_step_has_its_time(recognise: Recogniser) -> None:
    reading = read(photograph("TD3", PASSPORT), recognise)
    assert set(reading.elapsed_ms) == {
        "prepare", "locate", "rectify", "recognise", "snap", "decode", "total",
    }  # fmt: skip


def guess_at_random(seed: int):  # type: ignore[no-untyped-def]
    """Return a recogniser that sees characters anywhere, so that every later step meets nonsense."""
    rng = np.random.default_rng(seed)

    def recognise(strips: list[np.ndarray]) -> list[np.ndarray]:
        return [rng.dirichlet(np.full(38, 0.05), strip.shape[1] // 4).astype(np.float32) for strip in strips]

    return recognise


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.sampled_from([(), (1,), (3,), (4,)]),
    st.integers(0, 2**32 - 1),
)
def test_any_image_gives_a_reading(height: int, width: int, channels: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, *channels)).astype(np.uint8)
    if seed % 2:
        # bars that look like lines of text lead deeper into the reader
        image[:] = 255
        for top in range(int(rng.integers(0, 20)), height, int(rng.integers(6, 40))):
            image[top : top + 5, int(rng.integers(0, 20)) : max(21, width - 5) : int(rng.integers(2, 5))] = 0
    reading = read_page(image, guess_at_random(seed), clock=time.process_time, budget_ms=200)
    assert isinstance(reading, MrzReading)
    assert (
        (reading.status is ReadingStatus.UNREADABLE) == (reading.reason is not None) == (reading.lines == ())
    )
