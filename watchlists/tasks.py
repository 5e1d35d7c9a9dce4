"""Celery tasks of the watchlists: thin, safe to run twice. The sweep does the same work where nothing is sent."""

from datetime import datetime, timedelta
from uuid import UUID

import kombu.exceptions
import structlog
from celery import shared_task
from django.utils import timezone

from audit.core.actor import system_actor
from watchlists.services import uploads
from watchlists.services.retro import continue_retro_screening
from watchlists.services.self_test import run_self_test

RETRO_BUDGET_S = 240.0
# after so long the broker may have lost the task of an upload
LOST_AFTER = timedelta(minutes=1)
log = structlog.get_logger()


@shared_task(name="watchlists.tasks.retro_screen", ignore_result=True)
def retro_screen(**_: object) -> None:
    continue_retro_screening(clock=timezone.now, budget_s=RETRO_BUDGET_S)


@shared_task(name="watchlists.tasks.test_engine", ignore_result=True)
def test_engine(**_: object) -> None:
    run_self_test(actor=system_actor("self_test"), at=timezone.now())


@shared_task(name="watchlists.tasks.import_upload", ignore_result=True)
def import_upload(*, run_id: str, **_: object) -> None:
    uploads.import_upload(at=timezone.now(), run_id=UUID(run_id))


def send_upload(run_id: UUID) -> None:
    """Put an upload into the queue of work that may be late. Where the broker takes nothing, the sweep sends it again."""
    try:
        import_upload.apply_async(kwargs={"run_id": str(run_id)}, queue="bulk", retry=False)
    except (kombu.exceptions.KombuError, OSError):
        log.warning("watchlist_upload.not_sent", run=str(run_id))


def send_waiting_uploads(*, at: datetime) -> None:
    """Send the uploads again that nobody has taken up."""
    for run_id in uploads.waiting_uploads(before=at - LOST_AFTER):
        send_upload(run_id)
