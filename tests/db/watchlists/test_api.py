"""Entries and hits over the API: who may read and answer, and what does not exist for whom."""

from datetime import UTC, datetime

import pytest

from audit.core.actor import Role
from audit.models import AuditEntry
from tests.db.conftest import make_officer
from tests.db.watchlists.conftest import entry as entry_of_this_year
from watchlists.core.proposals import ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import Hit
from watchlists.services.withheld import write_withheld_hits


def entry(**changes: object) -> ProposedEntry:
    """Return an entry that is valid for long, since the API reads the real clock."""
    validity = {
        "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
        "valid_until": datetime(2199, 1, 1, tzinfo=UTC),
    }
    return entry_of_this_year(**(validity | changes))


@pytest.fixture
def make_hit(activate, screen_reading, make_reading):
    def make(**changes: object) -> Hit:
        activate(entry(**changes))
        screening = screen_reading(make_reading()).screening
        write_withheld_hits()
        return Hit.objects.get(screening=screening)

    return make


@pytest.fixture
def supervisor(airport):
    return make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR)


def test_owner_reads_entries_with_names_and_an_audit_row(activate, api_client, bob, booth) -> None:
    version = activate(entry())

    answer = api_client(bob, booth).get("/api/v1/watchlist-entries/")

    (row,) = answer.json()["results"]
    assert (row["source_id"], row["version"], row["action"]) == ("UT-1", version.number, "STOP_ARREST")
    assert row["names"][0]["primary_identifier"] == "Svensson"
    assert AuditEntry.objects.filter(action="watchlist_entry.listed", kind="READ").count() == 1


def test_officer_reads_neither_entries_nor_hits(make_hit, api_client, alice, booth) -> None:
    hit = make_hit()
    client = api_client(alice, booth)

    for address in ("watchlist-entries", "hits", f"hits/{hit.id}", f"watchlist-entries/{hit.entry_id}"):
        assert client.get(f"/api/v1/{address}/").status_code == 403
    assert client.post(f"/api/v1/hits/{hit.id}/claim/").status_code == 403


def test_silent_entry_and_hit_are_not_found_by_a_supervisor(make_hit, api_client, supervisor, booth) -> None:
    hit = make_hit(action=Action.SILENT)
    client = api_client(supervisor, booth)

    assert client.get("/api/v1/watchlist-entries/").json()["results"] == []
    assert client.get("/api/v1/hits/").json()["results"] == []
    assert client.get(f"/api/v1/watchlist-entries/{hit.entry_id}/").status_code == 404
    assert client.get(f"/api/v1/hits/{hit.id}/").status_code == 404
    for act in ("claim", "release", "adjudication", "review"):
        assert client.post(f"/api/v1/hits/{hit.id}/{act}/", {}).status_code == 404


def test_silent_hit_is_found_by_its_owner(make_hit, api_client, bob, booth) -> None:
    hit = make_hit(action=Action.SILENT)

    assert api_client(bob, booth).get(f"/api/v1/hits/{hit.id}/").json()["silent"] is True


def test_hit_of_another_port_is_not_found(make_hit, api_client, charlie, land_booth) -> None:
    hit = make_hit()
    client = api_client(charlie, land_booth)

    assert client.get(f"/api/v1/hits/{hit.id}/").status_code == 404
    assert client.post(f"/api/v1/hits/{hit.id}/claim/").status_code == 404


def test_hit_shows_what_was_presented_beside_the_entry_and_its_evidence(
    make_hit, api_client, supervisor, booth
) -> None:
    hit = make_hit()

    shown = api_client(supervisor, booth).get(f"/api/v1/hits/{hit.id}/").json()

    assert shown["presented"]["primary_identifier"] == "SVENSSON"
    assert shown["entry"]["names"][0]["primary_identifier"] == "Svensson"
    assert sum(piece["bits"] for piece in shown["explanation"]) == pytest.approx(shown["score"])


