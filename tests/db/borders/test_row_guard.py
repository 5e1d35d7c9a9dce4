"""The database itself shows a person no row out of reach, whatever is asked, and lets nobody change evidence."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from rest_framework.test import APIClient

from audit.core.actor import Actor, Role
from borders.api.views import inspections
from borders.models import Booth, Country, Crossing, Officer, PortOfEntry, ProtectionCase
from borders.services.row_guard import append_only_tables, guard, guarded, release
from tests.db.conftest import ActorOf, ApiClient
from tests.db.factories import make_crossing, make_entry, make_hit, make_referral, make_stay

TABLES = (
    "borders_crossing",
    "borders_stay",
    "borders_inspection",
    "borders_decision",
    "borders_referral",
    "borders_protectioncase",
    "watchlists_hit",
)


@pytest.fixture(autouse=True)
def guard_on(settings: Any) -> Iterator[None]:
    settings.ROW_GUARD = True
    yield
    release()


@pytest.fixture
def crossing(booth: Booth, alice: Officer, bob: Officer, at: Any) -> Crossing:
    """At the airport, with one row in every guarded table."""
    made = make_crossing(booth=booth, officer=alice, at=at)
    make_stay(crossing=made)
    make_referral(inspection=made.inspection, officer=alice)
    make_hit(inspection=made.inspection, entry=make_entry(proposed_by=alice, approved_by=bob, at=at), at=at)
    ProtectionCase.objects.create(inspection=made.inspection, cause="CLAIM", opened_at=at)
    return made


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.fixture
def abroad(actor_of: ActorOf, charlie: Officer) -> Actor:
    """Charlie, every role there is, at a port of another country."""
    country = Country.objects.create(code="XXA", name="Atlantis")
    PortOfEntry.objects.filter(assignments__officer=charlie).update(country=country)
    return actor_of(charlie)


@pytest.mark.parametrize("table", TABLES)
def test_sql_at_another_post_abroad_finds_nothing(crossing: Crossing, abroad: Actor, table: str) -> None:
    assert count(table) == 1
    with guarded(actor=abroad):
        assert count(table) == 0
    assert count(table) == 1


@pytest.mark.parametrize("table", [t for t in TABLES if t not in ("borders_crossing", "borders_stay")])
def test_sql_at_another_post_of_the_country_finds_its_crossings_only(
    crossing: Crossing, charlie: Officer, actor_of: ActorOf, table: str
) -> None:
    with guarded(actor=actor_of(charlie)):
        assert count(table) == 0
        assert count("borders_crossing") == 1


def test_the_own_post_is_seen_as_far_as_the_roles_go(
    crossing: Crossing, bob: Officer, actor_of: ActorOf
) -> None:
    with guarded(actor=actor_of(bob)):
        assert {table: count(table) for table in TABLES} == {
            table: 0 if table == "borders_protectioncase" else 1 for table in TABLES
        }


def test_a_silent_hit_is_there_for_its_owners_alone(
    crossing: Crossing, alice: Officer, bob: Officer, actor_of: ActorOf, at: Any
) -> None:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, action="SILENT", source_id="E-2")
    make_hit(inspection=crossing.inspection, entry=entry, at=at, silent=True)
    everything = actor_of(bob)
    plain = replace(everything, roles=frozenset({Role.SUPERVISOR}), posts=frozenset())
    with guarded(actor=everything):
        assert count("watchlists_hit") == 2
    with guarded(actor=plain):
        assert count("watchlists_hit") == 1


def test_without_reach_there_is_nothing(crossing: Crossing) -> None:
    with guarded(actor=Actor(label="nobody", user_id=1)):
        assert [count(table) for table in TABLES] == [0] * len(TABLES)


def test_a_partition_cannot_be_read_by_its_own_name(
    crossing: Crossing, bob: Officer, actor_of: ActorOf
) -> None:
    with (
        guarded(actor=actor_of(bob)),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        count("borders_crossing_default")


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize(
    "table", ["audit_auditentry", "borders_crossing", "borders_decision", "biometrics_comparison"]
)
def test_the_role_cannot_change_evidence(
    alice: Officer, actor_of: ActorOf, table: str, statement: str
) -> None:
    assert table in append_only_tables()
    with (
        guarded(actor=actor_of(alice)),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_the_role_is_neither_superuser_nor_owner(db: None, settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, (SELECT count(*) FROM pg_class WHERE relowner = r.oid)"
            " FROM pg_roles r WHERE rolname = %s",
            [settings.DATABASE_READER_ROLE],
        )
        assert cursor.fetchone() == (False, False, False, 0)


def test_a_request_is_guarded_and_gives_the_connection_back(
    crossing: Crossing, api_client: ApiClient, bob: Officer, charlie: Officer, booth: Booth, land_booth: Booth
) -> None:
    assert len(api_client(bob, booth).get("/api/v1/inspections/").json()["results"]) == 1
    assert (
        api_client(charlie, land_booth).get(f"/api/v1/inspections/{crossing.inspection_id}/").status_code
        == 404
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user, current_setting('bmis.scope')")
        assert cursor.fetchone() == (True, "all")


def test_a_query_that_forgets_the_port_shows_nothing_of_another(
    crossing: Crossing,
    charlie: Officer,
    land_booth: Booth,
    api_client: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inspections, "within_reach", lambda actor, *paths: Q())
    client: APIClient = api_client(charlie, land_booth)
    assert client.get("/api/v1/inspections/").json()["results"] == []
    assert client.get(f"/api/v1/inspections/{crossing.inspection_id}/").status_code == 404


def test_a_guard_is_not_needed_for_processes(crossing: Crossing) -> None:
    guard(actor=Actor(label="system:sweep", everywhere=True))
    assert count("borders_inspection") == 1
