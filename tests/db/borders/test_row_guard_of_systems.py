"""The database itself shows a national system no row out of its terms, whatever is asked, and takes what it may send."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, InternalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient

from audit.api.views import AuditedReadViewSet
from audit.core.actor import Actor, Role
from audit.core.sharing import OBJECT_OF_SCOPE, Scope
from audit.models import AuditEntry
from borders.api.views import records
from borders.models import (
    AdvancePassengerManifest,
    Booth,
    Crossing,
    Disclosure,
    Inspection,
    Officer,
    PartnerProfile,
    PortOfEntry,
    ProtectionCase,
    Stay,
)
from borders.queries import actor_of_partner
from borders.services.partners import Terms, approve_profile, enrol_partner, propose_profile
from borders.services.protection import BLOCKING
from borders.services.row_guard import WIDE, guarded, past_guard, release
from tests.db.borders.guarded_rows import TABLES, count, make_guarded
from tests.db.conftest import ActorOf, make_officer
from tests.db.factories import make_crossing, make_document, make_inspection, make_traveler
from travelers.api import views as traveler_views
from travelers.models import Traveler
from travelers.queries import is_withheld
from watchlists.models import Screening, WatchlistVersion

SHARED = {"borders_crossing", "borders_stay", "borders_inspection", "borders_recordcorrection"}
FIELDS = {
    "crossing": ("id", "port"),
    "stay": ("id", "entry_port", "exit_port"),
    "traveler": ("id", "nationality"),
    "document": ("id", "issuing_state"),
    "screening": ("hits",),
    "statistics_release": ("id",),
}
ROW = {
    "source_id": "N-1",
    "action": "SECOND_LINE",
    "reason": "Summons",
    "legal_basis": "Act, 4",
    "names": [{"primary_identifier": "Svensson", "secondary_identifier": "Brita"}],
}
Agree = Callable[..., PartnerProfile]


@pytest.fixture(autouse=True)
def guard_on(settings: Any) -> Iterator[None]:
    settings.ROW_GUARD = True
    yield
    release()


@pytest.fixture
def agree(airport: PortOfEntry, actor_of: ActorOf) -> Agree:
    """agree(state="XXE", **terms): the terms in force of a system, all scopes at the airport unless they say otherwise."""
    ines, dan = (
        actor_of(make_officer(name, badge, airport, role))
        for name, badge, role in (
            ("ines", "UT-0901", Role.INTEGRATOR),
            ("dan", "UT-0902", Role.DATA_PROTECTION),
        )
    )

    def make(state: str = "XXE", **changes: Any) -> PartnerProfile:
        now = timezone.now()
        scopes = changes.pop("scopes", tuple(s.value for s in Scope if s is not Scope.LISTS_PROPOSE))
        kinds = {OBJECT_OF_SCOPE[Scope(s)] for s in scopes if Scope(s) in OBJECT_OF_SCOPE}
        terms = Terms(
            purpose="asylum_procedure",
            legal_basis="Asylum act, 4",
            scopes=scopes,
            fields={kind: FIELDS[kind] for kind in kinds},
            valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=30),
            **({"ports": ("UTAIR",)} | changes),
        )
        partner, _, _ = enrol_partner(actor=ines, at=now, code=f"SYS{state}", name="System", state=state)
        profile = propose_profile(actor=ines, at=now, partner_id=partner.id, terms=terms)
        return approve_profile(actor=dan, at=now, profile_id=profile.id)

    return make


def system(profile: PartnerProfile) -> Actor:
    return actor_of_partner(profile=profile, granted=profile.scopes, at=timezone.now(), origin="")


def client_of(profile: PartnerProfile) -> APIClient:
    token = AccessToken.objects.create(
        application=profile.partner.application,
        token=uuid4().hex,
        expires=timezone.now() + timedelta(minutes=15),
        scope=" ".join(profile.scopes),
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.token}")
    return client


@pytest.fixture
def here(booth: Booth, alice: Officer, bob: Officer) -> Crossing:
    """At the airport, with one row in every guarded table."""
    return make_guarded(booth=booth, alice=alice, bob=bob, at=timezone.now())


@pytest.fixture
def there(land_booth: Booth, alice: Officer, charlie: Officer) -> Crossing:
    """The same at the land post of the same country."""
    return make_crossing(booth=land_booth, officer=charlie, at=timezone.now(), number=1)


def state_of_connection() -> tuple[bool, dict[str, str]]:
    """Return whether the process's own role is at work, and the settings of the policies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user = session_user, " + ", ".join(f"current_setting('{n}')" for n in WIDE)
        )
        own, *values = cursor.fetchone()
    return own, dict(zip(WIDE, values, strict=True))


