"""Open-set search: rank 1, missed mates at a false alarm rate, galleries of several sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.error_rates import (
    IdentificationReason,
    count_rank1,
    join_searches,
    measure_by_size,
    measure_fnir,
    search_all,
    trace_identification,
)
from tests.reference.error_rates_plain import fnir_at_fpir

LEVELS = st.integers(-4, 4).map(lambda n: n / 4)


@st.composite
def searches(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    size, count = draw(st.integers(2, 14)), draw(st.integers(2, 20))
    scores = draw(st.lists(st.lists(LEVELS, min_size=size, max_size=size), min_size=count, max_size=count))
    columns = draw(st.lists(st.integers(-1, size - 1), min_size=count, max_size=count))
    return np.array(scores), np.array(columns)


@settings(max_examples=40, deadline=None)
@given(given_=searches(), fpir=st.sampled_from([0.1, 0.3, 0.5]))
def test_the_rate_is_that_of_the_obvious_way(given_: tuple[np.ndarray, np.ndarray], fpir: float) -> None:
    scores, columns = given_
    (found,) = measure_fnir(search_all(scores, columns, columns), targets=(fpir,))
    mated, strangers = columns >= 0, columns < 0
    if not mated.any() or int(fpir * strangers.sum() + 1e-9) < 1:
        assert found.reason is not None
        return
    own = [float(scores[row, columns[row]]) for row in np.flatnonzero(mated)]
    others = [np.delete(scores[row], columns[row]).tolist() for row in np.flatnonzero(mated)]
    assert found.fnir == fnir_at_fpir(own, others, scores[strangers].max(axis=1).tolist(), fpir)


def test_the_own_subject_must_come_first_alone() -> None:
    scores = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.7]])
    found = count_rank1(search_all(scores, np.array([0, 0, 0]), np.arange(3)))
    assert (found.hits, found.total) == (1, 3)


def test_a_gallery_of_one_has_no_other_subject() -> None:
    found = search_all(np.array([[0.9]]), np.array([0]), np.array([0]))
    assert (found.rank[0], found.best_other[0]) == (1, -np.inf)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [([-1] * 5, IdentificationReason.TOO_FEW_NON_MATED), ([0] * 5, IdentificationReason.TOO_FEW_NON_MATED)],
)
def test_a_set_too_small_for_a_rate_says_so(columns: list[int], reason: IdentificationReason) -> None:
    (found,) = measure_fnir(search_all(np.zeros((5, 2)), np.array(columns), np.zeros(5)), targets=(0.01,))
    assert (found.reason, found.fnir) == (reason, None)


def test_without_mated_probes_there_is_no_rate() -> None:
    (found,) = measure_fnir(search_all(np.zeros((9, 2)), np.full(9, -1), np.zeros(9)), targets=(0.5,))
    assert found.reason is IdentificationReason.NO_MATED


def test_parts_join_to_the_whole() -> None:
    generator = np.random.default_rng(1)
    scores, columns = generator.random((20, 6)), generator.integers(-1, 6, 20)
    whole = search_all(scores, columns, columns)
    parts = join_searches(
        [search_all(scores[k : k + 7], columns[k : k + 7], columns[k : k + 7]) for k in (0, 7, 14)]
    )
    assert measure_fnir(whole, targets=(0.3,)) == measure_fnir(parts, targets=(0.3,))


def test_a_larger_gallery_asks_for_a_higher_threshold() -> None:
    generator = np.random.default_rng(2)
    scores = generator.normal(0, 0.1, (400, 300))
    columns = np.where(np.arange(400) < 200, np.arange(400) % 300, -1)
    scores[np.arange(200), columns[:200]] = 0.45
    found = measure_by_size(scores, columns, columns, sizes=(10, 100, 1000), targets=(0.05,), draws=4)
    assert [figures.size for figures in found] == [10, 100]
    assert found[0].threshold[0] < found[1].threshold[0]  # type: ignore[operator]
    assert found[0].mated + found[0].non_mated == 400


def test_intervals_hold_the_rate() -> None:
    generator = np.random.default_rng(3)
    scores = generator.normal(0, 0.1, (600, 50))
    columns = np.where(np.arange(600) < 300, np.arange(600) % 50, -1)
    scores[np.arange(300), columns[:300]] += generator.normal(0.4, 0.1, 300)
    (found,) = measure_fnir(search_all(scores, columns, columns), targets=(0.02,))
    assert found.interval is not None
    assert found.fnir is not None
    assert found.interval[0] <= found.fnir <= found.interval[1]
    assert found.interval[1] - found.interval[0] > 0.02


def test_the_curve_misses_more_as_it_alarms_less() -> None:
    generator = np.random.default_rng(4)
    scores, columns = generator.random((50, 5)), generator.integers(-1, 5, 50)
    points = trace_identification(search_all(scores, columns, columns))
    assert (np.diff(points[:, 1]) <= 0).all()
    assert (np.diff(points[:, 2]) >= 0).all()
