"""Intervals of rates: how far a measured share may be from the true one."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Interval = tuple[float, float]

# of the normal distribution, for 95 %
Z_95 = 1.959963984540054
REPLICATES = 1000
MINIMUM_REPLICATES = 100
# scores gathered over all replicates: bounds the time to a few seconds
REPLICATE_BUDGET = 150_000_000


def wilson_interval(count: int, total: int) -> Interval:
    """Return the 95 % interval of a rate, (0, 1) for total 0. count: 0 to total.

    Holds for independent trials. Source: Wilson 1927, without continuity correction; ISO/IEC 19795-1 asks for an
    interval with every rate.
    """
    if total == 0:
        return 0.0, 1.0
    share, z2 = count / total, Z_95 * Z_95
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    # at 0 and 1 the ends are exact, which rounding would miss
    low = 0.0 if count == 0 else centre - half
    return low, 1.0 if count == total else centre + half


def ratio_interval(count_a: int, total_a: int, count_b: int, total_b: int) -> tuple[float, Interval]:
    """Return the ratio of rate a over rate b and its 95 % interval, all finite and above 0.

    total_a, total_b: at least 1. One half is added to each count and to each total where a count is 0, so that groups
    without an error still compare. Source: Katz 1978, with the correction of Walter 1975.
    """
    shift = 0.5 if 0 in (count_a, count_b) else 0.0
    a, n, b, m = count_a + shift, total_a + shift, count_b + shift, total_b + shift
    ratio = (a / n) / (b / m)
    error = math.sqrt(max(1 / a - 1 / n + 1 / b - 1 / m, 0.0))
    return ratio, (ratio * math.exp(-Z_95 * error), ratio * math.exp(Z_95 * error))


def count_replicates(scores: int) -> int:
    """Return how many bootstrap replicates a set of so many scores is worth."""
    return int(np.clip(REPLICATE_BUDGET // max(scores, 1), MINIMUM_REPLICATES, REPLICATES))


def bootstrap_by_subject(
    subject_count: int, statistic: Callable[[Array], Array], *, replicates: int, seed: int
) -> Array:
    """Return the statistic of samples of subjects drawn with replacement, float64 (replicates, n).

    statistic: given the weights of the subjects, float64 (subject_count,), whole numbers that sum to subject_count, the
    statistic, float (n,), NaN where a sample does not hold it. One person gives many dependent comparisons, so persons
    are drawn, not comparisons. seed: the same seed draws the same samples. Source: ISO/IEC 19795-1, bootstrap.
    """
    generator = np.random.default_rng(seed)
    shares = np.full(subject_count, 1.0 / subject_count)
    found = [
        statistic(generator.multinomial(subject_count, shares).astype(np.float64)) for _ in range(replicates)
    ]
    return np.asarray(found, np.float64)


def percentile_interval(values: Array) -> Interval | None:
    """Return the middle 95 % of bootstrap values, None if fewer than nine in ten samples hold the statistic."""
    finite = values[np.isfinite(values)]
    if len(finite) < max(1.0, 0.9 * len(values)):
        return None
    low, high = np.percentile(finite, (2.5, 97.5))
    return float(low), float(high)
