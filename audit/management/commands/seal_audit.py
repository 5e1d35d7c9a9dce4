"""Seal the audit trail now, as the sweep does every minute."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.services.keys import SealingKeyUnusable
from audit.services.sealing import HeadConflict, seal_trail


class Command(BaseCommand):
    help = "Seal every row of the audit trail that waits, and hand out the signed heads (AUDIT_HEADS_DIR)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sealed = seal_trail(at=timezone.now())
        except SealingKeyUnusable as error:
            raise CommandError(
                f"{error.code}: see AUDIT_KEY_FILE and AUDIT_HEADS_DIR in deploy/env.example"
            ) from error
        except HeadConflict as error:
            raise CommandError(
                f"head_conflict: {error}. A head was handed out that this database does not have: run verify_audit."
            ) from error
        self.stdout.write(f"{sealed} rows sealed")
