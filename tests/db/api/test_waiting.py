"""The booth waits in its request: until the checks are done, at most until its deadline, and holds nothing meanwhile."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import system_actor
from borders.api import waiting
from borders.models import Inspection
from borders.services.inspections import settle_inspection
from tests.db.api.conftest import entry_of_anna

PATH = "/api/v1/inspections/"


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds slept so far, one number a nap, none of them really slept: the clock goes on by each."""
    slept: list[float] = []
    monkeypatch.setattr(waiting, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept)))
    return slept


def test_it_answers_without_a_wait_when_the_checks_are_done(
    as_alice: APIClient, worker: None, naps: list[float]
) -> None:
    response = as_alice.post(f"{PATH}?wait_s=10", entry_of_anna())
    assert response.status_code == 201
    assert response.json()["state"] == "READY"
    assert as_alice.get(f"{PATH}{response.json()['id']}/?wait_s=10").json()["state"] == "READY"
    assert naps == []


def test_without_a_wait_it_answers_as_things_stand(as_alice: APIClient, sent_to_workers: list[Any]) -> None:
    assert as_alice.post(PATH, entry_of_anna()).json()["state"] == "RECEIVED"


@override_settings(BOOTH_DEADLINE_S=30)
def test_it_waits_as_long_as_asked_and_no_longer(
    as_alice: APIClient, sent_to_workers: list[Any], naps: list[float]
) -> None:
    body = as_alice.post(f"{PATH}?wait_s=0.3", entry_of_anna()).json()
    assert sum(naps) == pytest.approx(0.3)
    assert max(naps) <= waiting.POLL_S
    assert body["state"] == "RECEIVED"


@override_settings(BOOTH_DEADLINE_S=0)
def test_past_the_deadline_an_officer_decides_on_what_is_not_checked(
    as_alice: APIClient, sent_to_workers: list[Any]
) -> None:
    body = as_alice.post(f"{PATH}?wait_s=0.1", entry_of_anna()).json()
    assert body["state"] == "RECEIVED"
    address = f"{PATH}{body['id']}/decision/"
    assert as_alice.post(address, {"outcome": "CLEARED"}).json()["code"] == "reason_required"
    body = as_alice.get(f"{PATH}{body['id']}/").json()
    assert (body["state"], body["advice"]) == ("READY", "REFER")
    assert {f["outcome"] for f in body["findings"]} == {"UNDETERMINED"}


@override_settings(BOOTH_DEADLINE_S=0)
def test_looking_without_waiting_settles_nothing(as_alice: APIClient, sent_to_workers: list[Any]) -> None:
    body = as_alice.post(PATH, entry_of_anna()).json()
    assert as_alice.get(f"{PATH}{body['id']}/").json()["state"] == "RECEIVED"


@pytest.mark.django_db(transaction=True)
@override_settings(BOOTH_DEADLINE_S=30)
def test_another_process_ends_the_wait_within_a_few_polls(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch, sent_to_workers: list[Any]
) -> None:
    inspection_id = as_alice.post(PATH, entry_of_anna()).json()["id"]
    idle: list[bool] = []
    sleep = time.sleep
    monkeypatch.setattr(
        waiting.time, "sleep", lambda s: (idle.append(not connection.in_atomic_block), sleep(s))
    )
    waited: list[int] = []

    def settle() -> None:
        sleep(0.4)
        Inspection.objects.filter(id=inspection_id).update(
            opened_at=timezone.now(), deadline_at=timezone.now()
        )
        settle_inspection(actor=system_actor("test"), at=timezone.now(), inspection_id=inspection_id)
        waited.append(len(idle))
        idle.clear()
        connection.close()

    other = threading.Thread(target=settle)
    other.start()
    body = as_alice.get(f"{PATH}{inspection_id}/?wait_s=10").json()
    other.join()
    assert body["state"] == "READY"
    assert waited[0] > 0
    assert len(idle) <= 3
    assert all(idle)
