"""What row-level security costs a look: the first page of a list, a count of a day, one row, each with and without the guard.

    python -m tests.bench row_guard [--crossings 10000000] [--repeats 30]

Fills a PostgreSQL of its own as `records` does. Prints one JSON object: medians in milliseconds, and the ratio.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.launcher.postgres import PostgresServer

console = Console(stderr=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench row_guard", description=__doc__)
    parser.add_argument("--crossings", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=30)
    args = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="bmis-bench-"))
    folder.chmod(0o755)
    (folder / "static").mkdir()
    server = PostgresServer(folder, folder / "postgres.log", durable=False)
    server.start()
    try:
        os.environ |= {
            "DEPLOYMENT": "test",
            "BMIS_DATA_DIR": str(folder),
            "DATABASE_URL": server.url,
            "ROW_GUARD": "true",
        }
        import django

        django.setup()
        from tests.bench import record_data

        record_data.fill(crossings=args.crossings, console=console)
        print(json.dumps({"crossings": args.crossings, **measure(args.repeats)}, indent=2))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(repeats: int) -> dict[str, Any]:
    """Ask in turns, once without the guard and once with it."""
    from audit.core.actor import Actor, Role
    from borders.models import Crossing, PortOfEntry, Stay
    from borders.services.row_guard import guarded
    from tests.bench.record_data import AT

    port = PortOfEntry.objects.order_by("code").first()
    assert port is not None
    roles = frozenset({Role.SUPERVISOR})
    actor = Actor(label="bench", user_id=1, roles=roles, port_ids=frozenset({port.id}))
    mine = Crossing.objects.filter(port_id__in=[port.id])
    one = mine.order_by("-occurred_at", "-id").values_list("id", flat=True)[1000]
    asked: dict[str, Callable[[], Any]] = {
        "first page of crossings": lambda: list(mine.order_by("-occurred_at", "-id")[:50]),
        "page of an hour, a week ago": lambda: list(
            mine.filter(occurred_at__lt=AT - timedelta(days=7)).order_by("-occurred_at", "-id")[:50]
        ),
        "crossings of a day, counted": lambda: mine.filter(occurred_at__gte=AT - timedelta(days=1)).count(),
        "one crossing": lambda: mine.get(id=one),
        "first page of stays": lambda: list(
            Stay.objects.filter(entry_port_id__in=[port.id]).order_by("-id")[:50]
        ),
    }
    found = {}
    for name, ask in asked.items():
        plain, under = [], []
        ask()
        for _ in range(repeats):
            begun = time.perf_counter()
            expected = ask()
            plain.append(time.perf_counter() - begun)
            with guarded(actor=actor):
                begun = time.perf_counter()
                assert ask() == expected
                under.append(time.perf_counter() - begun)
        without, with_it = (statistics.median(times) * 1000 for times in (plain, under))
        found[name] = {
            "without_ms": round(without, 2),
            "with_ms": round(with_it, 2),
            "ratio": round(with_it / without, 2),
        }
    return found
