"""Two-digit years against the time of capture."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.mrz.dates import DateRule, MrzDate, resolve_birth_date, resolve_expiry_date

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected", "reason"),
    [
        ("740812", date(1974, 8, 12), "not yet reached in this century"),
        ("261122", date(2026, 11, 22), "born on the day of capture"),
        ("261123", date(1926, 11, 23), "a day later is a century earlier"),
        ("000229", date(2000, 2, 29), "a leap day that exists"),
        ("010229", None, "a leap day that no century has"),
        ("741312", None, "month 13"),
        ("740832", None, "day 32"),
        ("740800", None, "day not known"),
    ],
)
def test_birth_is_in_the_latest_century_not_after_capture(
    raw: str, expected: date | None, reason: str
) -> None:
    assert resolve_birth_date(raw, AT).date == expected, reason


def test_a_child_and_a_person_over_a_hundred_cannot_be_told_apart() -> None:
    assert resolve_birth_date("200101", AT).ambiguous
    assert not resolve_birth_date("740812", AT).ambiguous


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("120415", date(2012, 4, 15)),
        ("360101", date(2036, 1, 1)),
        ("761231", date(2076, 12, 31)),
        ("770101", date(1977, 1, 1)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_expiry_lies_in_a_window_around_capture(raw: str, expected: date) -> None:
    resolved = resolve_expiry_date(raw, AT)
    assert resolved.date == expected
    assert resolved.rule is DateRule.WINDOW_AROUND_CAPTURE


@given(st.text("0123456789<", min_size=6, max_size=6), st.integers(0, 36500))
def test_any_six_cells_resolve_and_keep_what_was_printed(raw: str, days: int) -> None:
    at = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(days=days)
    for resolved in (resolve_birth_date(raw, at), resolve_expiry_date(raw, at)):
        assert isinstance(resolved, MrzDate)
        assert resolved.raw == raw
        assert (resolved.date is None) == (resolved.rule in (DateRule.UNKNOWN, DateRule.INVALID))
    birth = resolve_birth_date(raw, at).date
    assert birth is None or birth <= at.date()
