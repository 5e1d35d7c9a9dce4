"""False match and false non-match rates, their intervals, and what a set is too small to say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.core.error_rates import (
    RateReason,
    ScoredPairs,
    measure_fnmr,
    number_subjects,
    rate_at_threshold,
    threshold_at_fmr,
    trace_det,
    wilson_interval,
)
from biometrics.core.error_rates.intervals import bootstrap_by_subject, percentile_interval
from tests.reference.error_rates_plain import fnmr_at_fmr


def make_pairs(mated: list[float], non_mated: list[float]) -> ScoredPairs:
    """Every mated pair of a person of its own; the non-mated ones between two further people each."""
    m, n = len(mated), len(non_mated)
    own = [(k, k) for k in range(m)]
    strangers = [(m + 2 * k, m + 2 * k + 1) for k in range(n)]
    return ScoredPairs(
        np.array(mated + non_mated),
        np.array([True] * m + [False] * n),
        np.array(own + strangers).reshape(-1, 2),
    )


SCORES = st.lists(st.integers(-5, 5).map(lambda n: n / 5), min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(mated=SCORES, non_mated=SCORES, fmr=st.sampled_from([0.05, 0.1, 0.25, 0.5, 0.99]))
def test_the_rate_is_that_of_the_obvious_way(mated: list[float], non_mated: list[float], fmr: float) -> None:
    (found,) = measure_fnmr(make_pairs(mated, non_mated), targets=(fmr,))
    if found.reason is None:
        assert found.fnmr == fnmr_at_fmr(mated, non_mated, fmr)
        assert found.fmr is not None
        assert found.fmr <= fmr + 1e-9
    else:
        assert int(fmr * len(non_mated) + 1e-9) < 1


@given(non_mated=SCORES, fmr=st.floats(0.001, 0.999))
def test_a_threshold_keeps_the_false_match_rate(non_mated: list[float], fmr: float) -> None:
    threshold = threshold_at_fmr(np.array(non_mated), fmr)
    if threshold is not None:
        assert np.mean(np.array(non_mated) >= threshold) <= fmr + 1e-9


@pytest.mark.parametrize(
    ("non_mated", "fmr", "expected"),
    [([0.1] * 9, 0.1, None), ([0.1] * 10, 0.1, None), ([0.1] * 999, 1e-3, None)],
    ids=["nine pairs", "ten equal pairs", "one pair short"],
)
def test_a_set_too_small_for_a_rate_says_so(non_mated: list[float], fmr: float, expected: None) -> None:
    (found,) = measure_fnmr(make_pairs([0.9], non_mated), targets=(fmr,))
    if len(non_mated) == 10:  # one of ten may match, but ten are alike: none does
        assert found.fmr == 0
    else:
        assert (found.reason, found.fnmr) == (RateReason.TOO_FEW_NON_MATED, expected)


def test_without_mated_pairs_there_is_no_rate() -> None:
    (found,) = measure_fnmr(make_pairs([], [0.1, 0.2]), targets=(0.5,))
    assert (found.reason, found.fnmr, found.interval) == (RateReason.NO_MATED, None, None)


def test_errors_are_counted_at_a_threshold() -> None:
    found = rate_at_threshold(make_pairs([0.5, 0.4, 0.9], [0.4, 0.1]), 0.5)
    assert (found.false_non_matches, found.mated, found.false_matches, found.non_mated) == (1, 3, 0, 2)
    assert (found.fnmr, found.fmr) == (pytest.approx(1 / 3), 0)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 1000, 0.000177, 0.005642)],
)
def test_wilsons_interval_is_that_of_the_tables(count: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(count, total) == pytest.approx((low, high), abs=2e-4)


def test_pictures_linked_by_mated_pairs_are_one_subject() -> None:
    subjects = number_subjects([("a", "b", True), ("b", "c", True), ("a", "d", False), ("c", "d", False)])
    assert subjects[0, 0] == subjects[0, 1] == subjects[1, 1] == subjects[2, 0]
    assert subjects[2, 1] == subjects[3, 1] != subjects[0, 0]


def test_many_pairs_of_one_person_widen_the_interval() -> None:
    generator = np.random.default_rng(0)
    persons = np.repeat(np.arange(40), 10)
    scores = np.where(persons < 2, 0.1, 0.9)  # two of forty people always miss
    strangers = generator.integers(40, 400, (2000, 2))
    pairs = ScoredPairs(
        np.concatenate([scores, generator.random(2000) * 0.5]),
        np.array([True] * 400 + [False] * 2000),
        np.unique(np.concatenate([np.column_stack([persons, persons]), strangers]), return_inverse=True)[
            1
        ].reshape(-1, 2),
    )
    (found,) = measure_fnmr(pairs, targets=(1e-2,))
    alone = wilson_interval(20, 400)
    assert found.fnmr == pytest.approx(0.05)
    assert found.interval is not None
    assert found.interval[1] - found.interval[0] > 1.5 * (alone[1] - alone[0])


def test_an_interval_holds_the_true_rate_nearly_always() -> None:
    held = 0
    for seed in range(20):
        generator = np.random.default_rng(seed)
        misses = generator.random(200) < 0.1
        pairs = make_pairs(list(np.where(misses, 0.0, 0.9)), list(generator.random(300) * 0.5))
        (found,) = measure_fnmr(pairs, targets=(0.1,), seed=seed)
        assert found.interval is not None
        held += found.interval[0] <= 0.1 <= found.interval[1]
    assert held >= 17


def test_the_same_seed_gives_the_same_interval() -> None:
    pairs = make_pairs([0.1, 0.9] * 20, list(np.linspace(0, 0.5, 50)))
    assert measure_fnmr(pairs, targets=(0.1,)) == measure_fnmr(pairs, targets=(0.1,))


def test_samples_that_seldom_hold_a_statistic_give_no_interval() -> None:
    values = bootstrap_by_subject(5, lambda weights: np.array([np.nan]), replicates=10, seed=0)
    assert percentile_interval(values[:, 0]) is None


@settings(max_examples=40)
@given(mated=SCORES, non_mated=SCORES)
def test_a_det_curve_falls_from_one_side_to_the_other(mated: list[float], non_mated: list[float]) -> None:
    points = trace_det(make_pairs(mated, non_mated))
    assert len(points) >= 1
    assert (np.diff(points[:, 1]) <= 0).all()
    assert (np.diff(points[:, 2]) >= 0).all()
    for threshold, fmr, fnmr in points:
        assert fmr == pytest.approx(np.mean(np.array(non_mated) >= threshold))
        assert fnmr == pytest.approx(np.mean(np.array(mated) < threshold))


def test_a_set_of_one_kind_has_no_det_curve() -> None:
    assert trace_det(make_pairs([0.5], [])).shape == (0, 3)
