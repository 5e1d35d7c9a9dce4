"""The table of the measures: each with its function, the map from native value to 0..100, and the advice."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from biometrics.core.quality.features import (
    estimate_eyes_open,
    estimate_mouth_open,
    estimate_occlusion,
    measure_background,
)
from biometrics.core.quality.light import (
    measure_colour,
    measure_compression,
    measure_contrast,
    measure_evenness,
    measure_exposure,
    measure_sharpness,
)
from biometrics.core.quality.picture import FaceImage
from biometrics.core.quality.pose import (
    count_faces,
    estimate_pitch,
    estimate_yaw,
    measure_inter_eye_distance,
    measure_roll,
)

DEFECT_BELOW = 50
# the bar of measures that rest on few pixels and no network: they advise only where they are sure
ESTIMATE_BELOW = 25


@dataclass(frozen=True)
class Measure:
    """One measure: its code, function, map and advice.

    points: (native value, score) in rising order of the native value; between them straight lines, beyond
    them level. bar: scores below it are a defect. advice_low, advice_high: for values on the low and the high
    side of the best. admits_from: the least score with which a template may be made; None: never in the way.
    """

    code: str
    compute: Callable[[FaceImage], float]
    points: tuple[tuple[float, int], ...]
    advice_low: str
    advice_high: str
    bar: int = DEFECT_BELOW
    admits_from: int | None = None

    def map_to_score(self, native: float) -> int:
        """Return the score of a native value, 0 to 100."""
        values, scores = zip(*self.points, strict=True)
        return round(float(np.interp(native, values, scores)))

    def is_low(self, native: float) -> bool:
        """Tell whether a value lies on the low side of the best."""
        return native < max(self.points, key=lambda point: point[1])[0]

    def advise(self, native: float) -> str:
        """Return the sentence for a value that is too low or too high."""
        return self.advice_low if self.is_low(native) else self.advice_high

    def advice_code(self, native: float) -> str:
        """Return the code of that sentence, the same in every language, e.g. "YAW.LOW"."""
        return f"{self.code}.{'LOW' if self.is_low(native) else 'HIGH'}"


TURN = "Look straight at the camera."
MEASURES = (
    Measure(
        "FACE_COUNT",
        count_faces,
        ((0, 0), (1, 100), (2, 40), (4, 10)),
        "Stand before the camera so that the whole face is seen.",
        "Only one person may be before the camera.",
        admits_from=1,
    ),
    Measure(
        "INTER_EYE_DISTANCE",
        measure_inter_eye_distance,
        ((8, 0), (20, 30), (32, 55), (60, 80), (90, 100)),
        "Come closer to the camera.",
        "",
        admits_from=5,
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
        admits_from=10,
    ),
    Measure(
        "EXPOSURE",
        measure_exposure,
        ((10, 0), (40, 50), (80, 100), (190, 100), (235, 50), (252, 0)),
        "More light is needed on the face.",
        "Less light is needed on the face.",
        admits_from=10,
    ),
    Measure(
        "CONTRAST",
        measure_contrast,
        ((5, 0), (30, 50), (70, 100)),
        "Avoid fog, glare and light from behind.",
        "",
        admits_from=10,
    ),
    Measure(
        "EVENNESS",
        measure_evenness,
        ((0.0, 100), (0.1, 100), (0.35, 50), (0.7, 0)),
        "",
        "Light the face evenly from both sides.",
    ),
    Measure(
        "EYES_OPEN",
        estimate_eyes_open,
        ((0.0, 0), (0.02, 25), (0.09, 60), (0.16, 100)),
        "Open both eyes.",
        "",
        bar=ESTIMATE_BELOW,
    ),
    Measure(
        "MOUTH_CLOSED",
        estimate_mouth_open,
        ((0.0, 100), (0.1, 100), (0.3, 60), (0.5, 25), (0.7, 0)),
        "",
        "Close the mouth and look neutral.",
        bar=ESTIMATE_BELOW,
    ),
    Measure(
        "OCCLUSION",
        estimate_occlusion,
        ((0.0, 100), (0.1, 100), (0.4, 50), (0.6, 25), (0.9, 0)),
        "",
        "Take off what covers the face: mask, scarf, hand, hair.",
    ),
    Measure(
        "BACKGROUND",
        measure_background,
        ((0.0, 100), (3.0, 100), (10.0, 50), (20.0, 25), (40.0, 0)),
        "",
        "Stand before a plain wall.",
        bar=ESTIMATE_BELOW,
    ),
    Measure(
        "COMPRESSION",
        measure_compression,
        ((0.0, 100), (1.1, 100), (1.6, 50), (3.0, 0)),
        "",
        "Set the camera to less compression.",
    ),
    Measure(
        "COLOUR",
        measure_colour,
        ((0.0, 100), (3.0, 90), (12.0, 50), (40.0, 0)),
        "",
        "Use neutral white light, and a colour camera.",
    ),
)
