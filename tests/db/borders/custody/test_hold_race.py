"""A legal hold that is being placed stands against an erasure that begins meanwhile, whatever of the person it would erase."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from borders.models import Inspection
from borders.services.custody import ErasureRefused, erase_images, erase_inspections, place_hold
from tests.db.borders.custody.conftest import SWEEP
from travelers.models import Traveler

pytestmark = pytest.mark.django_db(transaction=True)


def erase_record(inspection, at):
    erase_inspections(
        actor=SWEEP, at=at, subject_id=inspection.id, inspection_ids=[inspection.id], retention="UNDECIDED/1"
    )


def erase_pictures(inspection, at):
    erase_images(actor=SWEEP, at=at, inspection_id=inspection.id, retention="IMAGES/1")


def wait_for_lock() -> None:
    """Wait until the other connection waits for a row, or has ended."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0] or threading.active_count() == 1:
                return
        time.sleep(0.02)


@pytest.mark.parametrize("erase", [erase_record, erase_pictures])
@pytest.mark.parametrize("of", ["traveler", "inspection"])
def test_a_hold_being_placed_stands_against_an_erasure_that_begins(ready, png, dora, at, erase, of):
    inspection = ready(face_image=png(1))
    anna = Traveler.objects.create(primary_identifier="ERIKSSON", created_at=at)
    Inspection.objects.filter(id=inspection.id).update(traveler=anna)
    subject = {"traveler_id": anna.id} if of == "traveler" else {"inspection_id": inspection.id}
    said = []

    def run():
        try:
            erase(inspection, at)
        except ErasureRefused as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        place_hold(
            actor=dora, at=at, reason="Appeal", authority="Court", review_on=(at + timedelta(days=9)).date(), **subject
        )  # fmt: skip
        thread.start()
        wait_for_lock()
    thread.join()
    assert said == ["legal_hold"]
    assert Inspection.objects.get(id=inspection.id).face_image.erased_at is None
