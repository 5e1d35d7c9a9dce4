"""Capture quality: each measure on pictures made for it, and a report that no failure stops."""

import cv2
import numpy as np
import pytest

from biometrics.core.faces import Face
from biometrics.core.quality import MEASURES, FaceImage, MeasureStatus, QualityReport, assess
from biometrics.core.quality.measures import Measure
from biometrics.core.quality.picture import NotMeasurable

LEVEL = np.array([(80, 90), (140, 90), (110, 122), (85, 150), (135, 150)], np.float32)
BOX = (55.0, 40.0, 165.0, 190.0)


def scene(mean: int = 130, spread: int = 40) -> np.ndarray:
    """A textured face on a plain background, 220 x 220."""
    noise = np.random.default_rng(0).normal(0, 1, (220, 220, 1)) * np.ones(3)
    smooth = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 1.2)
    x0, y0, x1, y1 = (int(v) for v in BOX)
    textured = np.zeros((220, 220, 1), bool)
    textured[y0 - 30 : y1 + 30, x0 - 30 : x1 + 30] = True
    return np.clip(mean + textured * smooth / smooth.std() * spread, 0, 255).astype(np.uint8)


def face(landmarks: np.ndarray = LEVEL) -> Face:
    return Face(BOX, landmarks.astype(np.float32), 0.9)


def turned(angle_deg: float) -> np.ndarray:
    turn = cv2.getRotationMatrix2D((110, 115), -angle_deg, 1.0)
    return LEVEL @ turn[:, :2].T + turn[:, 2]


def status_of(report: QualityReport, code: str) -> MeasureStatus:
    return next(item.status for item in report.measurements if item.code == code)


def native_of(report: QualityReport, code: str) -> float | None:
    return next(item.native for item in report.measurements if item.code == code)


def test_a_good_picture_has_no_defect() -> None:
    report = assess(scene(), [face()])
    assert report.defects == ()
    assert report.not_assessed == ()
    assert report.score >= 50


NOSE_ASIDE = LEVEL + np.array([(0, 0), (0, 0), (28, 0), (10, 0), (10, 0)])
NOSE_LOW = LEVEL + np.array([(0, 0), (0, 0), (0, 22), (0, 0), (0, 0)])
NOSE_HIGH = LEVEL + np.array([(0, 0), (0, 0), (0, -24), (0, 0), (0, 0)])
CASES = {
    "nobody": (scene(), [], "FACE_COUNT"),
    "two people": (scene(), [face(), face()], "FACE_COUNT"),
    "far away": (scene(), [face(LEVEL * 0.25)], "INTER_EYE_DISTANCE"),
    "head turned": (scene(), [face(NOSE_ASIDE)], "YAW"),
    "head down": (scene(), [face(NOSE_LOW)], "PITCH"),
    "head up": (scene(), [face(NOSE_HIGH)], "PITCH"),
    "head leaning": (scene(), [face(turned(40))], "ROLL"),
    "lying on the side": (scene(), [face(turned(90))], "ROLL"),
    "blurred": (cv2.GaussianBlur(scene(), (0, 0), 12), [face()], "SHARPNESS"),
    "dark": (scene(mean=15, spread=10), [face()], "EXPOSURE"),
    "bright": (scene(mean=250, spread=4), [face()], "EXPOSURE"),
    "flat": (scene(spread=4), [face()], "CONTRAST"),
    "lit from one side": (
        (scene() * np.where(np.arange(220) < 110, 1.4, 0.35)[None, :, None]).clip(0, 255).astype(np.uint8),
        [face()],
        "EVENNESS",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_defect_is_found_and_advised_on(case: str) -> None:
    image, faces, code = CASES[case]
    report = assess(image, faces)
    assert code in report.defects
    assert all(sentence.endswith(".") for sentence in report.advice)
    assert len(report.advice) == len(report.defects)


@pytest.mark.parametrize("angle", [-30, -10, 0, 15, 45])
def test_roll_is_measured_in_degrees(angle: float) -> None:
    assert native_of(assess(scene(), [face(turned(angle))]), "ROLL") == pytest.approx(angle, abs=0.1)


@pytest.mark.parametrize("angle", [-40, 0, 40])
def test_yaw_does_not_depend_on_roll(angle: float) -> None:
    assert native_of(assess(scene(), [face(turned(angle))]), "YAW") == pytest.approx(0, abs=2)


def test_without_a_face_only_the_count_is_assessed() -> None:
    report = assess(scene(), [])
    assert report.defects == ("FACE_COUNT",)
    assert set(report.not_assessed) == {measure.code for measure in MEASURES} - {"FACE_COUNT"}


@pytest.mark.parametrize("error", [NotMeasurable(), ValueError(), ZeroDivisionError(), IndexError()])
def test_a_measure_that_fails_does_not_stop_the_others(error: Exception) -> None:
    def fail(picture: FaceImage) -> float:
        raise error

    broken = Measure("BROKEN", fail, ((0, 0), (1, 100)), "", "")
    report = assess(scene(), [face()], measures=(broken, *MEASURES))
    assert report.not_assessed == ("BROKEN",)
    assert len(report.measurements) == len(MEASURES) + 1


@pytest.mark.parametrize("points", [np.zeros((5, 2)), np.full((5, 2), 1e6), LEVEL[::-1] - 500])
def test_strange_points_give_a_report(points: np.ndarray) -> None:
    assert len(assess(scene(), [face(points)]).measurements) == len(MEASURES)


def test_a_face_outside_the_picture_leaves_its_pixels_not_assessed() -> None:
    outside = Face((500, 500, 600, 600), LEVEL, 0.9)
    assert status_of(assess(scene(), [outside]), "SHARPNESS") is MeasureStatus.NOT_ASSESSED


def test_defects_come_worst_first() -> None:
    report = assess(scene(mean=15, spread=2), [face(turned(30))])
    scores = {item.code: item.score for item in report.measurements}
    assert [scores[code] for code in report.defects] == sorted(scores[code] for code in report.defects)


def test_codes_are_unique_and_every_map_rises_and_stays_in_range() -> None:
    assert len({measure.code for measure in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        natives = [native for native, _ in measure.points]
        assert natives == sorted(natives)
        assert all(0 <= score <= 100 for _, score in measure.points)


def test_a_report_becomes_json_values() -> None:
    written = assess(scene(), [face()]).as_json()
    assert written["face_count"] == 1
    assert set(written["measures"]) == {measure.code for measure in MEASURES}