@pytest.mark.parametrize("table", TABLES)
def test_a_system_of_another_port_of_the_country_sees_nothing(
    here: Crossing, land_post: PortOfEntry, agree: Agree, table: str
) -> None:
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    assert count(table) == 1
    with guarded(actor=system(agree(ports=("UTLND",)))):
        assert (model._base_manager.count(), count(table)) == (0, 0)
    assert count(table) == 1


@pytest.mark.parametrize("table", TABLES)
def test_a_system_of_the_port_sees_the_records_that_are_shared_and_no_other_table(
    here: Crossing, agree: Agree, table: str
) -> None:
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    with guarded(actor=system(agree())):
        assert model._base_manager.count() == (1 if table in SHARED else 0)


def test_of_two_ports_a_system_sees_those_of_its_terms(here: Crossing, there: Crossing, agree: Agree) -> None:
    with guarded(actor=system(agree())):
        assert list(Crossing.objects.values_list("id", flat=True)) == [here.id]
        assert list(Inspection.objects.values_list("id", flat=True)) == [here.inspection_id]
    with guarded(actor=system(agree(state="XXD", ports=(), countries=("UTO",)))):
        assert Crossing.objects.count() == Inspection.objects.count() == 2


def test_a_stay_that_ended_at_a_port_of_the_terms_is_seen(
    here: Crossing, land_post: PortOfEntry, agree: Agree
) -> None:
    Stay.objects.update(exit_id=uuid4(), exit_port=land_post, exited_at=timezone.now() + timedelta(hours=1))
    with guarded(actor=system(agree(ports=("UTLND",)))):
        assert (Stay.objects.count(), Crossing.objects.count()) == (1, 0)


def test_corrections_of_travellers_are_for_persons(here: Crossing, agree: Agree, bob: Officer) -> None:
    profile = agree()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE borders_recordcorrection DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE borders_recordcorrection SET record_type = 'TRAVELER', record_id = %s", [here.traveler_id]
        )
        cursor.execute("ALTER TABLE borders_recordcorrection ENABLE TRIGGER USER")
    with guarded(actor=system(profile)):
        assert count("borders_recordcorrection") == 0


def test_records_before_the_terms_begin_are_not_there(
    here: Crossing, booth: Booth, alice: Officer, agree: Agree
) -> None:
    make_crossing(booth=booth, officer=alice, at=timezone.now() - timedelta(days=10), number=1)
    with guarded(actor=system(agree(days_back=7))):
        assert list(Crossing.objects.values_list("id", flat=True)) == [here.id]


def test_records_of_other_nationals_are_not_there_where_the_terms_say_so(
    here: Crossing, booth: Booth, alice: Officer, agree: Agree
) -> None:
    own = make_traveler(at=timezone.now(), number=2, nationality="XXE")
    theirs = make_crossing(booth=booth, officer=alice, at=timezone.now(), number=2, traveler=own)
    with guarded(actor=system(agree(nationals_only=True))):
        assert list(Crossing.objects.values_list("id", flat=True)) == [theirs.id]
        assert Stay.objects.count() == 0


def test_records_of_who_asked_for_protection_are_not_there_for_the_state_of_origin(
    here: Crossing, agree: Agree
) -> None:
    with guarded(actor=system(agree(state="UTO"))):
        assert (Crossing.objects.count(), Stay.objects.count()) == (0, 0)


def test_the_function_and_the_policy_of_protection_agree_on_every_case(
    booth: Booth, alice: Officer, at: Any
) -> None:
    states, outcomes = (
        [value for value, _ in ProtectionCase._meta.get_field(name).choices or ()]
        for name in ("state", "outcome")
    )
    inspection = make_inspection(booth=booth, officer=alice, at=at)
    case = ProtectionCase.objects.create(inspection=inspection, cause="CLAIM", opened_at=at)
    asked = Traveler.objects.filter(id=inspection.traveler_id)
    assert not asked.filter(is_withheld(state="XXE")).exists()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE borders_protectioncase DISABLE TRIGGER USER")
        for name in ProtectionCase._meta.constraints:
            cursor.execute(f"ALTER TABLE borders_protectioncase DROP CONSTRAINT {name.name}")
    assert len(states) > 4
    for state, outcome in product(states, ["", *outcomes]):
        ProtectionCase.objects.filter(id=case.id).update(state=state, outcome=outcome)
        blocks = ProtectionCase.objects.filter(BLOCKING).exists()
        assert asked.filter(is_withheld(state="UTO")).exists() is blocks, (state, outcome)


