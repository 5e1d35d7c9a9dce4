"""Look through a gallery for one person under two identities."""

import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from kombu.exceptions import OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit.core.actor import system_actor
from biometrics.models import DeduplicationRun, Gallery
from biometrics.services.deduplication import (
    DeduplicationRefused,
    deduplicate_block,
    start_deduplication,
    stop_deduplication,
)
from biometrics.services.operating_points import NoOperatingPoint
from biometrics.tasks import send_deduplication

LOOK_EVERY_S = 0.5


class Command(BaseCommand):
    help = (
        "Compare every template of a gallery with every other and list the pairs of subjects that are alike. Goes on with the "
        "run that is not finished, if there is one. Ctrl-C loses nothing: start it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("gallery", help="its name, e.g. crossings")
        parser.add_argument("--engine", default=settings.FACE_ENGINE, help="default: %(default)s")
        parser.add_argument(
            "--threshold", type=float, help="default: the one in force for 1:N among crossings"
        )
        parser.add_argument("--background", action="store_true", help="let the workers do it, and only watch")
        parser.add_argument("--stop", action="store_true", help="stop the run that is not finished")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = system_actor("deduplicate_gallery")
        rows = Gallery.objects.filter(name=options["gallery"], engine=options["engine"])
        gallery = rows.order_by("-id").first()  # of the newest engine version
        if gallery is None:
            raise CommandError(
                f"There is no gallery {options['gallery']!r} of the engine {options['engine']}."
            )
        run = DeduplicationRun.objects.filter(gallery=gallery, state=DeduplicationRun.State.RUNNING).first()
        if options["stop"]:
            if run is None:
                raise CommandError("No run of this gallery is under way.")
            stop_deduplication(actor=actor, at=timezone.now(), run_id=run.id)
            self.stdout.write(f"Stopped after {run.done_count} of {run.member_count} templates.")
            return
        try:
            run = run or start_deduplication(
                actor=actor,
                at=timezone.now(),
                gallery=gallery.name,
                engine=gallery.engine,
                engine_version=gallery.engine_version,
                threshold=options["threshold"],
            )
            if options["background"]:
                send_deduplication(run.id)
            self.follow(run.id, work=not options["background"])
        except NoOperatingPoint:
            raise CommandError(
                "No threshold is in force for this engine: approve an operating point."
            ) from None
        except DeduplicationRefused as refused:
            raise CommandError(f"The run was refused: {refused.code}.") from None
        except (OperationalError, OSError):
            raise CommandError("The broker does not answer: run it without --background.") from None

    def follow(self, run_id: UUID, *, work: bool) -> None:
        """Show how far a run has come until it ends. work: do its blocks here; otherwise workers do."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("comparing", total=None)
            while True:
                if work:
                    actor = system_actor("deduplicate_gallery")
                    deduplicate_block(actor=actor, at=timezone.now(), run_id=run_id)
                else:
                    time.sleep(LOOK_EVERY_S)
                run = DeduplicationRun.objects.get(id=run_id)
                text = f"comparing, {run.pair_count} pairs"
                progress.update(bar, total=run.member_count, completed=run.done_count, description=text)
                if run.state != DeduplicationRun.State.RUNNING:
                    break
        self.stdout.write(
            f"{run.get_state_display()}: {run.done_count} templates compared, {run.pair_count} pairs at or above "
            f"{run.threshold:g}. They are listed in the admin under Duplicates."
        )
