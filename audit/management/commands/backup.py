"""Back up the database and the images."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services.backups import BackupFailed, make_backup, refresh_images


class Command(BaseCommand):
    help = (
        "Make a backup of database and images in BACKUP_DIR while the system works, and have the log archived from then on."
        ' docs/operations.md, "Backup and restore".'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--images-only",
            action="store_true",
            help="take new images into the newest backup: every five minutes, beside the archived log",
        )

    def handle(self, *args: Any, images_only: bool, **options: Any) -> None:
        at = timezone.now()
        try:
            if images_only:
                self.stdout.write(f"{refresh_images(at=at)} images in the newest backup")
            else:
                self.stdout.write(str(make_backup(actor=system_actor("command_line"), at=at)))
        except BackupFailed as error:
            raise CommandError(str(error)) from error
