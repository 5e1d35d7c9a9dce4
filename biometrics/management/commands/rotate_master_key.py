"""A new master key, data keys rewrapped under it, the old one retired: while everything goes on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit.core.actor import system_actor
from biometrics.core.envelope import master_key_id
from biometrics.services.keys import (
    MasterKeyError,
    begin_rotation,
    count_by_master_key,
    master_keys,
    retire_master_key,
    rewrap_all,
)
from biometrics.services.keys.master import make_first

ADVICE = {
    "master_key_missing": "MASTER_KEY_FILE names no file.",
    "master_key_exposed": "Others than its owner may read the file: chmod 600.",
    "master_key_malformed": "The file holds something else than keys of 32 bytes in Base64, one a line.",
    "master_key_unknown": "No key of the file has this id.",
    "master_key_active": "It is the active key: make a new one first.",
    "master_key_in_use": "Data keys are still wrapped by it: run --rewrap first.",
}


class Command(BaseCommand):
    requires_system_checks = ()  # they want the file that --first makes
    help = (
        "Without an option: make a new master key and bring every data key under it. Copy the file to every host (and to the "
        "safe) before the second step: --new here, copy, --rewrap. Then --retire ID. --status shows how far it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--first", action="store_true", help="make the file with its first key")
        step.add_argument("--new", action="store_true", help="only make a new active key")
        step.add_argument("--rewrap", action="store_true", help="only bring data keys under the active key")
        step.add_argument("--retire", metavar="ID", help="take a key out of the file, if nothing needs it")
        step.add_argument("--status", action="store_true", help="show keys and how many data keys each wraps")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, at = system_actor("rotate_master_key"), timezone.now()
        try:
            if options["first"]:
                make_first(Path(settings.MASTER_KEY_FILE))
            elif options["retire"]:
                retire_master_key(actor=actor, at=at, key_id=options["retire"])
                self.stdout.write(f"Retired {options['retire']}: destroy its copies too.")
            elif not options["status"]:
                if not options["rewrap"]:
                    self.stdout.write(f"New active master key {begin_rotation(actor=actor, at=at)}")
                if not options["new"]:
                    self.rewrap()
            self.show()
        except MasterKeyError as error:
            raise CommandError(ADVICE[error.code]) from None

    def rewrap(self) -> None:
        columns = (TextColumn("rewrapping"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=None)
            done, failed = rewrap_all(
                actor=system_actor("rotate_master_key"),
                at=timezone.now(),
                progress=lambda so_far, total: progress.update(bar, completed=so_far, total=total),
            )
        self.stdout.write(f"{done} data keys rewrapped")
        if failed:
            raise CommandError(f"{failed} data keys cannot be opened with any key of the file.")

    def show(self) -> None:
        active = master_key_id(master_keys().active).hex()
        for key_id, count in count_by_master_key().items():
            state = "active" if key_id == active else "may be retired" if not count else "in use"
            self.stdout.write(f"{key_id}  {count:>10} data keys  {state}")
