"""How a list does: how many of its alarms were right, and how many false ones a day to expect."""

import math
from dataclasses import dataclass

# 95 %, two-sided
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its 95 % interval. count, total: what it was measured on."""

    value: float
    low: float
    high: float
    count: int
    total: float


def precision_of(true_matches: int, false_matches: int) -> Rate | None:
    """Return the share of answered hits that were true, None before the first answer. Source: Wilson's score interval."""
    total = true_matches + false_matches
    if not total:
        return None
    share, square = true_matches / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return Rate(share, max(0.0, middle - half), min(1.0, middle + half), true_matches, total)


def false_alerts_a_day(not_true: int, days: float, *, precision: Rate | None, unanswered: int) -> Rate | None:
    """Return how many false alarms a day a list brings; None before a day has gone by.

    not_true: hits at or above the threshold now in force that were answered false or inconclusive. unanswered: those still
    open, which count as false as often as the answered ones were. days: over which both were found. Source: the interval
    of a Poisson count by its square root, +1 (Anscombe).
    """
    if days <= 0:
        return None
    count = not_true + unanswered * (1.0 - (precision.value if precision else 0.0))
    spread = _Z * math.sqrt(count + 1.0)
    return Rate(
        count / days, max(0.0, count - spread) / days, (count + spread) / days, not_true + unanswered, days
    )
