"""Services and list owners are told by mail or webhook: what is in it, when it is tried again, when it is given up."""

import hashlib
import hmac
import json
import smtplib
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.contrib.auth.models import User
from django.core import mail

from audit.core.actor import Role, system_actor
from audit.models import AuditEntry
from borders.core.protection import Cause
from borders.models import OutboxMessage, OwnerContact, ProtectionCase, ProtectionService
from borders.services import notifications
from borders.services.escalation import OPEN_FOR, count_silent_cases, escalate_cases
from borders.services.notifications import announce_notices, deliver_due, failed_message, webhook_secret
from borders.services.protection import acknowledge_case, ask_protection, refer_case, remind_services
from tests.db.conftest import make_officer
from tests.db.factories import make_entry, make_hit
from watchlists.models import OwnerNotice

pytestmark = pytest.mark.django_db


@pytest.fixture
def petra(airport, actor_of):
    return actor_of(make_officer("petra", "UT-0004", airport, Role.PROTECTION))


@pytest.fixture
def service(db) -> ProtectionService:
    return ProtectionService.objects.create(
        kind="CHILD_PROTECTION", name="Duty desk", contact="telephone 1", email="desk@service.invalid"
    )


@pytest.fixture
def referred(ready, outcomes, alice_here, petra, service, at) -> ProtectionCase:
    """Anna asks for protection, and the service is asked."""
    outcomes({})
    inspection = ready()
    ask_protection(actor=alice_here, at=at, inspection_id=inspection.id, cause=Cause.CLAIM)
    case = ProtectionCase.objects.get()
    return refer_case(actor=petra, at=at, case_id=case.id, service_id=service.id)


