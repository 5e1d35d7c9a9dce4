"""The measures of capture quality, one function each.

Each returns a native value in its own unit. A table maps native values to 0..100 by straight lines between
points, and gives the advice in words. Pose is estimated from five points only: right for "turn towards the
camera", not a measurement of angles.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from biometrics.core.faces.engine import Face

Array = npt.NDArray[Any]
CROP_SIDE = 128  # sharpness depends on scale, so every face is measured at this width
DEFECT_BELOW = 50
VARIANCE_FLOOR = 300.0


class NotMeasurable(Exception):
    """This picture does not hold what the measure needs."""


@dataclass(frozen=True, eq=False)
class FaceImage:
    """A picture with the faces found in it, the chosen one first. image_bgr: uint8 (H, W, 3)."""

    image_bgr: Array
    faces: tuple[Face, ...]

    @property
    def face(self) -> Face:
        """The chosen face. Raises NotMeasurable if there is none."""
        if not self.faces:
            raise NotMeasurable
        return self.faces[0]

    @cached_property
    def crop(self) -> Array:
        """The face in grey, uint8 (CROP_SIDE, CROP_SIDE), never enlarged from nothing. Raises NotMeasurable."""
        height, width = self.image_bgr.shape[:2]
        x0, y0, x1, y1 = self.face.box_xyxy
        left, top = max(0, round(x0)), max(0, round(y0))
        right, bottom = min(width, round(x1)), min(height, round(y1))
        if right - left < 8 or bottom - top < 8:
            raise NotMeasurable
        grey = cv2.cvtColor(self.image_bgr[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
        return cv2.resize(grey, (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)

    @cached_property
    def upright_points(self) -> Array:
        """The five points turned so that the eyes are level, in units of the inter-eye distance, from their middle."""
        points = np.asarray(self.face.landmarks, np.float64)
        middle = (points[0] + points[1]) / 2
        x, y = points[1] - points[0]
        distance = float(np.hypot(x, y))
        if not distance > 0:
            raise NotMeasurable
        turn = np.array([[x, y], [-y, x]]) / distance
        upright: Array = (points - middle) @ turn.T / distance
        return upright


@dataclass(frozen=True)
class Measure:
    """One measure: its code, function, map and advice.

    points: (native value, score) in rising order of the native value; between them straight lines, beyond
    them level. bar: scores below it are a defect. advice_low, advice_high: for values on the low and the high
    side of the best.
    """

    code: str
    compute: Callable[[FaceImage], float]
    points: tuple[tuple[float, int], ...]
    advice_low: str
    advice_high: str
    bar: int = DEFECT_BELOW

    def map_to_score(self, native: float) -> int:
        """Return the score of a native value, 0 to 100."""
        values, scores = zip(*self.points, strict=True)
        return round(float(np.interp(native, values, scores)))

    def advise(self, native: float) -> str:
        """Return the sentence for a value that is too low or too high."""
        best = max(self.points, key=lambda point: point[1])[0]
        return self.advice_low if native < best else self.advice_high


def count_faces(picture: FaceImage) -> float:
    """Return how many faces there are."""
    return float(len(picture.faces))


def measure_inter_eye_distance(picture: FaceImage) -> float:
    """Return the distance of the eye points in pixels. Source: ISO/IEC 19794-5 asks 90, and 240 for 300 dpi."""
    return picture.face.inter_eye_distance


def estimate_yaw(picture: FaceImage) -> float:
    """Return how far the head is turned, in degrees; positive when the nose points to the image's right."""
    points = picture.upright_points
    across = (points[2, 0] - points[:2, 0].mean()) * 0.6 + (points[2, 0] - points[3:, 0].mean()) * 0.4
    # the nose tip stands about 0.55 inter-eye distances before the plane of the eyes and mouth corners
    return float(np.degrees(np.arctan(across / 0.55)))


