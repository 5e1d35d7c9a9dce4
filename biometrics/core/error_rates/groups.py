"""Rates of groups beside one another at one threshold, and the alarm when they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.error_rates.intervals import Interval, ratio_interval

ALARM_RATIO = 2.0


class RatioReason(StrEnum):
    """Stable codes of why groups are not compared."""

    FEWER_THAN_TWO_GROUPS = "fewer_than_two_groups"
    NO_ERRORS = "no_errors_in_any_group"


@dataclass(frozen=True, slots=True)
class Count:
    """errors of total trials, total at least 1."""

    errors: int
    total: int


@dataclass(frozen=True, slots=True)
class GroupRatio:
    """The highest rate over the lowest.

    is_alarm: the ratio is above 2. is_supported: the interval of the ratio lies above 1, so that chance alone would seldom
    give it; an alarm without support asks for more data, not for silence. The interval does not allow for the choice of the
    extremes among many groups.
    """

    reason: RatioReason | None = None
    highest: str | None = None
    lowest: str | None = None
    ratio: float | None = None
    interval: Interval | None = None
    is_alarm: bool = False
    is_supported: bool = False


def compare_groups(counts: Mapping[str, Count]) -> GroupRatio:
    """Return how far the groups' rates lie apart. counts: by group; groups without trials are left out.

    Where a group has no error, one half is added to the counts of both, so that the ratio stays finite.
    Source: ISO/IEC 19795-10 for reporting differences between groups.
    """
    known = {name: count for name, count in sorted(counts.items()) if count.total > 0}
    if len(known) < 2:
        return GroupRatio(RatioReason.FEWER_THAN_TWO_GROUPS)
    if not any(count.errors for count in known.values()):
        return GroupRatio(RatioReason.NO_ERRORS)
    by_rate = sorted(known, key=lambda name: (known[name].errors / known[name].total, -known[name].total))
    # of several groups without an error the one with most trials says most
    lowest = min(known, key=lambda name: (known[name].errors / known[name].total, -known[name].total))
    highest = by_rate[-1]
    high, low = known[highest], known[lowest]
    ratio, interval = ratio_interval(high.errors, high.total, low.errors, low.total)
    return GroupRatio(None, highest, lowest, ratio, interval, ratio > ALARM_RATIO, interval[0] > 1.0)
