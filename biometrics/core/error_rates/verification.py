"""Error rates of 1:1 comparison: false match, false non-match, detection error trade-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from biometrics.core.error_rates.intervals import (
    Array,
    Interval,
    bootstrap_by_subject,
    count_replicates,
    percentile_interval,
    wilson_interval,
)

FMR_TARGETS = (1e-2, 1e-3, 5e-4, 1e-4)
SEED = 19795
# below so many errors a rate says little: the "rule of 30" of ISO/IEC 19795-1
FIRM_ERRORS = 30
BOOTSTRAP_SUBJECTS = 20


class RateReason(StrEnum):
    """Stable codes of why a rate is not given."""

    NO_MATED = "no_mated_comparisons"
    TOO_FEW_NON_MATED = "too_few_non_mated_comparisons"


class IntervalMethod(StrEnum):
    """How an interval was made."""

    BOOTSTRAP = "bootstrap_by_subject"
    WILSON = "wilson"


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Scores of comparisons whose truth is known, higher is more alike.

    scores: float (n,), finite. mated: bool (n,). subjects: int (n, 2), from 0 without gaps, of both sides; equal exactly
    in mated pairs.
    """

    scores: Array
    mated: Array
    subjects: Array

    def select(self, kept: Array) -> "ScoredPairs":
        """Return some of the pairs, their subjects numbered anew. kept: bool (n,)."""
        numbers = np.unique(self.subjects[kept], return_inverse=True)[1].reshape(-1, 2)
        return ScoredPairs(self.scores[kept], self.mated[kept], numbers)


@dataclass(frozen=True, slots=True)
class RateAtFmr:
    """False non-matches at the threshold where at most `fmr_target` of the non-mated comparisons match.

    reason: a RateReason when the set cannot say, then everything else but the target is None. is_firm: at least 30
    errors of both kinds stand behind it. interval: 95 % of fnmr.
    """

    fmr_target: float
    reason: RateReason | None = None
    threshold: float | None = None
    fmr: float | None = None
    false_matches: int | None = None
    fnmr: float | None = None
    false_non_matches: int | None = None
    interval: Interval | None = None
    interval_method: IntervalMethod | None = None
    is_firm: bool | None = None


@dataclass(frozen=True, slots=True)
class RateAtThreshold:
    """Both rates at a given threshold with 95 % intervals (Wilson); a rate over nothing is None."""

    threshold: float
    false_matches: int
    non_mated: int
    false_non_matches: int
    mated: int

    @property
    def fmr(self) -> float | None:
        return self.false_matches / self.non_mated if self.non_mated else None

    @property
    def fnmr(self) -> float | None:
        return self.false_non_matches / self.mated if self.mated else None

    @property
    def fmr_interval(self) -> Interval:
        return wilson_interval(self.false_matches, self.non_mated)

    @property
    def fnmr_interval(self) -> Interval:
        return wilson_interval(self.false_non_matches, self.mated)


def number_subjects(pairs: Sequence[tuple[str, str, bool]]) -> Array:
    """Return the subjects of both sides of each pair, int64 (n, 2), numbered from 0.

    pairs: (reference, probe, mated). Pictures that a chain of mated pairs links are of one subject; a picture without
    mated pair is taken for a subject of its own, which makes intervals too narrow at most where a list hides that.
    """
    numbers: dict[str, int] = {}
    parent: list[int] = []

    def find(name: str) -> int:
        at = numbers.setdefault(name, len(parent))
        if at == len(parent):
            parent.append(at)
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for reference, probe, mated in pairs:
        a, b = find(reference), find(probe)
        if mated:
            parent[a] = b
    sides = [(find(reference), find(probe)) for reference, probe, _ in pairs]
    roots = np.asarray(sides, np.int64).reshape(-1, 2)
    return np.unique(roots, return_inverse=True)[1].reshape(-1, 2)


def threshold_at_fmr(non_mated: Array, fmr: float) -> float | None:
    """Return the lowest threshold at which the share of non-mated scores at or above it is at most `fmr`.

    non_mated: float (n,). None if not even one of them may match: the set is too small for the rate.
    """
    allowed = int(np.floor(fmr * len(non_mated) + 1e-9))
    if allowed < 1:
        return None
    if allowed >= len(non_mated):
        return float(non_mated.min())
    first_refused = np.partition(non_mated, len(non_mated) - 1 - allowed)[len(non_mated) - 1 - allowed]
    return float(np.nextafter(np.float64(first_refused), np.inf))


