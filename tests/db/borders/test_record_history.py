"""What the record says of the year behind a traveller, asked as the pipeline asks it; and manifests of carriers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from audit.core.actor import Actor, system_actor
from audit.models import AuditEntry
from borders.core.manifests import ManifestRefused, normalise_conveyance
from borders.models import (
    AdvancePassengerManifest,
    Booth,
    Crossing,
    Inspection,
    InspectionFinding,
    ManifestPassenger,
    PortOfEntry,
)
from borders.record_queries import history_of, holder_of
from borders.services.decisions import decide
from borders.services.inspections import open_inspection
from borders.services.manifests import record_manifest
from borders.services.pipeline import process_inspection

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleared(ready: Callable[..., Inspection], alice_here: Actor) -> Callable[..., Inspection]:
    """cleared(when=…, **changes): an inspection that ended in a crossing."""

    def make(*, when: datetime, **changes: Any) -> Inspection:
        inspection = ready(when=when, **changes)
        decide(actor=alice_here, at=when, inspection_id=inspection.id, outcome="CLEARED", reason="seen")
        inspection.refresh_from_db()
        return inspection

    return make


def finding(inspection: Inspection, code: str) -> tuple[str, str]:
    row = InspectionFinding.objects.get(inspection=inspection, code=code, superseded_at=None)
    return row.outcome, row.reason


def test_a_crossing_keeps_its_party(cleared, at: datetime) -> None:
    inspection = cleared(when=at, party_reference="family")
    assert Crossing.objects.get(inspection=inspection).party_id == inspection.party_id


def test_history_has_crossings_and_companions(cleared, ready, anna, at: datetime) -> None:
    child = replace(
        anna, document_number="C1", primary_identifier="ORTEGA", birth_date=at.date().replace(year=2015)
    )
    cleared(when=at, party_reference="four")
    cleared(when=at, party_reference="four", keyed=child)
    later = at + timedelta(days=40)
    inspection = ready(when=later, direction="EXIT")
    past = history_of(
        reading=inspection.reading,
        holder=holder_of(reading=inspection.reading, country_code="UTO", at=later),
        inspection=inspection,
        minor_below_years=18,
        at=later,
    )
    assert [c.entering for c in past.crossings] == [True]
    assert [(c.primary_identifier, c.entering, c.left_at) for c in past.companions] == [
        ("ORTEGA", True, None)
    ]
    assert finding(inspection, "PROTECT.MINOR_LEFT") == ("FAIL", "unrelated_minor_stays")


def test_what_lies_more_than_a_year_back_is_not_looked_at(cleared, ready, at: datetime) -> None:
    cleared(when=at)
    later = at + timedelta(days=366)
    inspection = ready(when=later)
    past = history_of(
        reading=inspection.reading,
        holder=holder_of(reading=inspection.reading, country_code="UTO", at=later),
        inspection=inspection,
        minor_below_years=18,
        at=later,
    )
    assert past.crossings == ()


def test_a_journey_that_is_too_fast_is_referred(
    cleared, opened, charlie_there: Actor, land_booth: Booth, booth: Booth, make_request, at: datetime
) -> None:
    PortOfEntry.objects.filter(id=booth.port_id).update(latitude=59.65, longitude=17.92)
    PortOfEntry.objects.filter(id=land_booth.port_id).update(latitude=57.7, longitude=11.94)
    cleared(when=at)
    soon = at + timedelta(minutes=10)
    request = make_request(direction="EXIT")
    inspection, _ = open_inspection(actor=charlie_there, at=soon, request=request)
    process_inspection(inspection_id=inspection.id, clock=lambda: soon)
    assert finding(inspection, "TRAVEL.SPEED") == ("FAIL", "too_fast")


def test_a_document_in_use_at_another_post_is_seen(
    ready, charlie_there: Actor, make_request, at: datetime
) -> None:
    ready(when=at)
    inspection, _ = open_inspection(actor=charlie_there, at=at, request=make_request())
    process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert finding(inspection, "TRAVEL.TWO_PLACES") == ("FAIL", "in_use_elsewhere")


def test_another_document_of_the_same_person_is_counted(cleared, ready, anna, at: datetime) -> None:
    for number in "ABC":
        cleared(when=at, keyed=replace(anna, document_number=f"{number}000001"))
    inspection = ready(when=at + timedelta(hours=1))
    assert finding(inspection, "USE.DOCUMENTS") == ("FAIL", "many_documents")


def test_what_the_officer_saw_of_a_party_asks_protection(ready, at: datetime) -> None:
    inspection = ready(observations=("documents_held_by_other",), party_reference="two")
    assert finding(inspection, "PROTECT.DOCUMENTS_HELD") == ("FAIL", "one_person_holds_documents")
    assert {"code": "PROTECT.DOCUMENTS_HELD", "outcome": "FAIL", "route": "PROTECTION"} in inspection.reasons


def test_a_visa_of_another_holder_is_found(ready) -> None:
    lines = (
        "V<UTOLINDQVIST<<KAREN<<<<<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F3204159<<<<<<<<<<<<<<<<",
    )
    assert finding(ready(visa_lines=lines), "VISA.HOLDER") == ("FAIL", "different")


# manifests


def sent(at: datetime, **changes: Any) -> dict[str, Any]:
    passenger = {
        "primary_identifier": "Eriksson",
        "secondary_identifier": "Anna Maria",
        "document_number": "L898902C3",
        "issuing_state": "UTO",
        "birth_date": "1974-08-12",
        "booking_reference": "AB12CD",
    }
    manifest = {
        "conveyance": "UT 0123",
        "port": "UTAIR",
        "direction": "ENTRY",
        "scheduled_at": at.isoformat(),
        "passengers": [passenger | changes],
    }
    return manifest


def test_a_passenger_who_was_announced_passes(ready, alice_here: Actor, at: datetime) -> None:
    record_manifest(actor=alice_here, at=at, sent=sent(at))
    assert finding(ready(), "MANIFEST.LISTED") == ("PASS", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birth_date": "1975-08-12"}, "announced_otherwise"),
        ({"document_number": "X77"}, "other_document_announced"),
        ({"document_number": "X77", "primary_identifier": "Li"}, "not_announced"),
    ],
)
def test_a_manifest_that_says_otherwise_is_a_finding(ready, alice_here, at, changes, reason) -> None:
    record_manifest(actor=alice_here, at=at, sent=sent(at, **changes))
    assert finding(ready(), "MANIFEST.LISTED") == ("FAIL", reason)


def test_without_a_manifest_nothing_is_said(ready) -> None:
    assert finding(ready(), "MANIFEST.LISTED") == ("NOT_APPLICABLE", "no_manifest")


def test_the_same_manifest_twice_is_one_and_another_takes_its_place(alice_here: Actor, at: datetime) -> None:
    first, created = record_manifest(actor=alice_here, at=at, sent=sent(at))
    assert created
    assert record_manifest(actor=alice_here, at=at, sent=sent(at)) == (first, False)
    later, created = record_manifest(actor=alice_here, at=at, sent=sent(at, document_number="X1"))
    assert created
    in_force = AdvancePassengerManifest.objects.get(replaced_at=None)
    assert in_force == later
    assert AuditEntry.objects.filter(action="manifest.recorded").count() == 2


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (lambda s: [], "invalid", ""),
        (lambda s: s | {"passengers": None}, "invalid", "passengers"),
        (lambda s: s | {"direction": "UP"}, "invalid", "direction"),
        (lambda s: s | {"scheduled_at": "2026-11-20T09:00"}, "bad_date", "scheduled_at"),
        (lambda s: s | {"scheduled_at": "0001-01-01T00:00:00+14:00"}, "bad_date", "scheduled_at"),
        (lambda s: s | {"scheduled_at": "9999-12-31T23:59:59-12:00"}, "bad_date", "scheduled_at"),
        (lambda s: s | {"port": "NOWHE"}, "unknown_port", "port"),
        (lambda s: s | {"colour": "red"}, "unknown_field", ""),
        (lambda s: {k: v for k, v in s.items() if k != "port"}, "required", "port"),
        (lambda s: s | {"passengers": [{}]}, "required", "passengers[0].primary_identifier"),
        (
            lambda s: s | {"passengers": [{"primary_identifier": "A", "birth_date": "2001-02-30"}]},
            "bad_date",
            "passengers[0].birth_date",
        ),
        (
            lambda s: s | {"passengers": [{"primary_identifier": "A" * 121}]},
            "too_long",
            "passengers[0].primary_identifier",
        ),
        (lambda s: s | {"passengers": [{"primary_identifier": "A"}] * 5001}, "too_many", "passengers"),
    ],
)
def test_a_manifest_that_is_not_whole_is_refused_and_nothing_kept(
    alice_here, at, change, code, field
) -> None:
    with pytest.raises(ManifestRefused) as refused:
        record_manifest(actor=alice_here, at=at, sent=change(sent(at)))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not ManifestPassenger.objects.exists()


def test_nobody_sends_manifests_for_a_port_out_of_reach(booth, charlie_there, at: datetime) -> None:
    with pytest.raises(ManifestRefused, match="unknown_port"):
        record_manifest(actor=charlie_there, at=at, sent=sent(at))
    with pytest.raises(PermissionDenied):
        record_manifest(actor=replace(charlie_there, roles=frozenset()), at=at, sent=sent(at))
    assert record_manifest(actor=system_actor("carrier"), at=at, sent=sent(at))[1]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("UT 0123", "UT123"),
        ("ut123", "UT123"),
        ("UAL 007", "UAL7"),
        ("MV Aurelia", "MVAURELIA"),
        ("HL XB 2047", "HLXB2047"),
    ],
)
def test_a_flight_is_written_in_one_way(said: str, kept: str) -> None:
    assert normalise_conveyance(said) == kept


def test_the_api_takes_a_manifest(api_client, alice, booth, at: datetime) -> None:
    client = api_client(alice, booth)
    answer = client.post("/api/v1/manifests/", sent(at), format="json")
    assert (answer.status_code, answer.json()["passenger_count"]) == (201, 1)
    assert client.post("/api/v1/manifests/", sent(at), format="json").status_code == 200
    refused = client.post("/api/v1/manifests/", sent(at) | {"port": "NOWHE"}, format="json")
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        400,
        "unknown_port",
        "port",
    )


PASSENGER_LIST = (
    "UNB+UNOA:4+UTAIRLINE+BORDER+261120:0500+X1'UNH+M1+PAXLST:D:05B:UN:IATA'BGM+745'TDT+20+UT0123+++UT'"
    "LOC+125+ZEN'DTM+189:2611200600:201'LOC+87+{place}'DTM+232:2611200900:201'"
    "NAD+FL+++ERIKSSON:ANNA:MARIA'DTM+329:740812'DOC+P+L898902C3'LOC+91+UTO'UNT+12+M1'UNZ+1+X1'"
)


@pytest.mark.parametrize("place", ["UTAIR", "AIR"])
def test_the_api_takes_a_passenger_list_of_an_airline(api_client, alice, booth, ready, place: str) -> None:
    client = api_client(alice, booth)
    content = PASSENGER_LIST.format(place=place).encode()
    answer = client.post("/api/v1/manifests/", content, content_type="application/edifact")
    assert (answer.status_code, answer.json()["port"], answer.json()["direction"]) == (201, "UTAIR", "ENTRY")
    assert client.post("/api/v1/manifests/", content, content_type="application/edifact").status_code == 200
    assert finding(ready(), "MANIFEST.LISTED") == ("PASS", "")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (("UTAIR", "NOWHE"), "unknown_port", "LOC"),
        (("740812", "741312"), "bad_date", "10 (DTM)"),
        (("PAXLST", "CUSCAR"), "wrong_message", "2 (UNH)"),
        (("UNZ+1+X1'", ""), "required", "UNZ"),
    ],
)
def test_a_passenger_list_that_is_wrong_is_refused_by_segment(
    api_client, alice, booth, change: tuple[str, str], code: str, field: str
) -> None:
    content = PASSENGER_LIST.format(place="UTAIR").replace(*change).encode()
    answer = api_client(alice, booth).post("/api/v1/manifests/", content, content_type="application/edifact")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, code, field)
    assert not ManifestPassenger.objects.exists()


def test_of_the_manifests_of_a_daily_flight_the_nearest_counts(
    ready, alice_here: Actor, at: datetime
) -> None:
    record_manifest(actor=alice_here, at=at, sent=sent(at))
    tomorrow = at + timedelta(days=1)
    record_manifest(
        actor=alice_here, at=at, sent=sent(tomorrow, document_number="X1", primary_identifier="Li")
    )
    assert finding(ready(), "MANIFEST.LISTED") == ("PASS", "")
