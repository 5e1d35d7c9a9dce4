"""Celery tasks of the watchlists: thin, safe to run twice. The sweep does the same work where nothing is sent."""

from celery import shared_task
from django.utils import timezone

from audit.core.actor import system_actor
from watchlists.services.retro import continue_retro_screening
from watchlists.services.self_test import run_self_test

RETRO_BUDGET_S = 240.0


@shared_task(name="watchlists.tasks.retro_screen", ignore_result=True)
def retro_screen(**_: object) -> None:
    continue_retro_screening(clock=timezone.now, budget_s=RETRO_BUDGET_S)


@shared_task(name="watchlists.tasks.test_engine", ignore_result=True)
def test_engine(**_: object) -> None:
    run_self_test(actor=system_actor("self_test"), at=timezone.now())
