"""Importing a large list: time, memory, and how long the switch to it takes.

    python -m tests.bench importing [--entries 1000000] [--workers N] [--keep FILE]

Starts a PostgreSQL of its own, unless DATABASE_URL names one that may be filled. The list is generated: FollowTheMoney
lines of invented persons, three quarters with a full birth date, one in four with an alias, one in eight with a
passport. Then the same list with one entry in a hundred changed. Memory is the sum of the proportional set sizes of the
importing process and its workers; that of PostgreSQL's own process stands beside it.
"""

import argparse
import json
import os
import random
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

console = Console()
FIRST = "BCDFGHJKLMNPRSTVZ"
VOWELS = "AEIOU"
STATES = ("ut", "fr", "de", "eg", "ru", "cn", "ng", "in", "br", "us", "id", "pk")


def _common(chance: random.Random, count: int) -> int:
    """Return a number below count, small ones often: few names are common, most are rare."""
    return int(chance.random() * chance.random() * count)


def make_words(chance: random.Random, count: int) -> list[str]:
    """Return invented words of two to four syllables."""
    return [
        "".join(chance.choice(FIRST) + chance.choice(VOWELS) for _ in range(chance.randint(2, 4)))
        + chance.choice(("", "N", "R", "S", "KH"))
        for _ in range(count)
    ]


def write_list(path: Path, entries: int, *, seed: int, changed_share: float = 0.0) -> None:
    """Write a list; with changed_share, that share of it has another birth date than the list of the same seed."""
    chance, change = random.Random(seed), random.Random(seed + 1)
    family, given = make_words(chance, 40_000), make_words(chance, 12_000)
    with path.open("w", encoding="utf-8") as out:
        for number in range(entries):
            names = [
                f"{given[_common(chance, 12_000)]} {family[_common(chance, 40_000)]}"
                for _ in range(2 if chance.random() < 0.25 else 1)
            ]
            year = chance.randint(1935, 2005)
            if change.random() < changed_share:
                year -= 1
            day = (
                f"-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}" if chance.random() < 0.75 else ""
            )
            properties = {
                "name": names[:1],
                "alias": names[1:],
                "birthDate": [f"{year}{day}"] if chance.random() < 0.95 else [],
                "nationality": [chance.choice(STATES)],
                "gender": [chance.choice(("male", "female"))],
            }
            if chance.random() < 0.125:
                properties["passportNumber"] = [f"{chance.choice(FIRST)}{chance.randint(10**6, 10**8)}"]
            entity = {
                "id": f"NK-{number:08d}",
                "schema": "Person",
                "caption": names[0],
                "properties": properties,
            }
            out.write(json.dumps(entity) + "\n")


class Watch:
    """The largest memory of this process with its workers, and of one other process, while the block runs."""

    def __init__(self, server_pid: int) -> None:
        self.own_bytes = self.server_bytes = 0
        self._server = psutil.Process(server_pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.5):
            try:
                mine = sum(
                    p.memory_full_info().pss
                    for p in (me, *me.children(recursive=True))
                    if p.name() != "postgres"
                )
                self.own_bytes = max(self.own_bytes, mine)
                info = self._server.memory_full_info()
                self.server_bytes = max(self.server_bytes, info.uss)
            except psutil.Error:
                continue


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench importing", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        measure(start_database(stack), options.entries, options.workers, options.seed)


def start_database(stack: ExitStack) -> Path:
    """Start a database, unless one is named, fit to be filled; return a folder for this run. Both go with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bmis-bench-")))
    folder.chmod(0o755)
    os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder)}
    if not os.environ.get("DATABASE_URL"):
        from deploy.launcher.postgres import PostgresServer

        server = PostgresServer(folder, folder / "postgres.log", durable=True)
        server.start()
        stack.callback(server.stop)
        os.environ["DATABASE_URL"] = server.url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return folder


def measure(folder: Path, entries: int, workers: int | None, seed: int) -> None:
    """Import a list, switch to it, import the changed one, switch again."""
    table = Table(title=f"Importing {entries:,} entries ({os.cpu_count()} processors)")
    for column in ("list", "file", "import", "entries/s", "memory", "of PostgreSQL's process", "switch"):
        table.add_column(column, justify="right")
    for name, share in (("new", 0.0), ("1 in 100 changed", 0.01)):
        path = folder / "list.json"
        write_list(path, entries, seed=seed, changed_share=share)
        table.add_row(name, *import_once(path, entries, workers))
        path.unlink()
    console.print(table)


def import_once(path: Path, entries: int, workers: int | None) -> tuple[str, ...]:
    """Import one file and activate the version; return the cells of its row."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.utils import timezone

    from audit.core.actor import Actor, Role
    from watchlists.core.importers import FORMATS
    from watchlists.models import Watchlist
    from watchlists.services.imports import ImportFiles, import_file
    from watchlists.services.lists import activate_version, create_watchlist

    def actor(name: str) -> Actor:
        user, _ = User.objects.get_or_create(username=name)
        return Actor(label=name, user_id=user.id, roles=frozenset({Role.LIST_OWNER}))

    owner, second, at = actor("bench-owner"), actor("bench-second"), timezone.now()
    watchlist = Watchlist.objects.filter(name="Bench").first() or create_watchlist(
        actor=owner, at=at, name="Bench", kind=Watchlist.Kind.PERSON, owner_unit="Bench", legal_basis="Bench"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server_pid,) = cursor.fetchone()
    told = [0.0]

    def progress(stage: str, done: int, total: int) -> None:
        if time.monotonic() - told[0] > 10:
            told[0] = time.monotonic()
            console.print(f"{stage} {done:,} of {total:,}")

    begun = time.perf_counter()
    with Watch(server_pid) as watch:
        report = import_file(
            actor=owner, at=at, watchlist=watchlist, files=ImportFiles(path),
            source_format=FORMATS["ftm"], workers=workers, progress=progress,
        )  # fmt: skip
    seconds = time.perf_counter() - begun
    assert report.version is not None
    begun = time.perf_counter()
    activate_version(actor=second, at=timezone.now(), version_id=report.version.id)
    switch_s = time.perf_counter() - begun
    return (
        f"{path.stat().st_size / 1e6:,.0f} MB",
        f"{seconds:,.1f} s",
        f"{entries / seconds:,.0f}",
        f"{watch.own_bytes / 1e6:,.0f} MB",
        f"{watch.server_bytes / 1e6:,.0f} MB",
        f"{switch_s * 1e3:,.0f} ms",
    )
