"""Inspections are opened once per (booth, client_reference), whoever sends how often."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.models import AuditEntry
from biometrics.core.images import ImageRefused
from biometrics.models import CapturedImage
from borders.core.requests import RequestRefused
from borders.models import Inspection, OutboxMessage, TravelParty
from borders.services.inspections import ClientReferenceReused, open_inspection
from travelers.models import DocumentReading

pytestmark = pytest.mark.django_db


def test_an_inspection_is_opened_with_its_images_reading_and_message(opened, png, at) -> None:
    inspection = opened(page_image=png(1), face_image=png(2))
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.RECEIVED
    assert inspection.deadline_at == at + timedelta(seconds=settings.BOOTH_DEADLINE_S)
    assert inspection.page_image.kind == CapturedImage.Kind.PAGE
    assert inspection.face_image.kind == CapturedImage.Kind.FACE
    assert inspection.reading.source == DocumentReading.Source.KEYED
    assert OutboxMessage.objects.get().object_id == inspection.id


def test_the_same_request_again_is_the_same_inspection(alice_here, at, make_request, png) -> None:
    request = make_request(page_image=png(1), face_image=png(2))
    first, created = open_inspection(actor=alice_here, at=at, request=request)
    again, created_again = open_inspection(actor=alice_here, at=at + timedelta(seconds=9), request=request)
    assert (created, created_again) == (True, False)
    assert first.id == again.id
    assert CapturedImage.objects.count() == 2
    assert DocumentReading.objects.count() == 1
    assert OutboxMessage.objects.count() == 1
    assert AuditEntry.objects.filter(action="inspection.opened").count() == 1


@pytest.mark.parametrize("change", [{"direction": "EXIT"}, {"face_image": b"another"}, {"keyed": None}])
def test_another_request_under_the_same_reference_is_refused(
    alice_here, at, make_request, png, change
) -> None:
    request = make_request(page_image=png(1), face_image=png(2))
    open_inspection(actor=alice_here, at=at, request=request)
    with pytest.raises(ClientReferenceReused):
        open_inspection(actor=alice_here, at=at, request=replace(request, **change))


def test_another_booth_may_use_the_same_reference(alice_here, charlie_there, at, make_request) -> None:
    request = make_request()
    first, _ = open_inspection(actor=alice_here, at=at, request=request)
    second, created = open_inspection(actor=charlie_there, at=at, request=request)
    assert created
    assert first.id != second.id


def test_what_the_country_asks_for_is_required(utopia, opened) -> None:
    utopia.asks_address = True
    utopia.save()
    with pytest.raises(RequestRefused) as refusal:
        opened()
    assert (refusal.value.code, refusal.value.field) == ("required", "address_of_stay")


def test_a_flight_is_asked_for_at_an_airport_only(alice_here, charlie_there, at, make_request) -> None:
    request = make_request(conveyance="")
    with pytest.raises(RequestRefused):
        open_inspection(actor=alice_here, at=at, request=request)
    assert open_inspection(actor=charlie_there, at=at, request=request)[1]


def test_a_bad_keyed_field_is_named_with_its_place(opened, anna) -> None:
    with pytest.raises(RequestRefused) as refusal:
        opened(keyed=replace(anna, primary_identifier=" "))
    assert refusal.value.field == "keyed.primary_identifier"
    assert not Inspection.objects.exists()


def test_a_refused_image_leaves_nothing_behind(opened, png) -> None:
    with pytest.raises(ImageRefused):
        opened(page_image=png(1), face_image=b"no image")
    assert not Inspection.objects.exists()
    assert not CapturedImage.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_person_without_a_document_is_declared(opened, anna) -> None:
    inspection = opened(keyed=replace(anna, document_number="", document_code="", issuing_state=""))
    assert inspection.reading.source == DocumentReading.Source.DECLARED


def test_what_is_keyed_beside_a_page_counts_as_printed_on_it(opened, png) -> None:
    inspection = opened(page_image=png(), printed={"sex": "M"})
    assert inspection.printed["document_number"] == "L898902C3"
    assert inspection.printed["sex"] == "M"


def test_travellers_of_one_party_are_grouped_by_its_reference(opened) -> None:
    first, second = opened(party_reference="family"), opened(party_reference="family")
    assert first.party_id == second.party_id
    assert TravelParty.objects.count() == 1


def test_nobody_opens_an_inspection_without_a_booth_or_a_role(
    alice, bob, actor_of, at, make_request, alice_here
) -> None:
    with pytest.raises(PermissionDenied):
        open_inspection(actor=actor_of(alice), at=at, request=make_request())
    with pytest.raises(PermissionDenied):
        open_inspection(actor=replace(alice_here, roles=frozenset()), at=at, request=make_request())


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_at_once_is_one_inspection(alice_here, at, make_request, png) -> None:
    request = make_request(page_image=png(1), face_image=png(2), party_reference="family")
    start = threading.Barrier(4)
    results: list[tuple[object, bool]] = []

    def send() -> None:
        try:
            start.wait()
            inspection, created = open_inspection(actor=alice_here, at=at, request=request)
            results.append((inspection.id, created))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(created for _, created in results) == [False, False, False, True]
    assert len({i for i, _ in results}) == 1
    assert Inspection.objects.count() == 1
    assert CapturedImage.objects.count() == 2
    assert OutboxMessage.objects.count() == 1
