"""One template of several pictures, and three pictures that should be of one person."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.faces import (
    DimensionError,
    FaceOutcome,
    Metric,
    NoStartingPoint,
    PairScore,
    compare_pairs,
    compare_three,
    fuse_templates,
    starting_point,
)
from biometrics.core.faces.choice import is_cut
from biometrics.core.faces.engine import Face
from biometrics.core.outcomes import Outcome
from tests.reference.faces_scores import cosine_score, euclidean_score

YES, NO = PairScore(0.8, 0.4), PairScore(0.1, 0.4)


@pytest.mark.parametrize(
    ("page_live", "chip_live", "page_chip", "outcome", "code"),
    [
        (YES, YES, YES, Outcome.PASS, "three_agree"),
        (YES, YES, None, Outcome.PASS, "two_agree"),
        (NO, YES, NO, Outcome.FAIL, "page_differs"),
        (YES, NO, NO, Outcome.FAIL, "chip_differs"),
        (NO, NO, YES, Outcome.FAIL, "live_differs"),
        (NO, NO, NO, Outcome.FAIL, "all_differ"),
        (YES, YES, NO, Outcome.FAIL, "one_pair_differs"),
        (NO, YES, None, Outcome.FAIL, "one_pair_differs"),
        (YES, None, None, Outcome.UNDETERMINED, "not_enough_pairs"),
        (NO, None, None, Outcome.UNDETERMINED, "not_enough_pairs"),
        (None, None, None, Outcome.UNDETERMINED, "not_enough_pairs"),
    ],
)
def test_the_picture_that_stands_apart_is_named(
    page_live: PairScore | None,
    chip_live: PairScore | None,
    page_chip: PairScore | None,
    outcome: Outcome,
    code: str,
) -> None:
    found = compare_three(page_live=page_live, chip_live=chip_live, page_chip=page_chip)
    assert (found.outcome, found.code) == (outcome, code)
    pairs = {"page_live": page_live, "chip_live": chip_live, "page_chip": page_chip}
    assert found.disagreeing == tuple(name for name, pair in pairs.items() if pair is NO)


def test_every_case_has_an_outcome_and_none_passes_with_a_disagreement() -> None:
    for pairs in itertools.product((YES, NO, None), repeat=3):
        found = compare_three(page_live=pairs[0], chip_live=pairs[1], page_chip=pairs[2])
        assert (found.outcome is Outcome.PASS) is (NO not in pairs and pairs.count(None) <= 1)


def test_a_score_at_the_threshold_is_a_match() -> None:
    assert PairScore(0.4, 0.4).is_match


def test_a_fused_template_lies_between_and_has_unit_length() -> None:
    vectors = np.eye(3, 4, dtype=np.float32)
    fused = fuse_templates(vectors, metric=Metric.COSINE)
    assert np.linalg.norm(fused) == pytest.approx(1)
    assert fused[:3] == pytest.approx(3**-0.5)
    assert fuse_templates(vectors, metric=Metric.EUCLIDEAN)[:3] == pytest.approx(1 / 3)


def test_weights_pull_the_fused_template() -> None:
    fused = fuse_templates(np.eye(2, dtype=np.float32), metric=Metric.EUCLIDEAN, weights=np.array([3, 1]))
    assert fused == pytest.approx([0.75, 0.25])


@pytest.mark.parametrize(
    ("vectors", "weights"),
    [
        (np.zeros((0, 3)), None),
        (np.zeros(3), None),
        (np.zeros((2, 3)), [1.0]),
        (np.zeros((2, 3)), [0, 0]),
        (np.zeros((2, 3)), [2, -1]),
    ],
)
def test_fusing_nothing_is_refused(vectors: np.ndarray, weights: list[float] | None) -> None:
    with pytest.raises(DimensionError):
        fuse_templates(vectors, metric=Metric.COSINE, weights=None if weights is None else np.array(weights))


@given(
    rows=st.lists(st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3), min_size=1, max_size=6),
    data=st.data(),
)
def test_pairs_score_as_the_obvious_form_says(rows: list[list[float]], data: st.DataObject) -> None:
    sides = st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9)
    a = data.draw(sides)
    b = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=len(a), max_size=len(a)))
    for metric, plain in ((Metric.COSINE, cosine_score), (Metric.EUCLIDEAN, euclidean_score)):
        found = compare_pairs(np.array(rows, np.float32), np.array(a), np.array(b), metric=metric)
        assert found == pytest.approx([plain(rows[i], rows[j]) for i, j in zip(a, b, strict=True)], abs=1e-4)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(DimensionError):
        compare_pairs(np.zeros((2, 3)), np.array([0]), np.array([0, 1]), metric=Metric.COSINE)


@pytest.mark.parametrize("engine", ["sface", "dlib"])
def test_thresholds_rise_as_false_matches_fall(engine: str) -> None:
    found = [starting_point(engine, fmr=fmr).threshold for fmr in (1e-3, 1e-4, 1e-5)]
    assert found == sorted(set(found))


def test_an_unmeasured_rate_has_no_threshold() -> None:
    with pytest.raises(NoStartingPoint):
        starting_point("sface", fmr=1e-9)


@pytest.mark.parametrize(
    ("x", "expected"),
    [(40, False), (10, False), (-5, False), (-14, True), (-30, True), (95, False), (130, True)],
)
def test_a_face_at_the_edge_is_cut(x: float, expected: bool) -> None:
    points = np.float32([[x + 15, 40], [x + 45, 40], [x + 30, 55], [x + 18, 70], [x + 42, 70]])
    assert is_cut(Face((x, 20, x + 60, 90), points, 0.9), width=160, height=120) is expected


def test_failures_to_acquire_have_codes_of_their_own() -> None:
    assert {outcome.value for outcome in FaceOutcome} == {
        "FACE_FOUND", "FACE_SEVERAL", "FACE_NOT_FOUND", "FACE_TURNED", "FACE_CUT"
    }  # fmt: skip
