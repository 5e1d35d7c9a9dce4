"""The database itself shows a person no row out of reach, whatever is asked, and lets nobody change evidence."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from audit.core.actor import Actor, Role
from borders.admin import CrossingAdmin
from borders.api.views import inspections
from borders.models import Booth, Country, Crossing, Officer, PortOfEntry
from borders.services.row_guard import append_only_tables, guard, guarded, release
from tests.db.borders.guarded_rows import OF_COUNTRY, OF_PROTECTION, TABLES, count, make_guarded
from tests.db.conftest import ActorOf, ApiClient
from tests.db.factories import make_entry, make_hit
from watchlists.models import Screening

# every other table of ours, and why no policy stands behind its querysets
UNGUARDED = {
    "the trail, its seals and its watch: read by services and narrowed there": (
        "audit_auditblock audit_auditentry audit_auditpruning audit_writenote audit_headseen audit_heartbeat"
        " audit_waitingentry"
    ),
    "travellers, documents and readings are one for all posts; who they are is reached through crossings and inspections": (
        "travelers_traveler travelers_traveldocument travelers_documentreading travelers_enrolment travelers_chipreading"
        " travelers_chipfile travelers_chipverification"
    ),
    "images, templates and comparisons hang on readings and findings, and are sealed by person": (
        "biometrics_capturedimage biometrics_template biometrics_comparison biometrics_adjudicatedcomparison"
        " biometrics_gallerymember biometrics_subjectkey biometrics_deduplicationpair biometrics_deduplicationrun"
        " biometrics_identificationreview biometrics_identificationopinion"
    ),
    "an import writes them by COPY, which PostgreSQL refuses under row security (deploy/decisions/0020)": (
        "watchlists_watchlistentry watchlists_entryname watchlists_entrydocument watchlists_entrydocumentrange"
        " watchlists_entryface watchlists_entrykey watchlists_entrysearchform"
    ),
    "searched by operators that a policy keeps from their index": (
        "watchlists_travelersearchform watchlists_travelerkey"
    ),
    "lists, versions and clearances count at every post": (
        "watchlists_watchlist watchlists_watchlistversion watchlists_versionentry watchlists_matchexception"
        " watchlists_importrun watchlists_uploadpart watchlists_retroscreeningrun"
    ),
    "figures and rules about nobody": (
        "biometrics_operatingpoint biometrics_gallery biometrics_galleryindex biometrics_accuracymeasurement"
        " travelers_trustedcertificate travelers_revocationlist travelers_truststoreversion"
        " travelers_truststorecertificate travelers_truststorerevocationlist watchlists_namefrequencies"
        " watchlists_keyrules watchlists_listthreshold watchlists_selftestrun borders_country borders_portofentry"
        " borders_booth borders_checkrule borders_ruletest borders_statisticsrelease borders_refusalground"
        " borders_protectionservice borders_ownercontact borders_trainingrun borders_capturefault"
        " borders_retentionclass borders_erasedcrossingcount"
    ),
    "officers, terminals and national systems: by role alone": (
        "borders_officer borders_postassignment borders_boothsession borders_accountchange borders_boothdevice"
        " borders_partner borders_partnerprofile borders_partnerminute borders_outboxmessage"
    ),
    "kept for whom a record is about, whatever the post: for data protection officers, by role": (
        "borders_retentionfile borders_legalhold borders_erasure borders_erasurerequest borders_disclosure"
        " borders_overstaynotice"
    ),
    "before a traveller is at a post: by their querysets": (
        "borders_advancepassengermanifest borders_manifestpassenger borders_travelparty"
    ),
}


@pytest.fixture(autouse=True)
def guard_on(settings: Any) -> Iterator[None]:
    settings.ROW_GUARD = True
    yield
    release()


@pytest.fixture
def crossing(booth: Booth, alice: Officer, bob: Officer, at: Any) -> Crossing:
    """At the airport, with one row in every guarded table."""
    return make_guarded(booth=booth, alice=alice, bob=bob, at=at)


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


@pytest.mark.parametrize("table", [t for t in TABLES if t not in OF_COUNTRY])
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
            table: 0 if table in OF_PROTECTION else 1 for table in TABLES
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


def test_leads_and_what_a_system_asked_are_for_owners_of_lists(
    crossing: Crossing, bob: Officer, actor_of: ActorOf, at: Any
) -> None:
    Screening.objects.create(status="CHECKED", key_version=1, elapsed_ms=1.0, at=at)
    everything = actor_of(bob)
    plain = replace(everything, roles=frozenset({Role.SUPERVISOR}), posts=frozenset())
    with guarded(actor=everything):
        assert (count("watchlists_lead"), count("watchlists_screening")) == (1, 2)
    with guarded(actor=plain):
        assert (count("watchlists_lead"), count("watchlists_screening")) == (0, 1)


def test_every_table_of_ours_has_a_policy_or_a_reason(db: None) -> None:
    ours = {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in {"audit", "biometrics", "travelers", "watchlists", "borders"}
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'bmis_reach'")
        guarded_tables = {name for (name,) in cursor.fetchall()}
    reasons = [table for tables in UNGUARDED.values() for table in tables.split()]
    assert len(reasons) == len(set(reasons))
    assert guarded_tables == {*TABLES, "borders_facilitatorcase", "watchlists_ownernotice"}
    assert guarded_tables.isdisjoint(reasons)
    assert ours == guarded_tables | set(reasons)


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


def test_an_export_that_forgets_the_port_gives_out_nothing_of_another(
    crossing: Crossing, abroad: Actor, charlie: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    charlie.user.is_staff = True
    charlie.user.save()
    browser = Client()
    browser.force_login(charlie.user)
    monkeypatch.setattr(CrossingAdmin, "port_lookup", None)
    monkeypatch.setattr(CrossingAdmin, "scope", lambda self, rows, actor: rows)
    answer = browser.post(
        reverse("admin:borders_crossing_export"), {"purpose": "investigation", "file_format": "csv"}
    )
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content).splitlines()) == 1  # the headers
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user, current_setting('bmis.scope')")
        assert cursor.fetchone() == (True, "all")


def test_a_guard_is_not_needed_for_processes(crossing: Crossing) -> None:
    guard(actor=Actor(label="system:sweep", everywhere=True))
    assert count("borders_inspection") == 1
