"""Give a traveller all that is kept of them."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from borders.management.persons import add_officer, officer_of, traveler_of
from borders.services.custody import SubjectUnknown, export_subject


class Command(BaseCommand):
    help = (
        "Write a traveller's whole record to an encrypted zip (AES-256; 7-Zip, WinZip and most tools open it) with record.json "
        "and the images. The passphrase is printed once and kept nowhere: give it to the subject another way than the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("traveler", help="id of the traveller")
        parser.add_argument("--reference", required=True, help="file number of the request; no names")
        parser.add_argument("--to", type=Path, required=True, help="file to write; must not be there yet")
        add_officer(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor, traveler_id = officer_of(options["officer"]), traveler_of(options["traveler"])
        try:
            descriptor = os.open(options["to"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            raise CommandError("The file is there already, or cannot be written there.") from None
        try:
            made = export_subject(
                actor=actor, at=timezone.now(), traveler_id=traveler_id, reference=options["reference"]
            )
        except (SubjectUnknown, ValueError) as refusal:
            os.close(descriptor)
            options["to"].unlink()
            raise CommandError(
                "No such traveller is kept."
                if isinstance(refusal, SubjectUnknown)
                else "--reference is empty."
            ) from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.content)
        self.stdout.write(f"{made.rows} rows and {made.images} images in {options['to']}")
        self.stdout.write(f"Passphrase: {made.passphrase}")
        self.stdout.write(
            "Remove the file once the subject has it: the proof of erasure looks for it in EXPORT_DIR only."
        )
