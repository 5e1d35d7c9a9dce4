"""Travellers and documents over the API: read only, those of the actor's own ports."""

import pytest

from audit.models import AuditEntry
from borders.models import Inspection
from travelers.services import register_holder


@pytest.fixture
def inspected(record_reading, pipeline, at, airport, booth, alice):
    """Anna Maria Eriksson, inspected at the airport, and her document."""
    reading = record_reading()
    traveler, document = register_holder(actor=pipeline, at=at, reading=reading)
    Inspection.objects.create(
        port=airport,
        booth=booth,
        officer=alice,
        client_reference="1",
        request_sha256="0" * 64,
        direction="ENTRY",
        opened_at=at,
        deadline_at=at,
        reading=reading,
        traveler=traveler,
        document=document,
    )
    return traveler, document


def test_traveler_inspected_at_the_port_is_shown_with_an_audit_row(
    inspected, api_client, alice, booth
) -> None:
    traveler, document = inspected

    shown = api_client(alice, booth).get(f"/api/v1/travelers/{traveler.id}/").json()

    assert (shown["primary_identifier"], shown["birth_date"]) == ("ERIKSSON", "1974-08-12")
    assert shown["document_ids"] == [str(document.id)]
    assert AuditEntry.objects.filter(action="traveler.read", object_id=str(traveler.id)).count() == 1


def test_document_inspected_at_the_port_is_shown_with_an_audit_row(
    inspected, api_client, alice, booth
) -> None:
    traveler, document = inspected

    shown = api_client(alice, booth).get(f"/api/v1/documents/{document.id}/").json()

    assert (shown["document_number"], shown["traveler_id"]) == ("L898902C3", str(traveler.id))
    assert AuditEntry.objects.filter(action="document.read", object_id=str(document.id)).count() == 1


def test_nothing_of_another_port_is_found(inspected, api_client, charlie, land_booth) -> None:
    traveler, document = inspected
    client = api_client(charlie, land_booth)

    for address, object_id in (("travelers", traveler.id), ("documents", document.id)):
        assert client.get(f"/api/v1/{address}/").json()["results"] == []
        assert client.get(f"/api/v1/{address}/{object_id}/").status_code == 404


@pytest.mark.parametrize("address", ["travelers", "documents"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(inspected, api_client, alice, booth, address: str, method: str) -> None:
    assert getattr(api_client(alice, booth), method)(f"/api/v1/{address}/", {}).status_code == 405


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("travelers/?nationality=UTO", 1),
        ("travelers/?nationality=FRA", 0),
        ("travelers/?sex=F", 1),
        ("travelers/?created_from=2199-01-01T00:00:00Z", 0),
        ("documents/?issuing_state=UTO", 1),
        ("documents/?issuing_state=FRA", 0),
        ("documents/?expires_before=2032-04-15", 0),
        ("documents/?expires_before=2032-04-16", 1),
    ],
)
def test_lists_are_filtered(inspected, api_client, alice, booth, address: str, found: int) -> None:
    assert len(api_client(alice, booth).get(f"/api/v1/{address}").json()["results"]) == found


@pytest.mark.parametrize(
    "address", ["travelers/?primary_identifier=ERIKSSON", "documents/?document_number=L898902C3"]
)
def test_names_and_numbers_are_no_filters(inspected, api_client, alice, booth, address: str) -> None:
    assert api_client(alice, booth).get(f"/api/v1/{address}").status_code == 400


def test_traveler_seen_in_several_inspections_is_listed_once(inspected, api_client, alice, booth) -> None:
    first = Inspection.objects.get()
    Inspection.objects.create(
        **{
            name: getattr(first, name)
            for name in (
                "port",
                "booth",
                "officer",
                "direction",
                "opened_at",
                "deadline_at",
                "traveler",
                "document",
            )
        },
        client_reference="2",
        request_sha256="0" * 64,
    )

    assert len(api_client(alice, booth).get("/api/v1/travelers/").json()["results"]) == 1
