"""Error rates of 1:N search with people who are not in the gallery (open set)."""

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
from biometrics.core.error_rates.verification import (
    BOOTSTRAP_SUBJECTS,
    FIRM_ERRORS,
    SEED,
    IntervalMethod,
    threshold_at_fmr,
)

FPIR_TARGETS = (1e-2, 1e-3)
GALLERY_SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
DRAWS = 10
CANDIDATES = 10
NOT_ENROLLED = -1


class IdentificationReason(StrEnum):
    """Stable codes of why a rate is not given."""

    NO_MATED = "no_mated_probes"
    TOO_FEW_NON_MATED = "too_few_non_mated_probes"


@dataclass(frozen=True, eq=False)
class Searches:
    """What searches of one gallery gave.

    subjects: int (n,), of the probe, equal for probes of one person; NOT_ENROLLED where unknown. own: float (n,), the
    score of the probe's own subject, NaN for those not enrolled. rank: int (n,), of the own subject from 1, 0 for those
    not enrolled. best_other: float (n,), the highest score of another subject, -inf in a gallery of one.
    """

    subjects: Array
    own: Array
    rank: Array
    best_other: Array

    @property
    def is_mated(self) -> Array:
        """bool (n,): the probe's subject is enrolled."""
        return np.isfinite(self.own)


@dataclass(frozen=True, slots=True)
class RateAtFpir:
    """Missed mates at the threshold where at most `fpir_target` of the non-mated searches give a candidate.

    reason: an IdentificationReason when the set cannot say. fnir: own subject below the threshold or not among the first
    10 candidates. interval: 95 % of fnir.
    """

    fpir_target: float
    reason: IdentificationReason | None = None
    threshold: float | None = None
    fpir: float | None = None
    false_alarms: int | None = None
    fnir: float | None = None
    missed: int | None = None
    interval: Interval | None = None
    interval_method: IntervalMethod | None = None
    is_firm: bool | None = None


@dataclass(frozen=True, slots=True)
class Rank1:
    """How many mated searches have their own subject first, whatever its score."""

    hits: int
    total: int

    @property
    def share(self) -> float | None:
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> Interval:
        return wilson_interval(self.hits, self.total)


@dataclass(frozen=True, slots=True)
class SizeFigures:
    """Figures at one size of gallery: means over `draws` random choices of its subjects; None where no draw can say."""

    size: int
    draws: int
    mated: int
    non_mated: int
    rank1: float | None
    fnir: tuple[float | None, ...]
    threshold: tuple[float | None, ...]


def search_all(scores: Array, columns: Array, subjects: Array) -> Searches:
    """Return what searches of a gallery with one column a subject give.

    scores: float (n, N). columns: int (n,), the column of the probe's own subject, -1 if not in this gallery.
    subjects: int (n,).
    """
    rows = np.arange(len(scores))
    is_mated = columns >= 0
    own = np.where(is_mated, scores[rows, np.maximum(columns, 0)], np.nan)
    others = scores.astype(np.float64)
    others[rows[is_mated], columns[is_mated]] = -np.inf
    best_other = others.max(axis=1, initial=-np.inf)
    rank = np.where(is_mated, 1 + (others >= np.where(is_mated, own, np.inf)[:, None]).sum(axis=1), 0)
    return Searches(subjects, own, rank, best_other)


def join_searches(parts: Sequence[Searches]) -> Searches:
    """Return all searches in one."""
    columns = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("subjects", "own", "rank", "best_other")
    ]
    return Searches(*columns)


def count_rank1(searches: Searches) -> Rank1:
    """Return how often the own subject comes first. A tie for the first place is no hit."""
    return Rank1(int((searches.rank == 1).sum()), int(searches.is_mated.sum()))


def missed_at(searches: Searches, threshold: float) -> Array:
    """Return which mated searches miss at a threshold, bool (mated,)."""
    is_mated = searches.is_mated
    missed: Array = (searches.own[is_mated] < threshold) | (searches.rank[is_mated] > CANDIDATES)
    return missed


def measure_fnir(
    searches: Searches, *, targets: Sequence[float] = FPIR_TARGETS, seed: int = SEED
) -> tuple[RateAtFpir, ...]:
    """Return the false negative identification rate at each false positive identification rate.

    Intervals are a bootstrap over the subjects of mated probes and over non-mated probes (whose subjects a list does not
    name, so each counts as one), the threshold found anew in each sample. Source: ISO/IEC 19795-1.
    """
    is_mated = searches.is_mated
    non_mated = searches.best_other[~is_mated]
    sampled = _sample(searches, targets, seed)
    found = []
    for index, target in enumerate(targets):
        threshold = threshold_at_fmr(non_mated, target)
        if threshold is None or not is_mated.any():
            few = threshold is None
            found.append(
                RateAtFpir(
                    target, IdentificationReason.TOO_FEW_NON_MATED if few else IdentificationReason.NO_MATED
                )
            )
            continue
        alarms, total = int((non_mated >= threshold).sum()), int(is_mated.sum())
        missed = int(missed_at(searches, threshold).sum())
        interval = percentile_interval(sampled[:, index]) if sampled is not None else None
        method = IntervalMethod.BOOTSTRAP
        if interval is None or missed == 0:
            interval, method = wilson_interval(missed, total), IntervalMethod.WILSON
        found.append(
            RateAtFpir(
                target, None, threshold, alarms / len(non_mated), alarms, missed / total, missed, interval, method,
                min(alarms, missed) >= FIRM_ERRORS,
            )
        )  # fmt: skip
    return tuple(found)


