"""How long data are kept: classes as data, counted from an event. Defaults after Regulation (EU) 2017/2226 Article 34."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class StartEvent(StrEnum):
    """What a period is counted from."""

    EXIT = "EXIT"
    REFUSAL = "REFUSAL"
    LATEST_EXIT_OR_REFUSAL = "LATEST_EXIT_OR_REFUSAL"
    END_OF_STAY = "END_OF_STAY"
    ENTRY = "ENTRY"
    INSPECTION = "INSPECTION"
    SCHEDULED = "SCHEDULED"
    ERASURE_OF_DATA = "ERASURE_OF_DATA"


class RetentionCode(StrEnum):
    """The classes. IMAGES counts only where a State has set it: shorter than the record they belong to."""

    CROSSING = "CROSSING"
    REFUSAL = "REFUSAL"
    FILE = "FILE"
    NO_EXIT = "NO_EXIT"
    FAMILY = "FAMILY"
    FAMILY_NO_EXIT = "FAMILY_NO_EXIT"
    UNLIMITED_STAY = "UNLIMITED_STAY"
    UNDECIDED = "UNDECIDED"
    IMAGES = "IMAGES"
    MANIFEST = "MANIFEST"
    LOGS = "LOGS"


STARTS: Mapping[RetentionCode, StartEvent] = MappingProxyType(
    {
        RetentionCode.CROSSING: StartEvent.EXIT,
        RetentionCode.REFUSAL: StartEvent.REFUSAL,
        RetentionCode.FILE: StartEvent.LATEST_EXIT_OR_REFUSAL,
        RetentionCode.NO_EXIT: StartEvent.END_OF_STAY,
        RetentionCode.FAMILY: StartEvent.EXIT,
        RetentionCode.FAMILY_NO_EXIT: StartEvent.ENTRY,
        RetentionCode.UNLIMITED_STAY: StartEvent.ENTRY,
        RetentionCode.UNDECIDED: StartEvent.INSPECTION,
        RetentionCode.IMAGES: StartEvent.INSPECTION,
        RetentionCode.MANIFEST: StartEvent.SCHEDULED,
        RetentionCode.LOGS: StartEvent.ERASURE_OF_DATA,
    }
)
WARNING_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar years and months, then days. All >= 0 and not all 0."""

    years: int = 0
    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if min(self.years, self.months, self.days) < 0 or not (self.years or self.months or self.days):
            raise ValueError("a period is longer than nothing")

    def after(self, start: datetime) -> datetime:
        """Return the moment at which a period from `start` (aware) is over. 29 February becomes 28 where there is none."""
        month = start.year * 12 + start.month - 1 + 12 * self.years + self.months
        return _on_day(start, month) + timedelta(days=self.days)

    def before(self, end: datetime) -> datetime:
        """Return a moment from which a period is over at `end` or a little before: for asking the database, never too late."""
        month = end.year * 12 + end.month - 1 - 12 * self.years - self.months
        return _on_day(end, month) - timedelta(days=self.days) + timedelta(days=3)


def trail_cutoff(periods: "Periods", at: datetime) -> datetime | None:
    """Return the moment before which rows of the audit trail are no longer kept at `at` (aware), never a day too late.

    As long as the longest period of any data, and LOGS after that. None while LOGS is not set. Source: Regulation (EU)
    2017/2226 Article 46 (logs a year longer than the data).
    """
    after_data = periods.get(RetentionCode.LOGS)
    kept = [p for code, p in periods.items() if code not in (RetentionCode.LOGS, RetentionCode.IMAGES)]
    if after_data is None or not kept:
        return None
    cutoff = at
    for period in kept:
        while after_data.after(period.after(cutoff)) > at:
            # large steps first, then a day at a time
            over = after_data.after(period.after(cutoff)) - at
            cutoff -= max(over * 0.9, timedelta(days=1))
    return cutoff


def _on_day(start: datetime, month: int) -> datetime:
    year, number = divmod(month, 12)
    for day in (start.day, 30, 29, 28):
        if day <= start.day:
            try:
                return start.replace(year=year, month=number + 1, day=day)
            except ValueError:
                continue
    return start.replace(year=year, month=number + 1, day=28)


Periods = Mapping[RetentionCode, Period]
# Article 34 (1) to (5) and 46 (4); the last three are not in the Regulation, docs/data-protection.md says why they are so
DEFAULTS: Periods = MappingProxyType(
    {
        RetentionCode.CROSSING: Period(years=3),
        RetentionCode.REFUSAL: Period(years=3),
        RetentionCode.FILE: Period(years=3, days=1),
        RetentionCode.NO_EXIT: Period(years=5),
        RetentionCode.FAMILY: Period(years=1),
        RetentionCode.FAMILY_NO_EXIT: Period(years=5),
        RetentionCode.LOGS: Period(years=1),
        RetentionCode.UNLIMITED_STAY: Period(years=3),
        RetentionCode.UNDECIDED: Period(years=1),
        RetentionCode.MANIFEST: Period(days=1),
    }
)


