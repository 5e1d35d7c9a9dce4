"""Comparison scores: sign, range, errors, and agreement with the obvious form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.faces import DimensionError, FaceEngine, Metric, compare, score
from tests.reference.faces_scores import cosine_score, euclidean_score

UNIT = np.array([1.0, 0.0], np.float32)


@pytest.mark.parametrize(
    ("metric", "other", "expected"),
    [
        (Metric.COSINE, [1.0, 0.0], 1.0),
        (Metric.COSINE, [0.0, 1.0], 0.0),
        (Metric.COSINE, [-1.0, 0.0], -1.0),
        (Metric.EUCLIDEAN, [1.0, 0.0], 1.0),
        (Metric.EUCLIDEAN, [1.0, 0.6], 0.4),
        (Metric.EUCLIDEAN, [1.0, 2.0], -1.0),
    ],
)
def test_higher_is_more_alike(metric: Metric, other: list[float], expected: float) -> None:
    assert compare(UNIT, np.array([other], np.float32), metric=metric)[0] == pytest.approx(expected)


@pytest.mark.parametrize("metric", Metric)
def test_an_empty_gallery_gives_no_scores(metric: Metric) -> None:
    assert compare(UNIT, np.empty((0, 2), np.float32), metric=metric).shape == (0,)


@pytest.mark.parametrize("gallery", [np.zeros((2, 3)), np.zeros(2)])
def test_other_dimensions_are_refused(gallery: np.ndarray) -> None:
    with pytest.raises(DimensionError):
        compare(UNIT, gallery, metric=Metric.COSINE)


def test_a_score_refuses_vectors_of_another_length(sface: FaceEngine) -> None:
    with pytest.raises(DimensionError):
        score(sface, np.zeros(128, np.float32), np.zeros(64, np.float32))


ROWS = st.lists(st.lists(st.floats(-4, 4, width=32), min_size=5, max_size=5), min_size=1, max_size=8)


@given(probe=st.lists(st.floats(-4, 4, width=32), min_size=5, max_size=5), rows=ROWS)
def test_the_fast_scores_agree_with_the_obvious_ones(probe: list[float], rows: list[list[float]]) -> None:
    for metric, slow in ((Metric.COSINE, cosine_score), (Metric.EUCLIDEAN, euclidean_score)):
        fast = compare(np.array(probe, np.float32), np.array(rows, np.float32), metric=metric)
        assert fast == pytest.approx([slow(probe, row) for row in rows], abs=1e-4)
