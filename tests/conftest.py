"""Rules for the whole suite."""

import os
from collections.abc import Generator

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations


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
    """Tables that may never be emptied are emptied between tests all the same."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_unseen(self: DatabaseOperations, statements: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *statements])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_unseen)
        yield
