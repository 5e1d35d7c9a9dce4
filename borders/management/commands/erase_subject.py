"""Erase one traveller on request or order, and prove it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from borders.management.persons import add_officer, officer_of, traveler_of
from borders.models import Erasure
from borders.services.custody import ErasureRefused, erase_traveler, prove_erasure
from borders.services.custody.proof import collect_traces

ADVICE = {
    "traveler_unknown": "No such traveller is kept.",
    "legal_hold": "A legal hold stands against it; another person than who placed it may lift it in the admin.",
    "reason_missing": "--reason wants the file number of the request or order.",
    "second_person_missing": "--second wants the badge of another data protection officer.",
    "still_in_progress": "The traveller is being inspected right now; try again in a minute.",
}


class Command(BaseCommand):
    help = (
        "Erase a traveller for good: rows, images, templates, keys, indexes. Needs two data protection officers. Prints the "
        "proof as JSON: every place where their values and templates were looked for. Ends with 1 if anything was found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("traveler", help="id of the traveller")
        parser.add_argument("--ground", choices=("REQUEST", "ORDER"), default="REQUEST")
        parser.add_argument("--reason", default="", help="file number of the request or order; no names")
        add_officer(parser, second=True)

    def handle(self, *args: Any, **options: Any) -> None:
        actor, traveler_id = officer_of(options["officer"]), traveler_of(options["traveler"])
        second = officer_of(options["second"]) if options["second"] else None
        traces = collect_traces(traveler_id=traveler_id)
        try:
            erase_traveler(
                actor=actor,
                at=timezone.now(),
                traveler_id=traveler_id,
                ground=Erasure.Ground(options["ground"]),
                reason=options["reason"],
                seconded_by_id=second.user_id if second else None,
            )
        except ErasureRefused as refusal:
            raise CommandError(f"{refusal.code}: {ADVICE[refusal.code]}") from None
        proof = prove_erasure(actor=actor, at=timezone.now(), traveler_id=traveler_id, traces=traces)
        self.stdout.write(json.dumps(proof, indent=1))
        if not proof["proven"]:
            raise SystemExit(1)
