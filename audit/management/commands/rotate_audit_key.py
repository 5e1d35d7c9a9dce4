"""Change the key that signs the heads of the audit trail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.services.keys import SealingKeyUnusable, rotate_key


class Command(BaseCommand):
    help = "Make a new sealing key, have the old one sign it, and destroy the old one. Prints the new verifier key."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(rotate_key())
        except SealingKeyUnusable as error:
            raise CommandError(error.code) from error
