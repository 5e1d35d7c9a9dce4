"""Write the sealed trail into a file that an auditor can verify without this system."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services.export import export_trail


class Command(BaseCommand):
    help = (
        "Write every sealed block with its rows into FILE, for deploy/verify_audit.py on another machine."
        " Ids and codes only, yet the whole trail: hand it to the auditor and to nobody else."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            blocks = export_trail(actor=system_actor("command_line"), at=timezone.now(), path=file)
        except FileExistsError as error:
            raise CommandError(f"{file} is there already.") from error
        self.stdout.write(f"{blocks} blocks written to {file}")
