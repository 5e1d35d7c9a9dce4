"""Both engines on a drawn portrait: what they find, what they give, and dlib's parity with face_recognition."""

import importlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFile

from biometrics.core.faces import (
    Face,
    FaceEngine,
    FaceOutcome,
    FaceRule,
    Metric,
    extract_template,
    score,
)
from biometrics.core.images import decode_image
from biometrics.services.engines import ENGINE_NAMES, UnknownEngineError, load_engine

Image = np.ndarray
FACES = Path(__file__).resolve().parents[4] / "borders" / "demo" / "faces"
PICTURES = ("portrait.jpg", "live_1.jpg")


@pytest.fixture(params=ENGINE_NAMES)
def engine(request: pytest.FixtureRequest, network_dir: Path) -> FaceEngine:
    return load_engine(request.param, network_dir=network_dir)


def test_engines_say_what_they_are(sface: FaceEngine, dlib_engine: FaceEngine) -> None:
    assert (sface.name, sface.dimension, sface.metric) == ("sface", 128, Metric.COSINE)
    assert (dlib_engine.name, dlib_engine.dimension, dlib_engine.metric) == ("dlib", 128, Metric.EUCLIDEAN)
    assert sface.version != dlib_engine.version


def test_an_engine_is_opened_once(network_dir: Path) -> None:
    assert load_engine("sface", network_dir=network_dir) is load_engine("sface", network_dir=network_dir)


def test_an_unknown_engine_is_refused(network_dir: Path) -> None:
    with pytest.raises(UnknownEngineError):
        load_engine("none", network_dir=network_dir)


def test_one_face_is_found_with_the_right_eye_at_the_left(engine: FaceEngine, portrait: Image) -> None:
    (face,) = engine.detect(portrait)
    x0, y0, x1, y1 = face.box_xyxy
    right_eye, left_eye, nose, *mouth = face.landmarks
    assert 0 < x0 < right_eye[0] < nose[0] < left_eye[0] < x1 < portrait.shape[1]
    assert y0 < right_eye[1] < nose[1] < min(corner[1] for corner in mouth) < y1
    assert 0.7 <= face.score <= 1


def test_a_vector_has_the_engines_dimension(engine: FaceEngine, portrait: Image) -> None:
    extraction = extract_template(engine, portrait, rule=FaceRule.CENTRAL)
    assert extraction.vector is not None
    assert (extraction.vector.shape, extraction.vector.dtype) == ((128,), np.float32)
    assert (extraction.engine_name, extraction.engine_version) == (engine.name, engine.version)
    if engine.metric is Metric.COSINE:
        assert np.linalg.norm(extraction.vector) == pytest.approx(1, abs=1e-5)


def test_the_same_image_gives_the_same_vector(engine: FaceEngine, portrait: Image) -> None:
    first, second = (extract_template(engine, portrait, rule=FaceRule.CENTRAL).vector for _ in range(2))
    assert np.array_equal(first, second)
    assert score(engine, first, second) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (600, 1), (1, 600), (15, 15), (16, 16), (300, 400)])
def test_a_picture_of_nothing_has_no_face(engine: FaceEngine, size: tuple[int, int]) -> None:
    extraction = extract_template(engine, np.full((*size, 3), 128, np.uint8), rule=FaceRule.CENTRAL)
    assert extraction.outcome is FaceOutcome.FACE_NOT_FOUND
    assert extraction.vector is None


def test_two_people_are_counted(engine: FaceEngine, portrait: Image) -> None:
    pair = np.hstack([portrait, portrait])
    extraction = extract_template(engine, pair, rule=FaceRule.LARGEST)
    assert (extraction.outcome, extraction.choice.count) == (FaceOutcome.FACE_SEVERAL, 2)


def test_a_small_face_in_a_large_picture_is_found_at_the_second_look(
    sface: FaceEngine, portrait: Image
) -> None:
    small = cv2.resize(portrait, None, fx=0.06, fy=0.06, interpolation=cv2.INTER_AREA)
    scene = np.full((640, 640, 3), 200, np.uint8)
    scene[300 : 300 + small.shape[0], 300 : 300 + small.shape[1]] = small
    assert len(sface.detect(scene)) == 1


