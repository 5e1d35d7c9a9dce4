"""Erase one traveller on request or order, and prove it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from borders.management.persons import add_officer, officer_of, traveler_of
from borders.services.custody import (
    ErasureRefused,
    approved_request,
    carry_out_erasure,
    prove_erasure,
)
from borders.services.custody.proof import collect_traces

ADVICE = {
    "traveler_unknown": "No such traveller is kept.",
    "legal_hold": "A legal hold stands against it; another person than who placed it may lift it in the admin.",
    "not_approved": "No approved request to erase this traveller: one officer proposes it at the desk, another approves it.",
    "still_in_progress": "The traveller is being inspected right now; try again in a minute.",
}


class Command(BaseCommand):
    help = (
        "Erase a traveller for good: rows, images, templates, keys, indexes. Runs a request that one data protection officer "
        "proposed and another approved at the desk. Prints the proof as JSON: every place where their values and templates "
        "were looked for. Ends with 1 if anything was found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("traveler", help="id of the traveller")
        add_officer(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor, traveler_id = officer_of(options["officer"]), traveler_of(options["traveler"])
        request = approved_request(traveler_id=traveler_id)
        if request is None:
            raise CommandError(f"not_approved: {ADVICE['not_approved']}")
        traces = collect_traces(traveler_id=traveler_id)
        try:
            carry_out_erasure(actor=actor, at=timezone.now(), request_id=request.id)
        except ErasureRefused as refusal:
            raise CommandError(f"{refusal.code}: {ADVICE[refusal.code]}") from None
        proof = prove_erasure(actor=actor, at=timezone.now(), traveler_id=traveler_id, traces=traces)
        self.stdout.write(json.dumps(proof, indent=1))
        if not proof["proven"]:
            raise SystemExit(1)