def test_who_is_withheld_is_known_by_documents_too_and_to_an_owner_without_any_reach(
    booth: Booth, alice: Officer, at: Any, agree: Agree, settings: Any
) -> None:
    """As in production, where the owner of tables and function is no superuser, and the session is narrowed."""
    inspection = make_inspection(booth=booth, officer=alice, at=at)
    ProtectionCase.objects.create(inspection=inspection, cause="CLAIM", opened_at=at)
    make_document(traveler=inspection.traveler, at=at, issuing_state="XXE", document_number="X1234567")
    actor = system(agree(state="XXE"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for owned in (
            "TABLE borders_inspection",
            "TABLE borders_protectioncase",
            "FUNCTION borders_withheld(uuid,text)",
        ):
            cursor.execute(f"ALTER {owned} OWNER TO {settings.DATABASE_APPLICATION_ROLE}")
    with guarded(actor=actor):
        assert ProtectionCase.objects.count() == 0
        assert Traveler.objects.filter(is_withheld(state="XXE")).count() == 1
        assert Traveler.objects.filter(is_withheld(state="XXD")).count() == 0


@pytest.mark.parametrize("address", ["crossings", "stays"])
def test_a_view_that_forgets_every_filter_shows_the_records_of_the_terms_alone(
    here: Crossing,
    there: Crossing,
    agree: Agree,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    view = records.CrossingViewSet if address == "crossings" else records.StayViewSet

    def everything(self: Any, rows: QuerySet[Any], sharing: Any) -> QuerySet[Any]:
        return rows.model._default_manager.all()

    monkeypatch.setattr(view, "shared_rows", everything)
    own = client_of(agree()).get(f"/api/v1/{address}/").json()["results"]
    assert [row.get("port") or row["entry_port"] for row in own] == ["UTAIR"]
    of_origin = client_of(agree(state="UTO", ports=("UTAIR", "UTLND"))).get(f"/api/v1/{address}/")
    assert str(here.id) not in of_origin.content.decode()
    assert [row.get("port") for row in of_origin.json()["results"]] == (
        ["UTLND"] if address == "crossings" else []
    )


@pytest.mark.parametrize("view", [traveler_views.TravelerViewSet, traveler_views.TravelDocumentViewSet])
def test_travellers_and_documents_are_reached_by_the_ports_of_the_terms(
    here: Crossing, there: Crossing, agree: Agree, view: type[AuditedReadViewSet]
) -> None:
    address = {"traveler": "travelers", "document": "documents"}[view.object_type]
    found = client_of(agree()).get(f"/api/v1/{address}/").json()["results"]
    expected = {"traveler": here.traveler_id, "document": here.document_id}[view.object_type]
    assert [row["id"] for row in found] == [str(expected)]
    assert Disclosure.objects.filter(traveler_id=here.traveler_id).exists()
    # of its own national who asked for protection, the State of origin learns by neither
    assert client_of(agree(state="UTO")).get(f"/api/v1/{address}/").json()["results"] == []


def test_statistics_are_of_the_countries_of_the_ports(agree: Agree) -> None:
    assert client_of(agree()).get("/api/v1/statistics/").status_code == 200
    assert state_of_connection() == (True, WIDE)


def test_a_manifest_is_taken(airport: PortOfEntry, agree: Agree) -> None:
    client = client_of(agree())
    sent = {
        "conveyance": "UT123",
        "port": "UTAIR",
        "direction": "ENTRY",
        "scheduled_at": timezone.now().isoformat(),
        "carrier": "UT",
        "passengers": [
            {
                "document_number": "L898902C3",
                "issuing_state": "UTO",
                "primary_identifier": "ERIKSSON",
                "secondary_identifier": "ANNA MARIA",
                "birth_date": "1974-08-12",
                "nationality": "UTO",
            }
        ],
    }
    assert client.post("/api/v1/manifests/", sent).status_code == 201
    # another of the same flight takes its place
    assert client.post("/api/v1/manifests/", sent | {"carrier": "UX"}).status_code == 201
    assert AdvancePassengerManifest.objects.filter(replaced_at=None).count() == 1
    assert AuditEntry.objects.filter(action="manifest.recorded").count() == 2
    assert state_of_connection() == (True, WIDE)


@pytest.mark.parametrize("ports", [("UTAIR",), ("UTAIR", "UTLND")])
def test_a_person_is_looked_up_in_the_lists_and_the_hit_is_answered(
    here: Crossing, land_post: PortOfEntry, agree: Agree, ports: tuple[str, ...]
) -> None:
    """At one port or several: a screening for several belongs to none, and is seen by nobody at a post."""
    client = client_of(agree(ports=ports))
    answer = client.post("/api/v1/screenings/", {"document_number": "L898902C3", "issuing_state": "UTO"})
    assert answer.status_code == 201
    stored = Screening.objects.get(id=answer.json()["id"])
    assert [hit["id"] for hit in answer.json()["hits"]] == [str(hit.id) for hit in stored.hits.all()]
    assert AuditEntry.objects.filter(action="screening.answered", object_id=str(stored.id)).exists()


def test_changes_of_a_list_are_proposed(here: Crossing, agree: Agree) -> None:
    scopes = (Scope.LISTS_PROPOSE.value,)
    client = client_of(agree(scopes=scopes, lists=("Wanted persons",)))
    watchlist = WatchlistVersion.objects.get().watchlist
    address = f"/api/v1/watchlists/{watchlist.id}/changes/"
    answer = client.post(address, {"reference": "R-1", "entries": [ROW], "deletions": ["E-1"]})
    assert [row["result"] for row in answer.json()["rows"]] == ["ADDED", "DELETED"]
    version = WatchlistVersion.objects.get(state="PROPOSED")
    assert [entry.source_id for entry in version.entries.all()] == ["N-1"]
    again = client.post(address, {"reference": "R-1", "entries": [ROW], "deletions": ["E-1"]})
    assert (again.status_code, again.json()["repeated"]) == (200, True)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "crossings/", None),
        ("get", "crossings/?direction=", None),
        ("get", "crossings/01890000-0000-7000-8000-00000000dead/", None),
        ("get", "hits/", None),
        ("post", "manifests/", {"port": "UTAIR"}),
        ("post", "screenings/", {}),
    ],
)
def test_the_connection_is_given_back_whatever_came_of_the_request(
    here: Crossing, agree: Agree, method: str, path: str, body: dict[str, str] | None
) -> None:
    getattr(client_of(agree()), method)(f"/api/v1/{path}", body)
    assert state_of_connection() == (True, WIDE)


