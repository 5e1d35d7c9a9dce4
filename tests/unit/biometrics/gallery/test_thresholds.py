"""Thresholds rise with the gallery, and come back to the calibrated one at its size."""

import numpy as np
import pytest

from biometrics.core.gallery.thresholds import false_match_rate_for, spread_between, threshold_for_size

CALIBRATED = {"threshold": 0.495, "calibrated_size": 2920, "fpir": 0.01, "spread": 0.09}


def test_calibrated_size_keeps_the_calibrated_threshold() -> None:
    assert threshold_for_size(size=2920, **CALIBRATED) == pytest.approx(0.495)


def test_threshold_rises_with_size() -> None:
    found = [threshold_for_size(size=size, **CALIBRATED) for size in (1, 10, 617, 2920, 100_000, 10_000_000)]
    assert found == sorted(found)
    assert len(set(found)) == 6


def test_rate_of_one_comparison_gives_the_rate_of_the_gallery() -> None:
    rate = false_match_rate_for(fpir=0.01, size=2920)
    assert 1 - (1 - rate) ** 2920 == pytest.approx(0.01)


def test_normal_scores_keep_their_false_positive_rate_at_ten_times_the_size() -> None:
    """Scores drawn from a normal distribution: the rule must hold what it promises there."""
    spread = spread_between(low=0.357, low_rate=1e-3, high=0.463, high_rate=1e-5)
    random = np.random.default_rng(1)
    mean = 0.357 - spread * 3.0902
    small = [random.normal(mean, spread, 200).max() for _ in range(20_000)]
    threshold = float(np.quantile(small, 0.95))
    large = np.array([random.normal(mean, spread, 2000).max() for _ in range(4000)])
    moved = threshold_for_size(threshold=threshold, size=2000, calibrated_size=200, fpir=0.05, spread=spread)
    assert (large >= moved).mean() == pytest.approx(0.05, abs=0.012)
    assert (large >= threshold).mean() > 0.3


@pytest.mark.parametrize(
    "wrong",
    [
        {"fpir": 0.0},
        {"fpir": 1.0},
        {"size": 0},
        {"calibrated_size": 0},
        {"spread": 0.0},
        {"threshold": float("nan")},
    ],
)
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        threshold_for_size(**({"size": 100} | CALIBRATED | wrong))


@pytest.mark.parametrize("rates", [(1e-5, 1e-3), (0.0, 1e-5), (1e-3, 1e-3)])
def test_spread_asks_for_a_lower_rate_at_a_higher_threshold(rates: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="higher threshold"):
        spread_between(low=0.3, low_rate=rates[0], high=0.4, high_rate=rates[1])
