"""Five hundred canary persons go through everything; not one is found in a log, a message, an URL, the trail or a cache."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection
from rest_framework.test import APIClient

from audit.models import AuditEntry
from borders import tasks
from borders.models import Inspection, OutboxMessage
from borders.services.pipeline import process_inspection
from tests.db.api.conftest import png, replace_enqueue, upload

pytestmark = pytest.mark.django_db
CANARIES = 500
REQUESTS = CANARIES // 2  # each carries two: one keyed, one printed on the page
PRINTED = ("primary_identifier", "secondary_identifier", "document_number")
# every name and number of a canary holds one of these, and nothing else in the world does
SONG = re.compile(r"QXCANARY|QXGIVEN|QX\d{7}|12 QX Road", re.IGNORECASE)


def letters(number: int) -> str:
    return "".join(chr(65 + int(digit)) for digit in f"{number:04d}")


def canary(number: int, **changes: Any) -> dict[str, Any]:
    """Return a person whom nobody is called like."""
    return {
        "document_code": "P",
        "issuing_state": "UTO",
        "document_number": f"QX{number:07d}",
        "primary_identifier": f"QXCANARY{letters(number)}",
        "secondary_identifier": f"QXGIVEN{letters(number)}",
        "nationality": "UTO",
        "birth_date": "1974-08-12",
        "sex": "F",
        "expiry_date": "2032-04-15",
    } | changes


def entry_of(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "client_reference": f"canary-{number}",
        "direction": "ENTRY",
        "conveyance": "UT 101",
        "address_of_stay": "12 QX Road",
        "keyed": canary(number),
        "printed": {name: canary(REQUESTS + number)[name] for name in PRINTED},
    } | changes


class Ear:
    """Hears all that leaves the system beside its answers: log lines as they are written, URLs asked and told."""

    def __init__(self) -> None:
        self.lines = io.StringIO()
        self.urls: list[str] = []
        self.errors: list[str] = []

    @property
    def text(self) -> str:
        return self.lines.getvalue()

    def heed(self, response: Any) -> Any:
        self.urls += [response.request["PATH_INFO"], response.request.get("QUERY_STRING", "")]
        self.urls.append(response.headers.get("Location", ""))
        if response.status_code >= 500:
            self.errors.append(response.content.decode())
        return response


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Every logger at its most talkative, written as this deployment writes."""
    heard, root = Ear(), logging.getLogger()
    handler = logging.StreamHandler(heard.lines)
    ours = [
        h.formatter for h in root.handlers if h.formatter is not None and type(h) is logging.StreamHandler
    ]
    handler.setFormatter(
        ours[0] if ours else logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A broker in memory, given real messages by the real task."""
    made = Connection("memory://canaries")
    monkeypatch.setattr("audit.services.broker._kept_connection", lambda app: made)
    replace_enqueue(monkeypatch, tasks.send_inspection)
    return made


def bodies_of(broker: Connection) -> list[str]:
    queue = broker.SimpleQueue("inspection")
    found = []
    while len(queue):
        message = queue.get_nowait()
        found.append(f"{message.payload} {message.headers} {message.properties}")
        message.ack()
    return found


def songs(*texts: str) -> list[str]:
    return [match.group() for text in texts for match in SONG.finditer(text)]


def database_text(model: type) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{model._meta.db_table}\" t")
        return cursor.fetchone()[0]


def cached_text() -> str:
    return str([vars(cache).get("_cache") for cache in caches.all(initialized_only=True)])


BAD = (
    lambda n: {"keyed": canary(n, birth_date=f"QXGIVEN{n}")},
    lambda n: {"keyed": canary(n, sex="QXCANARY")},
    lambda n: {"keyed": canary(n, primary_identifier="QXCANARY" * 40)},
    lambda n: {"keyed": canary(n, **{f"QXCANARY{n}": "unknown"})},
    lambda n: {"keyed": canary(n, document_number="QX\x00")},
    lambda n: {"direction": f"QX{n:07d}"},
    lambda n: {"purpose_of_travel": f"QXGIVEN{n}" * 10},
    lambda n: {"printed": {"primary_identifier": [f"QXCANARY{n}"]}},
)


def test_no_canary_sings(ear: Ear, broker: Connection, as_alice: APIClient, bob, operating_points) -> None:
    # entered by the booth: some of them with a picture
    for number in range(75):
        if number % 5:
            ear.heed(as_alice.post("/api/v1/inspections/", entry_of(number)))
        else:
            ear.heed(upload(as_alice, entry_of(number), face_image=png()))
    assert Inspection.objects.count() == 75
    # through the pipeline to a crossing
    for inspection in Inspection.objects.order_by("id")[:10]:
        process_inspection(inspection_id=inspection.id, clock=timezone.now)
        ear.heed(as_alice.get(f"/api/v1/inspections/{inspection.id}/"))
        answer = {"outcome": "CLEARED", "reason": "Seen, QXGIVEN as well"}
        ear.heed(as_alice.post(f"/api/v1/inspections/{inspection.id}/decision/", answer))
    # refused for what is wrong with them, and sent as no JSON at all
    for number in range(75, 185):
        bad = BAD[number % len(BAD)](number)
        response = ear.heed(as_alice.post("/api/v1/inspections/", entry_of(number, **bad)))
        assert response.status_code == 400, (bad.keys(), response.status_code)
    for number in range(185, 225):
        raw = json.dumps(entry_of(number))[: -1 - number % 7]
        ear.heed(as_alice.post("/api/v1/inspections/", raw, content_type="application/json"))
    # looked for by a supervisor
    bob.user.is_staff = True
    bob.user.save(update_fields=("is_staff",))
    browser = Client()
    browser.force_login(bob.user)
    listed = reverse("admin:travelers_traveler_changelist")
    for number in range(225, 240):
        term = canary(number - 225)["document_number" if number % 2 else "primary_identifier"]
        ear.heed(browser.post(f"{listed}find/", {"term": term}))
        assert ear.heed(browser.get(listed)).status_code == 200
    # met by a fault of ours, whose text names them as PostgreSQL's do
    quiet = APIClient(raise_request_exception=False)
    quiet.credentials(HTTP_AUTHORIZATION=as_alice._credentials["HTTP_AUTHORIZATION"])
    for number in range(240, REQUESTS):
        detail = f"DETAIL:  Key (document_number)=(QX{number:07d}) already exists: QXCANARY."
        with patch("borders.services.inspections.record_keyed_reading", side_effect=IntegrityError(detail)):
            response = ear.heed(quiet.post("/api/v1/inspections/", entry_of(number)))
        assert response.status_code == 500
    messages = bodies_of(broker)
    assert len(messages) >= 75
    assert ear.text.count("IntegrityError") >= 10  # something was said at all
    found = {
        "logs": songs(ear.text),
        "messages": songs(*messages),
        "urls": songs(*ear.urls),
        "answers to faults": songs(*ear.errors),
        "trail": songs(database_text(AuditEntry)),
        "outbox": songs(database_text(OutboxMessage)),
        "caches": songs(cached_text()),
    }
    assert found == {place: [] for place in found}
