"""Celery tasks of the watchlists: thin, safe to run twice. The sweep does the same work where nothing is sent."""

import functools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import kombu.exceptions
import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers

from audit.core.actor import system_actor
from watchlists.services import uploads
from watchlists.services.retro import continue_retro_screening
from watchlists.services.self_test import run_self_test

# above the limits of other tasks, and below the time after which the broker hands a task out again (deploy.celery)
RETRO_BUDGET_S, RETRO_LIMITS_S = 240.0, {"soft_time_limit": 360, "time_limit": 420}
UPLOAD_LIMITS_S = {"soft_time_limit": 780, "time_limit": 840}
# after so long the broker may have lost the task of an upload
LOST_AFTER = timedelta(minutes=1)
POOL_TIMEOUT_S = 0.1
# a person waits for the page: connect once more at once, then leave it to the sweep
IMPATIENT = {
    "socket_connect_timeout": 0.1,
    "socket_timeout": 0.15,
    "retry_on_timeout": False,
    "health_check_interval": 0,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
log = structlog.get_logger()


@shared_task(name="watchlists.tasks.retro_screen", ignore_result=True, **RETRO_LIMITS_S)
def retro_screen(**_: object) -> None:
    continue_retro_screening(clock=timezone.now, budget_s=RETRO_BUDGET_S)


@shared_task(name="watchlists.tasks.test_engine", ignore_result=True)
def test_engine(**_: object) -> None:
    run_self_test(actor=system_actor("self_test"), at=timezone.now())


@shared_task(name="watchlists.tasks.import_upload", ignore_result=True, **UPLOAD_LIMITS_S)
def import_upload(*, run_id: str, **_: object) -> None:
    try:
        uploads.import_upload(at=timezone.now(), run_id=UUID(run_id))
    except SoftTimeLimitExceeded:
        uploads.give_up_slow(at=timezone.now(), run_id=UUID(run_id))
        raise


def send_upload(run_id: UUID) -> None:
    """Put an upload into the queue of work that may be late. Where the broker takes nothing, the sweep sends it again."""
    connection = _connection()
    failures: tuple[Any, ...] = (*connection.connection_errors, *connection.channel_errors)
    try:
        with producers[connection].acquire(block=True, timeout=POOL_TIMEOUT_S) as producer:
            import_upload.apply_async(
                kwargs={"run_id": str(run_id)}, queue="bulk", producer=producer, retry=False
            )
    except (kombu.exceptions.KombuError, OSError, *failures):
        log.warning("watchlist_upload.not_sent", run=str(run_id))


@functools.cache
def _connection() -> Connection:
    app = import_upload.app
    options = dict(app.conf.broker_transport_options or {}) | IMPATIENT
    return app.connection_for_write(transport_options=options)


def send_waiting_uploads(*, at: datetime) -> None:
    """Send the uploads again that nobody has taken up."""
    for run_id in uploads.waiting_uploads(before=at - LOST_AFTER):
        send_upload(run_id)
