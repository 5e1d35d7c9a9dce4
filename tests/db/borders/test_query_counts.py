"""How often the busy services ask the database; a number that rises is looked at before it is raised here."""

import pytest

from borders.services.decisions import decide
from borders.services.inspections import open_inspection
from borders.services.pipeline import process_inspection

pytestmark = pytest.mark.django_db


def test_opening(alice_here, at, make_request, png, django_assert_num_queries) -> None:
    request = make_request(page_image=png(1), face_image=png(2), party_reference="family", keyed=None)
    with django_assert_num_queries(14):
        open_inspection(actor=alice_here, at=at, request=request)


def test_opening_again(alice_here, at, make_request, django_assert_num_queries) -> None:
    request = make_request()
    open_inspection(actor=alice_here, at=at, request=request)
    # rare, and dearer than it could be: the first time is not asked whether it is the first
    with django_assert_num_queries(5):
        open_inspection(actor=alice_here, at=at, request=request)


def test_processing_apart_from_what_the_steps_themselves_ask(
    opened, outcomes, at, django_assert_num_queries
) -> None:
    outcomes({})
    inspection = opened()
    with django_assert_num_queries(11):
        process_inspection(inspection_id=inspection.id, clock=lambda: at)


def test_clearing(ready, outcomes, alice_here, at, django_assert_num_queries) -> None:
    outcomes({})
    inspection = ready()
    with django_assert_num_queries(13):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")


def test_referring(ready, alice_here, at, django_assert_num_queries) -> None:
    inspection = ready()
    with django_assert_num_queries(9):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="REFERRED")
