"""Say whether a backup could be put back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services.backups import check_backup, newest_backup


class Command(BaseCommand):
    help = (
        "Check every file of a backup and the archived log after it. Exit status 0: whole; 1: each thing that is missing or"
        " damaged is named. No substitute for putting it back now and then."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, nargs="?", help="its folder; by default the newest one")

    def handle(self, *args: Any, backup: Path | None, **options: Any) -> None:
        folder = backup or newest_backup()
        if folder is None or not folder.is_dir():
            raise CommandError("There is no such backup.", returncode=2)
        problems = 0
        for problem in check_backup(folder):
            problems += 1
            self.stdout.write(str(problem))
        self.stdout.write(f"{folder.name}: {problems} problems" if problems else f"{folder.name} is whole.")
        if problems:
            raise SystemExit(1)
