"""Periods after Regulation (EU) 2017/2226 Article 34, over virtual time from 0 to 6 years."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.core.retention import (
    DEFAULTS,
    STARTS,
    OtherFacts,
    Period,
    PersonFacts,
    RetentionCode,
    StayFacts,
    end_of_stay,
    file_due,
    notice_days,
    other_due,
    stay_due,
    warning_from,
)

ID = UUID(int=1)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, 9, tzinfo=UTC)


ENTERED, LEFT = day(2023, 1, 10), day(2023, 2, 20)
ENDS = day(2023, 4, 10)


@pytest.mark.parametrize(
    ("stay", "family", "due", "code"),
    [
        (StayFacts(ID, (), ENTERED, LEFT, ENDS), False, day(2026, 2, 20), "CROSSING"),
        (StayFacts(ID, (), None, LEFT), False, day(2026, 2, 20), "CROSSING"),
        (StayFacts(ID, (), ENTERED, None, ENDS), False, day(2028, 4, 10), "NO_EXIT"),
        (StayFacts(ID, (), ENTERED, LEFT, ENDS), True, day(2024, 2, 20), "FAMILY"),
        (StayFacts(ID, (), ENTERED, None, ENDS), True, day(2028, 1, 10), "FAMILY_NO_EXIT"),
        (StayFacts(ID, (), ENTERED, None, None), False, day(2026, 1, 10), "UNLIMITED_STAY"),
    ],
)
def test_a_stay_is_due_when_its_period_is_over(stay, family, due, code):
    found = stay_due(stay, family=family, periods=DEFAULTS)
    assert (found.at, found.code) == (due, code)


@pytest.mark.parametrize(
    ("refused_at", "due", "code"),
    [(day(2023, 5, 1), day(2026, 5, 1), "REFUSAL"), (None, day(2024, 4, 30), "UNDECIDED")],
)
def test_an_inspection_without_a_crossing_is_due_after_the_refusal_or_a_year(refused_at, due, code):
    found = other_due(OtherFacts(ID, day(2023, 4, 30), refused_at), periods=DEFAULTS)
    assert (found.at, found.code) == (due, code)


CLOSED = StayFacts(ID, (), ENTERED, LEFT, ENDS)
OPEN = StayFacts(ID, (), ENTERED, None, ENDS)


@pytest.mark.parametrize(
    ("person", "due"),
    [
        (PersonFacts(ENTERED, (CLOSED,)), day(2026, 2, 21)),
        (
            PersonFacts(ENTERED, (CLOSED,), (OtherFacts(ID, day(2025, 1, 1), day(2025, 1, 2)),)),
            day(2028, 1, 3),
        ),
        (PersonFacts(ENTERED, (CLOSED, OPEN)), day(2028, 4, 10)),
        (PersonFacts(ENTERED, (CLOSED,), family=True), day(2024, 2, 21)),
        (PersonFacts(ENTERED, (), latest_at=LEFT), day(2026, 2, 21)),
        (PersonFacts(ENTERED), day(2024, 1, 10)),
    ],
)
def test_a_file_is_due_a_day_after_its_latest_record(person, due):
    assert file_due(person, periods=DEFAULTS).at == due


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period(years=3), day(2024, 2, 29), day(2027, 2, 28)),
        (Period(years=4), day(2024, 2, 29), day(2028, 2, 29)),
        (Period(months=1), day(2023, 1, 31), day(2023, 2, 28)),
        (Period(years=3, days=1), day(2023, 12, 31), day(2027, 1, 1)),
    ],
)
def test_a_period_is_of_the_calendar(period, start, end):
    assert period.after(start) == end


@given(
    st.integers(0, 6),
    st.integers(0, 11),
    st.integers(0, 400),
    st.integers(0, 5500).map(lambda n: day(2020, 1, 1) + timedelta(days=n)),
)
def test_what_is_due_was_asked_of_the_database(years, months, days, end):
    if not (years or months or days):
        return
    period = Period(years, months, days)
    asked = period.before(end)
    assert period.after(asked + timedelta(seconds=1)) > end
    assert period.after(asked - timedelta(days=8)) <= end


def test_no_period_is_empty():
    with pytest.raises(ValueError, match="longer than nothing"):
        Period()


def test_the_warning_comes_three_months_before():
    assert warning_from(day(2028, 4, 10)) == day(2028, 1, 10)


def test_every_class_has_a_start_and_all_but_images_a_default():
    assert set(STARTS) == set(RetentionCode)
    assert set(RetentionCode) - set(DEFAULTS) == {RetentionCode.IMAGES}


@pytest.mark.parametrize("period", [Period(years=5), Period(years=2, months=6), Period(days=400)])
@pytest.mark.parametrize("day", [0, 59, 60, 100, 364])
def test_days_to_warn_of_are_those_whose_stays_are_warned_of_and_not_yet_due(period, day):
    at = datetime(2028, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    days = [at.date() - timedelta(days=n) for n in range(2200)]
    dues = {d: period.after(end_of_stay(d)) for d in days}
    asked = [d for d, due in dues.items() if warning_from(due) <= at < due]
    assert notice_days(period, at) == (min(asked), max(asked))