def test_hit_is_claimed_and_answered_by_two(make_hit, api_client, supervisor, dora, booth) -> None:
    hit = make_hit()
    client = api_client(supervisor, booth)

    claimed = client.post(f"/api/v1/hits/{hit.id}/claim/")
    assert (claimed.status_code, claimed.json()["claimed_by"]) == (200, "UT-0006")

    body = {"answer": "TRUE_MATCH", "reason": "Same scar"}
    alone = client.post(f"/api/v1/hits/{hit.id}/adjudication/", body)
    assert (alone.status_code, alone.json()["state"]) == (200, "PROPOSED")
    own = client.post(f"/api/v1/hits/{hit.id}/review/", {"verdict": "CONFIRMED"})
    assert (own.status_code, own.json()["code"]) == (409, "second_person_required")

    both = api_client(dora, booth).post(f"/api/v1/hits/{hit.id}/review/", {"verdict": "CONFIRMED"})
    assert (both.status_code, both.json()["state"]) == (200, "TRUE_MATCH")
    review = both.json()["adjudications"][0]["review"]
    assert (review["verdict"], review["reviewed_by"], review["own_act"]) == ("CONFIRMED", "UT-0004", True)


@pytest.mark.parametrize(
    "body", [{}, {"verdict": "PERHAPS"}, {"verdict": "TURNED_DOWN"}, {"verdict": "CONFIRMED", "more": 1}]
)
def test_bad_review_is_refused(
    make_hit, api_client, supervisor, dora, booth, body: dict[str, object]
) -> None:
    hit = make_hit()
    client = api_client(supervisor, booth)
    client.post(f"/api/v1/hits/{hit.id}/claim/")
    client.post(f"/api/v1/hits/{hit.id}/adjudication/", {"answer": "TRUE_MATCH", "reason": "Same scar"})

    assert api_client(dora, booth).post(f"/api/v1/hits/{hit.id}/review/", body).status_code == 400
    hit.refresh_from_db()
    assert hit.state == "PROPOSED"


def test_claimed_hit_is_a_conflict_for_the_next(make_hit, api_client, supervisor, dora, booth) -> None:
    hit = make_hit()
    api_client(supervisor, booth).post(f"/api/v1/hits/{hit.id}/claim/")

    answer = api_client(dora, booth).post(f"/api/v1/hits/{hit.id}/claim/")

    assert (answer.status_code, answer.json()["code"]) == (409, "hit_not_open")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer": "PERHAPS", "reason": "x"},
        {"answer": "FALSE_MATCH", "reason": ""},
        {"answer": "FALSE_MATCH", "reason": "x" * 201},
        {"answer": "FALSE_MATCH", "reason": "x", "unknown": 1},
    ],
)
def test_bad_answer_is_refused(make_hit, api_client, supervisor, booth, body: dict[str, object]) -> None:
    hit = make_hit()
    client = api_client(supervisor, booth)
    client.post(f"/api/v1/hits/{hit.id}/claim/")

    assert client.post(f"/api/v1/hits/{hit.id}/adjudication/", body).status_code == 400
    hit.refresh_from_db()
    assert hit.state == "CLAIMED"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("hits/?state=OPEN", 1),
        ("hits/?state=CLAIMED", 0),
        ("hits/?kind=NAME", 1),
        ("hits/?kind=FACE", 0),
        ("hits/?found_from=2199-01-01T00:00:00Z", 0),
        ("watchlist-entries/?action=STOP_ARREST", 1),
        ("watchlist-entries/?action=INFO", 0),
        ("watchlist-entries/?priority=3", 1),
    ],
)
def test_lists_are_filtered(make_hit, api_client, supervisor, booth, address: str, found: int) -> None:
    make_hit()

    assert len(api_client(supervisor, booth).get(f"/api/v1/{address}").json()["results"]) == found


def test_page_of_hits_takes_a_fixed_number_of_queries(
    activate, screen_reading, make_reading, api_client, supervisor, booth, django_assert_max_num_queries
) -> None:
    activate(*(entry(source_id=f"UT-{n}") for n in range(8)))
    screen_reading(make_reading())
    client = api_client(supervisor, booth)

    with django_assert_max_num_queries(15):
        assert len(client.get("/api/v1/hits/").json()["results"]) == 8


@pytest.fixture
def owners_client(api_client, bob, booth):
    return api_client(bob, booth)


@pytest.fixture
def seconds_client(api_client, dora, booth):
    return api_client(dora, booth)


ROW = {
    "source_id": "N-1",
    "action": "SECOND_LINE",
    "reason": "Summons",
    "legal_basis": "Act, 4",
    "names": [{"primary_identifier": "Svensson", "secondary_identifier": "Brita"}],
    "birth_dates": ["1980-02-29"],
    "nationalities": ["UTO"],
}


def change(client, watchlist, reference="R-1", **body):
    return client.post(f"/api/v1/watchlists/{watchlist.id}/changes/", {"reference": reference, **body})


