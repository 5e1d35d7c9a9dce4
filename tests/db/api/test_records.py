"""Crossings, stays, travellers, documents and referrals: filters, pages, and nothing of another port."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from borders.models import Crossing
from tests.db.api.conftest import codes_of, entry_of_anna, looks

INSPECTIONS = "/api/v1/inspections/"
KINDS = ["crossings", "stays", "travelers", "documents", "referrals", "inspections"]
NAMES = {k: k[:-1] for k in KINDS}


@pytest.fixture
def visit(as_alice: APIClient, worker: None) -> dict[str, Any]:
    """Anna entered and left again; a third inspection is referred."""
    for direction, outcome in (("ENTRY", "CLEARED"), ("EXIT", "CLEARED"), ("ENTRY", "REFERRED")):
        inspection = as_alice.post(f"{INSPECTIONS}?wait_s=5", entry_of_anna(direction=direction)).json()
        decision = {"outcome": outcome, "reason": "Looked at by a person."}
        decided = as_alice.post(f"{INSPECTIONS}{inspection['id']}/decision/", decision)
        assert decided.status_code == 200, decided.json()
    return inspection


def rows(client: APIClient, kind: str, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/{kind}/?{query}")
    assert response.status_code == 200, response.json()
    return response.json()["results"]


def test_a_crossing_has_the_shape_of_the_contract(as_alice: APIClient, visit: dict[str, Any]) -> None:
    crossing = rows(as_alice, "crossings", "direction=ENTRY")[0]
    assert set(crossing) == {
        "id",
        "occurred_at",
        "received_at",
        "direction",
        "transport_mode",
        "conveyance",
        "purpose_of_travel",
        "address_of_stay",
        "port",
        "booth",
        "officer",
        "inspection_id",
        "traveler_id",
        "document_id",
    }
    assert (crossing["port"], crossing["booth"], crossing["officer"]) == ("UTAIR", "A1", "UT-0001")
    assert (crossing["transport_mode"], crossing["conveyance"]) == ("AIR", "UT 101")


def test_entry_and_exit_make_one_stay(as_alice: APIClient, visit: dict[str, Any]) -> None:
    stay = rows(as_alice, "stays")[0]
    crossings = {c["direction"]: c["id"] for c in rows(as_alice, "crossings")}
    assert (stay["entry_id"], stay["exit_id"]) == (crossings["ENTRY"], crossings["EXIT"])
    assert (stay["entry_port"], stay["exit_port"], stay["anomaly"]) == ("UTAIR", "UTAIR", "")


def test_detail_and_list_say_the_same(as_alice: APIClient, visit: dict[str, Any]) -> None:
    for kind in KINDS:
        row = rows(as_alice, kind)[0]
        detail = as_alice.get(f"/api/v1/{kind}/{row['id']}/")
        assert detail.status_code == 200, kind
        assert row.items() <= detail.json().items(), kind


def test_charlie_of_another_port_sees_nothing(
    as_alice: APIClient, as_charlie: APIClient, visit: dict[str, Any]
) -> None:
    for kind in KINDS:
        row = rows(as_alice, kind)[0]
        assert rows(as_charlie, kind) == []
        foreign = as_charlie.get(f"/api/v1/{kind}/{row['id']}/")
        missing = as_charlie.get(f"/api/v1/{kind}/{uuid4()}/")
        assert (foreign.status_code, foreign.json()) == (404, missing.json()), kind


def test_charlie_takes_no_referral_of_another_port(
    as_charlie: APIClient, as_alice: APIClient, visit: dict[str, Any]
) -> None:
    referral = rows(as_alice, "referrals")[0]
    for act in ("acknowledgement", "closure"):
        response = as_charlie.post(f"/api/v1/referrals/{referral['id']}/{act}/", {"answer": "Mine."})
        assert response.status_code == 404
    assert rows(as_alice, "referrals")[0] == referral


def test_every_look_is_in_the_trail(as_alice: APIClient, visit: dict[str, Any]) -> None:
    for kind in KINDS:
        before = len(looks())
        listed = rows(as_alice, kind)
        as_alice.get(f"/api/v1/{kind}/{listed[0]['id']}/")
        of_list, of_detail = looks()[before:]
        ids = [of_list.object_id] if len(listed) == 1 else of_list.detail["ids"]
        assert (of_list.object_type, of_list.action) == (NAMES[kind], f"{NAMES[kind]}.listed")
        assert ids == [row["id"] for row in listed]
        assert (of_detail.action, of_detail.object_id) == (f"{NAMES[kind]}.read", listed[0]["id"])


def test_a_look_that_cannot_be_recorded_is_refused(
    as_alice: APIClient, visit: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"/api/v1/{kind}/" for kind in KINDS]
    paths += [f"/api/v1/{kind}/{rows(as_alice, kind)[0]['id']}/" for kind in KINDS]

    def refuse(**_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("audit.api.views.record_read", refuse)
    as_alice.raise_request_exception = False
    assert {as_alice.get(path).status_code for path in paths} == {500}


FILTERS = [
    ("crossings", "direction=EXIT", 1),
    ("crossings", "transport_mode=AIR", 2),
    ("crossings", "transport_mode=SEA", 0),
    ("crossings", "port=UTAIR&booth=A1", 2),
    ("crossings", "occurred_from=2100-01-01T00:00:00Z", 0),
    ("crossings", "occurred_until=2100-01-01T00:00:00%2B01:00", 2),
    ("crossings", f"document_id={uuid4()}", 0),
    ("stays", "open=true", 0),
    ("stays", "open=false", 1),
    ("stays", "anomaly=EXIT_MISSING", 0),
    ("stays", "allowed_until_before=2100-01-01", 0),
    ("stays", "entered_from=2020-01-01T00:00:00Z", 1),
    ("stays", "exited_until=2020-01-01T00:00:00Z", 0),
    ("referrals", "state=OPEN", 1),
    ("referrals", "state=CLOSED", 0),
    ("referrals", "due_until=2020-01-01T00:00:00Z", 0),
    ("inspections", "state=CLEARED", 2),
    ("inspections", "state=REFERRED&direction=ENTRY", 1),
]


def test_lists_are_narrowed_by_filters(as_alice: APIClient, visit: dict[str, Any]) -> None:
    found = [(kind, query, len(rows(as_alice, kind, query))) for kind, query, _ in FILTERS]
    assert found == FILTERS


def test_crossings_of_one_traveller_are_found_by_id(as_alice: APIClient, visit: dict[str, Any]) -> None:
    traveler_id = rows(as_alice, "travelers")[0]["id"]
    assert len(rows(as_alice, "crossings", f"traveler_id={traveler_id}")) == Crossing.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("stays/?allowed_until_before=12/08/2026", ("allowed_until_before", "invalid")),
        ("crossings/?surname=ERIKSSON", ("", "unknown_parameter")),
        ("travelers/?primary_identifier=ERIKSSON", ("", "unknown_parameter")),
        ("documents/?document_number=L898902C3", ("", "unknown_parameter")),
        ("crossings/?cursor=AAAA", ("", "cursor_invalid")),
        ("referrals/?route=HOME", ("route", "invalid_choice")),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    as_alice: APIClient, path: str, fault: tuple[str, str]
) -> None:
    response = as_alice.get(f"/api/v1/{path}")
    assert response.status_code == 400
    assert codes_of(response) == {fault}
