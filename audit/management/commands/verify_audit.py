"""Verify the audit trail: every row, every block, every head that was handed out."""

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.services.keys import SealingKeyUnusable
from audit.services.verification import verify_trail

PROGRESS_EVERY_S = 2.0


class Command(BaseCommand):
    help = (
        "Find any row of the audit trail that was edited, deleted, inserted, moved or cut off, any chain that was built"
        " anew, and an old backup, and say where. Exit status 0: nothing found; 1: something was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            action="append",
            default=[],
            help="file or folder with heads that were kept elsewhere; may be repeated. Besides AUDIT_HEADS_DIR",
        )
        parser.add_argument(
            "--keys", type=Path, help="folder whose keys.txt is trusted; default AUDIT_HEADS_DIR"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, heads: list[Path], keys: Path | None, json: bool, **options: Any) -> None:
        for path in heads:
            if not path.exists():
                raise CommandError(f"There is no {path}.", returncode=2)
        outside = settings.AUDIT_HEADS_DIR
        begun = time.monotonic()
        self.told_at = begun
        try:
            result = verify_trail(
                folders=[*heads, *([outside] if outside.is_dir() else [])],
                keys_folder=keys or outside,
                progress=self.tell,
            )
        except SealingKeyUnusable as error:
            raise CommandError(error.code, returncode=2) from error
        elapsed_s = time.monotonic() - begun
        if json:
            self.stdout.write(dump(result, elapsed_s))
        else:
            for run in result.prunings:
                self.stdout.write(
                    f"pruned: stream {run.stream} blocks {run.first_block} to {run.final_block}, rows {run.first_row} to"
                    f" {run.final_row}, sealed before {run.older_than}, by {run.by} on {run.pruned_at}"
                )
            for finding in result.findings:
                self.stdout.write(str(finding))
            if result.finding_count > len(result.findings):
                self.stdout.write(f"… and {result.finding_count - len(result.findings)} more")
            self.stdout.write(
                f"{result.rows} rows in {result.blocks} blocks of {result.streams} streams,"
                f" {result.pruned_rows} rows removed lawfully, {result.waiting} rows not sealed yet,"
                f" {result.heads} heads from outside: {elapsed_s:.1f} s"
            )
            self.stdout.write(
                f"{result.finding_count} findings" if result.finding_count else "The trail is whole."
            )
        if result.finding_count:
            raise SystemExit(1)

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.told_at >= PROGRESS_EVERY_S:
            self.told_at = now
            self.stderr.write(f"{done} of {total} rows")


def dump(result: Any, elapsed_s: float) -> str:
    """Return the result as JSON."""
    values = asdict(result) | {"elapsed_s": round(elapsed_s, 2), "whole": not result.finding_count}
    return json.dumps(values)