def test_a_portrait_seen_small_on_a_page_is_looked_at_again(sface: FaceEngine) -> None:
    portrait, live = (decode_image((FACES / "person_11" / name).read_bytes()) for name in PICTURES)
    page = np.full((880, 1250, 3), 210, np.uint8)
    page[180:611, 60:405] = cv2.resize(portrait, (345, 431), interpolation=cv2.INTER_AREA)
    (first_look,) = sface.detect(page)
    vectors = [sface.embed(page, face) for face in (first_look, sface.refine(page, first_look))]
    at_booth = extract_template(sface, live, rule=FaceRule.CENTRAL).vector
    once, again = (score(sface, at_booth, vector) for vector in vectors)
    assert again > 0.9
    assert again > once


@pytest.mark.parametrize("shift", [(0.0, 0.0), (4.0, -3.0)])
def test_a_second_look_finds_the_same_points_from_a_rough_start(
    sface: FaceEngine, portrait: Image, shift: tuple[float, float]
) -> None:
    (found,) = sface.detect(portrait)
    (x0, y0, x1, y1), (dx, dy) = found.box_xyxy, shift
    rough = Face((x0 + dx, y0 + dy, x1 + dx, y1 + dy), found.landmarks + np.float32(20), found.score)
    exact, again = sface.refine(portrait, found), sface.refine(portrait, rough)
    assert np.abs(again.landmarks - exact.landmarks).max() < 0.03 * (x1 - x0)
    assert np.abs(exact.landmarks - found.landmarks).max() < 0.1 * (x1 - x0)


@pytest.mark.parametrize(
    "box", [(0, 0, 0, 0), (5, 5, 5.5, 90), (-900, -900, -800, -800), (0, 0, 40, 40), (500, 580, 900, 990)]
)
def test_a_face_that_is_not_seen_again_stays_as_it_was(
    sface: FaceEngine, portrait: Image, box: tuple[float, float, float, float]
) -> None:
    face = Face(box, np.zeros((5, 2), np.float32), 0.9)
    blank = np.full_like(portrait, 128)
    assert sface.refine(blank, face) is face


def test_a_mirrored_picture_has_the_mirrored_points(sface: FaceEngine, portrait: Image) -> None:
    mirrored = np.ascontiguousarray(portrait[:, ::-1])
    here, there = (sface.refine(image, sface.detect(image)[0]) for image in (portrait, mirrored))
    back = there.landmarks[[1, 0, 2, 4, 3]] * np.float32([-1, 1]) + np.float32([portrait.shape[1] - 1, 0])
    width = here.box_xyxy[2] - here.box_xyxy[0]
    assert np.abs(back - here.landmarks).max() < 0.03 * width


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated")
@pytest.mark.parametrize("shift", [(0, 0), (-6, 4), (9, -7)])
def test_dlib_vectors_are_those_of_face_recognition(
    dlib_engine: FaceEngine, portrait: Image, shift: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # importing face_recognition makes Pillow accept truncated files everywhere; that must not reach other tests
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    face_recognition = importlib.import_module("face_recognition")
    (found,) = dlib_engine.detect(portrait)
    left, top, right, bottom = (round(value) for value in found.box_xyxy)
    left, right, top, bottom = left + shift[0], right + shift[0], top + shift[1], bottom + shift[1]
    # face_recognition's boxes are closed and in the order top, right, bottom, left
    stock = face_recognition.face_encodings(
        np.ascontiguousarray(portrait[:, :, ::-1]),
        known_face_locations=[(top, right - 1, bottom - 1, left)],
        model="small",
    )[0]
    ours = dlib_engine.embed(portrait, Face((left, top, right, bottom), found.landmarks, found.score))
    assert np.abs(ours - stock).max() <= 1e-5
