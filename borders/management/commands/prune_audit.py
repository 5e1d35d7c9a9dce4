"""Remove rows of the audit trail whose time is over, under a signed statement."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from audit.core.actor import system_actor
from audit.core.times import MomentRefused, read_moment
from audit.services.keys import SealingKeyUnusable
from audit.services.pruning import PruningRefused
from borders.services.custody.trail import prune_audit

REASONS = {
    "period_missing": "No period is in force for LOGS.",
    "too_young": "The periods in force keep what is younger than that.",
    "not_the_owner": "Only the owner of the tables removes rows of the trail: set DATABASE_OWNER_URL.",
}


class Command(BaseCommand):
    help = (
        "Remove whole sealed blocks of the audit trail that are older than the longest retention period and LOGS after it."
        " Their headers and signed heads stay, so the rest can be verified, and a signed statement says what was removed and"
        " why. A block with a row about somebody under a legal hold stays. Prints JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
        parser.add_argument("--before", help="only what was sealed before then, e.g. 2020-01-31T00:00:00Z")
        parser.add_argument("--at", help="with --dry-run: as if it were then, e.g. 2029-01-31T00:00:00Z")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["at"] and not options["dry_run"]:
            raise CommandError("--at goes with --dry-run only: nothing is removed before its time.")
        at = read_time(options["at"], "--at") or timezone.now()
        columns = (SpinnerColumn(), TextColumn("{task.completed} rows"), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(stderr=True)) as progress:
                bar = progress.add_task("", total=None)
                found = prune_audit(
                    actor=system_actor("prune_audit"),
                    at=at,
                    before=read_time(options["before"], "--before"),
                    dry_run=options["dry_run"],
                    progress=lambda done: progress.update(bar, completed=done),
                )
        except PruningRefused as error:
            raise CommandError(f"Nothing is removed. {REASONS[error.code]}") from None
        except SealingKeyUnusable as error:
            raise CommandError(f"Nothing is removed. The sealing key cannot be used: {error.code}.") from None
        runs = [
            {
                "stream": run.stream,
                "blocks": [run.first_block, run.final_block],
                "rows": run.row_count,
                "older_than": run.older_than,
                "by": run.by,
            }
            for run in found.prunings
        ]
        held = [{"stream": stream, "block": number} for stream, number in found.held_blocks]
        result = {"at": at.isoformat(), "dry_run": options["dry_run"], "rows": found.rows, "runs": runs}
        self.stdout.write(json.dumps(result | {"held_blocks": held}, indent=1))


def read_time(text: str | None, option: str) -> datetime | None:
    if not text:
        return None
    try:
        return read_moment(text)
    except MomentRefused:
        raise CommandError(f"{option} wants a time with its zone, e.g. 2029-01-31T00:00:00Z") from None
