"""Measure the document checks on genuine and forged documents made from a seed: rates by kind, false alarms, milliseconds.

Prints one JSON object on standard output and a table on standard error. Needs no database. The documents are made by
tests/documents, so the command runs in a checkout.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

RATES = Path(__file__).resolve().parent.parent / "measured_rates.json"
COUNT_MOST = 100_000


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=100, help="documents of each kind (100)")
        parser.add_argument(
            "--seed", type=int, default=20261122, help="the same seed makes the same documents"
        )
        parser.add_argument(
            "--no-pictures",
            action="store_true",
            help="leave out the kinds that are drawn and read from pixels",
        )
        parser.add_argument(
            "--write",
            action="store_true",
            help="keep the rates for docs/document-checks.md (manage.py write_docs)",
        )

    def handle(self, *, count: int, seed: int, no_pictures: bool, write: bool, **options):
        if not 1 <= count <= COUNT_MOST:
            raise CommandError(f"--count: 1 to {COUNT_MOST}")
        if seed < 0:
            raise CommandError("--seed: not below 0")
        try:
            from tests.documents.evaluation import evaluate
            from tests.documents.further import further_kinds
        except ModuleNotFoundError as missing:
            raise CommandError(
                f"tests/documents is needed, and not here ({missing.name}): run in a checkout"
            ) from missing
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=None)

            def tell(name: str, number: int, total: int) -> None:
                progress.update(bar, description=name, completed=number, total=total)

            def further(rng: Any, documents: int) -> Iterator[Any]:
                return further_kinds(rng, documents, pictures=not no_pictures, progress=tell)

            report = evaluate(count=count, seed=seed, progress=tell, further=further)
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        show(report, console)
        if write:
            RATES.write_text(json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
            console.print(f"kept in {RATES.relative_to(settings.BASE_DIR)}")


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report as a table."""
    table = Table()
    for column in ("group", "kind", "documents", "detected", "rate", "95 % interval", "referred", "ms"):
        table.add_column(column, justify="left" if column in ("group", "kind") else "right")
    for row in report["kinds"]:
        low, high = row["interval_95"]
        table.add_row(
            row["group"],
            row["kind"],
            str(row["count"]),
            str(row["detected"]),
            f"{row['detection_rate']:.1%}",
            f"{low:.1%} to {high:.1%}",
            str(row["referred"]),
            f"{row['median_ms']:.2f}" if row["median_ms"] is not None else "",
        )
    console.print(table)
    genuine, logical = report["genuine"], report["logical"]
    low, high = genuine["interval_95"]
    console.print(
        f"genuine documents: {genuine['false_alarms']} false alarms of {genuine['count']} "
        f"({genuine['false_alarm_rate']:.2%}, {low:.2%} to {high:.2%})"
    )
    console.print(
        f"tampering outside pictures: {logical['detected']} of {logical['count']} detected ({logical['detection_rate']:.2%})"
    )