@dataclass(frozen=True, slots=True)
class StayFacts:
    """One stay as its period sees it. inspections: of its entry and exit. allowed_until: end of that day counts, aware."""

    id: UUID
    inspections: tuple[UUID, ...]
    entered_at: datetime | None = None
    exited_at: datetime | None = None
    allowed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OtherFacts:
    """An inspection that led to no crossing. refused_at: None where nobody refused."""

    id: UUID
    opened_at: datetime
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that is kept of one traveller. latest_at: latest exit or refusal of records erased already."""

    created_at: datetime
    stays: tuple[StayFacts, ...] = ()
    others: tuple[OtherFacts, ...] = ()
    family: bool = False
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """When something is to be erased, and under which class."""

    at: datetime
    code: RetentionCode


def end_of_day(day: datetime) -> datetime:
    """Return the end of a day as the first moment of the next, aware UTC."""
    return datetime.combine(day.date(), time(), UTC) + timedelta(days=1)


def end_of_stay(allowed_until: date) -> datetime:
    """Return the end of the last day of a stay as the first moment of the next, aware UTC."""
    return end_of_day(datetime.combine(allowed_until, time(), UTC))


def notice_days(period: Period, at: datetime) -> tuple[date, date] | None:
    """Return the first and the last day on which a stay may have ended of which the State is to be warned at `at` (aware).

    period: NO_EXIT. Both days count; what is due already is before the first. None if there is no such day. Source:
    Regulation (EU) 2017/2226 Article 34 (3).
    """
    first = period.before(at).date() - timedelta(days=7)
    days = (first + timedelta(days=n) for n in range(31 * (WARNING_MONTHS + 1)))
    dues = ((day, period.after(end_of_stay(day))) for day in days)
    found = [day for day, due in dues if warning_from(due) <= at < due]
    return (found[0], found[-1]) if found else None


def stay_due(stay: StayFacts, *, family: bool, periods: Periods) -> Due:
    """Return when a stay with its crossings is to be erased (Article 34 (1), (3), (4))."""
    if stay.exited_at is not None:
        code, start = (RetentionCode.FAMILY if family else RetentionCode.CROSSING), stay.exited_at
    elif family and stay.entered_at is not None:
        code, start = RetentionCode.FAMILY_NO_EXIT, stay.entered_at
    elif stay.allowed_until is not None:
        code, start = RetentionCode.NO_EXIT, stay.allowed_until
    else:  # the State's own nationals: nothing ends their stay
        code, start = RetentionCode.UNLIMITED_STAY, stay.entered_at or datetime.max.replace(tzinfo=UTC)
    return Due(periods[code].after(start), code)


def other_due(other: OtherFacts, *, periods: Periods) -> Due:
    """Return when an inspection without a crossing is to be erased (Article 34 (1) for a refusal)."""
    if other.refused_at is not None:
        return Due(periods[RetentionCode.REFUSAL].after(other.refused_at), RetentionCode.REFUSAL)
    return Due(periods[RetentionCode.UNDECIDED].after(other.opened_at), RetentionCode.UNDECIDED)


def file_due(person: PersonFacts, *, periods: Periods) -> Due:
    """Return when the whole file of a traveller is to be erased (Article 34 (2)): never before its latest record."""
    dues = [stay_due(s, family=person.family, periods=periods) for s in person.stays]
    dues += [other_due(o, periods=periods) for o in person.others]
    events = [s.exited_at for s in person.stays if s.exited_at is not None]
    events += [o.refused_at for o in person.others if o.refused_at is not None]
    if person.latest_at is not None:
        events.append(person.latest_at)
    if events and not person.family:
        dues.append(Due(periods[RetentionCode.FILE].after(max(events)), RetentionCode.FILE))
    elif events:
        dues.append(
            Due(periods[RetentionCode.FAMILY].after(max(events)) + timedelta(days=1), RetentionCode.FILE)
        )
    if not dues:
        return Due(periods[RetentionCode.UNDECIDED].after(person.created_at), RetentionCode.UNDECIDED)
    return max(dues, key=lambda due: due.at)


def warning_from(due: datetime) -> datetime:
    """Return when the State is to be warned that an overstayer's data will be erased (Article 34 (3))."""
    month = due.year * 12 + due.month - 1 - WARNING_MONTHS
    return _on_day(due, month)


def shortest(periods: Periods, codes: Iterable[RetentionCode]) -> Period:
    """Return the shortest of some periods, for asking the database for all that may be due."""
    return min((periods[c] for c in codes), key=lambda p: p.years * 366 + p.months * 31 + p.days)
