"""The exact gallery: what it finds, what it refuses, and that it agrees with the obvious one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.faces import DimensionError, Metric
from biometrics.core.gallery import AlreadyEnrolledError, ExactGallery, NotEnrolledError
from tests.reference.gallery_exact import SlowGallery

EAST, NORTH, WEST = ([1.0, 0.0], [0.0, 1.0], [-1.0, 0.0])


def vectors(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


@pytest.fixture
def compass() -> ExactGallery[str]:
    gallery = ExactGallery[str](dimension=2, metric=Metric.COSINE)
    gallery.enrol(["east", "north", "west"], vectors(EAST, NORTH, WEST))
    return gallery


def test_the_most_alike_comes_first(compass: ExactGallery[str]) -> None:
    found = compass.search(np.array([0.6, 0.8], np.float32), limit=3)
    assert [candidate.id for candidate in found] == ["north", "east", "west"]
    assert found[0].score == pytest.approx(0.8)


def test_an_empty_gallery_finds_nobody() -> None:
    assert ExactGallery[str](dimension=2, metric=Metric.COSINE).search(vectors(EAST)[0], limit=3) == ()


def test_a_score_at_the_threshold_is_a_candidate(compass: ExactGallery[str]) -> None:
    found = compass.search(vectors(EAST)[0], limit=3, threshold=0.0)
    assert [candidate.id for candidate in found] == ["east", "north"]


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_no_more_than_the_limit_are_found(compass: ExactGallery[str], limit: int, count: int) -> None:
    assert len(compass.search(vectors(EAST)[0], limit=limit)) == count


def test_of_equal_scores_the_one_enrolled_first_comes_first(compass: ExactGallery[str]) -> None:
    compass.remove(["east"])
    compass.enrol(["east two", "east three"], vectors(EAST, EAST))
    assert [c.id for c in compass.search(vectors(EAST)[0], limit=1)] == ["east two"]


def test_a_removed_template_is_not_found(compass: ExactGallery[str]) -> None:
    compass.remove(["east"])
    assert [c.id for c in compass.search(vectors(EAST)[0], limit=9)] == ["north", "west"]


def test_the_version_grows_with_every_change(compass: ExactGallery[str]) -> None:
    before = compass.version
    compass.remove(["east"])
    compass.enrol(["east"], vectors(EAST))
    compass.enrol([], np.empty((0, 2), np.float32))
    assert compass.version == before + 2


def test_enrolling_an_id_again_changes_nothing(compass: ExactGallery[str]) -> None:
    with pytest.raises(AlreadyEnrolledError):
        compass.enrol(["south", "east"], vectors([0.0, -1.0], EAST))
    assert len(compass) == 3


def test_removing_a_stranger_changes_nothing(compass: ExactGallery[str]) -> None:
    with pytest.raises(NotEnrolledError):
        compass.remove(["east", "south"])
    assert len(compass) == 3


@pytest.mark.parametrize(
    "rows", [np.zeros((1, 3), np.float32), np.zeros(2, np.float32), np.full((1, 2), np.nan, np.float32)]
)
def test_vectors_of_another_shape_or_without_value_are_refused(
    compass: ExactGallery[str], rows: np.ndarray
) -> None:
    with pytest.raises(DimensionError):
        compass.enrol(["south"], rows)


def test_a_probe_of_another_dimension_is_refused(compass: ExactGallery[str]) -> None:
    with pytest.raises(DimensionError):
        compass.search(np.zeros(3, np.float32), limit=1)


def test_two_hundred_enrolments_one_by_one_are_all_found() -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(200, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    gallery = ExactGallery[int](dimension=8, metric=Metric.COSINE)
    for identifier, row in enumerate(rows):
        gallery.enrol([identifier], row[None])
    assert [gallery.search(row, limit=1)[0].id for row in rows] == list(range(200))


NUMBERS = st.integers(-8, 8).map(lambda value: value / 8)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enrol", "remove", "search"]),
        st.integers(0, 15),
        st.lists(NUMBERS, min_size=3, max_size=3),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(steps=STEPS, metric=st.sampled_from(Metric), limit=st.integers(0, 6), bar=st.none() | NUMBERS)
def test_the_fast_gallery_agrees_with_the_obvious_one(
    steps: list[tuple[str, int, list[float]]], metric: Metric, limit: int, bar: float | None
) -> None:
    fast, slow = ExactGallery[int](dimension=3, metric=metric), SlowGallery(metric)
    for step, identifier, vector in steps:
        if step == "enrol" and identifier not in slow.templates:
            fast.enrol([identifier], vectors(vector))
            slow.enrol([identifier], [vector])
        elif step == "remove" and identifier in slow.templates:
            fast.remove([identifier])
            slow.remove([identifier])
        else:
            found = fast.search(np.array(vector, np.float32), limit=limit, threshold=bar)
            expected = slow.search(vector, limit=limit, threshold=bar)
            assert [candidate.score for candidate in found] == pytest.approx(
                [value for _, value in expected], abs=1e-5
            )
            assert all(c.id in slow.templates for c in found)