def test_changes_are_proposed_answered_and_approved_by_another(
    watchlist, owners_client, seconds_client
) -> None:
    answer = change(
        owners_client, watchlist, entries=[ROW, ROW | {"source_id": "N-2", "birth_dates": ["soon"]}]
    )

    assert answer.status_code == 201
    body = answer.json()
    assert [(r["result"], r["code"], r["field"]) for r in body["rows"]] == [
        ("ADDED", "", ""),
        ("REFUSED", "bad_date", "birth_dates"),
    ]
    activation = f"/api/v1/watchlist-versions/{body['version']['id']}/activation/"
    assert owners_client.post(activation, {}).json()["code"] == "second_person_required"
    assert seconds_client.post(activation, {"reason": "Checked"}).json()["state"] == "ACTIVE"
    again = change(
        owners_client, watchlist, entries=[ROW, ROW | {"source_id": "N-2", "birth_dates": ["soon"]}]
    )
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert owners_client.get(f"/api/v1/watchlists/{watchlist.id}/").json()["entry_count"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reference": "a b"}, "invalid"),
        ({"entries": [ROW] * 1001}, "invalid"),
        ({"entries": "all"}, "invalid"),
        ({"entires": []}, "invalid"),
    ],
)
def test_changes_that_cannot_be_read_are_refused(watchlist, owners_client, body, code) -> None:
    answer = owners_client.post(f"/api/v1/watchlists/{watchlist.id}/changes/", {"reference": "R-1", **body})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_reference_sent_with_other_rows_is_a_conflict(watchlist, owners_client) -> None:
    change(owners_client, watchlist, entries=[ROW])
    answer = change(owners_client, watchlist, entries=[ROW | {"priority": 1}])
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_reused")


def test_emergency_entry_is_raised_and_confirmed(watchlist, owners_client, seconds_client) -> None:
    raised = owners_client.post(f"/api/v1/watchlists/{watchlist.id}/emergency-entries/", {"entry": ROW})

    assert (raised.status_code, raised.json()["state"]) == (201, "EMERGENCY")
    address = f"/api/v1/watchlist-versions/{raised.json()['id']}/confirmation/"
    assert owners_client.post(address, {}).status_code == 409
    assert seconds_client.post(address, {}).json()["state"] == "CONFIRMED"


def test_officer_reads_no_list_and_changes_none(watchlist, api_client, alice, booth) -> None:
    client = api_client(alice, booth)
    for address in ("watchlists", "watchlist-versions", "screenings", f"watchlists/{watchlist.id}"):
        assert client.get(f"/api/v1/{address}/").status_code == 403
    assert change(client, watchlist, entries=[ROW]).status_code == 403
    assert client.post("/api/v1/screenings/", {"document_number": "P1"}).status_code == 403


def test_person_is_looked_up_for_a_national_system(activate, owners_client) -> None:
    activate(entry(action=Action.SECOND_LINE))

    answer = owners_client.post(
        "/api/v1/screenings/",
        {"primary_identifier": "SVENSSON", "secondary_identifier": "BRITA", "birth_date": "1980-02-29"},
    )

    body = answer.json()
    assert answer.status_code == 201
    assert (body["hits"][0]["source_id"], body["hits"][0]["action"]) == ("UT-1", "SECOND_LINE")
    assert {c["code"]: c["outcome"] for c in body["checks"]}["SCREEN.NAME"] == "FAIL"
    assert AuditEntry.objects.filter(action="screening.made").exists()
    assert owners_client.get(f"/api/v1/screenings/{body['id']}/").json()["status"] == body["status"]


def test_silent_hit_is_not_in_the_answer_for_others_than_owners(
    activate, api_client, supervisor, booth
) -> None:
    activate(entry(action=Action.SILENT))

    body = api_client(supervisor, booth).post(
        "/api/v1/screenings/", {"primary_identifier": "SVENSSON", "secondary_identifier": "BRITA", "birth_date": "1980-02-29"}
    ).json()  # fmt: skip

    assert body["hits"] == []
    assert {c["code"]: c["outcome"] for c in body["checks"]}["SCREEN.NAME"] == "PASS"
    assert write_withheld_hits() == 1


@pytest.mark.parametrize(
    "body", [{}, {"primary_identifier": " "}, {"primary_identifier": "A", "birth_date": "1980-02-30"}]
)
def test_nothing_to_look_up_is_refused(owners_client, body: dict[str, str]) -> None:
    assert owners_client.post("/api/v1/screenings/", body).status_code == 400