class Receiver(BaseHTTPRequestHandler):
    """A service's own system: keeps what it gets, and answers with `status`."""

    status = 204
    got: list[tuple[bytes, str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((body, self.headers["X-Bmis-Signature"]))
        if not self.status:
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            return
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    Receiver.status, Receiver.got = 204, []
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_service_is_told_when_asked_and_reminded_when_late_and_of_nobody_by_name(referred, at) -> None:
    assert deliver_due(at=at) == {"delivered": 1, "given_up": 0}
    later = referred.due_at + timedelta(minutes=1)
    remind_services(actor=system_actor("sweep"), at=later)
    assert deliver_due(at=later) == {"delivered": 1, "given_up": 0}

    asked, reminded = mail.outbox
    assert asked.to == ["desk@service.invalid"]
    assert "Reminder" in reminded.subject
    for message in mail.outbox:
        text = f"{message.subject} {message.body}"
        assert f"/booth/protection/{referred.id}/" in text
        assert not any(word in text for word in ("ERIKSSON", "ANNA", "L898902C3", "1974", "UTO"))


def test_nothing_is_sent_once_the_service_has_answered(referred, petra, at) -> None:
    acknowledge_case(actor=petra, at=at, case_id=referred.id)

    assert deliver_due(at=at)["delivered"] == 1
    assert mail.outbox == []


def test_mail_server_that_is_down_is_tried_again(referred, at, monkeypatch) -> None:
    def refuse(_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(notifications.EmailMessage, "send", refuse)
        assert deliver_due(at=at) == {"delivered": 0, "given_up": 0}
    assert OutboxMessage.objects.get(topic="protection.asked").failure == "mail_unreachable"

    assert deliver_due(at=at + timedelta(seconds=10))["delivered"] == 0
    assert deliver_due(at=at + timedelta(seconds=31))["delivered"] == 1


@pytest.mark.parametrize(("code", "given_up"), [(550, 1), (450, 0)])
def test_refused_mail_is_given_up_and_shown_at_the_case(referred, at, monkeypatch, code, given_up) -> None:
    def refuse(_: object) -> None:
        raise smtplib.SMTPRecipientsRefused({"desk@service.invalid": (code, b"no")})

    monkeypatch.setattr(notifications.EmailMessage, "send", refuse)

    assert deliver_due(at=at)["given_up"] == given_up
    assert (failed_message(case_id=referred.id) is not None) == bool(given_up)


def test_message_is_given_up_after_the_last_attempt(referred, at, monkeypatch) -> None:
    def refuse(_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(notifications.EmailMessage, "send", refuse)
    OutboxMessage.objects.filter(topic="protection.asked").update(attempts=notifications.ATTEMPTS_MAX - 1)

    assert deliver_due(at=at)["given_up"] == 1


def test_webhook_is_signed(referred, service, receiver, at) -> None:
    service.email, service.webhook_url = "", receiver
    service.save()

    assert deliver_due(at=at)["delivered"] == 1

    body, signature = Receiver.got[0]
    sent_at = signature.partition(",")[0].removeprefix("t=")
    key = webhook_secret(receiver=service)
    proof = hmac.new(key, f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == f"t={sent_at},v1={proof}"
    assert json.loads(body)["topic"] == "protection.asked"


@pytest.mark.parametrize(
    ("status", "given_up"), [(500, False), (503, False), (429, False), (404, True), (302, True), (0, False)]
)
def test_answer_of_the_webhook_says_whether_to_try_again(
    referred, service, receiver, at, status: int, given_up: bool
) -> None:
    service.email, service.webhook_url = "", receiver
    service.save()
    Receiver.status = status

    assert deliver_due(at=at)["given_up"] == given_up
    assert OutboxMessage.objects.get(topic="protection.asked").failure == f"webhook_{status or 'unreachable'}"


def test_webhook_without_tls_is_given_up(referred, service, at) -> None:
    service.email, service.webhook_url = "", "http://service.invalid/"
    service.save()

    assert deliver_due(at=at)["given_up"] == 1
    assert OutboxMessage.objects.get(topic="protection.asked").failure == "webhook_not_https"


def test_owner_is_told_once_that_a_notice_waits(ready, outcomes, alice, bob, at) -> None:
    outcomes({})
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, action="SILENT")
    hit = make_hit(inspection=ready(), entry=entry, at=at, silent=True)
    OwnerNotice.objects.create(hit=hit, owner_unit="Police", created_at=at)
    assert announce_notices(at=at) == 0
    OwnerContact.objects.create(owner_unit="Police", email="desk@police.invalid")

    assert [announce_notices(at=at), announce_notices(at=at)] == [1, 0]
    deliver_due(at=at)

    assert mail.outbox[0].to == ["desk@police.invalid"]
    assert "ERIC" not in mail.outbox[0].body


def in_text(message) -> str:
    return f"{message.subject} {message.body}"


def test_a_silent_service_is_told_to_whoever_answers_for_it_and_to_the_desk_and_names_nobody(
    referred, service, petra, at
) -> None:
    ProtectionService.objects.filter(id=service.id).update(escalation_email="head@service.invalid")
    User.objects.filter(id=petra.user_id).update(email="petra@border.invalid")
    sweep, second_deadline = system_actor("sweep"), referred.due_at + timedelta(minutes=60)
    assert escalate_cases(actor=sweep, at=second_deadline - timedelta(seconds=1)) == 0

    assert escalate_cases(actor=sweep, at=second_deadline) == 1
    assert escalate_cases(actor=sweep, at=second_deadline + timedelta(hours=5)) == 0

    deliver_due(at=second_deadline)
    told = [m for m in mail.outbox if "Nobody answers" in m.subject]
    assert [m.to for m in told] == [["head@service.invalid"], ["petra@border.invalid"]]
    assert not any(
        word in in_text(m) for m in told for word in ("ERIKSSON", "ANNA", "L898902C3", "1974", "UTO")
    )
    assert AuditEntry.objects.filter(action="protection_case.escalated").count() == 1


def test_a_case_for_which_nobody_asks_a_service_is_told_too(ready, outcomes, alice_here, petra, at) -> None:
    outcomes({})
    ask_protection(actor=alice_here, at=at, inspection_id=ready().id, cause=Cause.CLAIM)

    assert escalate_cases(actor=system_actor("sweep"), at=at + OPEN_FOR) == 1


def test_nothing_is_escalated_once_somebody_has_answered(referred, petra, at) -> None:
    later = referred.due_at + timedelta(minutes=60)
    escalate_cases(actor=system_actor("sweep"), at=later)
    acknowledge_case(actor=petra, at=later, case_id=referred.id)

    assert deliver_due(at=later)["given_up"] == 0
    assert not [m for m in mail.outbox if "Nobody answers" in m.subject]
    assert count_silent_cases(port_ids=petra.port_ids, at=later) == 0


def test_a_silence_that_nobody_can_be_told_of_is_given_up_where_supervisors_look(referred, petra, at) -> None:
    later = referred.due_at + timedelta(minutes=60)
    escalate_cases(actor=system_actor("sweep"), at=later)

    deliver_due(at=later)

    message = OutboxMessage.objects.get(topic="protection.silent")
    assert (message.dead, message.failure) == (True, "no_address")
    assert failed_message(case_id=referred.id) is None
    assert count_silent_cases(port_ids=petra.port_ids, at=later) == 1
    assert count_silent_cases(port_ids=(), at=later) == 0
