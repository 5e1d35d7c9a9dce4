"""Make search keys and forms anew where their rules have changed. Ctrl-C loses nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from watchlists.services.rekeying import continue_rekeying

ROWS_A_LINE = 10_000


class Command(BaseCommand):
    help = "Make the search keys of entries and past travellers anew that are made by older rules. The sweep does so too, slowly."

    def handle(self, *args: Any, **options: Any) -> None:
        done: dict[str, int] = {}

        def tell(stage: str, count: int) -> None:
            before = done.get(stage, 0)
            done[stage] = before + count
            if not before or before // ROWS_A_LINE != done[stage] // ROWS_A_LINE:
                self.stdout.write(f"{stage}: {done[stage]:,}")

        continue_rekeying(budget_s=None, progress=tell)
        self.stdout.write("All keys are made by the rules of this release.")
