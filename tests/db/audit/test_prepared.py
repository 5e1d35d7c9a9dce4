"""Queries, updates and rows that keep their text do what Django's own would."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from audit.core.actor import Actor
from audit.models import AuditEntry, Heartbeat, new_id
from audit.queries import prepared
from audit.queries.prepared import PreparedQuery, PreparedUpdate, prepared_statements
from audit.services import gathered_trail, one_act, record, store_rows

pytestmark = pytest.mark.django_db
SOMEBODY = Actor(label="UT-0001")


def write(at, action: str, object_id: str = "1") -> None:
    record(actor=SOMEBODY, at=at, action=action, object_type="thing", object_id=object_id, detail={"a": [1]})


def test_a_prepared_query_finds_what_the_query_finds(at) -> None:
    for number in range(3):
        write(at + timedelta(seconds=number), "thing.made", str(number % 2))
    query = PreparedQuery(
        lambda object_id, at: (
            AuditEntry.objects.select_related("actor")
            .annotate(twice=F("object_id"))
            .filter(object_id=object_id, at__gte=at, action="thing.made")
            .order_by("at")
        ),
        object_id=str,
        at=type(at),
    )
    for asked, since in (("0", at), ("1", at), ("0", at + timedelta(seconds=1)), ("7", at)):
        plain = list(AuditEntry.objects.filter(object_id=asked, at__gte=since).order_by("at"))
        found = query.all(object_id=asked, at=since)
        assert found == plain
        assert [row.detail for row in found] == [row.detail for row in plain]
        assert all(row.twice == asked and row.actor is None for row in found)
    assert query.first(object_id="7", at=at) is None


def test_a_value_that_stands_nowhere_is_a_mistake() -> None:
    query = PreparedQuery(lambda id: AuditEntry.objects.all(), id=UUID)
    with pytest.raises(ValueError, match="does not stand"):
        query.all(id=uuid4())


def test_a_prepared_update_changes_what_its_condition_holds(at) -> None:
    Heartbeat.objects.create(name="one", beaten_at=at)
    update = PreparedUpdate(
        lambda name, at, new: (Heartbeat.objects.filter(name=name, beaten_at=at), {"beaten_at": new}),
        name=str,
        at=type(at),
        new=type(at),
    )
    later = at + timedelta(seconds=1)
    assert update.run(name="one", at=at, new=later) == 1
    assert update.run(name="one", at=at, new=later) == 0
    assert Heartbeat.objects.get().beaten_at == later


def test_every_number_makes_a_time_that_stands_in(at, monkeypatch) -> None:
    # the seconds of a 29 February, which few years have
    monkeypatch.setattr(prepared.uuid, "uuid4", lambda: UUID(int=68_212_800))
    query = PreparedQuery(lambda at: AuditEntry.objects.filter(at=at), at=type(at))
    assert query.all(at=at) == []


def test_statements_become_prepared_ones_within_and_only_there() -> None:
    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%audit_heartbeat%%'"
            )
            return cursor.fetchone()[0]

    for _ in range(4):
        list(Heartbeat.objects.filter(name="outside"))
    before = count()
    with prepared_statements(), prepared_statements():
        for _ in range(4):
            list(Heartbeat.objects.filter(name="within"))
    assert count() == before + 1
    for _ in range(4):
        list(Heartbeat.objects.filter(name="outside again"))
    assert count() == before + 1


def test_gathered_rows_are_those_that_would_have_been_written(at) -> None:
    write(at, "thing.made")
    with gathered_trail():
        write(at, "thing.made")
        assert AuditEntry.objects.count() == 1
    one, other = AuditEntry.objects.order_by("id").values()
    assert {**one, "id": None} == {**other, "id": None}


def test_gathered_rows_are_written_in_one_statement(at, django_assert_num_queries) -> None:
    with django_assert_num_queries(1), gathered_trail():
        for number in range(5):
            write(at, "thing.made", str(number))
    assert list(AuditEntry.objects.order_by("id").values_list("object_id", flat=True)) == list("01234")


def test_an_act_that_is_undone_leaves_no_row_among_the_gathered(at) -> None:
    def undo() -> None:
        with transaction.atomic(), gathered_trail():
            write(at, "thing.undone")
            raise ValueError("undone")

    with gathered_trail():
        write(at, "thing.made")
        with pytest.raises(ValueError, match="undone"):
            undo()
    assert AuditEntry.objects.get().action == "thing.made"


def test_an_act_within_an_act_has_no_savepoint_of_its_own(at, django_assert_num_queries) -> None:
    # the savepoint of the outer one, because a test is a transaction already, and one statement for both rows
    with django_assert_num_queries(3), one_act():
        write(at, "thing.made")
        with one_act():
            write(at, "thing.changed")
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "thing.made",
        "thing.changed",
    ]


def test_what_is_raised_in_an_inner_act_undoes_the_outer_one(at) -> None:
    def act() -> None:
        with one_act():
            Heartbeat.objects.create(name="outer", beaten_at=at)
            write(at, "thing.made")
            with one_act():
                raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        act()
    assert not Heartbeat.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_failed_row_fails_the_act(at) -> None:
    @transaction.atomic
    def act() -> None:
        Heartbeat.objects.create(name="act", beaten_at=at)
        with gathered_trail():
            record(actor=Actor(label="x", user_id=-1), at=at, action="a", object_type="b", object_id="c")
        connection.check_constraints()

    with pytest.raises(IntegrityError):
        act()
    assert not Heartbeat.objects.exists()


def test_rows_are_stored_as_they_are_given(at) -> None:
    rows = [{"name": f"é\u2028{n}", "beaten_at": at} for n in range(3)]
    store_rows(Heartbeat, rows)
    assert list(Heartbeat.objects.order_by("name").values("name", "beaten_at")) == rows
    store_rows(Heartbeat, [])


@pytest.mark.parametrize("row", [{"name": "a"}, {"name": "a", "beaten_at": None, "more": 1}])
def test_a_row_that_is_not_whole_is_refused(row) -> None:
    with pytest.raises(ValueError, match="not the columns"):
        store_rows(Heartbeat, [row])


def test_what_json_does_not_know_is_refused(at) -> None:
    with pytest.raises(TypeError):
        store_rows(Heartbeat, [{"name": object(), "beaten_at": at}])


def test_ids_rise_in_the_order_of_the_rows() -> None:
    made = [new_id() for _ in range(100)]
    assert made == sorted(made)
