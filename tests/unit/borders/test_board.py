"""What the live board makes of rows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.core.board import (
    Link,
    count_by_hour,
    link_of,
    midnight_of,
    nearest_rank,
    tell_failures,
    time_steps,
)

AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def test_every_hour_up_to_now_has_its_row() -> None:
    hours = count_by_hour({(3, "ENTRY"): 7, (3, "EXIT"): 2, (14, "EXIT"): 1}, until_hour=14)
    assert [h.hour for h in hours] == list(range(15))
    assert (hours[3].entries, hours[3].exits) == (7, 2)
    assert (hours[4].entries, hours[4].exits) == (0, 0)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0], 0.5, 1.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([1.0, 2.0], 0.95, 2.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
    ],
)
def test_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert nearest_rank(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.01, 1))
def test_nearest_rank_is_not_exceeded_by_its_share(values: list[float], share: float) -> None:
    found = nearest_rank(sorted(values), share)
    assert sum(v <= found for v in values) >= share * len(values) - 1e-9


def test_nearest_rank_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs values"):
        nearest_rank([], 0.5)


def test_steps_stand_in_their_order_with_those_that_failed() -> None:
    rows = [("SCREEN", "DONE", 4.0), ("READ", "DONE", 100.0), ("READ", "FAILED", 300.0), ("ODD", "DONE", 1.0)]
    timed = time_steps(rows, order=["READ", "SCREEN"])
    assert [(t.step, t.count, t.failed, t.p50_ms, t.p95_ms) for t in timed] == [
        ("READ", 2, 1, 100.0, 300.0),
        ("SCREEN", 1, 0, 4.0, 4.0),
        ("ODD", 1, 0, 1.0, 1.0),
    ]


def test_the_most_frequent_failure_comes_first() -> None:
    told = tell_failures("Face", tried=10, reasons={"too_dark": 1, "not_taken": 3, "never": 0})
    assert told.reasons == (("not_taken", 3), ("too_dark", 1))
    assert told.failed == 4


@pytest.mark.parametrize(
    ("active", "signed_in", "locked", "minutes", "expected"),
    [
        (False, True, False, 0, Link.CLOSED),
        (True, False, False, 0, Link.SIGNED_OUT),
        (True, True, True, 0, Link.LOCKED),
        (True, True, False, 10, Link.WORKING),
        (True, True, False, 11, Link.QUIET),
        (True, True, False, None, Link.QUIET),
    ],
)
def test_link_of_a_booth(
    active: bool, signed_in: bool, locked: bool, minutes: int | None, expected: Link
) -> None:
    latest = AT - timedelta(minutes=minutes) if minutes is not None else None
    assert link_of(active=active, signed_in=signed_in, locked=locked, latest_act_at=latest, at=AT) is expected


def test_midnight_is_that_of_utc() -> None:
    assert midnight_of(AT) == datetime(2026, 11, 20, tzinfo=UTC)
