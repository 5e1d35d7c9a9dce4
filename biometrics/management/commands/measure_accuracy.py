"""Measure the accuracy of a month on the State's own adjudicated comparisons."""

import re
from argparse import ArgumentParser
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from audit.core.times import is_in_range
from biometrics.management.face_runs import refuse, write_json
from biometrics.services.accuracy import MonthRefused, measure_accuracy


class Command(BaseCommand):
    help = (
        "Measure the month before this one, or --month: run it once a month. The figures appear in the admin under Accuracy "
        "measurements. Exits 1 when groups differ by more than a factor of two, 2 when there is nothing to measure."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", metavar="YYYY-MM")

    def handle(self, *args: Any, month: str | None, **options: Any) -> None:
        at = timezone.now().astimezone(UTC)
        try:
            made = measure_accuracy(actor=system_actor("accuracy"), at=at, month=self.parse(month, at))
        except MonthRefused as error:
            refuse(self.stdout, error.code)
        write_json(
            self.stdout,
            [
                {
                    "id": str(row.id),
                    "month": f"{row.month:%Y-%m}",
                    "engine": {"name": row.engine, "version": row.engine_version},
                    "mated": row.mated,
                    "non_mated": row.non_mated,
                    "alarms": row.alarms,
                    "figures": row.figures,
                }
                for row in made
            ],
        )
        if any(row.alarms for row in made):
            raise CommandError("groups_differ", returncode=1)

    def parse(self, month: str | None, at: datetime) -> date:
        if month is None:
            return (at.date().replace(day=1) - timedelta(days=1)).replace(day=1)
        if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
            day = date(max(1, int(month[:4])), int(month[5:]), 1)
            if is_in_range(day):
                return day
        refuse(self.stdout, "month_not_yyyy_mm")
