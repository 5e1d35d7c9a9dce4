"""Celery tasks of the border: thin, given ids only, safe to run twice; and the way into their queue.

Sending is a hint: the outbox holds every inspection that was received, and `manage.py sweep` sends again what the broker did not
take or has lost.
"""

import contextlib
from collections.abc import Iterable
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from audit.services import broker
from borders.services import pipeline
from borders.services.captures_ahead import read_ahead

AFTER_INSPECTIONS = 6  # of the priorities of the broker, 0 first: whoever waits at a booth goes before


@shared_task(name="borders.tasks.process_inspection", ignore_result=True)
def process_inspection(*, inspection_id: str, **_: object) -> None:
    pipeline.process_inspection(inspection_id=UUID(inspection_id), clock=timezone.now)


@shared_task(name="borders.tasks.read_capture", ignore_result=True, expires=30)
def read_capture(*, capture_id: str, **_: object) -> None:
    read_ahead(capture_id=UUID(capture_id), at=timezone.now())


def send_capture(capture_id: UUID) -> None:
    """Have a picture read that was given ahead. A hint and no more: what nobody reads ahead is read with its inspection."""
    with contextlib.suppress(broker.SendFailed):
        broker.send(read_capture, {"capture_id": str(capture_id)}, priority=AFTER_INSPECTIONS)


def send_inspection(inspection_id: UUID) -> None:
    """Put the task of an inspection into the queue, within about 0.3 s. Raises SendFailed when the broker takes nothing."""
    broker.send(process_inspection, {"inspection_id": str(inspection_id)})


def queue_lengths(queues: Iterable[str]) -> dict[str, int]:
    """Return how many tasks no worker has taken, of every priority, by queue.

    Over a connection of its own. Raises SendFailed where the broker does not answer.
    """
    with broker.connect(process_inspection.app) as connection:
        try:
            channel = connection.default_channel
            # not passive: kombu looks for the key of a queue without the application's prefix. These brokers keep no empty queue,
            # so nothing is made
            return {queue: int(channel.queue_declare(queue=queue).message_count) for queue in queues}
        except broker.failures_of(connection) as failure:
            raise broker.SendFailed from failure
