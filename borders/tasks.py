"""Celery tasks of the border: thin, given ids only, safe to run twice; and the way into their queue.

Sending is a hint: the outbox holds every inspection that was received, and `manage.py sweep` sends again what the broker did not
take or has lost.
"""

import functools
from typing import Any
from uuid import UUID

import kombu.exceptions
from celery import shared_task
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers

from borders.services import pipeline
from borders.services.outbox import SendFailed

POOL_TIMEOUT_S = 0.1
# a worker waits for its broker; whoever sends does not: connect once more at once, then give up
IMPATIENT = {
    "socket_connect_timeout": 0.1,
    "socket_timeout": 0.15,
    "health_check_interval": 0,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


@shared_task(name="borders.tasks.process_inspection", ignore_result=True)
def process_inspection(*, inspection_id: str, **_: object) -> None:
    pipeline.process_inspection(inspection_id=UUID(inspection_id), clock=timezone.now)


def send_inspection(inspection_id: UUID) -> None:
    """Put the task of an inspection into the queue, within about 0.3 s. Raises SendFailed when the broker takes nothing."""
    connection = _connection()
    failures: tuple[Any, ...] = (*connection.connection_errors, *connection.channel_errors)
    try:
        with producers[connection].acquire(block=True, timeout=POOL_TIMEOUT_S) as producer:
            process_inspection.apply_async(
                kwargs={"inspection_id": str(inspection_id)}, producer=producer, retry=False
            )
    except (kombu.exceptions.KombuError, OSError, *failures) as failure:
        raise SendFailed from failure


@functools.cache
def _connection() -> Connection:
    app = process_inspection.app
    options = dict(app.conf.broker_transport_options or {}) | IMPATIENT
    return app.connection_for_write(transport_options=options)
