"""Celery tasks of the border: thin, given ids only, safe to run twice; and the way into their queue.

Sending is a hint: the outbox holds every inspection that was received, and `manage.py sweep` sends again what the broker did not
take or has lost.
"""

import contextlib
import functools
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import kombu.exceptions
from celery import shared_task
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers

from borders.services import pipeline
from borders.services.captures_ahead import read_ahead
from borders.services.outbox import SendFailed

POOL_TIMEOUT_S = 0.1
AFTER_INSPECTIONS = 6  # of the priorities of the broker, 0 first: whoever waits at a booth goes before
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


@shared_task(name="borders.tasks.read_capture", ignore_result=True, expires=30)
def read_capture(*, capture_id: str, **_: object) -> None:
    read_ahead(capture_id=UUID(capture_id), at=timezone.now())


def send_capture(capture_id: UUID) -> None:
    """Have a picture read that was given ahead. A hint and no more: what nobody reads ahead is read with its inspection."""
    with contextlib.suppress(SendFailed):
        _send(read_capture, {"capture_id": str(capture_id)}, priority=AFTER_INSPECTIONS)


def send_inspection(inspection_id: UUID) -> None:
    """Put the task of an inspection into the queue, within about 0.3 s. Raises SendFailed when the broker takes nothing."""
    _send(process_inspection, {"inspection_id": str(inspection_id)})


def _send(task: Any, ids: dict[str, str], **options: Any) -> None:
    connection = _connection()
    failures: tuple[Any, ...] = (*connection.connection_errors, *connection.channel_errors)
    try:
        with producers[connection].acquire(block=True, timeout=POOL_TIMEOUT_S) as producer:
            task.apply_async(kwargs=ids, producer=producer, retry=False, **options)
    except (kombu.exceptions.KombuError, OSError, *failures) as failure:
        raise SendFailed from failure


def queue_lengths(queues: Iterable[str]) -> dict[str, int]:
    """Return how many tasks no worker has taken, of every priority, by queue.

    Over a connection of its own, made as every sender makes it: by way of the sentinels where there are some. Raises SendFailed
    where the broker does not answer.
    """
    with _connect() as connection:
        failures = (*connection.connection_errors, *connection.channel_errors)
        try:
            channel = connection.default_channel
            # not passive: kombu looks for the key of a queue without the application's prefix. These brokers keep no empty queue,
            # so nothing is made
            return {queue: int(channel.queue_declare(queue=queue).message_count) for queue in queues}
        except (kombu.exceptions.KombuError, OSError, *failures) as failure:
            raise SendFailed from failure


@functools.cache
def _connection() -> Connection:
    return _connect()


def _connect() -> Connection:
    app = process_inspection.app
    options = dict(app.conf.broker_transport_options or {}) | IMPATIENT
    return app.connection_for_write(transport_options=options)
