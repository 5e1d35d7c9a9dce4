"""Every measure moves the right way when a good picture is made worse: drawn faces, spoilt step by step."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.conf import settings

from biometrics.core.faces import Face, YuNetDetector
from biometrics.core.quality import MEASURES, FaceImage, admit, assess
from biometrics.networks.files import locate_networks

FACES = Path(__file__).parents[4] / "borders/demo/faces"
SUBJECTS = ("person_01/live_1", "person_05/live_2", "person_09/portrait", "person_14/live_1")
BY_CODE = {measure.code: measure for measure in MEASURES}
Spoil = Callable[[np.ndarray, Face, float], np.ndarray]


@pytest.fixture(scope="module")
def pictures() -> list[tuple[np.ndarray, Face]]:
    detector = YuNetDetector(locate_networks(settings.NETWORK_DIR).yunet.read_bytes())
    images = [cv2.imread(str(FACES / f"{name}.jpg")) for name in SUBJECTS]
    return [(image, detector.detect(image)[0]) for image in images]


def blur(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), much * face.inter_eye_distance / 12)


def darken(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    return (image * (1 - 0.24 * much)).astype(np.uint8)


def brighten(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    return np.clip(image.astype(np.float32) * (1 + much) + 30 * much, 0, 255).astype(np.uint8)


def flatten(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    return (128 + (image.astype(np.float32) - 128) * (1 - 0.24 * much)).astype(np.uint8)


def light_from_one_side(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    x0, _, x1, _ = face.box_xyxy
    across = np.clip((np.arange(image.shape[1]) - x0) / (x1 - x0), 0, 1)
    return (image * (1 - 0.22 * much * across)[None, :, None]).astype(np.uint8)


def compress(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    quality = {1: 40, 2: 20, 3: 9, 4: 4}[round(much)]
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def tint(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    return np.clip(image.astype(np.float32) * (1 + 0.35 * much, 1.0, 1 - 0.2 * much), 0, 255).astype(np.uint8)


def crowd_the_background(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    x0, y0, x1 = (int(v) for v in face.box_xyxy[:3])
    room = int(0.2 * (x1 - x0))
    noise = np.random.default_rng(0).integers(-60, 60, (image.shape[0] // 8 + 1, image.shape[1] // 8 + 1, 1))
    coarse = cv2.resize(noise.astype(np.float32), image.shape[1::-1], interpolation=cv2.INTER_NEAREST)[
        ..., None
    ]
    spoilt = np.clip(image + coarse * much / 2, 0, 255).astype(np.uint8)
    head = np.s_[max(0, y0 - room) :, max(0, x0 - room) : x1 + room]
    spoilt[head] = image[head]
    return spoilt


def cover_from_below(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    spoilt = image.copy()
    x0, _, x1, y1 = (int(v) for v in face.box_xyxy)
    eyes, mouth = face.landmarks[:2, 1].mean(), face.landmarks[3:, 1].mean()
    top = int(mouth + 0.5 * (mouth - eyes) - much / 4 * 0.95 * (mouth - eyes))
    spoilt[top : y1 + 20, max(0, x0) : x1] = (200, 120, 30)
    return spoilt


def close_the_eyes(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    """Pull skin over the eyes, step by step, down to a line."""
    spoilt = image.copy()
    reach = face.inter_eye_distance
    cheek = face.landmarks[:2].mean(axis=0) + np.array([0.45, 0.5]) * reach
    skin = tuple(int(v) for v in image[int(cheek[1]), int(cheek[0])])
    open_half = 0.16 * reach * (1 - much / 4)
    for x, y in face.landmarks[:2]:
        top, bottom = int(y - 0.3 * reach), int(y + 0.3 * reach)
        left, right = int(x - 0.32 * reach), int(x + 0.32 * reach)
        spoilt[top:bottom, left:right] = skin
        half = max(1, round(open_half))
        cv2.rectangle(
            spoilt,
            (int(x - 0.15 * reach), int(y) - half),
            (int(x + 0.15 * reach), int(y) + half),
            (20, 20, 20),
            -1,
        )
    return spoilt


def open_the_mouth(image: np.ndarray, face: Face, much: float) -> np.ndarray:
    spoilt = image.copy()
    x, y = (int(v) for v in face.landmarks[3:].mean(axis=0))
    reach = face.inter_eye_distance
    cv2.ellipse(
        spoilt, (x, y), (int(0.25 * reach), int(0.07 * much * reach) + 1), 0, 0, 360, (25, 20, 35), -1
    )
    return spoilt


WORSE: dict[str, tuple[Spoil, str]] = {
    "SHARPNESS": (blur, "falls"),
    "EXPOSURE": (darken, "falls"),
    "EXPOSURE of light": (brighten, "rises"),
    "CONTRAST": (flatten, "falls"),
    "EVENNESS": (light_from_one_side, "rises"),
    "COMPRESSION": (compress, "rises"),
    "COLOUR": (tint, "rises"),
    "BACKGROUND": (crowd_the_background, "rises"),
    "OCCLUSION": (cover_from_below, "rises"),
    "EYES_OPEN": (close_the_eyes, "falls"),
    "MOUTH_CLOSED": (open_the_mouth, "rises"),
}


@pytest.mark.parametrize("case", WORSE)
def test_worse_pictures_measure_worse_step_by_step(
    case: str, pictures: list[tuple[np.ndarray, Face]]
) -> None:
    spoil, way = WORSE[case]
    measure = BY_CODE[case.split()[0]]
    for image, face in pictures:
        natives = [measure.compute(FaceImage(spoil(image, face, much), (face,))) for much in (1, 2, 3, 4)]
        steps = np.diff(natives) * (1 if way == "rises" else -1)
        assert (steps > -0.02 * abs(natives[0]) - 1e-9).all(), natives
        assert (natives[-1] - natives[0]) * (1 if way == "rises" else -1) > 0, natives
        worst = measure.map_to_score(natives[-1])
        assert worst <= measure.map_to_score(natives[0])


@pytest.mark.parametrize(
    "case",
    ["SHARPNESS", "EXPOSURE", "CONTRAST", "COMPRESSION", "COLOUR", "OCCLUSION", "MOUTH_CLOSED"],
)
def test_spoilt_pictures_bring_the_advice(case: str, pictures: list[tuple[np.ndarray, Face]]) -> None:
    spoil, _ = WORSE[case]
    advised = [case in assess(spoil(image, face, 4), (face,)).defects for image, face in pictures]
    assert sum(advised) >= 3, advised


def test_closed_eyes_score_low(pictures: list[tuple[np.ndarray, Face]]) -> None:
    measure = BY_CODE["EYES_OPEN"]
    for image, face in pictures:
        opened, closed = (
            measure.map_to_score(measure.compute(FaceImage(picture, (face,))))
            for picture in (image, close_the_eyes(image, face, 4))
        )
        assert closed <= 45 < opened


def test_good_pictures_are_admitted(pictures: list[tuple[np.ndarray, Face]]) -> None:
    for image, face in pictures:
        assert admit(assess(image, (face,))).admitted


HOPELESS = {
    "SHARPNESS": lambda image: cv2.GaussianBlur(image, (0, 0), 40),
    "EXPOSURE": lambda image: (image * 0.04).astype(np.uint8),
    "CONTRAST": lambda image: (126 + image.astype(np.float32) * 0.02).astype(np.uint8),
}


@pytest.mark.parametrize("code", HOPELESS)
def test_hopeless_pictures_are_not_admitted(code: str, pictures: list[tuple[np.ndarray, Face]]) -> None:
    for image, face in pictures:
        assert code in admit(assess(HOPELESS[code](image), (face,))).codes


def test_nobody_and_a_speck_are_not_admitted(pictures: list[tuple[np.ndarray, Face]]) -> None:
    image, face = pictures[0]
    assert admit(assess(image, ())).codes == ("FACE_COUNT",)
    speck = Face(tuple(v * 0.06 for v in face.box_xyxy), face.landmarks * 0.06, face.score)
    assert "INTER_EYE_DISTANCE" in admit(assess(image, (speck,))).codes


def test_grey_pictures_are_advised_on_and_admitted(pictures: list[tuple[np.ndarray, Face]]) -> None:
    image, face = pictures[0]
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    report = assess(grey, (face,))
    assert admit(report).admitted
    assert next(m.native for m in report.measurements if m.code == "COLOUR") > 5


def test_every_advice_has_a_code_of_its_measure(pictures: list[tuple[np.ndarray, Face]]) -> None:
    image, face = pictures[0]
    for item in assess(darken(blur(image, face, 4), face, 4), (face,)).measurements:
        assert bool(item.advice) == bool(item.advice_code)
        assert not item.advice_code or item.advice_code in (f"{item.code}.LOW", f"{item.code}.HIGH")
