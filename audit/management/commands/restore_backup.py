"""Put a backup back, up to a moment of choice."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.core.times import MomentRefused, read_moment
from audit.services.backups import RestoreRefused, newest_backup, restore_backup

REASONS = {
    "not_empty": "The folders must be empty or absent: move away what lies there, it may still be needed.",
    "damaged": "The backup or the log is damaged. Take an older backup, or --force to put back what there is.",
}


def aware(text: str) -> datetime:
    try:
        return read_moment(text)
    except MomentRefused as refusal:
        if refusal.code == "offset_missing":
            raise ArgumentTypeError("the time needs its zone, such as 2026-11-22T13:00:00Z") from refusal
        raise ArgumentTypeError("a time such as 2026-11-22T13:00:00Z") from refusal


class Command(BaseCommand):
    help = (
        "Put a backup back into empty folders. The server that is then started there replays the archived log, to its end or"
        " to --time, and is a primary again. Needs no database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, nargs="?", help="its folder; by default the newest one")
        parser.add_argument("--data", type=Path, required=True, help="data folder of the PostgreSQL to come")
        parser.add_argument("--images", type=Path, help="image folder; by default the one of the settings")
        parser.add_argument("--time", type=aware, help="replay the log to this moment; by default to its end")
        parser.add_argument("--owner", default="", help="account that PostgreSQL runs as, such as postgres")
        parser.add_argument("--force", action="store_true", help="although something is missing or damaged")

    def handle(
        self,
        *args: Any,
        backup: Path | None,
        data: Path,
        images: Path | None,
        time: datetime | None,
        owner: str,
        force: bool,
        **options: Any,
    ) -> None:
        folder = backup or newest_backup()
        if folder is None or not folder.is_dir():
            raise CommandError("There is no such backup.", returncode=2)
        try:
            restore_backup(
                backup=folder,
                data=data,
                images=images or settings.IMAGE_STORE_DIR,
                until=time,
                owner=owner,
                force=force,
                progress=self.stderr.write,
            )
        except RestoreRefused as refusal:
            for problem in refusal.problems:
                self.stdout.write(str(problem))
            raise CommandError(REASONS[refusal.code]) from refusal
        self.stdout.write(
            f"{folder.name} is back in {data}. Start PostgreSQL there; it is ready when pg_is_in_recovery() is false."
            " Then: manage.py migrate, reapply_erasures where there is one, verify_audit."
        )
