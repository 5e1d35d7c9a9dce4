"""The loss of a database host, and what a restore brings back: size = crossings in the database.

Base backup, then rows acknowledged one after the other until the server is killed and its disk is gone. Put back at another place
with `manage.py restore_backup`, replay the archived log, count. RPO: seconds between the latest row acknowledged and the
latest restored. RTO: seconds from the loss until the restored server answers. Lost: what is missing before the latest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psycopg

from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.postgres import PostgresServer
from tests.torture.report import Outcome

RPO_S, RTO_S = 300.0, 1800.0
# the whole drill writes for longer than a segment of the log may stay open (archive_timeout, five minutes)
WHOLE = 1_000_000
WRITE_S, WRITE_WHOLE_S = 75.0, 420.0
PAUSE_S = 0.2


def run(*, seed: int, size: int) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix="bmis-drill-"))
    elsewhere = Path(tempfile.mkdtemp(prefix="bmis-drill-"))
    for place in (folder, elsewhere):
        place.chmod(0o755)
    (folder / "static").mkdir()
    server = PostgresServer(folder, folder / "postgres.log")
    restored = None
    try:
        server.start()
        fill(folder, server, size)
        begun = time.monotonic()
        manage(folder, server, "backup")
        backup_s = time.monotonic() - begun
        acknowledged = write_rows(server, WRITE_WHOLE_S if size >= WHOLE else WRITE_S)
        assert server.child is not None
        server.child.kill()
        lost_at = time.monotonic()
        shutil.rmtree(server.data)
        owner = ("--owner", server.account.pw_name) if server.account else ()
        places = ("--data", str(elsewhere / "postgres"), "--images", str(elsewhere / "images"))
        manage(folder, server, "restore_backup", *places, *owner)
        restored = PostgresServer(elsewhere, elsewhere / "postgres.log")
        restored.start()
        with psycopg.connect(restored.url, autocommit=True) as connection:
            while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                time.sleep(0.1)
            rto_s = time.monotonic() - lost_at
            crossings = count(connection, "SELECT count(*) FROM borders_crossing")
            kept = {int(name) for (name,) in connection.execute("SELECT name FROM auth_group").fetchall()}
    finally:
        if restored is not None:
            restored.stop()
        server.stop()
        for place in (folder, elsewhere):
            shutil.rmtree(place, ignore_errors=True)
    latest_kept = max(kept, default=-1)
    # nothing but the base backup: all since then is gone
    rpo_s = (acknowledged[-1] - acknowledged[max(latest_kept, 0)]).total_seconds()
    holes = sum(number not in kept for number in range(latest_kept + 1))
    lost = size - crossings + holes
    faults = [f"{lost} lost"] if lost else []
    if rpo_s > RPO_S:
        faults.append(f"RPO {rpo_s:.0f} s")
    if rto_s > RTO_S:
        faults.append(f"RTO {rto_s:.0f} s")
    return Outcome(
        campaign="restore",
        size=f"{size} crossings",
        seed=seed,
        lost=lost,
        doubled=0,
        found=f"RPO {rpo_s:.1f} s, RTO {rto_s:.1f} s",
        faults=tuple(faults),
        notes=(
            f"backup {backup_s:.1f} s; {len(kept)} of {len(acknowledged)} rows written after it are back",
        ),
    )


def count(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return int(row[0])


def environment_of(folder: Path, server: PostgresServer) -> dict[str, str]:
    return os.environ | {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder), "DATABASE_URL": server.url}


def manage(folder: Path, server: PostgresServer, *arguments: str) -> None:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
    said = subprocess.run(command, env=environment_of(folder, server), capture_output=True, text=True)
    if said.returncode:
        raise RuntimeError(
            f"{arguments[0]} ended with {said.returncode}: {said.stdout[-800:]} {said.stderr[-800:]}"
        )


def fill(folder: Path, server: PostgresServer, size: int) -> None:
    """Make the tables and so many crossings."""
    code = (
        "import django, sys; django.setup();"
        " from rich.console import Console; from tests.bench import record_data;"
        f" record_data.fill(crossings={size}, console=Console(stderr=True))"
    )
    environment = environment_of(folder, server) | {"DJANGO_SETTINGS_MODULE": "deploy.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=environment, check=True)


def write_rows(server: PostgresServer, seconds: float) -> list[datetime]:
    """Write one small row after the other for so long; return when each was acknowledged."""
    acknowledged = []
    end = time.monotonic() + seconds
    with psycopg.connect(server.url, autocommit=True) as connection:
        while time.monotonic() < end:
            row = connection.execute(
                "INSERT INTO auth_group (name) VALUES (%s) RETURNING clock_timestamp()",
                [str(len(acknowledged))],
            ).fetchone()
            assert row is not None
            acknowledged.append(row[0])
            time.sleep(PAUSE_S)
    return acknowledged
