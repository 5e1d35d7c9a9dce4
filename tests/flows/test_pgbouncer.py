"""deploy/pgbouncer/pgbouncer.ini in a real pgbouncer: the application's own connections work through it."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from borders.management.commands.sweep import ADVISORY_LOCK
from deploy.launcher.accounts import APPLICATION, READER
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.postgres import SUPERUSER, PostgresServer
from deploy.launcher.processes import run_as

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = CHECKOUT / "deploy" / "pgbouncer" / "pgbouncer.ini"


@pytest.fixture(scope="module")
def pooled_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database behind pgbouncer."""
    if PGBOUNCER is None:
        pytest.skip("needs Debian's package pgbouncer")

    with tempfile.TemporaryDirectory(prefix="bmis-pool-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        server = PostgresServer(folder, folder / "postgres.log", durable=False)
        server.start()
        port = pick_free_port()
        text = CONFIGURATION.read_text()
        for there, here in {
            "host=10.0.0.11 port=5432 dbname=bmis": f"host={LOOPBACK} port={server.port} dbname=bmis",
            "listen_port = 6432": f"listen_port = {port}",
            # the embedded server trusts whoever stands on loopback
            "auth_type = scram-sha-256": "auth_type = trust",
            "/etc/pgbouncer/userlist.txt": f"{folder}/userlist.txt",
            "/var/log/postgresql/": f"{folder}/",
            "/run/postgresql/": f"{folder}/",
        }.items():
            assert there in text, there
            text = text.replace(there, here)
        (folder / "pgbouncer.ini").write_text(text)
        (folder / "userlist.txt").write_text("".join(f'"{name}" ""\n' for name in (SUPERUSER, APPLICATION)))
        process = subprocess.Popen(
            [PGBOUNCER, folder / "pgbouncer.ini"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **run_as(server.account),
        )
        url = f"postgresql://{SUPERUSER}@{LOOPBACK}:{port}/bmis"
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    psycopg.connect(url, connect_timeout=2).close()
                    break
                except psycopg.OperationalError:
                    log = folder / "pgbouncer.log"
                    assert time.monotonic() < deadline, log.read_text() if log.exists() else "no log"
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait(10)
            server.stop()


def test_statements_with_parameters_and_transactions_pass(pooled_url):
    with psycopg.connect(pooled_url) as connection:
        connection.execute("CREATE TABLE pooled (id int PRIMARY KEY)")
        connection.execute("INSERT INTO pooled VALUES (%s)", [1])
        connection.rollback()
        assert connection.execute("SELECT to_regclass('pooled')").fetchone() == (None,)


# what the application does with its own settings: as a process, as a person's look, and as a process again
LOOKS = """
import json
import uuid
import django
django.setup()
from django.db import connection
from audit.core.actor import Actor, Role
from borders.services.account_checks import check_accounts
from borders.services.row_guard import guarded

def ask(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]

def count():
    return ask("SELECT count(*) FROM looked_at")

found = {"checks": [check.id for check in check_accounts()]}
found |= {"user": ask("SELECT current_user"), "plans": ask("SHOW plan_cache_mode"), "process": count()}
for port in (1, 2):
    port_id = uuid.UUID(int=port)
    actor = Actor("UT-0001", port_ids=frozenset({port_id}), roles=frozenset({Role.OFFICER}))
    with guarded(actor=actor):
        found[f"port {port}"] = count()
found["after"] = count()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def guarded_url(pooled_url: str) -> str:
    """The same, with a table under the row policies of migration 0010: one row of a port, two of another."""
    guard = importlib.import_module("borders.migrations.0010_guard_rows_by_role")
    with psycopg.connect(pooled_url) as connection:
        connection.execute(guard.FUNCTIONS)
        connection.execute("CREATE TABLE borders_portofentry (id uuid PRIMARY KEY, country_id text)")
        connection.execute("CREATE TABLE looked_at (port_id uuid)")
        connection.execute(
            "ALTER TABLE looked_at ENABLE ROW LEVEL SECURITY; ALTER TABLE looked_at FORCE ROW LEVEL SECURITY;"
            f" CREATE POLICY bmis_reach ON looked_at USING ({guard.WIDE} OR port_id = {guard.AT_PORT})"
        )
        connection.execute(f"GRANT SELECT ON borders_portofentry, looked_at TO {APPLICATION}, {READER}")
        for port in (1, 2, 2):
            connection.execute("INSERT INTO looked_at VALUES (%s)", [uuid.UUID(int=port)])
    return pooled_url


def test_the_application_reads_its_rows_under_row_level_security(guarded_url):
    assert look_through(guarded_url) == {
        "user": APPLICATION,
        "plans": "force_generic_plan",
        "process": 3,
        "port 1": 1,
        "port 2": 2,
        "after": 3,
        "checks": [],
    }


def test_the_deployment_check_names_a_role_that_would_see_nothing(guarded_url):
    with psycopg.connect(guarded_url, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {APPLICATION} IN DATABASE bmis SET bmis.scope = ''")
        # sessions of before keep what they began with
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [APPLICATION]
        )
    found = look_through(guarded_url)
    assert found["process"] == 0
    assert found["checks"] == ["borders.E004"]


def look_through(pooled_url: str) -> dict[str, object]:
    """Return what LOOKS found with the settings of the application, which asks for its options as it connects."""
    said = subprocess.run(
        [sys.executable, "-c", LOOKS],
        cwd=CHECKOUT,
        env=os.environ
        | {
            "DATABASE_URL": pooled_url.replace(f"//{SUPERUSER}@", f"//{APPLICATION}@"),
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "ROW_GUARD": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_the_sweep_keeps_its_lock(pooled_url):
    with (
        psycopg.connect(pooled_url, autocommit=True) as first,
        psycopg.connect(pooled_url, autocommit=True) as second,
    ):
        assert first.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone() == (True,)
        for _ in range(5):
            assert second.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone() == (False,)


def test_more_clients_than_connections_are_served(pooled_url):
    answers: list[int] = []

    def ask() -> None:
        with psycopg.connect(pooled_url) as connection:
            answers.append(connection.execute("SELECT 1").fetchone()[0])  # type: ignore[index]

    threads = [threading.Thread(target=ask) for _ in range(120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1] * 120