def _sample(searches: Searches, targets: Sequence[float], seed: int) -> Array | None:
    is_mated = searches.is_mated
    if is_mated.all() or len(np.unique(searches.subjects[is_mated])) < BOOTSTRAP_SUBJECTS:
        return None
    numbers, groups = np.unique(searches.subjects[is_mated], return_inverse=True)
    non_mated = np.sort(searches.best_other[~is_mated].astype(np.float64))[::-1]
    clusters, alone = len(numbers), int((~is_mated).sum())
    # a mate outside the candidates is missed at any threshold
    own = np.where(searches.rank[is_mated] > CANDIDATES, -np.inf, searches.own[is_mated]).astype(np.float64)
    generator = np.random.default_rng(seed + 1)
    wanted = np.asarray(targets, np.float64)

    def statistic(weights: Array) -> Array:
        drawn = np.cumsum(generator.multinomial(alone, np.full(alone, 1.0 / alone)))
        refused = np.searchsorted(drawn, wanted * alone + 1e-9, side="right")
        thresholds = np.nextafter(non_mated[np.minimum(refused, alone - 1)], np.inf)
        each = weights[groups]
        rates: Array = ((own[:, None] < thresholds) * each[:, None]).sum(axis=0) / max(each.sum(), 1.0)
        return rates

    return bootstrap_by_subject(
        clusters, statistic, replicates=count_replicates(len(searches.own)), seed=seed
    )


def measure_by_size(
    scores: Array,
    columns: Array,
    subjects: Array,
    *,
    targets: Sequence[float] = FPIR_TARGETS,
    sizes: Sequence[int] = GALLERY_SIZES,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[SizeFigures, ...]:
    """Return the figures at each size below that of the whole gallery.

    scores, columns, subjects: as for `search_all`. Each draw chooses subjects at random; probes of subjects left out
    count as not enrolled, which they then are.
    """
    generator = np.random.default_rng(seed)
    count = scores.shape[1]
    found = []
    for size in (size for size in sizes if size < count):
        rows: list[tuple[int, int, Rank1, tuple[RateAtFpir, ...]]] = []
        for _ in range(draws):
            kept = np.sort(generator.choice(count, size, replace=False))
            moved = np.full(count + 1, -1)
            moved[kept] = np.arange(size)
            searches = search_all(scores[:, kept], moved[columns], subjects)
            mated = int(searches.is_mated.sum())
            rates = _rates_only(searches, targets)
            rows.append((mated, len(searches.own) - mated, count_rank1(searches), rates))
        ranks = [rank.share for _, _, rank, _ in rows]
        found.append(
            SizeFigures(
                size,
                draws,
                round(float(np.mean([row[0] for row in rows]))),
                round(float(np.mean([row[1] for row in rows]))),
                _mean(ranks),
                tuple(_mean([row[3][index].fnir for row in rows]) for index in range(len(targets))),
                tuple(_mean([row[3][index].threshold for row in rows]) for index in range(len(targets))),
            )
        )
    return tuple(found)


def _rates_only(searches: Searches, targets: Sequence[float]) -> tuple[RateAtFpir, ...]:
    """Return the rates without intervals."""
    is_mated = searches.is_mated
    found = []
    for target in targets:
        threshold = threshold_at_fmr(searches.best_other[~is_mated], target)
        if threshold is None or not is_mated.any():
            found.append(RateAtFpir(target))
        else:
            found.append(
                RateAtFpir(target, threshold=threshold, fnir=float(missed_at(searches, threshold).mean()))
            )
    return tuple(found)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def trace_identification(searches: Searches, *, points: int = 400) -> Array:
    """Return threshold, FPIR and FNIR, float64 (n, 3), by rising threshold; empty if a kind of probe is missing."""
    is_mated = searches.is_mated
    non_mated = np.sort(searches.best_other[~is_mated].astype(np.float64))[::-1]
    if not len(non_mated) or not is_mated.any():
        return np.empty((0, 3))
    own = np.where(searches.rank[is_mated] > CANDIDATES, -np.inf, searches.own[is_mated])
    own = np.sort(own.astype(np.float64))
    ranks = np.unique(np.geomspace(1, len(non_mated), points).astype(np.int64)) - 1
    thresholds = non_mated[ranks][::-1]
    alarmed = np.searchsorted(-non_mated, -thresholds, side="right")
    missed = np.searchsorted(own, thresholds, side="left")
    return np.column_stack([thresholds, alarmed / len(non_mated), missed / len(own)])
