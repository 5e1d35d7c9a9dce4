"""Pair entries with exits. An end without its other end stays visible as an anomaly; nothing is guessed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

EXIT_MISSING: Literal["EXIT_MISSING"] = "EXIT_MISSING"
ENTRY_MISSING: Literal["ENTRY_MISSING"] = "ENTRY_MISSING"


class Act(StrEnum):
    """What a crossing does to the stays of its traveller."""

    OPEN = "OPEN"  # a new open stay
    CLOSE = "CLOSE"  # the open stay gets its exit
    REOPEN = "REOPEN"  # the open stay loses its exit for good (EXIT_MISSING), and a new one opens
    RECORD_ENTRY = "RECORD_ENTRY"  # an entry older than the open stay: kept as an anomaly of its own
    RECORD_EXIT = "RECORD_EXIT"  # an exit that no entry belongs to: kept as an anomaly of its own


@dataclass(frozen=True, slots=True)
class OpenStay:
    """The traveller's stay that has no exit yet. entered_at: aware UTC.

    allowed_until: last day allowed, None: no limit.
    """

    entered_at: datetime
    allowed_until: date | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """What to write. allowed_until: for a new stay with an entry.

    anomaly: of the stay that the crossing itself goes into.
    """

    act: Act
    allowed_until: date | None = None
    anomaly: Literal["", "EXIT_MISSING", "ENTRY_MISSING"] = ""


def latest_day(*, entered_at: datetime, days: int | None) -> date | None:
    """Return the last day allowed. The day of entry is the first day of the stay; days None: no limit."""
    return None if days is None else entered_at.date() + timedelta(days=max(days, 1) - 1)


def pair_entry(*, open_stay: OpenStay | None, at: datetime, days: int | None) -> Pairing:
    """Return what an entry does. at: aware UTC. days: allowed length of stay, None for own nationals."""
    allowed_until = latest_day(entered_at=at, days=days)
    if open_stay is None:
        return Pairing(Act.OPEN, allowed_until)
    if at < open_stay.entered_at:
        # a record that came late from a post without connection must not displace the newer entry
        return Pairing(Act.RECORD_ENTRY, allowed_until, EXIT_MISSING)
    return Pairing(Act.REOPEN, allowed_until)


def pair_exit(*, open_stay: OpenStay | None, at: datetime) -> Pairing:
    """Return what an exit does. at: aware UTC."""
    if open_stay is None or at < open_stay.entered_at:
        return Pairing(Act.RECORD_EXIT, anomaly=ENTRY_MISSING)
    return Pairing(Act.CLOSE)


def days_over(*, allowed_until: date | None, at: datetime) -> int:
    """Return by how many days a stay has run over at a time; 0 within the limit or without one."""
    return 0 if allowed_until is None else max(0, (at.date() - allowed_until).days)
