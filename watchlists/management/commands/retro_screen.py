"""Screen new and changed entries against travellers already screened, with progress. Ctrl-C loses nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from watchlists.models import RetroScreeningRun, Watchlist
from watchlists.services.retro import continue_retro_screening, start_retro_screening

STEP_S = 1.0


class Command(BaseCommand):
    help = "Walk on with the retro-screenings in line. They leave leads for the owners of the lists, and stop nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--list", metavar="NAME", help="put the whole active version of a list in line first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            watchlist = Watchlist.objects.filter(name=options["list"], active_version__isnull=False).first()
            if watchlist is None:
                raise CommandError("--list: no list of this name is in force")
            start_retro_screening(
                actor=system_actor("retro_screen"), at=timezone.now(), version_id=watchlist.active_version_id
            )
        while continue_retro_screening(clock=timezone.now, budget_s=STEP_S, progress=self._tell):
            pass
        self.stdout.write("Nothing is left in line.")

    def _tell(self, run: RetroScreeningRun) -> None:
        self.stdout.write(f"{run.version}: {run.done} of {run.total} entries, {run.leads} leads")
