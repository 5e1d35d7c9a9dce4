"""Back up and restore a database of past crossings: `python -m tests.bench restore --crossings 1000000`.

Starts a durable PostgreSQL with its archive, fills it, backs it up, writes on, loses the server (kill -9), restores to the
latest archived moment on another folder, and prints one JSON object: seconds of the backup, of the restore until it takes
writes again (RTO), and how old the newest row is that came back (RPO).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.launcher.postgres import ARCHIVE_TIMEOUT_S, PostgresServer

console = Console(stderr=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench restore", description=__doc__)
    parser.add_argument("--crossings", type=int, default=1_000_000, help="past crossings (1,000,000)")
    parser.add_argument("--images", type=int, default=2000, help="images of 25 kB (2,000)")
    args = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="bmis-bench-"))
    try:
        print(json.dumps(measure(folder, args.crossings, args.images), indent=2))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, crossings: int, images: int) -> dict[str, Any]:
    """Fill, back up, lose, restore; return the figures."""
    for name in (".", "lost", "found", "lost/static"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name).chmod(0o755)
    server = PostgresServer(folder / "lost", folder / "postgres.log")
    server.start()
    found: PostgresServer | None = None
    try:
        os.environ |= {
            "DEPLOYMENT": "test",
            "BMIS_DATA_DIR": str(folder / "lost"),
            "DATABASE_URL": server.url,
        }
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
        import django

        django.setup()
        from django.db import connection
        from django.utils import timezone

        from audit.core.actor import system_actor
        from audit.services.backups import make_backup, restore_backup
        from tests.bench import record_data

        record_data.fill(crossings=crossings, console=console)
        make_images(folder / "lost" / "images", images)
        begun = time.perf_counter()
        made = make_backup(actor=system_actor("bench"), at=timezone.now())
        backup_s = time.perf_counter() - begun
        written_at = write_and_archive(folder / "lost" / "wal-archive")
        connection.close()
        assert server.child is not None
        server.child.kill()
        begun = time.perf_counter()
        restore_backup(
            backup=made,
            data=folder / "found" / "postgres",
            images=folder / "found" / "images",
            until=None,
            owner="nobody" if os.geteuid() == 0 else "",
            progress=lambda line: print(line, file=sys.stderr),
        )
        found = PostgresServer(folder / "found", folder / "postgres-found.log")
        found.start()
        rto_s = time.perf_counter() - begun
        rows, back = look(found.url, written_at)
    finally:
        server.stop()
        if found is not None:
            found.stop()
    size = sum(path.stat().st_size for path in (made / "base").rglob("*") if path.is_file())
    return {
        "crossings": rows,
        "images": images,
        "database_mb": size >> 20,
        "backup_s": round(backup_s, 1),
        "RTO_s": round(rto_s, 1),
        "the row archived last came back": back,
        "RPO_s at most": ARCHIVE_TIMEOUT_S,
    }


def make_images(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number:032x}").write_bytes(os.urandom(25_000))


def write_and_archive(archive: Path) -> str:
    """Write one row after the backup, close the segment of the log, and return the row's name when it is archived."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('after the backup')")
        cursor.execute("SELECT pg_walfile_name(pg_switch_wal())")
        name = cursor.fetchone()[0]
    deadline = time.monotonic() + 120
    while not (archive / f"{name}.gz").exists():
        if time.monotonic() > deadline:
            raise SystemExit("the segment was not archived")
        time.sleep(0.05)
    return "after the backup"


def look(url: str, name: str) -> tuple[int, bool]:
    import psycopg

    with psycopg.connect(url) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM borders_crossing").fetchone() or (0,)
        held = connection.execute("SELECT 1 FROM auth_group WHERE name = %s", [name]).fetchone()
    return rows, held is not None
