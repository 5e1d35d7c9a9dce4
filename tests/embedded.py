"""pytest plugin (`-p tests.embedded`): the environment of a test run, and a PostgreSQL of its own for it.

Loaded by -p because Django's settings are read before any conftest.py. The cluster starts only when a
collected test wants a database, so unit tests do not pay for it. With xdist (`-n 2`) each worker has a folder and a
cluster of its own: accounts of a database belong to the whole cluster. Call pytest as `python -m pytest`: the bare
script does not know this folder yet when it loads plugins.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from deploy.launcher.postgres import PostgresServer

DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "django_db_setup",
    "live_server",
}
NOWHERE = (
    "redis://127.0.0.1:1/0"  # a test that publishes gets "connection refused" at once, never a real broker
)
FLOWS = "tests/flows/"
# set beside a DATABASE_URL that is ours, for workers inherit both
EMBEDDED = "BMIS_TEST_DATABASE_EMBEDDED"
SERVER: pytest.StashKey[PostgresServer] = pytest.StashKey()
FOLDER: pytest.StashKey[Path] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the environment before pytest-django reads the settings: wrappers run before all others."""
    folder = Path(tempfile.mkdtemp(prefix="bmis-test-"))
    (folder / "static").mkdir()  # WhiteNoise warns when there is none, and warnings fail
    folder.chmod(0o755)  # the unprivileged account of the server passes through it
    early_config.stash[FOLDER] = folder
    os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder), "BROKER_URL": NOWHERE}
    if not os.environ.get("DATABASE_URL") or os.environ.get(EMBEDDED):
        server = PostgresServer(folder, folder / "postgres.log", durable=False)
        early_config.stash[SERVER] = server
        os.environ |= {"DATABASE_URL": server.url, EMBEDDED: "1"}
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly and any(wants_database(item) for item in session.items):
        start_server(session.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return FilesAndFlows(config, log)


class FilesAndFlows(LoadScopeScheduling):
    """A file at a time to whoever is free, for its fixtures are dear; the flows to one, for each wants the machine to itself."""

    def _split_scope(self, nodeid: str) -> str:
        return FLOWS if nodeid.startswith(FLOWS) else nodeid.partition("::")[0]


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
    folder = config.stash.get(FOLDER, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def wants_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def start_server(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None and server.child is None:
        server.start()
