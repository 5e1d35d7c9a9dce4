"""Read, decide and correct inspections over the API."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit.models import AuditEntry
from borders.api.serializers.inspections import InspectionSerializer, StepSerializer
from borders.api.views.inspections import with_evidence
from borders.core.pipeline import Step
from borders.models import Crossing, Decision, Inspection, InspectionStep, Referral
from tests.db.api.conftest import ANNA, codes_of, entry_of_anna, looks, png, upload

PATH = "/api/v1/inspections/"
SHAPE = {
    "id",
    "client_reference",
    "state",
    "direction",
    "port",
    "booth",
    "officer",
    "opened_at",
    "deadline_at",
    "ready_at",
    "advice",
    "traveler_id",
    "document_id",
    "crossing_id",
    "conveyance",
    "purpose_of_travel",
    "address_of_stay",
    "party_reference",
    "images",
    "reading",
    "findings",
    "chip",
    "face",
    "steps",
    "reasons",
    "decisions",
    "referrals",
}


@pytest.fixture
def ready(as_alice: APIClient, worker: None) -> dict[str, Any]:
    """An inspection of Anna at Alice's booth, all checks done."""
    body = as_alice.post(f"{PATH}?wait_s=5", entry_of_anna()).json()
    assert body["state"] == "READY"
    return body


def decide(client: APIClient, inspection: dict[str, Any], outcome: str, reason: str = "") -> Any:
    return client.post(f"{PATH}{inspection['id']}/decision/", {"outcome": outcome, "reason": reason})


def test_the_whole_inspection_has_the_shape_of_the_contract(ready: dict[str, Any]) -> None:
    assert set(ready) == SHAPE
    assert {s["step"] for s in ready["steps"]} == {s.value for s in Step}
    assert set(ready["findings"][0]) == {
        "code",
        "outcome",
        "severity",
        "route",
        "reason",
        "statement",
        "explanation",
        "detail",
    }
    assert all(f["statement"] for f in ready["findings"])
    assert all(set(r) == {"code", "outcome", "route"} for r in ready["reasons"])


def test_it_reads_the_same_when_fetched_again(as_alice: APIClient, ready: dict[str, Any]) -> None:
    assert as_alice.get(f"{PATH}{ready['id']}/").json() == ready


def test_an_officer_clears_and_the_crossing_is_recorded(as_alice: APIClient, ready: dict[str, Any]) -> None:
    response = decide(as_alice, ready, "CLEARED", "Looked at by a person.")
    assert response.status_code == 200, response.json()
    body = response.json()
    assert body["state"] == "CLEARED"
    assert UUID(body["crossing_id"]) == Crossing.objects.get().id
    assert [(d["line"], d["outcome"], d["decided_by"]) for d in body["decisions"]] == [
        ("FIRST", "CLEARED", "UT-0001")
    ]


def test_a_second_decision_is_a_conflict(
    as_alice: APIClient, as_bob: APIClient, ready: dict[str, Any]
) -> None:
    assert decide(as_alice, ready, "CLEARED", "Looked at.").status_code == 200
    for client in (as_alice, as_bob):
        response = decide(client, ready, "WITHDRAWN")
        assert (response.status_code, response.json()["code"]) == (409, "already_decided")
    assert Decision.objects.count() == 1


