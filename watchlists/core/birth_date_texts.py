"""Birth dates as an entry stores them: 1980-02-29, 1980-02, 1980, about 1980~, between 1978/1982.

Source: after ISO 8601-2 (extended date and time format).
"""

import re
from datetime import date

from watchlists.core.birth_dates import BirthDate

YEARS = range(1850, 2101)
_TEXT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(~?)|(\d{4})/(\d{4})", re.ASCII)


def write_birth_date(born: BirthDate) -> str:
    """Return the text of a birth date."""
    if born.until_year is not None:
        return f"{born.year:04d}/{born.until_year:04d}"
    parts = [f"{born.year:04d}"]
    if born.month is not None:
        parts.append(f"{born.month:02d}")
        if born.day is not None:
            parts.append(f"{born.day:02d}")
    return "-".join(parts) + ("~" if born.circa else "")


def read_birth_date_text(text: str) -> BirthDate | None:
    """Return the birth date that write_birth_date wrote; None for what is no date, or no year of YEARS."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    year, month, day, circa, first, latest = found.groups()
    if first is not None:
        begin, end = int(first), int(latest)
        return BirthDate(begin, until_year=end) if begin in YEARS and end in YEARS and begin < end else None
    if int(year) not in YEARS or (month is not None and not 1 <= int(month) <= 12):
        return None
    if day is not None:
        try:
            date(int(year), int(month), int(day))
        except ValueError:
            return None
    return BirthDate(int(year), int(month) if month else None, int(day) if day else None, circa=bool(circa))
