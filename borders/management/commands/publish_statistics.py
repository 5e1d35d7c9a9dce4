"""`manage.py publish_statistics`: publish the months that are over, as the sweep does by itself once a day."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from audit.core.times import is_in_range
from borders.services.statistics import StatisticsRefused, as_csv, release_due, release_month


class Command(BaseCommand):
    help = (
        "Publish the tables of crossings of the months that are over, each once; or print one month as CSV."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--country", help="code of a country, with --month")
        parser.add_argument("--month", help="YYYY-MM: publish this month if it is not, and print it as CSV")

    def handle(self, *args: Any, country: str | None, month: str | None, **options: Any) -> None:
        actor, at = system_actor("publish_statistics"), timezone.now()
        if month is None or country is None:
            if month or country:
                raise CommandError("--country and --month go together")
            self.stdout.write(f"{release_due(actor=actor, at=at)} months published")
            return
        try:
            day = date.fromisoformat(f"{month}-01")
            if not is_in_range(day):
                raise ValueError(month)
            release, _ = release_month(actor=actor, at=at, country_code=country, month=day)
        except ValueError as error:
            code = error.code if isinstance(error, StatisticsRefused) else "month_invalid"
            raise CommandError(code) from None
        self.stdout.write(as_csv(release), ending="")
