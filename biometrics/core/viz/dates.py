"""Dates as pages print them: 12 AUG/AOUT 74, 12.08.1974, 12 08 1974, 1974-08-12, 10/04/49.

Source: Doc 9303-3, section 3.8 for dates in the visual zone; States also print in their own ways.
"""

import re
from dataclasses import dataclass
from datetime import date

from biometrics.core.viz.labels import month_of, normalise

_GAP = r"[\s./,-]{0,3}"
_YEAR = r"(\d{4}|\d{2})(?!\d)"
_DAY_WORD_YEAR = re.compile(rf"(?<!\d)(\d{{1,2}}){_GAP}([A-Z]{{3,}}){_GAP}([A-Z]{{3,}})?{_GAP}{_YEAR}")
_WORD_DAY_YEAR = re.compile(rf"([A-Z]{{3,}})[\s.]{{0,2}}(\d{{1,2}})[\s.,]{{1,2}}{_YEAR}")
_NUMBERS = re.compile(rf"(?<!\d)(\d{{1,2}})[\s./-]{{1,3}}(\d{{1,2}})[\s./-]{{1,3}}{_YEAR}")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[\s./-]{1,3}(\d{1,2})[\s./-]{1,3}(\d{1,2})(?!\d)")
EARLIEST_YEAR = 1890
LATEST_YEAR = 2099


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date read from the page. year: four digits, or two where the page prints two (has_century False).

    may_be_month_first: 10/04/49 is 10 April or 4 October; both are given, and both carry the mark.
    """

    year: int
    month: int
    day: int
    has_century: bool
    may_be_month_first: bool = False

    @property
    def yymmdd(self) -> str:
        """Return the date as the zone writes it."""
        return f"{self.year % 100:02d}{self.month:02d}{self.day:02d}"

    def as_date(self, near: date) -> date:
        """Return the calendar date; a year of two digits is put into the century that lies nearest to `near`."""
        if self.has_century:
            return date(self.year, self.month, self.day)
        years = (near.year - near.year % 100 + self.year + shift for shift in (-100, 0, 100))
        return date(min(years, key=lambda year: abs(year - near.year)), self.month, self.day)


def _make(year: str, month: int, day: int, *, ambiguous: bool = False) -> PrintedDate | None:
    has_century = len(year) == 4
    number = int(year)
    if has_century and not EARLIEST_YEAR <= number <= LATEST_YEAR:
        # another calendar, or no date at all
        return None
    try:
        # a leap day may belong to either century
        date(number if has_century else 2000 + number, month, day)
    except ValueError:
        return None
    return PrintedDate(number, month, day, has_century, ambiguous)


def printed_dates(text: str) -> tuple[PrintedDate, ...]:
    """Return every date that a printed line can stand for, none where it is no date. text: one line, any."""
    plain = normalise(text)
    found: list[PrintedDate | None] = []
    for day, word, second, year in _DAY_WORD_YEAR.findall(plain):
        months = {month_of(word), month_of(second) if second else month_of(word)}
        # two languages must name one month; one of them may be a language that is not known
        known = months - {None}
        if len(known) == 1:
            found.append(_make(year, known.pop() or 0, int(day)))
    for word, day, year in _WORD_DAY_YEAR.findall(plain):
        month = month_of(word)
        if month is not None:
            found.append(_make(year, month, int(day)))
    for year, month, day in _YEAR_FIRST.findall(plain):
        found.append(_make(year, int(month), int(day)))
    for first, second, year in _NUMBERS.findall(plain):
        both = first != second and int(first) <= 12 and int(second) <= 12
        found.append(_make(year, int(second), int(first), ambiguous=both))
        if first != second:
            found.append(_make(year, int(first), int(second), ambiguous=both))
    return tuple(dict.fromkeys(one for one in found if one is not None))
