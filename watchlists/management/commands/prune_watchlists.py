"""Take out what superseded versions of watchlists held, when each list's own period for it is over."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import Actor
from watchlists.models import Watchlist
from watchlists.queries import get_manager
from watchlists.services.lists import ListRefused
from watchlists.services.pruning import Pruned, prune_watchlist, set_retention

_WHY = {
    "second_person_required": "another person than --actor must stand behind it",
    "role_required": "the account is neither list owner nor supervisor",
    "bad_retention": "0 to 20,000 days, 1 to 1,000 versions",
}


class Command(BaseCommand):
    help = (
        "Take out what superseded, rejected and lapsed versions held. Each list says how long (keep_days) and how many"
        " superseded versions stay for a roll-back (keep_versions). What hits, leads, exceptions, faces and audit rows"
        " point at stays. Interrupted, it goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--actor", required=True, metavar="USERNAME", help="list owner or supervisor")
        parser.add_argument("--list", metavar="NAME", help="this list alone; without it all")
        parser.add_argument("--keep-days", type=int, metavar="N",
                            help="first change the period of --list; needs --approved-by")  # fmt: skip
        parser.add_argument(
            "--keep-versions", type=int, metavar="N", help="likewise, of versions for a roll-back"
        )
        parser.add_argument(
            "--approved-by", metavar="USERNAME", help="second person, for a change of the period"
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would go, take nothing out")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of words")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        actor = get_manager(username=options["actor"], at=at)
        if actor is None:
            raise CommandError("--actor names no active account")
        lists = Watchlist.objects.order_by("name")
        if options["list"]:
            lists = lists.filter(name=options["list"])
            if not lists:
                raise CommandError("--list: there is no list of this name")
        dry_run, quiet = options["dry_run"], options["json"]
        if options["keep_days"] is not None or options["keep_versions"] is not None:
            lists = [self._set_retention(options, list(lists), actor, at)]
        try:
            done = [
                prune_watchlist(
                    actor=actor,
                    at=at,
                    watchlist=watchlist,
                    dry_run=dry_run,
                    progress=self._tell(watchlist.name) if not quiet else lambda *_: None,
                )
                for watchlist in lists
            ]
        except ListRefused as refused:
            raise CommandError(f"{refused.code}: {_WHY.get(refused.code, 'refused')}") from None
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "lists": [_as_json(one) for one in done]}))
            return
        for one in done:
            self.stdout.write(_in_words(one, dry_run=dry_run))

    def _set_retention(
        self, options: dict[str, Any], lists: list[Watchlist], actor: Actor, at: Any
    ) -> Watchlist:
        if not options["list"] or options["dry_run"]:
            raise CommandError("a period is changed for one --list, and not in a dry run")
        second = get_manager(username=options["approved_by"] or "", at=at)
        if second is None:
            raise CommandError("--approved-by names no active account")
        (watchlist,) = lists
        days, versions = options["keep_days"], options["keep_versions"]
        try:
            return set_retention(
                actor=actor,
                at=at,
                watchlist_id=watchlist.id,
                keep_days=watchlist.keep_days if days is None else days,
                keep_versions=watchlist.keep_versions if versions is None else versions,
                approved_by=second,
            )
        except ListRefused as refused:
            raise CommandError(f"{refused.code}: {_WHY.get(refused.code, 'refused')}") from None

    def _tell(self, name: str) -> Any:
        def tell(stage: str, done: int, total: int) -> None:
            self.stderr.write(f"{name}: {stage} {done:,} of {total:,}")

        return tell


def _as_json(one: Pruned) -> dict[str, Any]:
    return {
        "list": one.watchlist.name,
        "keep_days": one.watchlist.keep_days,
        "keep_versions": one.watchlist.keep_versions,
        "versions": list(one.versions),
        "holdings": one.holdings,
        "entries": one.entries,
        "keys": one.keys,
        "kept": one.kept,
    }


def _in_words(one: Pruned, *, dry_run: bool) -> str:
    if not one.versions and not one.entries:
        return f"{one.watchlist.name}: nothing is over its time."
    numbers = ", ".join(map(str, one.versions)) or "none new"
    words = "would go" if dry_run else "are gone"
    keys = "" if dry_run else f" with {one.keys:,} keys"
    return (
        f"{one.watchlist.name}: versions {numbers}; {one.holdings:,} holdings and {one.entries:,} entries{keys} {words};"
        f" {one.kept:,} entries of theirs stay because something points at them."
    )
