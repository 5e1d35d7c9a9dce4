"""What a national system reads: the fields and records of its terms, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEntry
from borders.models import (
    Booth,
    Crossing,
    Disclosure,
    Officer,
    Partner,
    PartnerProfile,
    PortOfEntry,
    ProtectionCase,
)
from borders.services.partners import PartnerRefused, Terms, propose_profile
from tests.db.api.partners.conftest import FIELDS, System
from tests.db.conftest import ActorOf
from tests.db.factories import make_crossing, make_traveler


def test_a_system_reads_the_fields_of_its_terms_and_no_others(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    row = client.get("/api/v1/crossings/").json()["results"][0]
    assert set(row) == set(FIELDS["crossing"])
    assert set(client.get(f"/api/v1/crossings/{crossing.id}/").json()) == set(FIELDS["crossing"])
    assert set(client.get("/api/v1/travelers/").json()["results"][0]) == set(FIELDS["traveler"])


def test_every_person_in_an_answer_is_entered_into_the_register_of_disclosures(
    system: System, terms: Terms, booth: Booth, alice: Officer, dan: Officer, actor_of: ActorOf
) -> None:
    system.agree(terms)
    now = timezone.now()
    made = [make_crossing(booth=booth, officer=alice, at=now, number=n) for n in range(3)]
    client = system.client()
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/crossings/")
    assert sum("INSERT INTO borders_disclosure" in q["sql"] for q in asked.captured_queries) == 1
    rows = Disclosure.objects.order_by("given_at")
    assert {row.traveler_id for row in rows} == {c.traveler_id for c in made}
    assert {
        (r.recipient, r.purpose, r.legal_basis, r.given_by, r.reference, tuple(r.fields)) for r in rows
    } == {
        (
            "POLICE",
            "asylum_procedure",
            "Asylum act, 4",
            "partner:POLICE",
            "POLICE terms 1",
            tuple(f"crossing.{name}" for name in sorted(FIELDS["crossing"])),
        )
    }
    client.get(f"/api/v1/travelers/{made[0].traveler_id}/")
    assert Disclosure.objects.filter(traveler_id=made[0].traveler_id).count() == 2


def test_what_an_officer_reads_is_no_disclosure(
    as_bob: APIClient, booth: Booth, alice: Officer, at: datetime
) -> None:
    make_crossing(booth=booth, officer=alice, at=at)
    assert as_bob.get("/api/v1/crossings/").json()["results"]
    assert not Disclosure.objects.exists()


def test_every_answer_leaves_a_row_with_the_system_its_purpose_and_the_fields(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    system.client().get("/api/v1/crossings/")
    row = AuditEntry.objects.get(action="crossing.listed")
    assert (row.actor_label, row.purpose) == ("partner:POLICE", "asylum_procedure")
    assert row.detail["fields"] == sorted(FIELDS["crossing"])
    assert row.fields == sorted(FIELDS["crossing"])  # and not all that the answer could hold
    assert row.detail["profile"] == 1
    assert AuditEntry.objects.filter(action="partner.token_given", actor_label="partner:POLICE").exists()


def test_records_of_other_ports_are_as_if_absent(
    system: System, terms: Terms, crossing: Crossing, land_booth: Booth, charlie: Officer
) -> None:
    other = make_crossing(booth=land_booth, officer=charlie, at=timezone.now(), number=1)
    system.agree(terms)
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(crossing.id)]
    absent = client.get(f"/api/v1/crossings/{system.partner.id}/")
    assert client.get(f"/api/v1/crossings/{other.id}/").content == absent.content


def test_a_country_in_the_terms_means_all_its_ports(
    system: System, terms: Terms, crossing: Crossing, land_booth: Booth, charlie: Officer
) -> None:
    make_crossing(booth=land_booth, officer=charlie, at=timezone.now(), number=1)
    system.agree(replace(terms, ports=(), countries=("UTO",)))
    assert len(system.client().get("/api/v1/crossings/").json()["results"]) == 2


def test_records_older_than_the_terms_say_are_as_if_absent(
    system: System, terms: Terms, crossing: Crossing, booth: Booth, alice: Officer
) -> None:
    old = make_crossing(booth=booth, officer=alice, at=timezone.now() - timedelta(days=10), number=1)
    system.agree(replace(terms, days_back=7))
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(crossing.id)]
    assert client.get(f"/api/v1/crossings/{old.id}/").status_code == 404


def test_only_the_state_s_own_nationals_where_the_terms_say_so(
    ines: Officer,
    dan: Officer,
    actor_of: ActorOf,
    terms: Terms,
    crossing: Crossing,
    booth: Booth,
    alice: Officer,
) -> None:
    system = System(ines, dan, actor_of, state="XXE")
    own = make_traveler(at=timezone.now(), number=2, nationality="XXE")
    theirs = make_crossing(booth=booth, officer=alice, at=timezone.now(), number=2, traveler=own)
    system.agree(replace(terms, nationals_only=True))
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(theirs.id)]
    assert [r["id"] for r in client.get("/api/v1/travelers/").json()["results"]] == [str(own.id)]


@pytest.mark.parametrize(("state", "seen"), [("UTO", 0), ("XXE", 1)])
def test_a_person_who_asked_for_protection_is_kept_from_the_state_of_origin(
    ines: Officer, dan: Officer, actor_of: ActorOf, terms: Terms, crossing: Crossing, state: str, seen: int
) -> None:
    ProtectionCase.objects.create(
        inspection=crossing.inspection, cause="CLAIM", opened_at=timezone.now(), opened_by=None
    )
    system = System(ines, dan, actor_of, state=state)
    system.agree(terms)
    client = system.client()
    assert len(client.get("/api/v1/crossings/").json()["results"]) == seen
    assert len(client.get("/api/v1/travelers/").json()["results"]) == seen
    assert client.get(f"/api/v1/crossings/{crossing.id}/").status_code == (200 if seen else 404)


def test_a_system_may_not_find_out_by_a_filter_what_it_may_not_see(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    asked = client.get("/api/v1/crossings/", {"traveler_id": str(crossing.traveler_id)})
    assert (asked.status_code, asked.json()["code"]) == (400, "unknown_parameter")
    assert client.get("/api/v1/crossings/", {"direction": "ENTRY"}).status_code == 200


def test_a_system_sends_a_manifest(system: System, terms: Terms, airport: PortOfEntry) -> None:
    system.agree(replace(terms, scopes=("manifests.send",), fields={}))
    answer = system.client().post("/api/v1/manifests/", {"port": "UTAIR"})
    assert answer.status_code == 400
    assert answer.json()["code"] != "permission_denied"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": ("everything",)}, "unknown_scope"),
        ({"scopes": ()}, "required"),
        ({"fields": {}}, "required"),
        ({"fields": {**FIELDS, "hit": ("id",)}}, "unknown_kind"),
        ({"ports": ("XXXXX",)}, "unknown_port"),
        ({"ports": ()}, "required"),
        ({"countries": ("XXX",)}, "unknown_country"),
        ({"lists": ("No such list",)}, "required"),
        ({"requests_per_minute": 0}, "bad_rate"),
        ({"days_back": 0}, "bad_period"),
        ({"legal_basis": " "}, "required"),
    ],
)
def test_terms_that_say_nothing_sensible_are_refused(
    system: System, terms: Terms, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PartnerRefused, match=code):
        propose_profile(
            actor=system.ines,
            at=timezone.now(),
            partner_id=system.partner.id,
            terms=replace(terms, **changes),
        )


def test_agreed_terms_cannot_be_rewritten_by_sql(system: System, terms: Terms) -> None:
    profile = system.agree(terms)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        PartnerProfile.objects.filter(id=profile.id).update(requests_per_minute=9)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Partner.objects.filter(id=system.partner.id).delete()
