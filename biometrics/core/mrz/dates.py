"""Two-digit years resolved against the time of capture.

Source: Doc 9303-3, section 4.8 (dates in the zone).
"""

import functools
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from biometrics.core.mrz.alphabet import FILLER

OLDEST_AGE_YEARS = 115
EXPIRY_YEARS_BACK = 49


class DateRule(StrEnum):
    """How the century was found, or why there is no date."""

    LATEST_NOT_AFTER_CAPTURE = "latest_not_after_capture"
    WINDOW_AROUND_CAPTURE = "window_around_capture"
    UNKNOWN = "unknown"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class MrzDate:
    """A date of the zone: six characters as printed, the date or None, the rule used.

    ambiguous: another century would be possible too (a child, or a person over a hundred).
    """

    raw: str
    date: date | None
    rule: DateRule
    ambiguous: bool = False


def _build_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parts(raw: str) -> tuple[int, int, int] | None:
    if not (raw.isascii() and raw.isdigit()):
        return None
    return int(raw[:2]), int(raw[2:4]), int(raw[4:])


def _without_parts(raw: str) -> MrzDate:
    """Return a date that has no digits in some place, or that the layout does not have at all ("")."""
    return MrzDate(raw, None, DateRule.UNKNOWN if FILLER in raw or not raw else DateRule.INVALID)


def resolve_birth_date(raw: str, at: datetime) -> MrzDate:
    """Resolve a birth date to the latest century in which it is not after the capture.

    raw: six characters, digits or fillers; parts not known are fillers or 00; "" where the layout has none. at:
    aware time of capture.
    """
    return _resolve_birth_date(raw, at.date())


def resolve_expiry_date(raw: str, at: datetime) -> MrzDate:
    """Resolve an expiry date to the year from 49 years before to 50 years after the capture.

    raw: six characters, digits or fillers. at: aware time of capture.
    """
    return _resolve_expiry_date(raw, at.year)


# the same few ten thousand days come again and again: remembering them is a sixth of the time of a parse
@functools.lru_cache(maxsize=65_536)
def _resolve_birth_date(raw: str, today: date) -> MrzDate:
    parts = _parts(raw)
    if parts is None:
        return _without_parts(raw)
    short_year, month, day = parts
    if month == 0 or day == 0:
        return MrzDate(raw, None, DateRule.UNKNOWN)
    century = today.year - today.year % 100
    for year in (century + short_year, century - 100 + short_year, century - 200 + short_year):
        found = _build_date(year, month, day)
        if found is not None and found <= today:
            earlier = _build_date(year - 100, month, day)
            ambiguous = earlier is not None and today.year - earlier.year <= OLDEST_AGE_YEARS
            return MrzDate(raw, found, DateRule.LATEST_NOT_AFTER_CAPTURE, ambiguous)
    return MrzDate(raw, None, DateRule.INVALID)


@functools.lru_cache(maxsize=65_536)
def _resolve_expiry_date(raw: str, year_of_capture: int) -> MrzDate:
    parts = _parts(raw)
    if parts is None:
        return _without_parts(raw)
    short_year, month, day = parts
    if month == 0 or day == 0:
        return MrzDate(raw, None, DateRule.UNKNOWN)
    first = year_of_capture - EXPIRY_YEARS_BACK
    year = first + (short_year - first) % 100
    found = _build_date(year, month, day)
    return MrzDate(raw, found, DateRule.INVALID if found is None else DateRule.WINDOW_AROUND_CAPTURE)
