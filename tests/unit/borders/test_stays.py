"""Entries and exits pair into stays; an end without its other end stays visible."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.core.stays import (
    Act,
    OpenStay,
    Pairing,
    days_over,
    latest_day,
    pair_entry,
    pair_exit,
)
from borders.models import Stay

ENTERED = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)
OPEN = OpenStay(ENTERED, date(2026, 11, 29))
LATER = ENTERED + timedelta(days=10)
EARLIER = ENTERED - timedelta(days=10)
MOMENTS = st.integers(0, 10**9).map(lambda s: ENTERED + timedelta(seconds=s - 5 * 10**8))


@pytest.mark.parametrize(
    ("open_stay", "at", "expected"),
    [
        (None, LATER, Pairing(Act.OPEN, date(2026, 9, 20))),
        (OPEN, LATER, Pairing(Act.REOPEN, date(2026, 9, 20))),
        (OPEN, ENTERED, Pairing(Act.REOPEN, date(2026, 9, 10))),
        (OPEN, EARLIER, Pairing(Act.RECORD_ENTRY, date(2026, 8, 31), "EXIT_MISSING")),
    ],
    ids=["first entry", "entry while open", "at the same time", "record that came late"],
)
def test_entries(open_stay: OpenStay | None, at: datetime, expected: Pairing) -> None:
    assert pair_entry(open_stay=open_stay, at=at, days=10) == expected


@pytest.mark.parametrize(
    ("open_stay", "at", "expected"),
    [
        (OPEN, LATER, Pairing(Act.CLOSE)),
        (OPEN, ENTERED, Pairing(Act.CLOSE)),
        (None, LATER, Pairing(Act.RECORD_EXIT, anomaly="ENTRY_MISSING")),
        (OPEN, EARLIER, Pairing(Act.RECORD_EXIT, anomaly="ENTRY_MISSING")),
    ],
    ids=["exit", "at the same time", "exit without entry", "record that came late"],
)
def test_exits(open_stay: OpenStay | None, at: datetime, expected: Pairing) -> None:
    assert pair_exit(open_stay=open_stay, at=at) == expected


def test_own_nationals_have_no_limit() -> None:
    assert pair_entry(open_stay=None, at=LATER, days=None) == Pairing(Act.OPEN, None)


@pytest.mark.parametrize(
    ("days", "until"), [(1, date(2026, 9, 1)), (90, date(2026, 11, 29)), (0, date(2026, 9, 1)), (None, None)]
)
def test_the_day_of_entry_is_the_first_day_of_the_stay(days: int | None, until: date | None) -> None:
    assert latest_day(entered_at=ENTERED, days=days) == until


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (datetime(2026, 11, 29, 23, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 30, 0, 0, tzinfo=UTC), 1),
        (datetime(2027, 1, 8, 9, 0, tzinfo=UTC), 40),
    ],
)
def test_overstay_is_counted_in_days(at: datetime, days: int) -> None:
    assert days_over(allowed_until=OPEN.allowed_until, at=at) == days
    assert days_over(allowed_until=None, at=at) == 0


def test_anomalies_are_stored_with_the_words_of_the_rules() -> None:
    assert set(Stay.Anomaly.values) == {"EXIT_MISSING", "ENTRY_MISSING"}


@given(st.none() | st.builds(OpenStay, MOMENTS, st.none()), MOMENTS)
def test_an_exit_never_closes_a_stay_that_begins_after_it(open_stay: OpenStay | None, at: datetime) -> None:
    pairing = pair_exit(open_stay=open_stay, at=at)
    assert (pairing.act is Act.CLOSE) == (open_stay is not None and at >= open_stay.entered_at)


@given(st.none() | st.builds(OpenStay, MOMENTS, st.none()), MOMENTS)
def test_after_an_entry_exactly_one_stay_is_open(open_stay: OpenStay | None, at: datetime) -> None:
    act = pair_entry(open_stay=open_stay, at=at, days=30).act
    left = 0 if open_stay is None or act is Act.REOPEN else 1
    opened = 1 if act in (Act.OPEN, Act.REOPEN) else 0
    assert left + opened == 1
