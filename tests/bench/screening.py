"""Screening: time at a million entries, clients at once, documents, recall against false alarms, and others beside it.

    python -m tests.bench screening [--entries 1000000] [--documents 3000000] [--each 100] [--benign 6000] [--only PART]
        [--rivals 100000] [--nomenklatura PYTHON] [--plot FILE]

Starts a PostgreSQL of its own in a folder that is kept under the temporary folder: the same numbers and seed find the
lists ready the next time. Persons are made up (tests/accuracy/people: 44 naming cultures, held-out seed), respelled by
rules of their own. nomenklatura needs pyicu, which has no wheels and so cannot stand in the lock: it is compared where
--nomenklatura names the interpreter of an environment that has it (python -m venv /tmp/peer && /tmp/peer/bin/pip install
nomenklatura==4.17.4).
"""

import argparse
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

console = Console()
SEED = "bench 2026"
CLIENTS, PROCESSES = 20, 4
RANGES = 20_000
SIZES = (10_000, 100_000, 1_000_000)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench screening", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=3_000_000)
    parser.add_argument("--each", type=int, default=100, help="queries of each kind of difference")
    parser.add_argument("--benign", type=int, default=6_000)
    parser.add_argument("--rivals", type=int, default=100_000, help="entries of the comparison, 0 for none")
    parser.add_argument(
        "--nomenklatura",
        default=os.environ.get("NOMENKLATURA_PYTHON", ""),
        metavar="PYTHON",
        help="interpreter of an environment with nomenklatura 4, to be compared too",
    )
    parser.add_argument(
        "--only", choices=("times", "curves", "rivals"), help="one part; curves and rivals fill no list"
    )
    parser.add_argument("--plot", type=Path, default=Path("docs/images/screening_curve.png"))
    options = parser.parse_args(arguments)
    from watchlists.core.keys import KEY_VERSION

    name = f"bmis-screening-{options.entries}-{options.documents}-{KEY_VERSION}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder)}
    from deploy.launcher.postgres import PostgresServer

    server = PostgresServer(folder, folder / "postgres.log", durable=False)
    server.start()
    try:
        os.environ["DATABASE_URL"] = server.url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
        import django

        django.setup()
        measure(folder, options)
    finally:
        server.stop()


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Fill the lists once, then measure."""
    from django.core.management import call_command

    from tests.bench.screening_parts.curves import draw, measure_curves
    from tests.bench.screening_parts.fill import fill
    from tests.bench.screening_parts.rivals import measure_rivals

    parts = (options.only,) if options.only else ("times", "curves", "rivals")
    if "times" in parts and (folder / "filled").exists():
        call_command("migrate", verbosity=0)
    elif "times" in parts:
        begun = time.perf_counter()
        fill(options.entries, options.documents, RANGES, seed=SEED, tell=console.print)
        (folder / "filled").touch()
        console.print(f"filled in {time.perf_counter() - begun:.0f} s")
    if "times" in parts:
        queries = make_queries(options)
        read_lists()
        time_screens(queries, options)
        time_clients(queries)
        time_documents(options.documents)
    if "curves" in parts:
        curves = measure_curves([size for size in SIZES if size <= options.entries], options, seed=SEED)
        show_curves(curves)
        draw(curves, options.plot, tell=console.print)
    if "rivals" in parts and options.rivals:
        measure_rivals(
            min(options.rivals, options.entries),
            options.each,
            options.benign,
            seed=SEED,
            nomenklatura=options.nomenklatura,
            show=console.print,
        )


def read_lists() -> None:
    """Read the tables of the lists once, as a server has that was not started a moment ago."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
        cursor.execute(
            "SELECT sum(pg_prewarm(oid)) * 8 / 1024 FROM pg_class WHERE relname LIKE 'watchlists\\_%%' AND relkind IN ('r', 'i')"
            " OR relname LIKE 'entry\\_%%' AND relkind = 'i'",
            [],
        )
        (megabytes,) = cursor.fetchone()
    console.print(f"lists and their indexes read once: {megabytes:,.0f} MB")


def make_queries(options: argparse.Namespace) -> list[dict[str, str]]:
    """Return travellers on the list and others, in random order."""
    from tests.accuracy.people.files import benign_rows, list_rows, mated_rows

    listed = list(list_rows(options.entries, seed=SEED))
    rows = [
        *mated_rows(listed, options.each, seed=SEED),
        *benign_rows(len_mated(options), seed=f"{SEED} times"),
    ]
    random.Random(SEED).shuffle(rows)
    return rows


def len_mated(options: argparse.Namespace) -> int:
    """Return how many queries are for listed persons."""
    from tests.accuracy.people.perturb import KINDS

    return options.each * len(KINDS)


def presented_of(row: dict[str, str], number: int) -> Any:
    """Return a query as a booth presents it."""
    from watchlists.core.exceptions import Presented

    return Presented(
        row["name"],
        "",
        row["birth_date"],
        row["sex"],
        row["nationality"],
        f"X{number:08d}",
        row["nationality"],
    )


