"""The similarity that brings five points to their places."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.faces.alignment import SFACE_TEMPLATE, cut_sface_chip, fit_similarity


@given(
    angle=st.floats(-3.1, 3.1),
    scale=st.floats(0.05, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_a_similarity_is_found_again(angle: float, scale: float, shift: tuple[float, float]) -> None:
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = SFACE_TEMPLATE @ linear.T + np.array(shift)
    found = fit_similarity(SFACE_TEMPLATE, target)
    assert found[:, :2] == pytest.approx(linear, abs=1e-3 * scale)
    assert SFACE_TEMPLATE @ found[:, :2].T + found[:, 2] == pytest.approx(target, abs=1e-2)


def test_points_in_one_place_give_a_shift() -> None:
    found = fit_similarity(np.ones((5, 2)), SFACE_TEMPLATE)
    assert found[:, :2].tolist() == [[1, 0], [0, 1]]


def test_no_similarity_is_nearer_than_the_one_found() -> None:
    generator = np.random.default_rng(3)
    target = SFACE_TEMPLATE + generator.normal(0, 4, (5, 2))
    found = fit_similarity(SFACE_TEMPLATE, target)

    def error(matrix: np.ndarray) -> float:
        return float(np.square(SFACE_TEMPLATE @ matrix[:, :2].T + matrix[:, 2] - target).sum())

    for _ in range(200):
        a, b, x, y = generator.normal(0, 0.02, 4)
        nudge = np.array([[a, -b, x], [b, a, y]])
        assert error(found + nudge) >= error(found)


def test_a_face_already_in_place_is_cut_unchanged() -> None:
    image = np.random.default_rng(0).integers(0, 255, (112, 112, 3), np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 3)
    assert np.array_equal(cut_sface_chip(image, SFACE_TEMPLATE), image)
