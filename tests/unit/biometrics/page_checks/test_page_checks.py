"""Signs of forgery in pixels, on patterns small enough to reason about. Rates on whole pages: manage.py evaluate_documents."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from biometrics.core.mrz import build_td3
from biometrics.core.outcomes import Outcome, Severity
from biometrics.core.page_checks import (
    PAGE_CHECKS,
    PortraitMeasures,
    ZoneMeasures,
    judge_baseline,
    judge_font,
    judge_page,
    judge_portrait,
    judge_recapture,
    measure_portrait,
    measure_recapture,
    measure_zone,
)
from biometrics.core.page_checks.zone_print import PITCH_PX
from biometrics.services import page_checks as service

GLYPHS = np.load(service.GLYPHS)["glyphs"]
ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LINES = build_td3(
    document_code="P",
    issuing_state="UTO",
    primary_identifier="ERIKSSON",
    secondary_identifier="ANNA MARIA",
    document_number="L898902C3",
    nationality="UTO",
    birth_date="740812",
    sex="F",
    expiry_date="320415",
    optional_data="ZE184226B",
)
MARGIN, SPACING = 60, 60


def zone_picture(
    *, shift_px: int = 0, foreign: bool = False
) -> tuple[np.ndarray, tuple[tuple[float, float], ...]]:
    """Return a zone printed with the glyphs, and its corners.

    shift_px: of the birth date on the second line. foreign: the birth date in another type.
    """
    width = len(LINES[0]) * PITCH_PX
    ink = np.zeros((2 * MARGIN + SPACING + 40, width + 2 * MARGIN), np.float32)
    for row, line in enumerate(LINES):
        for column, character in enumerate(line):
            within = row == 1 and 13 <= column < 20
            base = MARGIN + 24 + row * SPACING + (shift_px if within else 0)
            x = MARGIN + column * PITCH_PX - PITCH_PX // 2
            if foreign and within:
                place = (x + PITCH_PX // 2 + 1, base)
                drawn = np.zeros(ink.shape, np.uint8)
                cv2.putText(drawn, character, place, cv2.FONT_HERSHEY_COMPLEX, 0.85, 255, 2, cv2.LINE_AA)
                np.maximum(ink, drawn.astype(np.float32) / 255, out=ink)
                continue
            cell = ink[base - 36 : base + 12, x : x + 48]
            np.maximum(cell, GLYPHS[ALPHABET.index(character)].astype(np.float32) / 255, out=cell)
    image = np.repeat((225 - 190 * cv2.GaussianBlur(ink, (0, 0), 0.8))[..., None], 3, 2)
    image += np.random.default_rng(1).normal(0, 2, image.shape)
    top, bottom = MARGIN - 4.0, MARGIN + SPACING + 28.0
    corners = ((MARGIN, top), (MARGIN + width, top), (MARGIN + width, bottom), (MARGIN, bottom))
    return np.clip(image, 0, 255).astype(np.uint8), corners


def measured(**changes: object) -> ZoneMeasures:
    image, corners = zone_picture(**changes)  # type: ignore[arg-type]
    found = measure_zone(image, LINES, corners, GLYPHS)
    assert found is not None
    return found


def test_a_zone_in_ocr_b_on_straight_lines_passes() -> None:
    zone = measured()
    assert judge_font(zone, {}).outcome is Outcome.PASS
    assert judge_baseline(zone, {}).outcome is Outcome.PASS


@pytest.mark.parametrize("shift_px", [-4, 3, 5])
def test_characters_off_their_line_are_seen(shift_px: int) -> None:
    found = judge_baseline(measured(shift_px=shift_px), {})
    assert (found.outcome, found.reason, found.detail["line"]) == (Outcome.FAIL, "broken_line", 1)


def test_characters_of_another_type_are_seen() -> None:
    found = judge_font(measured(foreign=True), {})
    assert (found.outcome, found.detail["line"]) == (Outcome.FAIL, 1)


def test_a_zone_that_is_too_small_or_not_there_is_not_judged() -> None:
    image, corners = zone_picture()
    small = cv2.resize(image, None, fx=0.3, fy=0.3)
    assert measure_zone(small, LINES, tuple((x * 0.3, y * 0.3) for x, y in corners), GLYPHS) is None
    assert measure_zone(image, (), corners, GLYPHS) is None
    blank = np.full_like(image, 200)
    zone = measure_zone(blank, LINES, corners, GLYPHS)
    assert judge_font(zone, {}).outcome is Outcome.NOT_APPLICABLE


def textured(seed: int = 3, size: int = 640) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    bend = 14 * np.sin(x / 70) + 10 * np.sin(y / 50)
    ground = 200 + 12 * np.sin((x * 0.6 + y * 0.8 + bend) * 0.35)
    image = np.repeat(ground[..., None], 3, 2) + rng.normal(0, 2, (size, size, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def test_a_ground_of_bent_waves_is_no_recapture() -> None:
    assert judge_recapture(measure_recapture(textured()), {}).outcome is Outcome.PASS


@pytest.mark.parametrize("pitch", [2.4, 3.1, 4.2])
def test_a_grid_over_the_whole_picture_is_a_recapture(pitch: float) -> None:
    image = textured().astype(np.float32)
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    image *= (1 + 0.15 * np.cos(2 * np.pi * (x * 0.99 + y * 0.1) / pitch))[..., None]
    seen = np.clip(image, 0, 255).astype(np.uint8)
    assert judge_recapture(measure_recapture(seen), {}).outcome is Outcome.FAIL


def test_a_small_picture_is_not_judged() -> None:
    assert judge_recapture(measure_recapture(np.zeros((100, 100, 3), np.uint8)), {}).reason == "too_small"


@pytest.mark.parametrize(("sigma", "outcome"), [(2, Outcome.PASS), (14, Outcome.FAIL)])
def test_a_portrait_noisier_than_its_page_is_seen(sigma: float, outcome: Outcome) -> None:
    image = textured().astype(np.float32)
    rng = np.random.default_rng(5)
    image[100:400, 60:300] = 150 + rng.normal(0, sigma, (300, 240, 3))
    found = measure_portrait(np.clip(image, 0, 255).astype(np.uint8), (110, 160, 250, 340))
    assert judge_portrait(found, {}).outcome is outcome


@pytest.mark.parametrize(("sigma", "outcome"), [(2, Outcome.PASS), (0, Outcome.FAIL)])
def test_a_portrait_without_any_noise_on_a_noisy_page_is_seen(sigma: float, outcome: Outcome) -> None:
    image = textured().astype(np.float32)
    rng = np.random.default_rng(5)
    image[100:400, 60:300] = 150 + rng.normal(0, sigma, (300, 240, 3))
    found = measure_portrait(np.clip(image, 0, 255).astype(np.uint8), (110, 160, 250, 340))
    assert judge_portrait(found, {}).outcome is outcome


def test_a_still_portrait_on_a_still_page_is_nothing() -> None:
    image = np.full((640, 640, 3), 180, np.uint8)
    assert judge_portrait(measure_portrait(image, (110, 160, 250, 340)), {}).outcome is not Outcome.FAIL


def test_where_no_portrait_was_found_nothing_is_said_of_it() -> None:
    assert judge_portrait(None, {}).outcome is Outcome.NOT_APPLICABLE
    assert judge_portrait(PortraitMeasures((0, 0, 1, 1), -3.0), {}).outcome is Outcome.PASS


def test_lines_that_are_turned_are_seen() -> None:
    turned = ZoneMeasures(0.97, 0.95, 0, 0.01, 0, 1.2)
    assert judge_baseline(turned, {}).reason == "lines_not_parallel"


def test_one_picture_gives_every_finding_once_and_none_weighs() -> None:
    image, corners = zone_picture()
    found = judge_page(image_bgr=image, lines=LINES, corners=corners, face_xyxy=None, glyphs=GLYPHS)
    assert [f.check for f in found] == list(PAGE_CHECKS)
    assert {f.check.severity for f in found} == {Severity.INFORM}


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 2000, 3), (2000, 40, 3), (300, 300, 3)])
def test_any_picture_gives_findings(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(7)
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    corners = ((-50.0, -50.0), (5000.0, 0.0), (10.0, 10.0), (0.0, 0.0))
    found = judge_page(
        image_bgr=image, lines=LINES, corners=corners, face_xyxy=(-9.0, -9.0, 1e4, 1e4), glyphs=GLYPHS
    )
    assert len(found) == len(PAGE_CHECKS)


def test_the_glyphs_are_kept_beside_the_networks() -> None:
    assert Path(service.GLYPHS).parent.name == "networks"
    assert GLYPHS.shape == (37, 48, 48)
