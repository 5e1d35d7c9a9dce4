"""Rules for the whole suite."""

import os
from collections.abc import Generator

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg import sql
from pytest_django import DjangoDbBlocker

# filled anew by Django itself after each flush, or not flushed
OF_DJANGO = ("auth_permission", "django_content_type", "django_migrations")
PUT_BACK: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a browser test that was skipped was not done, and that is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"A browser test may not be skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_triggers() -> Generator[None]:
    """Tables that may never be emptied are emptied between tests all the same, and what migrations deliver is put back."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_unseen(self: DatabaseOperations, statements: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *statements, *PUT_BACK])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_unseen)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Keep what migrations deliver: files of tests come in any order, and one that flushes must not take it from the next."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - set(OF_DJANGO):
            cursor.execute(f"SELECT jsonb_agg(delivered)::text FROM {table} AS delivered")
            rows = cursor.fetchone()[0]
            if rows is not None:
                values = f"jsonb_populate_recordset(NULL::{table}, {sql.Literal(rows).as_string()})"
                PUT_BACK.append(f"INSERT INTO {table} SELECT * FROM {values}")
