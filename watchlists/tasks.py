"""Celery tasks of the watchlists: thin, safe to run twice. The sweep does the same work where nothing is sent."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services import broker
from watchlists.services import uploads
from watchlists.services.retro import continue_retro_screening
from watchlists.services.self_test import run_self_test

# above the limits of other tasks, and below the time after which the broker hands a task out again (deploy.celery)
RETRO_BUDGET_S, RETRO_LIMITS_S = 240.0, {"soft_time_limit": 360, "time_limit": 420}
UPLOAD_LIMITS_S = {"soft_time_limit": 780, "time_limit": 840}
# after so long the broker may have lost the task of an upload
LOST_AFTER = timedelta(minutes=1)
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
    try:
        _send(run_id)
    except broker.SendFailed:
        log.warning("watchlist_upload.not_sent", run=str(run_id))


def send_waiting_uploads(*, at: datetime, resent: broker.Resent) -> int:
    """Send the uploads again that nobody has taken up; return how many. Raises SendFailed."""
    return resent.send(uploads.waiting_uploads(before=at - LOST_AFTER), at=at, send=_send)


def _send(run_id: UUID) -> None:
    broker.send(import_upload, {"run_id": str(run_id)}, queue="bulk")
