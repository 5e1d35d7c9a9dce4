"""Celery tasks of biometrics: thin, given ids only, safe to run twice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone
from kombu import Connection

from audit.core.actor import system_actor
from biometrics.services.deduplication import deduplicate_block, running_deduplications

# a block takes seconds; after so long without one the broker may have lost the run's task
LOST_AFTER = timedelta(minutes=10)
# the sweep has other duties: connect once more at once, then try at the next sweep
IMPATIENT = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "health_check_interval": 0,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


@shared_task(name="biometrics.tasks.deduplicate", ignore_result=True)
def deduplicate(*, run_id: str, **_: object) -> None:
    """Do one block of a run and ask for the next: one task a block, so that a worker is free for others in between."""
    if deduplicate_block(actor=system_actor("deduplication"), at=timezone.now(), run_id=UUID(run_id)):
        send_deduplication(UUID(run_id))


def send_deduplication(run_id: UUID, **options: Any) -> None:
    """Put the next block of a run into the queue of work that may be late."""
    deduplicate.apply_async(kwargs={"run_id": str(run_id)}, queue="bulk", **options)


class ResumingDue:
    """Remembers when this process last sent the tasks of unfinished runs again: not more often than every LOST_AFTER, so that
    tasks that only wait for a busy worker do not pile up.
    """

    def __init__(self) -> None:
        self.resumed_at: datetime | None = None

    def resume(self, *, at: datetime) -> int:
        """Send the tasks of runs again that nobody has gone on with; return how many. Raises what the broker's client raises."""
        if self.resumed_at is not None and at - self.resumed_at < LOST_AFTER:
            return 0
        lost = running_deduplications(before=at - LOST_AFTER)
        if lost:
            with _connection() as connection:
                for run_id in lost:
                    send_deduplication(run_id, connection=connection, retry=False)
            self.resumed_at = at
        return len(lost)


def _connection() -> Connection:
    app = deduplicate.app
    options = dict(app.conf.broker_transport_options or {}) | IMPATIENT
    return app.connection_for_write(transport_options=options)
