"""Make the partitions of the crossings table for this month and the next ones."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.core.actor import system_actor
from borders.services.partitions import ensure_partitions


class Command(BaseCommand):
    help = "Make the partitions of the crossings table for this month and the next ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months-ahead", type=int, default=3)

    def handle(self, *args: Any, months_ahead: int, **options: Any) -> None:
        made = ensure_partitions(
            actor=system_actor("make_partitions"), at=timezone.now(), months_ahead=months_ahead
        )
        self.stdout.write("\n".join(made) if made else "All there already.")
