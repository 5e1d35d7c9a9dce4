"""Health, readiness, metrics, and what a line of the log may hold."""

import io
import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from audit.api import observing
from audit.core.actor import Actor
from audit.models import Heartbeat, new_id
from audit.services import record
from borders.api import health, pressure, vitals
from borders.models import Erasure, ErasureRequest, LegalHold, OutboxMessage

INSPECTION = "01930000-0000-7000-8000-000000000001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def logged(monkeypatch) -> io.StringIO:
    """What the settings' own handler writes."""
    handlers = logging.getLogger().handlers
    handler = next(h for h in handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter))
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    return written


def lines_of(logged: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


def scrape() -> dict[tuple[str, str], float]:
    text = Client().get("/metrics/").content.decode()
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_show_the_oldest_unsent_message_and_unsealed_row():
    at = timezone.now()
    OutboxMessage.objects.create(
        topic="inspection.received",
        object_id=INSPECTION,
        created_at=at - timedelta(seconds=90),
        next_attempt_at=at,
    )
    record(actor=Actor(label="x"), at=at - timedelta(seconds=70), action="a.b", object_type="a", object_id="")
    found = scrape()
    assert found["bmis_oldest_seconds", "outbox"] == pytest.approx(90, abs=20)
    assert found["bmis_oldest_seconds", "audit_row"] == pytest.approx(70, abs=20)
    assert found["bmis_waiting", "outbox"] == 1


KINDS = {
    *("outbox", "message", "inspection", "referral", "protection_case", "retro_screening", "owner_notice"),
    *("erasure", "erasure_request", "erasure_approved", "correction_request", "correction_overdue"),
    *("decision_review", "identification_review", "upload", "list_version", "deduplication"),
    *("legal_hold_review", "account_change", "audit_row"),
}


def test_metrics_know_every_kind_of_unfinished_thing_and_count_no_leads():
    found = scrape()
    assert {kind for name, kind in found if name == "bmis_oldest_seconds"} == KINDS
    assert {kind for name, kind in found if name == "bmis_waiting"} == KINDS - {"owner_notice"}


def test_metrics_show_data_protection_work_that_nobody_has_finished(alice, bob):
    at = timezone.now()
    hour, traveler = timedelta(hours=1), new_id()
    Erasure.objects.create(
        subject="TRAVELER", subject_id=traveler, ground="RETENTION", erased_by="sweep", erased_at=at - hour
    )
    request = ErasureRequest(traveler_id=traveler, ground="REQUEST", reason="7/26", proposed_by=alice.user)
    request.proposed_at = at - 3 * hour
    request.save()
    hold = {"reason": "case", "authority": "court", "placed_by": alice.user, "placed_at": at}
    for days in (-1, 0, 2):
        LegalHold.objects.create(traveler_id=traveler, review_on=(at - timedelta(days=days)).date(), **hold)
    found = scrape()
    assert found["bmis_oldest_seconds", "erasure"] == pytest.approx(3600, abs=20)
    assert found["bmis_oldest_seconds", "erasure_request"] == pytest.approx(3 * 3600, abs=20)
    assert found["bmis_waiting", "erasure_approved"] == 0
    # a day is over at its end
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    late_s = (at - midnight).total_seconds() + 86400
    assert found["bmis_oldest_seconds", "legal_hold_review"] == pytest.approx(late_s, abs=20)
    assert found["bmis_waiting", "legal_hold_review"] == 1
    ErasureRequest.objects.filter(id=request.id).update(
        state="APPROVED", decided_by=bob.user, decided_at=at - 2 * hour
    )
    found = scrape()
    assert found["bmis_waiting", "erasure_request"] == 0
    assert found["bmis_oldest_seconds", "erasure_approved"] == pytest.approx(2 * 3600, abs=20)


def test_a_message_that_is_tried_again_is_no_inspection_that_waits():
    at = timezone.now()
    OutboxMessage.objects.create(
        topic="protection.asked", object_id=INSPECTION, created_at=at - timedelta(hours=2), next_attempt_at=at
    )
    found = scrape()
    assert found["bmis_oldest_seconds", "outbox"] == 0
    assert found["bmis_oldest_seconds", "message"] == pytest.approx(7200, abs=20)


def test_metrics_show_what_was_given_up():
    at = timezone.now()
    OutboxMessage.objects.create(
        topic="inspection.received", object_id=INSPECTION, created_at=at, next_attempt_at=at, dead=True
    )
    assert scrape()["bmis_parked", "outbox"] == 1


def test_metrics_show_a_sweep_that_stands_still():
    Heartbeat.objects.create(name="sweep", beaten_at=timezone.now() - timedelta(minutes=5))
    assert scrape()["bmis_heartbeat_age_seconds", "sweep"] == pytest.approx(300, abs=20)


def test_metrics_go_on_without_a_broker():
    found = scrape()
    assert (found["bmis_broker_up", ""], found["bmis_database_up", ""]) == (0, 1)


def test_silent_hits_do_not_show_in_metrics():
    found = scrape()
    assert found["bmis_oldest_seconds", "owner_notice"] == 0
    assert ("bmis_waiting", "owner_notice") not in found


@pytest.mark.parametrize(
    ("token", "options", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.9"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("", {"bmis.handed_on": True}, 404),
        ("of the scraper", {}, 404),
        ("of the scraper", {"HTTP_AUTHORIZATION": "Bearer of another"}, 404),
        ("of the scraper", {"HTTP_AUTHORIZATION": "Bearer of the scraper", "REMOTE_ADDR": "10.0.0.9"}, 200),
    ],
)
def test_metrics_are_not_open_to_the_world(settings, token, options, status):
    settings.METRICS_TOKEN = token
    assert Client().get("/metrics/", **options).status_code == status


@pytest.mark.parametrize(
    ("path", "status"), [("healthz", 200), ("readyz", 200), ("metrics", 200), ("admin", 301)]
)
def test_who_watches_the_host_needs_no_tls(settings, path, status):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(f"/{path}/").status_code == status


def test_ready_when_database_and_disk_are():
    response = Client().get("/readyz/")
    assert (response.status_code, response.json()["checks"]) == (200, {"database": True, "disk": True})


def test_not_ready_on_a_full_disk(monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 62)
    response = Client().get("/readyz/")
    assert (response.status_code, response.json()["checks"]["disk"]) == (503, False)


def test_request_is_logged_with_its_id_and_route_alone(logged):
    response = Client().get("/api/v1/inspections/?surname=ERIKSSON", HTTP_X_REQUEST_ID="booth-0001-17")
    assert response["X-Request-ID"] == "booth-0001-17"
    line = lines_of(logged)[-1]
    assert (line["event"], line["route"], line["status"], line["request_id"]) == (
        "request",
        "api/v1/inspections/",
        401,
        "booth-0001-17",
    )
    assert "ERIKSSON" not in logged.getvalue()


@pytest.mark.parametrize("sent", ["", "x", "a" * 65, "Anna Maria", 'a"b\n' * 4])
def test_request_id_of_no_use_is_replaced(sent):
    assert Client().get("/healthz/", HTTP_X_REQUEST_ID=sent.replace("\n", " "))["X-Request-ID"] != sent


def test_address_that_is_not_there_is_not_logged(logged):
    Client().get("/ERIKSSON/ANNA/")
    assert "ERIKSSON" not in logged.getvalue()
    assert lines_of(logged)[-1]["status"] == 404


def test_error_is_logged_by_its_kind_and_place_not_by_its_text(logged):
    def fail() -> None:
        try:
            raise ValueError("ERIKSSON")
        except ValueError as error:
            raise DatabaseError("Failing row contains (ANNA MARIA)") from error

    try:
        fail()
    except DatabaseError:
        logging.getLogger("anything").exception("step failed")
        structlog.get_logger("ours").exception("step.failed", code="x")
    for line in lines_of(logged):
        assert line["error"] == ["DatabaseError", "ValueError"]
        assert line["stack"][-1].startswith("test_operations.py:")
    assert "ERIKSSON" not in logged.getvalue()
    assert "ANNA" not in logged.getvalue()


def test_every_alarm_asks_for_a_metric_that_there_is():
    rules = (Path(settings.BASE_DIR) / "deploy" / "prometheus" / "alerts.yml").read_text()
    source = "".join(Path(module.__file__).read_text() for module in (vitals, observing, pressure))
    asked = set(re.findall(r"bmis_[a-z_]+", rules))
    assert {name for name in asked if f'"{name.removesuffix("_bucket")}"' not in source} == set()
    assert "bmis_oldest_seconds" in asked
