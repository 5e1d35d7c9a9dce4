"""Birth dates and other dates as lists write them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from watchlists.core.birth_date_texts import YEARS, read_birth_date_text
from watchlists.core.birth_dates import BirthDate

_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
            "aug august", "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_CIRCA = re.compile(r"^(?:circa|approximately|approx\.?|about|around|ca?\.|c|~)\s*", re.I)
_BETWEEN = re.compile(r"^(?:between\s+)?(.+?)\s+(?:and|to|-|–)\s+(.+)$|^(\d{4})\s*[-–/]\s*(\d{4})$", re.I)
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:T.*)?$", re.ASCII)
_DAY_FIRST = re.compile(r"^(\d{1,2}|dd|00)[-/.](\d{1,2}|mm|00)[-/.](\d{4})$", re.I | re.ASCII)
_WRITTEN = re.compile(
    r"^(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+)?([a-z]{3,9})\.?,?[\s-]+(\d{4})$", re.I | re.ASCII
)
_AMERICAN = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$", re.I | re.ASCII)
_YEAR = re.compile(r"^\d{4}$", re.ASCII)
_SPAN_MAX = 120


def read_birth_date(text: str) -> BirthDate | None:
    """Return a birth date from any of the spellings of public lists, None where it is none of them.

    text: "07 Oct 1954", "Oct 1954", "October 7, 1954", "1954-10-07", "1954/10/07", "07/10/1954" (day first),
    "dd/mm/1954", "00/10/1954", "1954", each also with "circa" before it; "1975 to 1978", "between 1975 and 1978".
    """
    bare = " ".join(text.replace("\u00a0", " ").strip(" .,;").split())
    if not bare or len(bare) > 60:
        return None
    circa = _CIRCA.match(bare)
    if circa:
        found = read_birth_date(bare[circa.end() :])
        if found is None or found.until_year is not None:
            return found
        return BirthDate(found.year, found.month, found.day, circa=True)
    own = read_birth_date_text(bare)
    if own is not None:
        return own
    between = _BETWEEN.match(bare)
    if between:
        return _range_of(between.group(1) or between.group(3), between.group(2) or between.group(4))
    return _single(bare)


def _range_of(first: str, latest: str) -> BirthDate | None:
    begin, end = read_birth_date(first), read_birth_date(latest)
    if begin is None or end is None:
        return None
    low, high = sorted((begin.year, end.until_year or end.year))
    if high - low > _SPAN_MAX:
        return None
    return BirthDate(low, until_year=high) if low < high else BirthDate(low, circa=True)


def _single(text: str) -> BirthDate | None:
    year = month = day = ""
    if _YEAR.match(text):
        year = text
    elif found := _ISO.match(text):
        year, month, day = found.group(1), found.group(2), found.group(3) or ""
    elif found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
    elif found := _WRITTEN.match(text):
        day, month, year = found.group(1) or "", str(_MONTHS.get(found.group(2).lower(), 99)), found.group(3)
    elif found := _AMERICAN.match(text):
        month, day, year = str(_MONTHS.get(found.group(1).lower(), 99)), found.group(2), found.group(3)
    return known_parts(year, month, day)


def known_parts(year: str, month: str = "", day: str = "", *, circa: bool = False) -> BirthDate | None:
    """Return a birth date from its parts as texts; "", "0", "00", "dd", "mm" are unknown parts. None for an impossible one."""
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in (year, month, day)]
    if numbers[0] not in YEARS or not 0 <= numbers[1] <= 12 or not 0 <= numbers[2] <= 31:
        return None
    if not numbers[1]:
        # a day without a month says nothing
        return BirthDate(numbers[0], circa=circa)
    if not numbers[2]:
        return BirthDate(numbers[0], numbers[1], circa=circa)
    try:
        date(numbers[0], numbers[1], numbers[2])
    except ValueError:
        return None
    return BirthDate(numbers[0], numbers[1], numbers[2], circa=circa)


def read_day(text: str) -> date | None:
    """Return a whole day from the same spellings, None for anything less."""
    # an ISO day may have a time or a zone behind it
    found = read_birth_date(text[:10] if text[4:5] == "-" and text[7:8] == "-" else text)
    if found is None or found.month is None or found.day is None:
        return None
    return date(found.year, found.month, found.day)


def read_moment(text: str) -> datetime | None:
    """Return an aware time from ISO 8601 or a day, None where it is neither. Without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        day = read_day(text.strip())
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return None


def numbered_parts(text: str) -> Iterator[str]:
    """Yield the parts of "(1) first (2) second" or "a) first b) second", or the whole text where it is not numbered."""
    parts = re.split(r"(?:^|\s)\(?(?:\d{1,2}|[a-z])\)\s*", text)
    for part in parts:
        bare = part.strip(" ;,")
        if bare:
            yield bare
