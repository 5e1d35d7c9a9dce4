"""The way into the queues for whoever cannot wait for a broker: a request, or the sweep. A worker waits for its own.

Sending is a hint everywhere: what is to be done stands in the database and is found again, so a broker that takes nothing loses
nothing.
"""

import functools
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import kombu.exceptions
from celery import Celery, Task
from kombu import Connection
from kombu.pools import producers

POOL_TIMEOUT_S = 0.1
# connect once more at once, then give up
IMPATIENT = {
    "socket_connect_timeout": 0.1,
    "socket_timeout": 0.15,
    "health_check_interval": 0,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
# the broker itself hands out again what a worker took and did not finish in this time (deploy.celery): not sooner
AGAIN_AFTER = timedelta(minutes=15)


class SendFailed(ConnectionError):
    """The broker took nothing. What was to be sent stays due and is sent again."""

    code = "send_failed"


def send(task: Task, ids: dict[str, str], **options: Any) -> None:
    """Put a task into its queue, within about 0.3 s. Raises SendFailed."""
    connection = _kept_connection(task.app)
    try:
        with producers[connection].acquire(block=True, timeout=POOL_TIMEOUT_S) as producer:
            task.apply_async(kwargs=ids, producer=producer, retry=False, **options)
    except failures_of(connection) as failure:
        raise SendFailed from failure


def connect(app: Celery) -> Connection:
    """Return a connection of the caller's own, as every sender makes it: by way of the sentinels where there are some."""
    options = dict(app.conf.broker_transport_options or {}) | IMPATIENT
    return app.connection_for_write(transport_options=options)


def failures_of(connection: Connection) -> tuple[type[Exception], ...]:
    """Return what a broker raises that does not answer, or not in time."""
    return (
        kombu.exceptions.KombuError,
        OSError,
        *connection.connection_errors,
        *connection.channel_errors,
    )


_kept_connection = functools.cache(connect)


class Resent:
    """Remembers what this process has sent again: another copy does nothing but fill the queue while the one before waits for a
    busy worker.
    """

    def __init__(self) -> None:
        self._sent_at: dict[UUID, datetime] = {}

    def send(self, waiting: Collection[UUID], *, at: datetime, send: Callable[[UUID], object]) -> int:
        """Send each of what waits, none twice within AGAIN_AFTER; return how many. What waits no more is forgotten.

        Raises what `send` raises; what was not sent by then is sent with the next call.
        """
        self._sent_at = {one: sent_at for one, sent_at in self._sent_at.items() if one in waiting}
        due = [one for one in waiting if one not in self._sent_at or at - self._sent_at[one] >= AGAIN_AFTER]
        for one in due:
            send(one)
            self._sent_at[one] = at
        return len(due)
