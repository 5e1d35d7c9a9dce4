"""Statements sent straight to the server answer, fail and are forgotten as those of Django's cursors."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.transaction import TransactionManagementError

from audit.models import Heartbeat
from audit.queries import direct
from audit.queries.direct import DirectCursor, direct_cursor
from audit.queries.prepared import path_cursor, prepared_statements
from audit.services.storing import store, store_unless_known

pytestmark = pytest.mark.django_db


def ask(statement: str, values=()) -> list:
    with prepared_statements(), path_cursor() as cursor:
        assert isinstance(cursor, DirectCursor)
        cursor.execute(statement, values)
        return cursor.fetchall()


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT %s::int + 1, '100%%', NULL", [1]),
        ("SELECT %(a)s::text || %(b)s::text, %(a)s::text", {"b": "é", "a": "x"}),
        ("SELECT %s::uuid, %s::timestamptz, %s::jsonb", [uuid4(), None, '{"a": [1]}']),
        ("SELECT unnest(%s::uuid[])", [[uuid4(), uuid4()]]),
        ("SELECT 1 WHERE false", ()),
    ],
)
def test_rows_are_those_of_djangos_cursor(statement, values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        usual = cursor.fetchall()
    assert [ask(statement, values) for _ in range(3)] == [usual] * 3


def test_values_by_name_and_by_position_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="by name and by position"):
        ask("SELECT %s, %(a)s", {"a": 1})


def test_statements_live_on_after_a_rollback(at) -> None:
    def count() -> int:
        return ask("SELECT count(*) FROM audit_heartbeat WHERE name = %s", ["one"])[0][0]

    assert count() == 0
    for _ in range(2):
        savepoint = transaction.savepoint()
        store(Heartbeat(name="one", beaten_at=at))
        assert count() == 1
        transaction.savepoint_rollback(savepoint)
        assert count() == 0


def test_errors_are_djangos_and_break_the_transaction(at) -> None:
    with prepared_statements(), transaction.atomic():
        store(Heartbeat(name="one", beaten_at=at))
        with pytest.raises(IntegrityError), transaction.atomic():
            store(Heartbeat(name="one", beaten_at=at))
        assert Heartbeat.objects.count() == 1
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            ask("SELECT 1")
        transaction.set_rollback(False)


def test_no_more_statements_are_prepared_than_are_kept(monkeypatch) -> None:
    monkeypatch.setattr(direct, "MOST_PREPARED", 0)
    assert ask("SELECT %s::int + 41", [1]) == [(42,)]


def test_logged_and_pooled_statements_go_the_usual_way(monkeypatch, django_assert_num_queries) -> None:
    wrapper = connections["default"]
    with django_assert_num_queries(0):
        assert direct_cursor(wrapper) is None
    with wrapper.execute_wrapper(lambda execute, *given: execute(*given)):
        assert direct_cursor(wrapper) is None
    assert direct_cursor(wrapper) is not None
    monkeypatch.setattr(wrapper, "direct_cursor", None)
    monkeypatch.setattr(wrapper.connection, "prepare_threshold", None)
    assert direct_cursor(wrapper) is None


@pytest.mark.parametrize("within", [True, False])
def test_what_is_known_is_not_stored_again(at, within: bool) -> None:
    def tell() -> list[bool]:
        return [store_unless_known(Heartbeat(name="one", beaten_at=at), by=("name",)) for _ in range(2)]

    if within:
        with prepared_statements():
            assert tell() == [True, False]
    else:
        assert tell() == [True, False]
    assert Heartbeat.objects.count() == 1
