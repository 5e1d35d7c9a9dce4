"""deploy/pgbouncer/pgbouncer.ini in a real pgbouncer: the application's own connections work through it."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from borders.management.commands.sweep import ADVISORY_LOCK
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
            "host=10.0.0.11 port=5432 dbname=bmis": f"host={LOOPBACK} port={server.port} dbname=bmis user={SUPERUSER}",
            "listen_port = 6432": f"listen_port = {port}",
            # the embedded server trusts whoever stands on loopback
            "auth_type = scram-sha-256": "auth_type = any",
            "auth_file = /etc/pgbouncer/userlist.txt\n": "",
            "/var/log/postgresql/": f"{folder}/",
            "/run/postgresql/": f"{folder}/",
        }.items():
            assert there in text, there
            text = text.replace(there, here)
        (folder / "pgbouncer.ini").write_text(text)
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
