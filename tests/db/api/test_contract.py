"""The OpenAPI description against the code, a few examples an operation; `make torture NAME=contract` asks hundreds."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone

from borders.models import Booth, Officer
from borders.services.pipeline import process_inspection
from deploy.wsgi import application
from tests.db.api.conftest import entry_of_anna
from tests.db.conftest import ApiClient
from tests.torture.contract import Examination, load_schema

EXAMPLES = 2


@pytest.fixture
def examination(
    api_client: ApiClient,
    alice: Officer,
    bob: Officer,
    charlie: Officer,
    booth: Booth,
    land_booth: Booth,
    sent_to_workers: list[UUID],
) -> Iterator[Examination]:
    clients = [api_client(alice, booth), api_client(bob, booth), api_client(charlie, land_booth)]
    opened = [clients[0].post("/api/v1/inspections/", entry_of_anna()).json()["id"] for _ in range(2)]
    for inspection_id in opened:
        process_inspection(inspection_id=inspection_id, clock=timezone.now)
    decision = {"outcome": "CLEARED", "reason": "seen and known"}
    response = clients[0].post(f"/api/v1/inspections/{opened[0]}/decision/", decision)
    assert response.status_code == 200, json.dumps(response.json())
    tokens = [client._credentials["HTTP_AUTHORIZATION"].removeprefix("Bearer ") for client in clients]
    # the test's transaction lives in this connection, which a server would look after at each end of a request
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield Examination(application, tokens, {"inspections": opened})
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.mark.filterwarnings("default")  # schemathesis names paths that it cannot fill
def test_no_answer_is_undocumented_or_a_server_error(examination):
    examination.examine(load_schema(), examples=EXAMPLES, seed=9303)
    assert examination.faults == []
    assert examination.calls > 60
    assert len(examination.answered_well) >= 8
