"""Notices of refusal and correction requests as another system of the State uses them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from borders.models import Country, Crossing, RefusalGround
from tests.db.api.conftest import codes_of, entry_of_anna, looks

INSPECTIONS, REQUESTS = "/api/v1/inspections/", "/api/v1/correction-requests/"


@pytest.fixture
def refused(as_alice: APIClient, as_bob: APIClient, worker: None) -> str:
    """The address of Anna's inspection: referred by Alice, refused by Bob."""
    RefusalGround.objects.create(country=Country.objects.get(), code="NO_VISA", legal_basis="Border Act, 12")
    sent = as_alice.post(f"{INSPECTIONS}?wait_s=5", entry_of_anna()).json()
    address = f"{INSPECTIONS}{sent['id']}/"
    as_alice.post(f"{address}decision/", {"outcome": "REFERRED"})
    decided = as_bob.post(f"{address}decision/", {"outcome": "REFUSED", "reason": "No visa"})
    assert decided.status_code == 200
    return address


def test_notice_is_issued_and_printed(as_bob: APIClient, refused: str) -> None:
    issued = as_bob.post(f"{refused}refusal-notice/", {"grounds": ["NO_VISA"]})

    assert issued.status_code == 200
    assert issued.json()["grounds"] == [{"code": "NO_VISA", "legal_basis": "Border Act, 12"}]
    printed = as_bob.get(f"{refused}refusal-notice/file/?language=ar")
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    assert looks(action="refusal_notice.printed")[0].detail["language"] == "ar"


def test_notice_says_what_is_wrong_by_code(as_alice: APIClient, as_bob: APIClient, refused: str) -> None:
    notice = f"{refused}refusal-notice/"

    assert codes_of(as_bob.get(f"{notice}file/")) == {("", "notice_missing")}
    assert codes_of(as_bob.post(notice, {"grounds": []})) == {("grounds", "ground_required")}
    assert codes_of(as_bob.post(notice, {"grounds": ["NO_MEANS"]})) == {("grounds", "ground_unknown")}
    as_bob.post(notice, {"grounds": ["NO_VISA"]})
    assert codes_of(as_bob.get(f"{notice}file/?language=tlh")) == {("language", "language_unknown")}
    assert codes_of(as_alice.get(f"{notice}file/")) == {("", "role_required")}


@pytest.fixture
def asked(as_alice: APIClient, worker: None) -> dict[str, Any]:
    """A request about a crossing of Anna's."""
    sent = as_alice.post(f"{INSPECTIONS}?wait_s=5", entry_of_anna()).json()
    decided = as_alice.post(
        f"{INSPECTIONS}{sent['id']}/decision/", {"outcome": "CLEARED", "reason": "Looked at"}
    )
    assert decided.status_code == 200
    return {
        "record_type": "CROSSING",
        "record_id": str(Crossing.objects.get().id),
        "field": "conveyance",
        "asked_value": "UT 102",
        "statement": "Boarding pass shown",
        "requester": "PARTNER",
        "language": "pt",
    }


def test_request_is_received_listed_and_not_decided_by_its_receiver(
    as_bob: APIClient, as_alice: APIClient, as_charlie: APIClient, asked: dict[str, Any]
) -> None:
    received = as_bob.post(REQUESTS, asked)

    assert received.status_code == 201
    row = received.json()
    assert (row["recorded_value"], row["state"], row["received_by"]) == ("UT 101", "RECEIVED", "UT-0002")
    assert as_bob.get(f"{REQUESTS}?state=RECEIVED&overdue=false").json()["results"] == [row]
    assert as_bob.get(f"{REQUESTS}?overdue=true").json()["results"] == []
    decision = as_bob.post(f"{REQUESTS}{row['id']}/decision/", {"outcome": "GRANTED", "reason": "Proof"})
    assert codes_of(decision) == {("", "second_person_required")}
    assert codes_of(as_bob.get(f"{REQUESTS}{row['id']}/answer/")) == {("", "not_decided")}
    assert codes_of(as_alice.get(REQUESTS)) == {("", "role_required")}
    assert as_charlie.get(f"{REQUESTS}{row['id']}/").status_code == 404


def test_request_says_which_field_is_wrong(as_bob: APIClient, asked: dict[str, Any]) -> None:
    assert codes_of(as_bob.post(REQUESTS, asked | {"field": "birth_date"})) == {("field", "field_unknown")}
    assert codes_of(as_bob.post(REQUESTS, asked | {"asked_value": "UT 101"})) == {
        ("asked_value", "unchanged")
    }
    assert codes_of(as_bob.post(REQUESTS, asked | {"requester": "NOBODY"})) == {
        ("requester", "invalid_choice")
    }