def time_screens(queries: list[dict[str, str]], options: argparse.Namespace) -> None:
    """Print how long the search takes, and the whole screening with its rows and audit."""
    from django.db import connection
    from django.utils import timezone

    from audit.core.actor import system_actor
    from tests.accuracy.people.identities import identity_of
    from watchlists.core.thresholds import START_BITS
    from watchlists.queries import get_active_lists
    from watchlists.services.screening import screen_presented
    from watchlists.services.search import search_persons

    at, actor = timezone.now(), system_actor("bench")
    lists = get_active_lists()

    def search(row: dict[str, str], number: int) -> int:
        found = search_persons(traveler=identity_of(row), lists=lists, base_bits=START_BITS, at=at)
        return found.candidates

    def whole(row: dict[str, str], number: int) -> int:
        return screen_presented(
            actor=actor, at=at, presented=presented_of(row, number)
        ).screening.candidate_count

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM watchlists_entrykey")
        (keys,) = cursor.fetchone()
    table = Table(title=f"One screen at a time, {options.entries:,} entries, {keys:,} keys")
    for column in ("what", "screens", "median ms", "p95", "p99", "processor ms", "candidates median", "p95"):
        table.add_column(column, justify="right")
    for name, act in (("search, scoring, explanation", search), ("with rows and audit", whole)):
        for warm, row in enumerate(queries[:200]):
            act(row, warm)
        taken, candidates, begun = [], [], time.process_time()
        for number, row in enumerate(queries):
            start = time.perf_counter()
            candidates.append(act(row, number))
            taken.append((time.perf_counter() - start) * 1e3)
        cpu = (time.process_time() - begun) / len(queries) * 1e3
        times, counts = np.percentile(taken, [50, 95, 99]), np.percentile(candidates, [50, 95])
        table.add_row(
            name, str(len(queries)), *(f"{t:.2f}" for t in times), f"{cpu:.2f}", *(f"{c:.0f}" for c in counts)
        )
    console.print(table)


def time_clients(queries: list[dict[str, str]]) -> None:
    """Print how many whole screenings a second CLIENTS clients get done together."""
    from django.db import connections

    connections.close_all()
    context = get_context("fork")
    share = [queries[place::PROCESSES] for place in range(PROCESSES)]
    ready, done = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [context.Process(target=_clients, args=(rows, ready, done), daemon=True) for rows in share]
    for worker in workers:
        worker.start()
    ready.wait()
    begun = time.perf_counter()
    total = sum(done.get(timeout=600) for _ in workers)
    elapsed = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    console.print(
        f"{CLIENTS} clients at once: {total / elapsed:.0f} screens/s ({total} in {elapsed:.1f} s, rows and audit written)"
    )


def _clients(rows: list[dict[str, str]], ready: Any, done: Any) -> None:
    from django.db import connections
    from django.utils import timezone

    from audit.core.actor import system_actor
    from watchlists.services.screening import screen_presented

    each = CLIENTS // PROCESSES
    at, actor = timezone.now(), system_actor("bench")

    def run(mine: list[dict[str, str]]) -> None:
        try:
            for number, row in enumerate(mine):
                screen_presented(actor=actor, at=at, presented=presented_of(row, number))
        finally:
            connections.close_all()

    screen_presented(actor=actor, at=at, presented=presented_of(rows[0], 0))
    threads = [threading.Thread(target=run, args=(rows[place::each],)) for place in range(each)]
    ready.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.put(len(rows))


def time_documents(documents: int) -> None:
    """Print how long a document takes: listed, misread, inside a range, unknown."""
    from django.utils import timezone

    from tests.bench.screening_parts.fill import number_of, range_start
    from watchlists.queries import get_active_lists
    from watchlists.services.search import search_documents

    chance = random.Random(SEED)
    at, lists = timezone.now(), get_active_lists()
    cases: dict[str, Callable[[], tuple[str, str]]] = {
        "listed": lambda: number_of(chance.randrange(documents)),
        "misread": lambda: _misread(number_of(chance.randrange(documents))),
        "in a range": lambda: _inside(range_start(chance.randrange(RANGES)), chance),
        "unknown": lambda: (f"QQ{chance.randrange(10**7):07d}", "UTO"),
    }
    table = Table(title=f"Documents: {documents:,} numbers, {RANGES:,} ranges")
    for column in ("number", "look-ups", "found", "median ms", "p95", "p99"):
        table.add_column(column, justify="right")
    for name, make in cases.items():
        taken, found = [], 0
        for place in range(2_200):
            number, state = make()
            start = time.perf_counter()
            hits = search_documents(document_number=number, issuing_state=state, lists=lists, at=at)
            if place >= 200:
                taken.append((time.perf_counter() - start) * 1e3)
                found += bool(hits)
        table.add_row(name, "2000", str(found), *(f"{t:.3f}" for t in np.percentile(taken, [50, 95, 99])))
    console.print(table)


def _misread(listed: tuple[str, str]) -> tuple[str, str]:
    return listed[0].replace("0", "O").replace("5", "S"), listed[1]


def _inside(start: tuple[str, int, str], chance: random.Random) -> tuple[str, str]:
    prefix, first, state = start
    return f"{prefix}{first + chance.randrange(500):07d}", state


def show_curves(curves: dict[int, dict[str, Any]]) -> None:
    """Print recall against benign alerts for each size."""
    for size, curve in curves.items():
        table = Table(title=f"{size:,} entries: {curve['mated']} mated and {curve['benign']} benign queries")
        for column in ("threshold", "recall", "benign alerts per 1,000"):
            table.add_column(column, justify="right")
        for threshold, recall, alerts in curve["points"]:
            table.add_row(f"{threshold:g}", f"{recall:.4f}", f"{alerts:.2f}")
        console.print(table)
        console.print(json.dumps({"entries": size, **{k: v for k, v in curve.items() if k != "points"}}))
