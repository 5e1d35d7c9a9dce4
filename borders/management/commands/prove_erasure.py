"""Look everywhere for what may be left of a traveller who was erased."""

import base64
import binascii
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.actor import system_actor
from borders.core.traces import Traces, make_traces
from borders.management.persons import traveler_of
from borders.services.custody import prove_erasure


class Command(BaseCommand):
    help = (
        "Prove that a traveller is erased: look through tables, keys, images, galleries, exports and the newest backup. Prints "
        "JSON, ends with 1 if anything was found. --values FILE: what to look for, as the subject brings it: "
        '{"texts": ["L898902C3", ["ERIKSSON", "ANNA MARIA", "1974-08-12"]], "vectors": ["Base64 of float32"]}; a list inside '
        "texts is looked for together in one row."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("traveler", help="id that the traveller had")
        parser.add_argument("--values", type=Path, help="file with values to look for; remove it afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        traces = read_values(options["values"]) if options["values"] else None
        proof = prove_erasure(
            actor=system_actor("prove_erasure"),
            at=timezone.now(),
            traveler_id=traveler_of(options["traveler"]),
            traces=traces,
        )
        self.stdout.write(json.dumps(proof, indent=1))
        if not proof["proven"]:
            raise SystemExit(1)


def read_values(path: Path) -> Traces:
    """Return the traces of a file of values. Raises CommandError, which names no value."""
    try:
        given = json.loads(path.read_bytes())
        groups = [
            [text] if isinstance(text, str) else [str(t) for t in text] for text in given.get("texts", [])
        ]
        vectors = [base64.b64decode(text, validate=True) for text in given.get("vectors", [])]
    except OSError:
        raise CommandError("The file of values cannot be read.") from None
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise CommandError("The file of values is not as --help says.") from None
    return make_traces(groups, vectors)
