"""What a live board makes of rows: crossings by hour, times of steps, what was not captured, how each booth is connected."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

HOURS = 24
QUIET_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HourCount:
    """Crossings of one hour of a day, UTC. hour: 0 to 23."""

    hour: int
    entries: int
    exits: int


@dataclass(frozen=True, slots=True)
class StepTimes:
    """How long one step took. p50_ms, p95_ms: nearest rank. failed: of `count`, those that ended without an answer."""

    step: str
    count: int
    failed: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class CaptureFailures:
    """What was not captured of one kind, by reason, the most frequent first. tried: inspections that were to bring it."""

    kind: str
    tried: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def failed(self) -> int:
        return sum(count for _, count in self.reasons)


class Link(StrEnum):
    """How a booth stands to the system."""

    WORKING = "WORKING"
    QUIET = "QUIET"  # signed in, no act for QUIET_AFTER
    LOCKED = "LOCKED"
    SIGNED_OUT = "SIGNED_OUT"
    CLOSED = "CLOSED"  # the booth is out of use


def count_by_hour(counts: Mapping[tuple[int, str], int], *, until_hour: int = HOURS - 1) -> list[HourCount]:
    """Return one row for each hour from midnight to `until_hour`, hours without a crossing among them.

    counts: (hour UTC, "ENTRY" or "EXIT") to crossings.
    """
    return [
        HourCount(hour, counts.get((hour, "ENTRY"), 0), counts.get((hour, "EXIT"), 0))
        for hour in range(until_hour + 1)
    ]


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed, by nearest rank.

    ordered: ascending, at least one. share: over 0, at most 1. Raises ValueError.
    """
    if not ordered or not 0 < share <= 1:
        raise ValueError("needs values, and a share over 0 and at most 1")
    return ordered[math.ceil(share * len(ordered)) - 1]


def time_steps(rows: Iterable[tuple[str, str, float]], *, order: Sequence[str]) -> list[StepTimes]:
    """Return the times of each step that has ended at least once.

    rows: step, state ("DONE" or "FAILED"), milliseconds. order: the steps as they follow one another.
    """
    times: dict[str, list[float]] = {}
    failed: Counter[str] = Counter()
    for step, state, elapsed_ms in rows:
        times.setdefault(step, []).append(elapsed_ms)
        failed[step] += state == "FAILED"
    known = [*(s for s in order if s in times), *sorted(set(times) - set(order))]
    return [
        StepTimes(s, len(t), failed[s], nearest_rank(t, 0.5), nearest_rank(t, 0.95))
        for s in known
        if (t := sorted(times[s]))
    ]


def tell_failures(kind: str, *, tried: int, reasons: Mapping[str, int]) -> CaptureFailures:
    """Return the failures of one kind of capture. reasons: code to count; reasons that never came up are left out."""
    ranked = sorted(((code, n) for code, n in reasons.items() if n), key=lambda pair: (-pair[1], pair[0]))
    return CaptureFailures(kind, tried, tuple(ranked))


def link_of(
    *, active: bool, signed_in: bool, locked: bool, latest_act_at: datetime | None, at: datetime
) -> Link:
    """Return how a booth is connected. latest_act_at: of the session there, None for none yet; at: aware UTC."""
    if not active:
        return Link.CLOSED
    if not signed_in:
        return Link.SIGNED_OUT
    if locked:
        return Link.LOCKED
    if latest_act_at is None or at - latest_act_at > QUIET_AFTER:
        return Link.QUIET
    return Link.WORKING


def midnight_of(at: datetime) -> datetime:
    """Return the beginning of the day of a time, UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
