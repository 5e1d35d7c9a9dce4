"""Birth dates of which parts may be unknown."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A year, and month and day where both are known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether day and month are known."""
        return self.month is not None and self.day is not None

    @property
    def month_day(self) -> str:
        """Return MMDD, "" where it is unknown."""
        return f"{self.month:02d}{self.day:02d}" if self.is_full else ""


def birth_date_of(value: date | None, raw: str = "", *, at: datetime) -> BirthDate | None:
    """Return what is known of a birth date, None where that is nothing.

    value: the whole date, if known. raw: YYMMDD as in the MRZ, unknown parts "<" or 00; a year in it is taken
    in the latest century that is not after at (aware). Source: Doc 9303-3, section 4.8.
    """
    if value is not None:
        return BirthDate(value.year, value.month, value.day)
    if len(raw) == 6 and raw[:2].isascii() and raw[:2].isdigit():
        century = at.year - at.year % 100
        year = century + int(raw[:2])
        return BirthDate(year if year <= at.year else year - 100)
    return None
