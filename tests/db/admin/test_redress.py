"""The desk for correction requests in the admin."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import CorrectionRequest, Crossing
from tests.db.conftest import make_officer
from tests.db.factories import make_crossing

LIST = reverse("admin:borders_correctionrequest_changelist")
RECEIVE = reverse("admin:borders_correctionrequest_receive")


def signed_in(officer) -> Client:
    officer.user.is_staff = True
    officer.user.save()
    client = Client()
    client.force_login(officer.user)
    return client


@pytest.fixture
def crossing(alice, booth, at) -> Crossing:
    return make_crossing(booth=booth, officer=alice, at=at, conveyance="UT 101")


@pytest.fixture
def sent(crossing) -> dict[str, str]:
    return {
        "record_type": "CROSSING",
        "record_id": str(crossing.id),
        "field": "conveyance",
        "asked_value": "UT 909",
        "statement": "Boarding pass shown",
        "requester": "PERSON",
        "language": "es",
    }


def test_request_is_received_decided_by_another_and_answered(bob, airport, sent) -> None:
    response = signed_in(bob).post(RECEIVE, sent)
    request = CorrectionRequest.objects.get()
    page = response["Location"]
    assert "Another person" in signed_in(bob).get(page).content.decode()

    vera = signed_in(make_officer("vera", "UT-0005", airport, Role.DATA_PROTECTION))
    decide = reverse("admin:borders_correctionrequest_act", args=(request.id, "decide"))
    vera.post(decide, {"choice": "GRANTED", "reason": "The boarding pass says so"})

    request.refresh_from_db()
    assert (request.state, request.correction.value) == ("GRANTED", "UT 909")
    answer = vera.get(reverse("admin:borders_correctionrequest_answer", args=(request.id,)))
    assert answer["Content-Type"] == "application/pdf"


def test_overdue_is_marked_in_the_queue(bob, sent) -> None:
    client = signed_in(bob)
    client.post(RECEIVE, sent)
    assert "Overdue" not in client.get(f"{LIST}?overdue=no").content.decode().partition("<table")[2]
    CorrectionRequest.objects.update(due_on=timezone.now().date() - timedelta(days=1))

    shown = client.get(f"{LIST}?overdue=yes").content.decode()

    assert "Overdue" in shown.partition("<table")[2]
    assert AuditEntry.objects.filter(action="correction_request.listed").exists()


def test_form_says_what_does_not_fit(bob, sent) -> None:
    response = signed_in(bob).post(RECEIVE, sent | {"field": "birth_date"})

    assert response.status_code == 422
    assert "no such field" in response.content.decode()
    assert not CorrectionRequest.objects.exists()


def test_officer_and_supervisor_of_another_port_see_nothing(bob, alice, charlie, sent) -> None:
    signed_in(bob).post(RECEIVE, sent)
    request = CorrectionRequest.objects.get()
    page = reverse("admin:borders_correctionrequest_change", args=(request.id,))

    assert signed_in(alice).get(RECEIVE).status_code == 403
    assert signed_in(charlie).get(page).status_code == 404
