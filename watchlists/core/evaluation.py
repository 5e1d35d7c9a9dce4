"""What a list and queries with known answers say about the engine: recall, benign alerts, times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Answered:
    """One query with its answer. kind: of the query; benign: nobody is expected. candidate: the expected entry was
    found by key (any entry, where any counts). alerted: something reached the threshold. found: what was expected did.
    """

    kind: str
    benign: bool
    candidate: bool
    alerted: bool
    found: bool
    elapsed_ms: float


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share. successes of trials, trials 0 or more. Source: Wilson (1927)."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, Z_95 * Z_95
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z_95 / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return low, high


def summarise(answered: Sequence[Answered], *, entries: int, threshold: float) -> dict[str, Any]:
    """Return the figures of an evaluation as one JSON object; a share without trials is None."""
    mated = [one for one in answered if not one.benign]
    benign = [one for one in answered if one.benign]
    kinds = sorted({one.kind for one in mated})
    times = np.array([one.elapsed_ms for one in answered]) if answered else np.zeros(0)
    alerted = sum(one.alerted for one in benign)
    benign_rate = _rate(alerted, len(benign), per=1000.0)
    interval = wilson_interval(alerted, len(benign))
    return {
        "queries": len(answered),
        "entries": entries,
        "threshold": threshold,
        **_recall(mated),
        "kinds": {kind: _recall([one for one in mated if one.kind == kind]) for kind in kinds},
        "benign_queries": len(benign),
        "benign_alerts_per_1000": benign_rate,
        "benign_alerts_per_1000_interval_95": [round(1000 * bound, 3) for bound in interval]
        if benign
        else None,
        "candidate_recall": _rate(sum(one.candidate for one in mated), len(mated)),
        "median_ms": _percentile(times, 50),
        "p95_ms": _percentile(times, 95),
        "p99_ms": _percentile(times, 99),
    }


def _recall(mated: Sequence[Answered]) -> dict[str, Any]:
    found = sum(one.found for one in mated)
    low, high = wilson_interval(found, len(mated))
    return {
        "mated_queries": len(mated),
        "recall": _rate(found, len(mated)),
        "recall_interval_95": [round(low, 4), round(high, 4)] if mated else None,
    }


def _rate(successes: int, trials: int, *, per: float = 1.0) -> float | None:
    return round(per * successes / trials, 4) if trials else None


def _percentile(values: Any, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 3) if len(values) else None