def test_it_is_too_early_to_decide_before_the_checks_are_done(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    inspection = as_alice.post(PATH, entry_of_anna()).json()
    response = decide(as_alice, inspection, "CLEARED", "In a hurry.")
    assert (response.status_code, response.json()["code"]) == (409, "inspection_not_ready")


REFUSED_DECISIONS: list[tuple[dict[str, Any], int, tuple[str, str]]] = [
    ({"outcome": "CLEARED"}, 400, ("reason", "reason_required")),
    ({"outcome": "REFUSED", "reason": "No."}, 409, ("outcome", "outcome_not_allowed")),
    ({"outcome": "MAYBE"}, 400, ("outcome", "invalid_choice")),
    ({}, 400, ("outcome", "required")),
    ({"outcome": "CLEARED", "reason": "x" * 501}, 400, ("reason", "max_length")),
    ({"outcome": "CLEARED", "reason": "a\x00"}, 400, ("reason", "characters_not_allowed")),
    ({"outcome": "CLEARED", "override": True}, 400, ("override", "unknown_field")),
]


def test_a_decision_that_may_not_stand_is_refused(as_alice: APIClient, ready: dict[str, Any]) -> None:
    for sent, status, fault in REFUSED_DECISIONS:
        response = as_alice.post(f"{PATH}{ready['id']}/decision/", sent)
        assert (response.status_code, codes_of(response)) == (status, {fault}), sent
    assert not Decision.objects.exists()


def test_the_second_line_is_another_role_and_another_person(
    as_alice: APIClient, as_bob: APIClient, ready: dict[str, Any]
) -> None:
    assert decide(as_bob, ready, "REFERRED").status_code == 200
    by_officer = decide(as_alice, ready, "CLEARED", "Looks fine.")
    assert (by_officer.status_code, by_officer.json()["code"]) == (403, "role_required")
    by_same_person = decide(as_bob, ready, "CLEARED", "Looks fine.")
    assert (by_same_person.status_code, by_same_person.json()["code"]) == (403, "second_person_required")


def test_a_referral_is_taken_over_and_closed(
    as_alice: APIClient, as_bob: APIClient, ready: dict[str, Any]
) -> None:
    body = decide(as_alice, ready, "REFERRED").json()
    path = f"/api/v1/referrals/{body['referrals'][0]['id']}/"
    assert as_bob.post(f"{path}closure/", {"answer": "Done."}).json()["code"] == "not_acknowledged"
    taken = as_bob.post(f"{path}acknowledgement/")
    assert (taken.status_code, taken.json()["state"], taken.json()["acknowledged_by"]) == (
        200,
        "ACKNOWLEDGED",
        "UT-0002",
    )
    assert as_bob.post(f"{path}acknowledgement/").json()["code"] == "not_open"
    closed = as_bob.post(f"{path}closure/", {"answer": "Holder of the document."})
    assert (closed.status_code, closed.json()["state"]) == (200, "CLOSED")


BAD_ANSWERS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({}, ("answer", "required")),
    ({"answer": " "}, ("answer", "blank")),
    ({"answer": "x" * 501}, ("answer", "max_length")),
    ({"answer": "a\x00"}, ("answer", "characters_not_allowed")),
]


def test_a_closure_needs_an_answer(as_alice: APIClient, as_bob: APIClient, ready: dict[str, Any]) -> None:
    referral = decide(as_alice, ready, "REFERRED").json()["referrals"][0]
    for sent, fault in BAD_ANSWERS:
        assert codes_of(as_bob.post(f"/api/v1/referrals/{referral['id']}/closure/", sent)) == {fault}


def test_an_officer_takes_no_referral_over(as_alice: APIClient, ready: dict[str, Any]) -> None:
    referral = decide(as_alice, ready, "REFERRED").json()["referrals"][0]
    response = as_alice.post(f"/api/v1/referrals/{referral['id']}/acknowledgement/")
    assert (response.status_code, response.json()["code"]) == (403, "role_required")


def test_a_corrected_reading_is_checked_again(as_alice: APIClient, ready: dict[str, Any]) -> None:
    fields = ANNA | {"document_number": "L898902C4"}
    response = as_alice.post(f"{PATH}{ready['id']}/correction/?wait_s=5", {"fields": fields})
    assert response.status_code == 200, response.json()
    body = response.json()
    assert body["state"] == "READY"
    assert body["reading"]["document_number"] == "L898902C4"
    assert {s["round"] for s in body["steps"]} == {1, 2}
    codes = [f["code"] for f in body["findings"]]
    assert len(codes) == len(set(codes)), "superseded findings are not shown"


def test_what_is_decided_is_not_corrected(as_alice: APIClient, ready: dict[str, Any]) -> None:
    decide(as_alice, ready, "CLEARED", "Looked at.")
    response = as_alice.post(f"{PATH}{ready['id']}/correction/", {"fields": ANNA})
    assert (response.status_code, response.json()["code"]) == (409, "not_ready")


BAD_CORRECTIONS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({}, ("fields", "required")),
    (ANNA, ("birth_date", "unknown_field")),
    ({"fields": ANNA | {"birth_date": "0001-01-01"}}, ("fields.birth_date", "date_out_of_range")),
    ({"fields": []}, ("fields.non_field_errors", "not_an_object")),
]