def rate_at_threshold(pairs: ScoredPairs, threshold: float) -> RateAtThreshold:
    """Return both error rates at one threshold; a match means score >= threshold."""
    matched = pairs.scores >= threshold
    return RateAtThreshold(
        threshold,
        int((matched & ~pairs.mated).sum()),
        int((~pairs.mated).sum()),
        int((~matched & pairs.mated).sum()),
        int(pairs.mated.sum()),
    )


def measure_fnmr(
    pairs: ScoredPairs, *, targets: Sequence[float] = FMR_TARGETS, seed: int = SEED
) -> tuple[RateAtFmr, ...]:
    """Return the false non-match rate at each false match rate, with 95 % intervals.

    The interval is a bootstrap over subjects in which the threshold is found anew in each sample, so it holds the
    uncertainty of both rates; with fewer than 20 subjects, or without an error, it is Wilson's at the fixed threshold.
    Source: ISO/IEC 19795-1.
    """
    mated, non_mated = pairs.scores[pairs.mated], pairs.scores[~pairs.mated]
    sampled = _sample(pairs, targets, seed)
    found = []
    for index, target in enumerate(targets):
        threshold = threshold_at_fmr(non_mated, target)
        if threshold is None or not len(mated):
            reason = RateReason.TOO_FEW_NON_MATED if threshold is None else RateReason.NO_MATED
            found.append(RateAtFmr(target, reason))
            continue
        rate = rate_at_threshold(pairs, threshold)
        interval = percentile_interval(sampled[:, index]) if sampled is not None else None
        method = IntervalMethod.BOOTSTRAP
        if interval is None or rate.false_non_matches == 0:
            interval, method = rate.fnmr_interval, IntervalMethod.WILSON
        found.append(
            RateAtFmr(
                target,
                None,
                threshold,
                rate.fmr,
                rate.false_matches,
                rate.fnmr,
                rate.false_non_matches,
                interval,
                method,
                min(rate.false_matches, rate.false_non_matches) >= FIRM_ERRORS,
            )
        )
    return tuple(found)


def _sample(pairs: ScoredPairs, targets: Sequence[float], seed: int) -> Array | None:
    """Return the bootstrap values, float64 (replicates, targets), None if there are too few subjects."""
    if len(np.unique(pairs.subjects[pairs.mated])) < BOOTSTRAP_SUBJECTS or pairs.mated.all():
        return None
    down = np.argsort(-pairs.scores[~pairs.mated], kind="stable")
    non_mated = pairs.scores[~pairs.mated][down].astype(np.float64)
    sides = pairs.subjects[~pairs.mated][down]
    up = np.argsort(pairs.scores[pairs.mated], kind="stable")
    mated, own = pairs.scores[pairs.mated][up].astype(np.float64), pairs.subjects[pairs.mated][up, 0]
    wanted = np.asarray(targets, np.float64)

    def statistic(weights: Array) -> Array:
        false_matches = np.cumsum(weights[sides[:, 0]] * weights[sides[:, 1]])
        missed = np.concatenate([[0.0], np.cumsum(weights[own])])
        if false_matches[-1] <= 0 or missed[-1] <= 0:
            return np.full(len(wanted), np.nan)
        refused = np.searchsorted(false_matches, wanted * false_matches[-1] + 1e-9, side="right")
        thresholds = np.where(
            refused < len(non_mated),
            np.nextafter(non_mated[np.minimum(refused, len(non_mated) - 1)], np.inf),
            -np.inf,
        )
        rates: Array = missed[np.searchsorted(mated, thresholds, side="left")] / missed[-1]
        return rates

    count = int(pairs.subjects.max()) + 1
    return bootstrap_by_subject(count, statistic, replicates=count_replicates(len(pairs.scores)), seed=seed)


def trace_det(pairs: ScoredPairs, *, points: int = 400) -> Array:
    """Return the detection error trade-off, float64 (n, 3): threshold, FMR, FNMR, by rising threshold; empty if a kind is
    missing.

    points: about how many, spread evenly over the logarithm of the number of false matches. Source: ISO/IEC 19795-1.
    """
    non_mated = np.sort(pairs.scores[~pairs.mated].astype(np.float64))[::-1]
    mated = np.sort(pairs.scores[pairs.mated].astype(np.float64))
    if not len(non_mated) or not len(mated):
        return np.empty((0, 3))
    ranks = np.unique(np.geomspace(1, len(non_mated), points).astype(np.int64)) - 1
    thresholds = non_mated[ranks][::-1]
    matched = np.searchsorted(-non_mated, -thresholds, side="right")
    missed = np.searchsorted(mated, thresholds, side="left")
    return np.column_stack([thresholds, matched / len(non_mated), missed / len(mated)])
