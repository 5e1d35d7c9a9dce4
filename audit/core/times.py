"""Times and dates from outside: brought to UTC and within bounds, so that nothing behind them overflows or is refused late."""

from datetime import UTC, date, datetime

EARLIEST_DATE = date(1900, 1, 1)
LATEST_DATE = date(2199, 12, 31)


class MomentRefused(ValueError):
    """A time cannot be taken. code: invalid (no ISO 8601), offset_missing, date_out_of_range. Never the value."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def in_utc(moment: datetime) -> datetime:
    """Return an aware time in UTC.

    PostgreSQL takes offsets below 16 hours in whole seconds, Python others too; and at the ends of the calendar a change of
    offset leaves it. Raises MomentRefused(offset_missing), MomentRefused(date_out_of_range) outside EARLIEST_DATE to
    LATEST_DATE in UTC.
    """
    if moment.utcoffset() is None:
        raise MomentRefused("offset_missing")
    try:
        found = moment.astimezone(UTC)
    except OverflowError:
        raise MomentRefused("date_out_of_range") from None
    if not is_in_range(found.date()):
        raise MomentRefused("date_out_of_range")
    return found


def read_moment(text: str) -> datetime:
    """Return the time of an ISO 8601 text in UTC. Raises MomentRefused."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise MomentRefused("invalid") from None
    return in_utc(moment)


def is_in_range(day: date) -> bool:
    """Tell whether a date lies within EARLIEST_DATE to LATEST_DATE."""
    return EARLIEST_DATE <= day <= LATEST_DATE