def test_the_connection_is_given_back_after_an_error_of_ours(
    here: Crossing, agree: Agree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, *given: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(records.CrossingViewSet, "shared_rows", fail)
    client = client_of(agree())
    client.raise_request_exception = False
    assert client.get("/api/v1/crossings/").status_code == 500
    assert state_of_connection() == (True, WIDE)


def ask_past_guard_and_fail() -> None:
    with transaction.atomic(), past_guard():
        assert count("borders_protectioncase") == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")


def test_what_a_failed_statement_ends_is_told_as_it_was(here: Crossing, agree: Agree) -> None:
    """The guard is not lifted for good, and the error is not hidden behind that of setting it again."""
    with guarded(actor=system(agree())):
        with pytest.raises(DatabaseError, match="division by zero"):
            ask_past_guard_and_fail()
        assert count("borders_protectioncase") == 0


def test_a_person_after_a_system_reaches_as_far_as_ever(
    here: Crossing, agree: Agree, bob: Officer, actor_of: ActorOf
) -> None:
    with guarded(actor=system(agree(days_back=1, nationals_only=True))):
        assert count("borders_crossing") == 0
    with guarded(actor=actor_of(bob)):
        assert (count("borders_crossing"), count("borders_stay"), count("watchlists_hit")) == (1, 1, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('bmis.shared_ports')")
            assert cursor.fetchone() == ("",)


def test_a_system_changes_no_evidence(here: Crossing, agree: Agree) -> None:
    with (
        guarded(actor=system(agree())),
        pytest.raises((DatabaseError, InternalError), match="permission denied"),
        transaction.atomic(),
    ):
        Crossing.objects.update(direction="EXIT")


def test_what_is_shared_costs_no_statement_but_those_of_looks(db: None, settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, roles::text[] FROM pg_policies WHERE policyname = 'bmis_shared'")
        assert dict(cursor.fetchall()) == {table: [settings.DATABASE_READER_ROLE] for table in SHARED}