def estimate_pitch(picture: FaceImage) -> float:
    """Return how far the head is tilted down, in degrees; negative when the face looks up."""
    points = picture.upright_points
    mouth = float(points[3:, 1].mean())
    if mouth <= 0.2:
        raise NotMeasurable
    # level heads have the nose tip at about 0.56 of the way from the eyes to the mouth
    return float(np.degrees(np.arctan((points[2, 1] / mouth - 0.56) * 2.0)))


def measure_roll(picture: FaceImage) -> float:
    """Return how far the line of the eyes leans, in degrees; positive when it falls to the image's right."""
    x, y = np.asarray(picture.face.landmarks[1] - picture.face.landmarks[0], np.float64)
    return float(np.degrees(np.arctan2(y, x)))


def measure_sharpness(picture: FaceImage) -> float:
    """Return the mean square of the Laplacian on the face at a fixed width, over its variance of brightness.

    Flat pictures keep a floor under the variance, or rounding to whole grey levels would count as detail.
    """
    crop = picture.crop.astype(np.float32)
    return float(np.square(cv2.Laplacian(crop, cv2.CV_32F)).mean()) / (float(crop.var()) + VARIANCE_FLOOR)


def measure_exposure(picture: FaceImage) -> float:
    """Return the mean brightness of the face, 0 to 255."""
    return float(picture.crop.mean())


def measure_contrast(picture: FaceImage) -> float:
    """Return the spread between the 5th and 95th percentile of the face's brightness, 0 to 255."""
    low, high = np.percentile(picture.crop, (5, 95))
    return float(high - low)


def measure_evenness(picture: FaceImage) -> float:
    """Return how much brighter one half of the face is than the other: |left - right| / (left + right), 0 to 1."""
    left = float(picture.crop[:, : CROP_SIDE // 2].mean())
    right = float(picture.crop[:, CROP_SIDE // 2 :].mean())
    return abs(left - right) / max(left + right, 1.0)


TURN = "Look straight at the camera."
MEASURES = (
    Measure(
        "FACE_COUNT",
        count_faces,
        ((0, 0), (1, 100), (2, 40), (4, 10)),
        "Stand before the camera so that the whole face is seen.",
        "Only one person may be before the camera.",
    ),
    Measure(
        "INTER_EYE_DISTANCE",
        measure_inter_eye_distance,
        ((8, 0), (20, 30), (32, 55), (60, 80), (90, 100)),
        "Come closer to the camera.",
        "",
    ),
    Measure("YAW", estimate_yaw, ((-50, 0), (-25, 50), (-8, 100), (8, 100), (25, 50), (50, 0)), TURN, TURN),
    Measure(
        "PITCH",
        estimate_pitch,
        ((-50, 0), (-25, 50), (-10, 100), (10, 100), (25, 50), (50, 0)),
        "Lower the chin a little.",
        "Raise the chin a little.",
    ),
    Measure(
        "ROLL",
        measure_roll,
        ((-60, 0), (-25, 50), (-8, 100), (8, 100), (25, 50), (60, 0)),
        "Hold the head upright.",
        "Hold the head upright.",
    ),
    Measure(
        "SHARPNESS",
        measure_sharpness,
        ((0.002, 0), (0.01, 50), (0.05, 80), (0.15, 100)),
        "Hold still, and clean the lens if the picture stays blurred.",
        "",
    ),
    Measure(
        "EXPOSURE",
        measure_exposure,
        ((10, 0), (40, 50), (80, 100), (190, 100), (235, 50), (252, 0)),
        "More light is needed on the face.",
        "Less light is needed on the face.",
    ),
    Measure(
        "CONTRAST",
        measure_contrast,
        ((5, 0), (30, 50), (70, 100)),
        "Avoid fog, glare and light from behind.",
        "",
    ),
    Measure(
        "EVENNESS",
        measure_evenness,
        ((0.0, 100), (0.1, 100), (0.35, 50), (0.7, 0)),
        "",
        "Light the face evenly from both sides.",
    ),
)
