"""After a restore: erase again whom the backup brought back."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from audit.core.actor import system_actor
from borders.services.custody import ErasureUnfinished, reapply_erasures


class Command(BaseCommand):
    help = (
        "Apply the erasures of the register (ERASURE_REGISTER_FILE, outside the database) that a restored database does not "
        "know. Run it before anybody signs in. Safe to run again. Prints JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--register", type=Path, help="another file than ERASURE_REGISTER_FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["register"] and not options["register"].exists():
            raise CommandError("There is no such register.")
        columns = (SpinnerColumn(), TextColumn("erasures"), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=None)
            try:
                found = reapply_erasures(
                    actor=system_actor("reapply_erasures"),
                    at=timezone.now(),
                    register=options["register"],
                    progress=lambda done: progress.update(bar, completed=done),
                )
            except ErasureUnfinished as error:
                raise CommandError(
                    f"{error} Run it again when the store and its copies can be written."
                ) from None
        self.stdout.write(json.dumps(found))
