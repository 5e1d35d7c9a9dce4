"""Requests to correct a record: who takes and who decides them, what a grant changes, and what a cleared match tells."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from audit.core.actor import Role
from audit.models import AuditEntry
from borders.core.redress import CorrectionRefused
from borders.models import CorrectionRequest, Crossing, RecordCorrection, Stay
from borders.queries import open_stay_of
from borders.services.decisions import decide
from borders.services.redress import (
    decide_request,
    print_answer,
    receive_request,
    requests_in_reach,
    value_of,
)
from tests.db.conftest import make_officer
from travelers.models import Traveler

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera(airport, actor_of):
    """The second supervisor of the airport."""
    return actor_of(make_officer("vera", "UT-0005", airport, Role.SUPERVISOR))


@pytest.fixture
def crossing(ready, outcomes, alice_here, at) -> Crossing:
    """Anna has entered."""
    outcomes({})
    decide(actor=alice_here, at=at, inspection_id=ready().id, outcome="CLEARED", reason="seen")
    return Crossing.objects.get()


@pytest.fixture
def ask(bob_here, at, crossing):
    """ask(**changes): Bob receives Anna's request to correct her birth date."""

    def receive(**changes) -> CorrectionRequest:
        given = {
            "record_type": "TRAVELER",
            "record_id": crossing.traveler_id,
            "field": "birth_date",
            "asked_value": "1974-08-13",
            "statement": "Birth certificate shown",
            "requester": "PERSON",
            "language": "fr",
        }
        return receive_request(actor=bob_here, at=at, **(given | changes))

    return receive


def test_request_is_due_within_the_days_of_the_country(ask, airport, at) -> None:
    airport.country.correction_days = 14
    airport.country.save()

    request = ask()

    assert request.due_on == (at + timedelta(days=14)).date()
    assert (request.recorded_value, request.asked_value) == ("1974-08-12", "1974-08-13")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"asked_value": "1974-08-12"}, "unchanged"),
        ({"asked_value": "yesterday"}, "bad_value"),
        ({"field": "created_at"}, "field_unknown"),
        ({"record_type": "IMAGE"}, "invalid"),
        ({"record_id": "0193d3a4-0000-7000-8000-000000000000"}, "record_unknown"),
        ({"statement": "  "}, "required"),
        ({"statement": "x" * 1001}, "too_long"),
        ({"requester": "NEIGHBOUR"}, "invalid"),
        ({"language": "tlh"}, "invalid"),
        ({"field": "primary_identifier", "asked_value": ""}, "required"),
        ({"field": "nationality", "asked_value": "12"}, "bad_value"),
    ],
)
def test_request_that_cannot_be_answered_is_refused_by_name(ask, changes, code: str) -> None:
    with pytest.raises(CorrectionRefused) as refusal:
        ask(**changes)
    assert refusal.value.code == code
    assert not CorrectionRequest.objects.exists()


def test_supervisor_of_another_port_takes_and_sees_none(ask, crossing, charlie_there, at) -> None:
    ask()

    with pytest.raises(CorrectionRefused) as refusal:
        receive_request(
            actor=charlie_there,
            at=at,
            record_type="CROSSING",
            record_id=crossing.id,
            field="conveyance",
            asked_value="UT 2",
            statement="s",
            requester="PERSON",
            language="en",
        )

    assert refusal.value.code == "record_unknown"
    assert not requests_in_reach(actor=charlie_there).exists()


def test_officer_takes_none(crossing, alice_here, at) -> None:
    with pytest.raises(PermissionDenied):
        receive_request(
            actor=alice_here,
            at=at,
            record_type="CROSSING",
            record_id=crossing.id,
            field="conveyance",
            asked_value="UT 2",
            statement="s",
            requester="PERSON",
            language="en",
        )


def test_second_person_decides(ask, bob_here, vera, at) -> None:
    request = ask()

    with pytest.raises(CorrectionRefused) as refusal:
        decide_request(actor=bob_here, at=at, request_id=request.id, outcome="GRANTED", reason="seen")
    assert refusal.value.code == "second_person_required"

    decided = decide_request(actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="seen")
    assert decided.state == "GRANTED"
    with pytest.raises(CorrectionRefused) as refusal:
        decide_request(actor=vera, at=at, request_id=request.id, outcome="REFUSED", reason="again")
    assert refusal.value.code == "not_received"


