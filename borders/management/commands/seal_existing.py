"""Seal images, templates and chip files that were stored before there were keys."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from audit.core.actor import system_actor
from biometrics.models import SubjectKey
from biometrics.services.keys import MasterKeyError
from biometrics.services.keys.sealing import seal_images, seal_templates, unsealed_images, unsealed_templates
from borders.models import Inspection
from travelers.services.chip_sealing import seal_chips, unsealed_chips

ACTOR = system_actor("seal_existing")


class Command(BaseCommand):
    help = (
        "Seal what was stored before there were keys, while everything goes on working. "
        "Ctrl-C loses nothing: start it again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        missing = 0
        try:
            with Progress(*columns, console=Console(stderr=True)) as progress:
                images = progress.add_task("images", total=unsealed_images().count())
                while any(found := seal_images(actor=ACTOR, at=timezone.now(), subject_of=subject_of_image)):
                    progress.advance(images, sum(found))
                    missing += found[1]
                templates = progress.add_task("templates", total=unsealed_templates().count())
                self._drain(progress, templates, lambda: seal_templates(actor=ACTOR, at=timezone.now()))
                chips = progress.add_task("chips", total=unsealed_chips().count())
                self._drain(
                    progress,
                    chips,
                    lambda: seal_chips(actor=ACTOR, at=timezone.now(), subject_of=subject_of_chip),
                )
        except MasterKeyError as error:
            raise CommandError(f"The master keys cannot be used: {error.code}.") from None
        self.stdout.write("Everything is sealed.")
        if missing:
            self.stdout.write(f"{missing} images have a row and no file.")

    def _drain(self, progress: Progress, task: TaskID, step: Any) -> None:
        while done := step():
            progress.advance(task, done)


def subject_of_image(image_id: UUID) -> tuple[SubjectKey.Kind, UUID]:
    """Return whom an image belongs to: the inspection that it was taken at, else itself."""
    return _subject(
        Q(page_image=image_id) | Q(face_image=image_id) | Q(chip_verification__portrait=image_id),
        SubjectKey.Kind.IMAGE,
        image_id,
    )


def subject_of_chip(chip_id: UUID) -> tuple[SubjectKey.Kind, UUID]:
    """Return whom a chip belongs to: the inspection that it was read at, else itself."""
    return _subject(Q(chip=chip_id), SubjectKey.Kind.CHIP, chip_id)


def _subject(of: Q, own: SubjectKey.Kind, own_id: UUID) -> tuple[SubjectKey.Kind, UUID]:
    inspection_id = Inspection.objects.filter(of).values_list("id", flat=True).first()
    return (own, own_id) if inspection_id is None else (SubjectKey.Kind.INSPECTION, inspection_id)
