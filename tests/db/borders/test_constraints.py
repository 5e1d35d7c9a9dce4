"""What the database itself does not allow, whoever writes."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from borders.models import Crossing, Decision, Inspection, InspectionFinding, InspectionStep, Referral, Stay
from borders.services.decisions import decide
from travelers.models import Traveler

pytestmark = pytest.mark.django_db


def change(model, **values) -> None:
    with transaction.atomic():
        model.objects.all().update(**values)


@pytest.fixture
def cleared(ready, outcomes, alice_here, at) -> Inspection:
    outcomes({})
    inspection = ready()
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")
    inspection.refresh_from_db()
    return inspection


@pytest.mark.parametrize(
    "state", ["RECEIVED", "PROCESSING", "READY", "REFERRED", "REFUSED", "WITHDRAWN", "RETAKEN"]
)
def test_a_cleared_inspection_never_goes_back(cleared, state: str) -> None:
    with pytest.raises(DatabaseError):
        change(Inspection, state=state, crossing_id=None)


def test_an_inspection_is_not_refused_at_the_first_line(ready) -> None:
    ready()
    with pytest.raises(DatabaseError):
        change(Inspection, state="REFUSED")


def test_a_ready_inspection_has_an_advice(ready) -> None:
    ready()
    with pytest.raises(IntegrityError):
        change(Inspection, advice="")


def test_a_crossing_belongs_to_a_cleared_inspection_only(cleared) -> None:
    with pytest.raises(IntegrityError):
        change(Inspection, crossing_id=None)


@pytest.mark.parametrize("model", [Crossing, Decision, InspectionStep])
def test_these_rows_are_never_changed(cleared, model) -> None:
    assert model.objects.exists()
    with pytest.raises(DatabaseError):
        change(model, id=None)


@pytest.mark.parametrize(
    "table",
    [
        "borders_crossing",
        "borders_decision",
        "borders_inspection",
        "borders_inspectionfinding",
        "borders_inspectionstep",
    ],
)
def test_these_rows_are_never_deleted(cleared, table: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_a_finding_is_in_force_once(ready, at) -> None:
    inspection = ready()
    values = InspectionFinding.objects.filter(inspection=inspection).values().first()
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionFinding.objects.create(**{**values, "id": Traveler().id})


def test_a_traveller_has_one_open_stay_in_a_country(cleared, at) -> None:
    values = Stay.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(**{**values, "id": Traveler().id, "entry_id": Traveler().id})


def test_a_referral_is_not_answered_before_somebody_took_it(ready, alice_here, at) -> None:
    decide(actor=alice_here, at=at, inspection_id=ready().id, outcome="REFERRED")
    with pytest.raises(DatabaseError):
        change(Referral, state="CLOSED")
