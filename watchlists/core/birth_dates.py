"""Birth dates of which parts may be unknown, or that lie within a span of years."""

from dataclasses import dataclass
from datetime import date, datetime

ANY_DATE = -1


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A year, and month and day where both are known.

    until_year: the last year of a span that year begins, without month and day. circa: the source says "about".
    """

    year: int
    month: int | None = None
    day: int | None = None
    until_year: int | None = None
    circa: bool = False

    @property
    def is_full(self) -> bool:
        """Tell whether day and month are known."""
        return self.month is not None and self.day is not None

    @property
    def month_day(self) -> str:
        """Return MMDD, "" where it is unknown."""
        return f"{self.month:02d}{self.day:02d}" if self.is_full else ""

    @property
    def years(self) -> range:
        """Return the years that the date may lie in."""
        if self.until_year is not None:
            return range(self.year, min(max(self.until_year, self.year), self.year + 30) + 1)
        return (
            range(self.year - 1, self.year + 2)
            if self.circa and not self.is_full
            else range(self.year, self.year + 1)
        )

    @property
    def number(self) -> int:
        """Return YYYYMMDD, YYYY0000 where only the year is known, ANY_DATE where it is not one year."""
        if self.until_year is not None or self.circa:
            return ANY_DATE
        return self.year * 10000 + (int(self.month_day) if self.is_full else 0)


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


def parse_birth_date(text: str) -> BirthDate | None:
    """Return the date of YYYY-MM-DD, YYYY-MM or YYYY (00 for what is unknown), None for an empty text.

    Raises ValueError for anything else.
    """
    text = text.strip().replace("/", "-")
    if not text:
        return None
    parts = text.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 3 or len(parts[0]) != 4:
        raise ValueError("a birth date is YYYY-MM-DD, YYYY or empty")
    year, month, day = (*(int(part) for part in parts), 0, 0)[:3]
    if not month or not day:
        return BirthDate(year)
    date(year, month, day)
    return BirthDate(year, month, day)
