"""The record rules (18 to 26) on millions of past crossings: `python -m tests.bench records --crossings 10000000`.

Starts an embedded PostgreSQL of its own in a temporary folder, fills it by SQL, and asks for travellers at random what the
pipeline asks: history, companions, use elsewhere, other documents, stay, manifest, then the rules. Prints one JSON object.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from deploy.launcher.postgres import PostgresServer

console = Console(stderr=True)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench records", description=__doc__)
    parser.add_argument("--crossings", type=int, default=10_000_000, help="past crossings (10,000,000)")
    parser.add_argument("--travelers", type=int, default=2000, help="travellers asked about (2,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None, help="where the database lies; kept if given")
    parser.add_argument(
        "--plans", action="store_true", help="print the plans of the queries on standard error"
    )
    args = parser.parse_args(arguments)
    folder = args.folder or Path(tempfile.mkdtemp(prefix="bmis-bench-"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    (folder / "static").mkdir(exist_ok=True)
    server = PostgresServer(folder, folder / "postgres.log", durable=False)
    server.start()
    try:
        os.environ |= {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(folder), "DATABASE_URL": server.url}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
        import django

        django.setup()
        from tests.bench import record_data

        filled_s = record_data.fill(crossings=args.crossings, console=console)
        print(json.dumps(measure(args, filled_s), indent=2))
    finally:
        server.stop()
        if args.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def measure(args: argparse.Namespace, filled_s: float) -> dict[str, Any]:
    """Ask for travellers at random, each as the pipeline asks, and return the milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.bench import record_data
    from tests.bench.record_asking import ask, prepare

    rng = np.random.default_rng(args.seed)
    subjects = prepare(record_data.sample_travelers(rng, args.travelers))
    console.print(f"asking for {len(subjects)} travellers")
    for subject in subjects[:50]:
        ask(subject, AT)
    parts: dict[str, list[float]] = {}
    whole, worked = [], []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    for subject in subjects:
        begun, cpu, server = time.perf_counter(), time.process_time(), processor_s(backend)
        for name, elapsed_ms in ask(subject, AT).items():
            parts.setdefault(name, []).append(elapsed_ms)
        whole.append((time.perf_counter() - begun) * 1e3)
        worked.append((time.process_time() - cpu + processor_s(backend) - server) * 1e3)
    with CaptureQueriesContext(connection) as asked:
        ask(subjects[0], AT)
    if args.plans:
        record_data.print_plans([q["sql"] for q in asked.captured_queries], console)
    return {
        "crossings": record_data.count(),
        "travelers_asked": len(subjects),
        "filled_s": round(filled_s, 1),
        "queries": len(asked.captured_queries),
        "whole_ms": figures(whole),
        # what a busy machine does not add to
        "processor_ms_of_client_and_server": figures(worked),
        "parts_ms": {name: figures(values) for name, values in parts.items()},
        "load": round(os.getloadavg()[0], 1),
    }


def processor_s(schedstat: Path) -> float:
    """Return the time that a process has spent on a processor, finer than the clock ticks of /proc/*/stat."""
    return int(schedstat.read_text().split()[0]) / 1e9


def figures(values: list[float]) -> dict[str, float]:
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return {
        name: round(float(value), 3)
        for name, value in (("p50", p50), ("p95", p95), ("p99", p99), ("max", max(values)))
    }


if __name__ == "__main__":
    main(sys.argv[1:])
