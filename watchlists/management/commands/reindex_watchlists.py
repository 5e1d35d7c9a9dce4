"""Make search keys and forms anew where their rules have changed. Ctrl-C loses nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from watchlists.services.index import reindex_entries


class Command(BaseCommand):
    help = "Make the search keys of entries anew that are stored by older rules."

    def handle(self, *args: Any, **options: Any) -> None:
        done = reindex_entries(progress=lambda count, total: self.stdout.write(f"{count} of {total} entries"))
        self.stdout.write(f"{done} entries made anew.")
