"""Pictures as they should not be: each ends with a coded outcome, none with an exception or a wrong acceptance."""

import time

import cv2
import numpy as np
import pytest

from biometrics.core.mrz import (
    MrzReading,
    ReadingStatus,
    Recogniser,
    UnreadableReason,
    build_td1,
    build_td3,
    read_page,
)
from tests.unit.biometrics.mrz.pages import ERIKSSON, PASSPORT, photograph

BUDGET_MS = 400.0
# one search that has begun is finished
OVERRUN_MS = 150.0
OTHER_PASSPORT = build_td3(
    document_code="P", optional_data="", **(ERIKSSON | {"document_number": "X12345678"})
)


@pytest.fixture(scope="module")
def passport() -> np.ndarray:
    return photograph("TD3", PASSPORT)


def read(image: np.ndarray, recognise: Recogniser) -> MrzReading:
    reading = read_page(image, recognise, clock=time.process_time, budget_ms=BUDGET_MS)
    assert reading.elapsed_ms["total"] < BUDGET_MS + OVERRUN_MS
    assert (reading.status is ReadingStatus.UNREADABLE) == (reading.reason is not None)
    return reading


def widen(image: np.ndarray, width: int) -> np.ndarray:
    height = round(image.shape[0] * width / image.shape[1])
    method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=method)


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_light_print_on_dark_is_read(passport: np.ndarray, recognise: Recogniser, turns: int) -> None:
    assert read(np.rot90(255 - passport, turns).copy(), recognise).lines == PASSPORT


def test_an_infrared_like_page_is_read(passport: np.ndarray, recognise: Recogniser) -> None:
    gray = cv2.cvtColor(passport, cv2.COLOR_BGR2GRAY)
    # coloured inks vanish, carbon ink stays, the light is dim
    infrared = np.where(gray < 90, gray, 175).astype(np.uint8) // 2
    assert read(infrared, recognise).lines == PASSPORT


def test_a_reflection_on_the_zone_is_named(passport: np.ndarray, recognise: Recogniser) -> None:
    height, width = passport.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    spot = 400 * np.exp(-(((x - width / 2) ** 2 + (y - 0.85 * height) ** 2) / (2 * (0.1 * width) ** 2)))
    dazzled = np.clip(passport * 0.8 + spot[..., None], 0, 255).astype(np.uint8)
    reading = read(dazzled, recognise)
    assert reading.status is ReadingStatus.UNREADABLE
    assert reading.reason is UnreadableReason.GLARE


def test_a_page_out_of_focus_is_named(passport: np.ndarray, recognise: Recogniser) -> None:
    reading = read(cv2.GaussianBlur(passport, (0, 0), 12), recognise)
    assert reading.reason is UnreadableReason.BLURRED


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_page_is_neither_blurred_nor_glare(recognise: Recogniser, value: int) -> None:
    reading = read(np.full((700, 1000, 3), value, np.uint8), recognise)
    assert reading.reason is UnreadableReason.NO_ZONE_FOUND


def test_mirror_writing_is_not_reported(passport: np.ndarray, recognise: Recogniser) -> None:
    assert read(passport[:, ::-1].copy(), recognise).status is ReadingStatus.UNREADABLE
    assert read(passport[::-1].copy(), recognise).status is ReadingStatus.UNREADABLE


def test_a_page_on_its_head_is_read(passport: np.ndarray, recognise: Recogniser) -> None:
    assert read(passport[::-1, ::-1].copy(), recognise).lines == PASSPORT


def test_two_documents_are_never_accepted_as_one(passport: np.ndarray, recognise: Recogniser) -> None:
    other = widen(photograph("TD3", OTHER_PASSPORT, seed=18), passport.shape[1])
    reading = read(np.vstack([passport, other]), recognise)
    assert reading.status is ReadingStatus.REVIEW
    assert reading.has_second_zone
    assert reading.lines in (PASSPORT, OTHER_PASSPORT)


def test_one_document_has_no_second_zone(passport: np.ndarray, recognise: Recogniser) -> None:
    assert not read(passport, recognise).has_second_zone


def test_two_hundred_pixels_are_not_accepted_wrongly(passport: np.ndarray, recognise: Recogniser) -> None:
    reading = read(widen(passport, 200), recognise)
    assert reading.status is not ReadingStatus.ACCEPTED or reading.lines == PASSPORT


def test_eight_thousand_pixels_are_read_inside_the_budget(
    passport: np.ndarray, recognise: Recogniser
) -> None:
    assert read(widen(passport, 8000), recognise).lines == PASSPORT


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_no_zone(recognise: Recogniser, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fine = rng.integers(0, 256, (600, 900, 3)).astype(np.uint8)
    coarse = cv2.resize(
        rng.integers(0, 256, (60, 90)).astype(np.uint8), (900, 600), interpolation=cv2.INTER_CUBIC
    )
    for image in (fine, coarse):
        assert read(image, recognise).status is ReadingStatus.UNREADABLE


@pytest.mark.parametrize("seed", range(4))
def test_handwriting_like_lines_are_no_zone(recognise: Recogniser, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.full((700, 1000, 3), 235, np.uint8)
    for top in range(80, 680, 45):
        x = np.linspace(60, 940, 500)
        y = (
            top
            + np.cumsum(rng.normal(0, 2.4, 500)) * 0.2
            + 9 * np.sin(x / rng.uniform(4, 9) + rng.normal(0, 0.4, 500))
        )
        cv2.polylines(image, [np.stack([x, y], 1).astype(np.int32)], False, (60, 30, 20), 2, cv2.LINE_AA)
    assert read(image, recognise).status is ReadingStatus.UNREADABLE


@pytest.mark.parametrize(
    "lines",
    [
        ("PLEASE<KEEP<THIS<SLIP<UNTIL<YOU<LEAVE<THE<X<", "ROW<12<SEAT<14C<GATE<B22<CLOSES<AT<0915<<<<<"),
        ("0123456789" * 4 + "0123", "9876543210" * 4 + "9876"),
        ("<" * 44, "<" * 44),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQR", "ZYXWVUTSRQPONMLKJIHGFEDCBAZYXWVUTSRQPONMLKJI"),
    ],
)
def test_text_that_looks_like_a_zone_is_never_accepted(recognise: Recogniser, lines: tuple[str, ...]) -> None:
    assert read(photograph("TD3", lines), recognise).status is not ReadingStatus.ACCEPTED


def test_the_upper_line_alone_is_never_accepted(recognise: Recogniser) -> None:
    reading = read(photograph("TD3", (PASSPORT[0], " " * 44)), recognise)
    assert reading.status is not ReadingStatus.ACCEPTED


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_zone_cut_off_at_the_side_is_never_accepted(
    passport: np.ndarray, recognise: Recogniser, share: float
) -> None:
    cut = np.ascontiguousarray(passport[:, : round(passport.shape[1] * share)])
    assert read(cut, recognise).status is not ReadingStatus.ACCEPTED


def test_a_screen_with_moire_is_never_accepted_wrongly(recognise: Recogniser) -> None:
    lines = build_td1(document_code="I", **ERIKSSON)
    image = photograph("TD1", lines).astype(np.float32)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    bands = 22 * np.sin(x * 1.9 + y * 0.05) + 18 * np.sin(y * 2.3) + 14 * np.sin((x + y) * 0.11)
    reading = read(np.clip(image + bands[..., None], 0, 255).astype(np.uint8), recognise)
    assert reading.status is not ReadingStatus.ACCEPTED or reading.lines == lines
