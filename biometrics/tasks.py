"""Celery tasks of biometrics: thin, given ids only, safe to run twice."""

from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services import broker
from biometrics.services.deduplication import deduplicate_block, running_deduplications

# a block takes seconds; after so long without one the broker may have lost the run's task
LOST_AFTER = timedelta(minutes=10)


@shared_task(name="biometrics.tasks.deduplicate", ignore_result=True)
def deduplicate(*, run_id: str, **_: object) -> None:
    """Do one block of a run and ask for the next: one task a block, so that a worker is free for others in between."""
    if deduplicate_block(actor=system_actor("deduplication"), at=timezone.now(), run_id=UUID(run_id)):
        send_deduplication(UUID(run_id))


def send_deduplication(run_id: UUID) -> None:
    """Put the next block of a run into the queue of work that may be late."""
    deduplicate.apply_async(kwargs={"run_id": str(run_id)}, queue="bulk")


def resume_deduplications(*, at: datetime, resent: broker.Resent) -> int:
    """Send the tasks of runs again that nobody has gone on with; return how many. Raises SendFailed."""
    return resent.send(running_deduplications(before=at - LOST_AFTER), at=at, send=_resume)


def _resume(run_id: UUID) -> None:
    broker.send(deduplicate, {"run_id": str(run_id)}, queue="bulk")
