"""A streaming replica under deploy/postgresql/bmis.conf: made, caught up, promoted when the primary is killed, nothing lost."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.places import own
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.postgres import SUPERUSER, PostgresServer
from deploy.launcher.processes import Child, run_as

SETTINGS = CHECKOUT / "deploy" / "postgresql" / "bmis.conf"
PATIENCE_S = 60.0
# of this machine, not of a server: everything else is taken from the file as it stands
SMALL = {"shared_buffers": "64MB", "archive_mode": "off", "min_wal_size": "80MB", "max_wal_size": "256MB"}


@dataclass
class Pair:
    primary: PostgresServer
    replica: Child
    replica_port: int

    def connect_to_replica(self) -> psycopg.Connection:
        url = f"postgresql://{SUPERUSER}@{LOOPBACK}:{self.replica_port}/bmis"
        return psycopg.connect(url, autocommit=True, connect_timeout=5)


def run(server: PostgresServer, program: str, *arguments: str | Path) -> None:
    subprocess.run(
        [server.binaries / program, *arguments],
        check=True,
        capture_output=True,
        cwd="/",
        env=server.make_environment(),
        **run_as(server.account),
    )


def wait_until(is_so) -> float:
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < PATIENCE_S
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.fixture
def pair(server_folder: Path) -> Iterator[Pair]:
    primary = PostgresServer(server_folder, server_folder / "primary.log")
    primary.prepare()
    settings = [SETTINGS.read_text(), *(f"{name} = '{value}'" for name, value in SMALL.items())]
    settings.append("synchronous_standby_names = 'ANY 1 (*)'\nsynchronous_commit = local")
    with (primary.data / "postgresql.conf").open("a") as file:
        file.write("\n".join(settings) + "\n")
    primary.start()
    data = server_folder / "replica"
    own(data, primary.account)
    port = pick_free_port()
    replica = None
    try:
        source = f"postgresql://{SUPERUSER}@{LOOPBACK}:{primary.port}/"
        # -R writes what makes it a replica: its primary and the marker standby.signal
        run(
            primary,
            "pg_basebackup",
            "-d",
            source,
            "-D",
            data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-S",
            "replica",
            "-C",
        )
        command = PostgresServer(
            server_folder, server_folder / "replica.log", port=port, account=primary.account
        ).make_command()
        arguments = (*command.arguments[:2], str(data), *command.arguments[3:])
        replica = Child(
            replace(
                command,
                arguments=arguments,
                marker=str(data),
                prepare=lambda: None,
                is_ready=lambda: (
                    "ready" in (data / "postmaster.pid").read_text()
                    if (data / "postmaster.pid").exists()
                    else False
                ),
            )
        ).start()
        replica.wait_until_ready()
        yield Pair(primary, replica, port)
    finally:
        if replica is not None:
            replica.stop()
        primary.stop()
        shutil.rmtree(data, ignore_errors=True)


def test_a_replica_takes_over_with_every_acknowledged_row(pair):
    acknowledged = 0
    with psycopg.connect(pair.primary.url, autocommit=True) as connection:
        assert connection.execute("SHOW log_min_error_statement").fetchone() == ("panic",)
        wait_until(lambda: connection.execute("SELECT count(*) FROM pg_stat_replication").fetchone() == (1,))
        connection.execute("CREATE TABLE crossing (id int PRIMARY KEY)")
        # from here on a commit is acknowledged once the replica has it
        connection.execute("ALTER SYSTEM SET synchronous_commit = 'on'")
        connection.execute("SELECT pg_reload_conf()")
        wait_until(
            lambda: connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone() == ("quorum",)
        )
    with psycopg.connect(pair.primary.url, autocommit=True) as connection:
        wait_until(lambda: connection.execute("SHOW synchronous_commit").fetchone() == ("on",))
        for number in range(500):
            connection.execute("INSERT INTO crossing VALUES (%s)", [number])
            acknowledged += 1
            if number == 250:
                with pair.connect_to_replica() as replica:
                    assert replica.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
                    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                        replica.execute("INSERT INTO crossing VALUES (-1)")
    assert pair.primary.child is not None
    pair.primary.child.kill()
    with pair.connect_to_replica() as replica:
        replica.execute("SELECT pg_promote(wait => true)")
        assert replica.execute("SELECT count(*) FROM crossing").fetchone() == (acknowledged,)
        replica.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        replica.execute("SELECT pg_reload_conf()")
    with pair.connect_to_replica() as replica:
        wait_until(lambda: replica.execute("SHOW synchronous_standby_names").fetchone() == ("",))
        replica.execute("INSERT INTO crossing VALUES (%s)", [acknowledged])
        assert replica.execute("SELECT count(*) FROM crossing").fetchone() == (acknowledged + 1,)