def test_a_malformed_correction_is_refused(as_alice: APIClient, ready: dict[str, Any]) -> None:
    for sent, fault in BAD_CORRECTIONS:
        response = as_alice.post(f"{PATH}{ready['id']}/correction/", sent)
        assert response.status_code == 400
        assert fault in codes_of(response)


def test_images_come_back_byte_for_byte(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    page, face = png(60), png(70)
    inspection = upload(as_alice, entry_of_anna(), page_image=page, face_image=face).json()
    for kind, content in (("page", page), ("face", face)):
        response = as_alice.get(f"{PATH}{inspection['id']}/images/{kind}/")
        assert (response.status_code, response["Content-Type"], response.content) == (
            200,
            "image/png",
            content,
        )
        assert response["Cache-Control"] == "no-store"
    assert len(looks(action="inspection.image_read", object_id=inspection["id"])) == 2


@pytest.mark.parametrize("kind", ["portrait", "page", "thumbnail", "%00"])
def test_an_image_that_is_not_there_is_not_found(
    as_alice: APIClient, ready: dict[str, Any], kind: str
) -> None:
    assert as_alice.get(f"{PATH}{ready['id']}/images/{kind}/").status_code == 404


def test_charlie_of_another_port_finds_nothing(
    as_alice: APIClient, as_charlie: APIClient, sent_to_workers: list[UUID]
) -> None:
    path = f"{PATH}{upload(as_alice, entry_of_anna(), face_image=png()).json()['id']}/"
    assert as_charlie.get(PATH).json()["results"] == []
    before = Inspection.objects.values().get()
    answers = [
        as_charlie.get(path),
        as_charlie.get(f"{path}?wait_s=1"),
        as_charlie.get(f"{path}images/face/"),
        as_charlie.post(f"{path}decision/", {"outcome": "CLEARED", "reason": "Mine."}),
        as_charlie.post(f"{path}correction/", {"fields": ANNA}),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not_found")] * 5
    assert answers[0].json() == as_charlie.get(f"{PATH}{uuid4()}/").json(), "as if it did not exist"
    assert Inspection.objects.values().get() == before


def test_a_look_at_one_inspection_is_in_the_trail(as_alice: APIClient, ready: dict[str, Any]) -> None:
    before = len(looks())
    as_alice.get(f"{PATH}{ready['id']}/")
    look = looks()[before]
    assert (look.action, look.object_id, look.actor_label, look.purpose, look.origin) == (
        "inspection.read",
        ready["id"],
        "UT-0001",
        "border_control",
        "127.0.0.1",
    )


def test_a_look_at_a_list_names_what_was_on_the_page(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    ids = [as_alice.post(PATH, entry_of_anna()).json()["id"] for _ in range(3)]
    before = len(looks())
    as_alice.get(f"{PATH}?page_size=2&state=RECEIVED")
    look = looks()[before]
    assert (look.action, look.detail) == (
        "inspection.listed",
        {"filters": ["state"], "count": 2, "ids": ids[:0:-1]},
    )


READS = ["", "{id}/", "{id}/?wait_s=1", "{id}/images/face/"]


@pytest.mark.parametrize("path", READS)
def test_a_look_that_cannot_be_recorded_is_refused(
    as_alice: APIClient, sent_to_workers: list[UUID], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    inspection = upload(as_alice, entry_of_anna(), face_image=png()).json()

    def refuse(**_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("audit.api.views.record_read", refuse)
    as_alice.raise_request_exception = False
    response = as_alice.get(PATH + path.format(id=inspection["id"]))
    assert response.status_code == 500
    assert b"ERIKSSON" not in response.content


def test_a_list_shows_the_newest_first_page_by_page(as_alice: APIClient, sent_to_workers: list[UUID]) -> None:
    ids = [as_alice.post(PATH, entry_of_anna()).json()["id"] for _ in range(7)]
    found, address = [], f"{PATH}?page_size=3"
    while address:
        page = as_alice.get(address).json()
        found.append([row["id"] for row in page["results"]])
        address = page["next"]
    assert found == [ids[6:3:-1], ids[3:0:-1], ids[:1]]


def test_rows_of_one_moment_are_neither_lost_nor_doubled_between_pages(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    ids = {as_alice.post(PATH, entry_of_anna()).json()["id"] for _ in range(5)}
    moment = Inspection.objects.earliest("opened_at").opened_at
    Inspection.objects.update(opened_at=moment)
    first = as_alice.get(f"{PATH}?page_size=2").json()
    newer = as_alice.post(PATH, entry_of_anna()).json()["id"]
    found, address = [row["id"] for row in first["results"]], first["next"]
    while address:
        page = as_alice.get(address).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]
    assert sorted(found) == sorted(ids)
    assert newer not in found


FILTERS = [
    ("state=READY", 0),
    ("state=RECEIVED", 2),
    ("direction=EXIT", 1),
    ("port=UTAIR", 2),
    ("port=UTLND", 0),
    ("booth=A1", 2),
    ("opened_from=2020-01-01T00:00:00Z", 2),
    ("opened_from=2020-01-01T00:00:00%2B23:59", 2),  # PostgreSQL itself takes offsets below 16 hours
    ("opened_until=2020-01-01T00:00:00Z", 0),
    ("traveler_id=01890000-0000-7000-8000-00000000dead", 0),
    ("direction=EXIT&state=RECEIVED", 1),
]


@pytest.mark.parametrize(("query", "count"), FILTERS)
def test_a_list_is_narrowed_by_filters(
    as_alice: APIClient, sent_to_workers: list[UUID], query: str, count: int
) -> None:
    as_alice.post(PATH, entry_of_anna())
    as_alice.post(PATH, entry_of_anna(direction="EXIT"))
    response = as_alice.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.json()
    assert len(response.json()["results"]) == count


BAD_QUERIES = [
    ("state=DONE", ("state", "invalid_choice")),
    ("traveler_id=5", ("traveler_id", "invalid")),
    ("opened_from=yesterday", ("opened_from", "invalid")),
    ("opened_from=2026-11-20T09:00:00", ("opened_from", "offset_missing")),
    ("opened_from=0001-01-01T00:00:00Z", ("opened_from", "date_out_of_range")),
    ("opened_from=9999-12-31T23:59:59-12:00", ("opened_from", "date_out_of_range")),
    ("port=" + "x" * 100, ("port", "max_length")),
    ("booth=%00", ("booth", "null_characters_not_allowed")),
    ("stat=READY", ("", "unknown_parameter")),
    ("surname=ERIKSSON", ("", "unknown_parameter")),
    ("wait_s=1", ("", "unknown_parameter")),
    ("state=READY&state=READY", ("state", "repeated_parameter")),
    ("cursor=x", ("", "cursor_invalid")),
    ("page_size=0", ("", "page_size_invalid")),
]


@pytest.mark.parametrize(("query", "fault"), BAD_QUERIES)
def test_a_filter_that_means_nothing_is_refused(
    as_alice: APIClient, query: str, fault: tuple[str, str]
) -> None:
    response = as_alice.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert codes_of(response) == {fault}
    assert not looks()


def test_an_inspection_costs_the_same_queries_whatever_hangs_on_it(
    as_alice: APIClient, ready: dict[str, Any]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            row = with_evidence(
                Inspection.objects.filter(id=ready["id"]).select_related("port", "booth", "officer")
            ).get()
            InspectionSerializer(row).data  # noqa: B018
        return len(queries)

    before = count()
    decide(as_alice, ready, "REFERRED")
    assert Referral.objects.exists()
    assert count() == before == 5


def test_a_list_costs_the_same_queries_whatever_its_length(
    as_alice: APIClient, sent_to_workers: list[UUID]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_alice.get(PATH)
        return len(queries)

    as_alice.post(PATH, entry_of_anna())
    one = count()
    for _ in range(5):
        as_alice.post(PATH, entry_of_anna())
    assert count() == one


@pytest.mark.parametrize(
    ("elapsed_ms", "shown"), [(0.2, 50), (49.9, 50), (50, 50), (50.1, 100), (312.4, 350)]
)
def test_the_time_of_screening_is_shown_on_a_coarse_grid(elapsed_ms: float, shown: float) -> None:
    step = InspectionStep(step=Step.SCREEN, state="DONE", elapsed_ms=elapsed_ms)
    assert StepSerializer(step).data["elapsed_ms"] == shown


def test_no_name_or_number_reaches_the_trail(as_alice: APIClient, ready: dict[str, Any]) -> None:
    decide(as_alice, ready, "CLEARED", "Known as ERIKSSON.")
    text = str(list(AuditEntry.objects.values_list("action", "object_id", "detail", "actor_label")))
    assert not any(word in text for word in ("ERIKSSON", "ANNA", "L898902C"))
