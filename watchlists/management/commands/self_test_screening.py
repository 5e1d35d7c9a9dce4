"""Prove that the screening engine still fires, or set up the list that it is proved with."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from watchlists.queries import get_manager
from watchlists.services.lists import ListRefused
from watchlists.services.self_test import propose_test_list, run_self_test


class Command(BaseCommand):
    help = "Screen the made-up entries by their perturbed selves; exit 1 when one of them is missed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--propose", metavar="USERNAME", help="propose the test list; another person activates it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["propose"]:
            actor = get_manager(username=options["propose"], at=at)
            if actor is None:
                raise CommandError("--propose: no active account of this name")
            try:
                version = propose_test_list(actor=actor, at=at)
            except ListRefused as refused:
                raise CommandError(f"--propose: {refused.code}") from refused
            self.stdout.write(f"Proposed: {version}. Another person activates it.")
            return
        run = run_self_test(actor=system_actor("self_test"), at=at)
        self.stdout.write(
            json.dumps({"passed": run.passed, "reason": run.reason, "found": run.found, "missed": run.missed})
        )
        if not run.passed:
            raise SystemExit(1)
