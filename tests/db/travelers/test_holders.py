"""The same document is the same traveller, also when two workers see it first."""

import threading
from datetime import date

import pytest
from django.db import close_old_connections, connections

from audit.models import AuditEntry
from biometrics.models import Template
from travelers.core.keyed import KeyedFields
from travelers.models import Enrolment, TravelDocument, Traveler
from travelers.services import (
    HolderUnknown,
    TemplateTaken,
    link_enrolment,
    record_keyed_reading,
    record_mrz_reading,
    register_holder,
)


def test_new_document_registers_traveler_and_document(record_reading, pipeline, at) -> None:
    traveler, document = register_holder(actor=pipeline, at=at, reading=record_reading())

    assert (traveler.primary_identifier, traveler.birth_date) == ("ERIKSSON", date(1974, 8, 12))
    assert document is not None
    assert (document.traveler_id, document.document_number) == (traveler.id, "L898902C3")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "traveler.registered",
        "document.registered",
    }


def test_same_document_is_the_same_traveler(record_reading, pipeline, at) -> None:
    first = register_holder(actor=pipeline, at=at, reading=record_reading())
    second = register_holder(actor=pipeline, at=at, reading=record_reading())

    assert first == second
    assert Traveler.objects.count() == 1


def test_same_number_of_another_state_is_another_traveler(record_reading, pipeline, at) -> None:
    register_holder(actor=pipeline, at=at, reading=record_reading())
    register_holder(actor=pipeline, at=at, reading=record_reading(issuing_state="FRA"))

    assert Traveler.objects.count() == 2


def test_person_without_a_document_is_a_new_traveler_each_time(alice, actor_of, at) -> None:
    actor = actor_of(alice)
    fields = KeyedFields(primary_identifier="Eriksson", secondary_identifier="Anna Maria")
    reading = record_keyed_reading(actor=actor, at=at, fields=fields, source="DECLARED")

    assert register_holder(actor=actor, at=at, reading=reading)[1] is None
    register_holder(actor=actor, at=at, reading=reading)
    assert Traveler.objects.count() == 2


def test_unreadable_page_has_no_holder(pipeline, at, make_image, unreadable) -> None:
    reading = record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=unreadable)

    with pytest.raises(HolderUnknown):
        register_holder(actor=pipeline, at=at, reading=reading)


@pytest.mark.django_db(transaction=True)
def test_two_workers_registering_one_new_document_register_it_once(record_reading, pipeline, at) -> None:
    readings = [record_reading() for _ in range(6)]
    start = threading.Barrier(len(readings))
    registered, failures = [], []

    def register(reading) -> None:
        close_old_connections()
        try:
            start.wait(timeout=10)
            registered.append(register_holder(actor=pipeline, at=at, reading=reading))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=register, args=(reading,)) for reading in readings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    assert len({(traveler.id, document.id) for traveler, document in registered}) == 1
    assert (Traveler.objects.count(), TravelDocument.objects.count()) == (1, 1)


@pytest.fixture
def template(make_image, at) -> Template:
    return Template.objects.create(
        image=make_image(),
        engine="sface",
        engine_version="1",
        vector=b"\0" * 8,
        dimension=2,
        face_count=1,
        box=[0, 0, 1, 1],
        created_at=at,
    )


def test_face_is_linked_to_a_traveler_once(record_reading, pipeline, at, template) -> None:
    traveler, _ = register_holder(actor=pipeline, at=at, reading=record_reading())

    for _ in range(2):
        link_enrolment(actor=pipeline, at=at, traveler=traveler, template=template)

    assert Enrolment.objects.filter(traveler=traveler, template=template).count() == 1
    assert AuditEntry.objects.filter(action="enrolment.linked").count() == 1


def test_face_of_one_traveler_cannot_be_linked_to_another(record_reading, pipeline, at, template) -> None:
    anna, _ = register_holder(actor=pipeline, at=at, reading=record_reading())
    other, _ = register_holder(actor=pipeline, at=at, reading=record_reading(document_number="X12345678"))
    link_enrolment(actor=pipeline, at=at, traveler=anna, template=template)

    with pytest.raises(TemplateTaken):
        link_enrolment(actor=pipeline, at=at, traveler=other, template=template)
