"""The booth waits in its request: until the checks are done, at most until its deadline, and holds nothing meanwhile."""

import threading
import time
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


def test_it_answers_at_once_when_the_checks_are_done(as_alice: APIClient, worker: None) -> None:
    begun = time.perf_counter()
    response = as_alice.post(f"{PATH}?wait_s=10", entry_of_anna())
    assert response.status_code == 201
    assert response.json()["state"] == "READY"
    assert time.perf_counter() - begun < 5
    begun = time.perf_counter()
    assert as_alice.get(f"{PATH}{response.json()['id']}/?wait_s=10").json()["state"] == "READY"
    assert time.perf_counter() - begun < 1


def test_without_a_wait_it_answers_as_things_stand(as_alice: APIClient, sent_to_workers: list[Any]) -> None:
    assert as_alice.post(PATH, entry_of_anna()).json()["state"] == "RECEIVED"


@override_settings(BOOTH_DEADLINE_S=30)
def test_it_waits_no_longer_than_asked(as_alice: APIClient, sent_to_workers: list[Any]) -> None:
    begun = time.perf_counter()
    body = as_alice.post(f"{PATH}?wait_s=0.3", entry_of_anna()).json()
    assert 0.3 <= time.perf_counter() - begun < 2
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
    settled: list[float] = []

    def settle() -> None:
        sleep(0.4)
        Inspection.objects.filter(id=inspection_id).update(
            opened_at=timezone.now(), deadline_at=timezone.now()
        )
        settle_inspection(actor=system_actor("test"), at=timezone.now(), inspection_id=inspection_id)
        settled.append(time.perf_counter())
        connection.close()

    other = threading.Thread(target=settle)
    other.start()
    body = as_alice.get(f"{PATH}{inspection_id}/?wait_s=10").json()
    answered = time.perf_counter()
    other.join()
    assert body["state"] == "READY"
    assert answered - settled[0] < 0.5
    assert idle
    assert all(idle)