def test_grant_writes_beside_the_record(ask, vera, at, crossing) -> None:
    request = ask()
    decide_request(actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="seen")

    traveler = Traveler.objects.get(id=crossing.traveler_id)
    assert traveler.birth_date == date(1974, 8, 12)
    assert value_of(traveler, "birth_date") == "1974-08-13"
    correction = RecordCorrection.objects.get(request=request)
    assert (correction.was, correction.value) == ("1974-08-12", "1974-08-13")
    with pytest.raises(DatabaseError), transaction.atomic():
        RecordCorrection.objects.update(value="1974-08-14")


def test_refusal_needs_a_reason_and_changes_nothing(ask, vera, at) -> None:
    request = ask()

    with pytest.raises(CorrectionRefused) as refusal:
        decide_request(actor=vera, at=at, request_id=request.id, outcome="REFUSED", reason=" ")
    assert refusal.value.code == "reason_required"
    decide_request(actor=vera, at=at, request_id=request.id, outcome="REFUSED", reason="No proof was shown")

    assert not RecordCorrection.objects.exists()


def test_exit_that_was_not_recorded_ends_the_open_stay(ask, vera, at, crossing) -> None:
    stay = Stay.objects.get()
    later = at + timedelta(days=3)
    request = ask(record_type="STAY", record_id=stay.id, field="exited_at", asked_value=at.date().isoformat())

    decide_request(actor=vera, at=later, request_id=request.id, outcome="GRANTED", reason="Stamp shown")

    assert open_stay_of(traveler_id=crossing.traveler_id, country_code="UTO") is None
    assert Stay.objects.get().exited_at is None


def test_allowed_stay_counts_as_corrected(ask, vera, at, crossing) -> None:
    stay = Stay.objects.get()
    request = ask(record_type="STAY", record_id=stay.id, field="allowed_until", asked_value="2027-06-30")
    decide_request(actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="Permit shown")

    counted = open_stay_of(traveler_id=crossing.traveler_id, country_code="UTO")
    assert counted.allowed_until == date(2027, 6, 30)


def test_answer_is_written_when_decided(ask, vera, at) -> None:
    request = ask()
    with pytest.raises(CorrectionRefused) as refusal:
        print_answer(actor=vera, at=at, request_id=request.id)
    assert refusal.value.code == "not_decided"

    decide_request(actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="seen")
    printed, content = print_answer(actor=vera, at=at, request_id=request.id)

    assert printed == request
    assert content.startswith(b"%PDF")
    assert AuditEntry.objects.filter(action="correction_request.answer_printed").count() == 1


def test_every_act_is_in_the_trail_without_values(ask, vera, at) -> None:
    request = ask()
    decide_request(actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="seen")

    rows = AuditEntry.objects.filter(object_id=str(request.id))
    assert {r.action for r in rows} == {"correction_request.received", "correction_request.decided"}
    assert not any("1974" in str(r.detail) for r in rows)


def test_a_granted_correction_counts_when_the_document_comes_again(
    ask, vera, at, anna, ready, monkeypatch
) -> None:
    monkeypatch.undo()  # of the fixture that made every check pass
    request = ask()
    decide_request(
        actor=vera, at=at, request_id=request.id, outcome="GRANTED", reason="Certificate is genuine"
    )

    again = ready(keyed=replace(anna, birth_date=date(1974, 8, 13)), when=at + timedelta(days=2))

    finding = again.findings.get(code="DOCUMENT.HOLDER")
    assert finding.outcome == "PASS"
    assert finding.detail["corrected_on_request"] == ["birth_date"]


def test_without_a_correction_another_birth_date_is_found(crossing, at, anna, ready, monkeypatch) -> None:
    monkeypatch.undo()

    again = ready(keyed=replace(anna, birth_date=date(1974, 8, 13)), when=at + timedelta(days=2))

    assert again.findings.get(code="DOCUMENT.HOLDER").reason == "other_birth_date"


def test_lists_are_searched_with_what_was_set_right_besides_the_document(
    ask, vera, at, ready, monkeypatch
) -> None:
    monkeypatch.undo()
    decide_request(actor=vera, at=at, request_id=ask().id, outcome="GRANTED", reason="Certificate is genuine")

    still_wrong = ready(when=at + timedelta(days=2))

    assert still_wrong.screening.presented["corrected"]["birth_date"] == "1974-08-13"


def test_lists_are_searched_with_the_document_alone_where_it_says_what_is_right(
    ask, vera, at, anna, ready, monkeypatch
) -> None:
    monkeypatch.undo()
    decide_request(actor=vera, at=at, request_id=ask().id, outcome="GRANTED", reason="Certificate is genuine")

    right = ready(keyed=replace(anna, birth_date=date(1974, 8, 13)), when=at + timedelta(days=2))

    assert right.screening.presented == {}
