"""Erase whatever has been kept long enough, by the retention classes in force."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from audit.core.actor import system_actor
from audit.core.times import MomentRefused, read_moment
from biometrics.services.keys import MasterKeyError
from borders.services.custody import ErasureUnfinished, RetentionIncomplete, erase_expired, finish_erasures

ALL = 10_000_000


class Command(BaseCommand):
    help = (
        "Erase what is due under the retention classes in force, in batches, each thing in a transaction of its own; warn of "
        "overstayers whose data go in three months. Prints JSON. Ctrl-C loses nothing: start it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be erased")
        parser.add_argument("--limit", type=int, default=ALL, help="at most so many things; default: all")
        parser.add_argument("--at", help="with --dry-run: as if it were then, e.g. 2029-01-31T00:00:00Z")

    def handle(self, *args: Any, **options: Any) -> None:
        at = self.read_time(options)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        actor = system_actor("erase_expired")
        unfinished = ""
        try:
            with Progress(*columns, console=Console(stderr=True)) as progress:
                bar = progress.add_task("looking" if options["dry_run"] else "erasing", total=None)
                finished = 0
                if not options["dry_run"]:
                    try:
                        finished = finish_erasures(at=at)
                    except ErasureUnfinished as error:
                        unfinished = str(error)
                outcome = erase_expired(
                    actor=actor,
                    at=at,
                    limit=options["limit"],
                    dry_run=options["dry_run"],
                    progress=lambda _: progress.advance(bar),
                )
        except RetentionIncomplete as error:
            raise CommandError(f"Nothing is erased. {error}") from None
        except MasterKeyError as error:
            raise CommandError(f"The master keys cannot be used: {error.code}.") from None
        found = {
            "at": at.isoformat(),
            "dry_run": options["dry_run"],
            "finished": finished,
            **outcome.as_json(),
        }
        self.stdout.write(json.dumps(found, indent=1))
        if outcome.failed:
            raise CommandError(
                f"{outcome.failed.total()} thing(s) that are due were not erased; the log has their ids."
            )
        if unfinished or outcome.unfinished:
            raise CommandError(
                unfinished or f"{outcome.unfinished} erasure(s) unfinished; the log has their codes."
            )

    def read_time(self, options: dict[str, Any]) -> datetime:
        if not options["at"]:
            return timezone.now()
        try:
            at = read_moment(options["at"])
        except MomentRefused:
            raise CommandError("--at wants a time with its zone, e.g. 2029-01-31T00:00:00Z") from None
        if not options["dry_run"]:
            raise CommandError("--at goes with --dry-run only: nothing is erased before its time.")
        return at
