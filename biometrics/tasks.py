"""Celery tasks of biometrics: thin, given ids only, safe to run twice."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from audit.core.actor import system_actor
from biometrics.services.deduplication import deduplicate_block, running_deduplications


@shared_task(name="biometrics.tasks.deduplicate", ignore_result=True)
def deduplicate(*, run_id: str, **_: object) -> None:
    """Do one block of a run and ask for the next: one task a block, so that a worker is free for others in between."""
    if deduplicate_block(actor=system_actor("deduplication"), at=timezone.now(), run_id=UUID(run_id)):
        send_deduplication(UUID(run_id))


@shared_task(name="biometrics.tasks.resume_deduplications", ignore_result=True)
def resume_deduplications(**_: object) -> None:
    """Send the tasks of all unfinished runs again, after the broker has lost them."""
    for run_id in running_deduplications():
        send_deduplication(run_id)


def send_deduplication(run_id: UUID) -> None:
    """Put the next block of a run into the queue of work that may be late."""
    deduplicate.apply_async(kwargs={"run_id": str(run_id)}, queue="bulk")
