"""Crossings lie in one partition a month; those that came before their partition move into it."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from audit.core.actor import system_actor
from audit.models import AuditEntry
from borders.models import Crossing
from borders.services.decisions import decide
from borders.services.partitions import ensure_partitions, month_starts

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")


def where(crossing: Crossing) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM borders_crossing WHERE id = %s", [crossing.id])
        return cursor.fetchone()[0]


@pytest.fixture
def crossing(ready, outcomes, alice_here, at) -> Crossing:
    outcomes({})
    decide(actor=alice_here, at=at, inspection_id=ready().id, outcome="CLEARED")
    return Crossing.objects.get()


def test_months_run_over_the_year() -> None:
    at = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert month_starts(at=at, months_ahead=1) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]


def test_partitions_are_made_once(at) -> None:
    names = ["borders_crossing_2026_11", "borders_crossing_2026_12", "borders_crossing_2027_01"]
    assert ensure_partitions(actor=ACTOR, at=at, months_ahead=2) == names
    assert ensure_partitions(actor=ACTOR, at=at, months_ahead=2) == []
    assert AuditEntry.objects.filter(action="partitions.made").count() == 1


def test_crossings_move_out_of_the_default_partition(crossing, at) -> None:
    assert where(crossing) == "borders_crossing_default"
    ensure_partitions(actor=ACTOR, at=at, months_ahead=0)
    assert where(crossing) == "borders_crossing_2026_11"
    assert Crossing.objects.get() == crossing


@pytest.mark.parametrize("made", [False, True], ids=["default partition", "own partition"])
def test_a_crossing_is_never_changed_wherever_it_lies(crossing, at, made: bool) -> None:
    if made:
        ensure_partitions(actor=ACTOR, at=at, months_ahead=0)
    for statement in ("UPDATE borders_crossing SET direction = 'EXIT'", "DELETE FROM borders_crossing"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Crossing.objects.get().direction == "ENTRY"


def test_after_the_move_the_default_partition_is_append_only_again(crossing, ready, alice_here, at) -> None:
    ensure_partitions(actor=ACTOR, at=at, months_ahead=0)
    later = at.replace(year=2027)
    decide(actor=alice_here, at=later, inspection_id=ready(when=later).id, outcome="CLEARED", reason="x")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM borders_crossing_default")
    assert Crossing.objects.count() == 2
