"""Uploading a large list at the desk: what the worker's two tasks take of the time that they have.

    python -m tests.bench uploads [--entries 1000000] [--seed 2026]

The list is that of `importing`. It goes the way of the browser: kept in parts, checked by one task, proposed by another, each in
one process as the task does it, beside what a task of that kind may take (watchlists.tasks.UPLOAD_LIMITS_S). Starts a PostgreSQL
of its own, unless DATABASE_URL names one that may be filled. Seconds by the wall, and processor time of the one process and of
PostgreSQL's process for it: the two take turns, so on a quiet machine the wall shows little more than their sum.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.importing import start_database, write_list

console = Console(width=120)
PIECE_BYTES = 64 << 10


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench uploads", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        path = start_database(stack) / "list.json"
        write_list(path, options.entries, seed=options.seed)
        measure(path, options.entries)


def measure(path: Path, entries: int) -> None:
    """Send one file, have it checked, then proposed."""
    from django.db import connection
    from django.utils import timezone

    from audit.core.actor import Role
    from borders.models import Country, PortOfEntry
    from tests.db.conftest import make_officer
    from watchlists.core.importers import FORMATS
    from watchlists.models import ImportRun, Watchlist
    from watchlists.queries import get_manager
    from watchlists.services.lists import create_watchlist
    from watchlists.services.uploads import MAIN, import_upload, propose_upload, receive_upload
    from watchlists.tasks import UPLOAD_LIMITS_S

    country, _ = Country.objects.get_or_create(code="UTO", defaults={"name": "Utopia"})
    port = PortOfEntry.objects.create(country=country, code="UTBEN", name="Utopia Bench", kind="AIR")
    make_officer("bench-owner", "UT-0099", port, Role.LIST_OWNER)
    actor = get_manager(username="bench-owner", at=timezone.now())
    assert actor is not None
    watchlist = create_watchlist(
        actor=actor,
        at=timezone.now(),
        name="Bench",
        kind=Watchlist.Kind.PERSON,
        owner_unit="Bench",
        legal_basis="Bench",
    )
    limit_s = UPLOAD_LIMITS_S["soft_time_limit"]
    table = Table(title=f"{entries:,} entries uploaded at the desk, {path.stat().st_size / 1e6:,.0f} MB")
    for column in ("step", "wall", "processor", "of PostgreSQL", "entries/s", "of the limit", "at 1,000,000"):
        table.add_column(column, justify="right")

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0])

    def timed(step: str, act: Callable[[], Any], *, of_task: bool) -> Any:
        wall, processor, of_server = time.perf_counter(), time.process_time(), sum(server.cpu_times()[:2])
        result = act()
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        of_server = sum(server.cpu_times()[:2]) - of_server
        table.add_row(
            step,
            f"{wall:,.1f} s",
            f"{processor:,.1f} s",
            f"{of_server:,.1f} s",
            f"{entries / wall:,.0f}",
            f"{wall / limit_s:.1%} of {limit_s} s" if of_task else "",
            f"{wall * 1e6 / entries:,.0f} s, processor {(processor + of_server) * 1e6 / entries:,.0f} s",
        )
        return result

    run: ImportRun = timed(
        "kept in parts, by the web",
        lambda: receive_upload(
            actor=actor,
            at=timezone.now(),
            watchlist=watchlist,
            source_format=FORMATS["ftm"],
            files={MAIN: (path.name, pieces_of(path))},
        ),
        of_task=False,
    )
    checked = timed("checked", lambda: import_upload(at=timezone.now(), run_id=run.id), of_task=True)
    assert checked.state == ImportRun.State.CHECKED, checked.code
    propose_upload(actor=actor, at=timezone.now(), run_id=run.id)
    done = timed("proposed", lambda: import_upload(at=timezone.now(), run_id=run.id), of_task=True)
    assert (done.state, done.version.entry_count) == (ImportRun.State.DONE, entries)
    console.print(table)


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file as Django hands an upload over."""
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
