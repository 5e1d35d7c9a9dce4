"""What the tests of the API share: requests of the cast, and a worker that acts when the broker is asked."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import cv2
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from audit.models import AuditEntry
from audit.services.broker import SendFailed
from borders.api.views import inspections as views
from borders.models import Booth, Officer
from borders.services.outbox import publish
from borders.services.pipeline import process_inspection

ANNA = {
    "document_code": "P",
    "issuing_state": "UTO",
    "document_number": "L898902C3",
    "primary_identifier": "ERIKSSON",
    "secondary_identifier": "ANNA MARIA",
    "nationality": "UTO",
    "birth_date": "1974-08-12",
    "sex": "F",
    "expiry_date": "2032-04-15",
}


def entry_of_anna(**changes: Any) -> dict[str, Any]:
    """Return an inspection of Anna Maria Eriksson, who flies in; her document was keyed."""
    sent = {"client_reference": f"t-{uuid4()}", "direction": "ENTRY", "conveyance": "UT 101", "keyed": ANNA}
    return sent | changes


def png(height: int = 64, width: int = 48) -> bytes:
    """Return a grey image without a face or a line of text."""
    return cv2.imencode(".png", np.full((height, width, 3), 127, np.uint8))[1].tobytes()


def upload(client: APIClient, sent: Any, path: str = "/api/v1/inspections/", **images: bytes) -> Response:
    """Send an inspection as multipart/form-data. sent: the JSON part, as a value or as text."""
    parts: dict[str, Any] = {"inspection": sent if isinstance(sent, str) else json.dumps(sent)}
    parts |= {name: SimpleUploadedFile("image", content) for name, content in images.items()}
    return client.post(path, parts, format="multipart")


def codes_of(response: Response) -> set[tuple[str, str]]:
    """Return the (field, code) of every fault in a problem document."""
    assert response["Content-Type"] == "application/problem+json", response.content[:200]
    body = response.json()
    if body["code"] == "invalid":
        return {(e["field"], e["code"]) for e in body["errors"]}
    return {(body.get("field", ""), body["code"])}


def looks(**conditions: Any) -> list[AuditEntry]:
    """Return the audit rows of looks at personal data, oldest first."""
    return list(AuditEntry.objects.filter(kind="READ", **conditions).order_by("id"))


def replace_enqueue(monkeypatch: pytest.MonkeyPatch, send: Callable[[UUID], None]) -> None:
    """Hand inspections to `send` at once: what a test has written is never committed."""
    monkeypatch.setattr(
        views, "enqueue_on_commit", lambda row, place=None: publish(inspection_id=row.id, send=send)
    )


@pytest.fixture
def sent_to_workers(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The ids handed to the broker. No worker takes them."""
    taken: list[UUID] = []
    replace_enqueue(monkeypatch, taken.append)
    return taken


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, operating_points: object) -> None:
    """A worker that takes every inspection within the request that enqueues it."""

    def work(inspection_id: UUID) -> None:
        process_inspection(inspection_id=inspection_id, clock=timezone.now)

    replace_enqueue(monkeypatch, work)


@pytest.fixture
def broker_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(inspection_id: UUID) -> None:
        raise SendFailed

    replace_enqueue(monkeypatch, refuse)


@pytest.fixture
def as_alice(api_client: Callable[..., APIClient], alice: Officer, booth: Booth) -> APIClient:
    return api_client(alice, booth)


@pytest.fixture
def as_bob(api_client: Callable[..., APIClient], bob: Officer, booth: Booth) -> APIClient:
    return api_client(bob, booth)


@pytest.fixture
def as_charlie(api_client: Callable[..., APIClient], charlie: Officer, land_booth: Booth) -> APIClient:
    return api_client(charlie, land_booth)
