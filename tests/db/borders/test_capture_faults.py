"""An officer says that a picture is wrong: it is kept, nothing is cleared from it, and the traveller is taken anew."""

import pytest

from audit.models import AuditEntry
from borders.core.decision_rules import DecisionRefused
from borders.core.protection import Cause
from borders.models import CaptureFault, Crossing, Inspection
from borders.services.capture_faults import tell_capture_fault
from borders.services.decisions import AlreadyDecided
from borders.services.protection import ask_protection

pytestmark = pytest.mark.django_db


def test_a_wrong_picture_ends_the_inspection_without_a_crossing(ready, outcomes, alice_here, at) -> None:
    outcomes({})
    inspection = ready()

    tell_capture_fault(actor=alice_here, at=at, inspection_id=inspection.id, fault="FACE_OF_ANOTHER")

    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.RETAKEN
    assert not Crossing.objects.exists()
    assert CaptureFault.objects.get().fault == "FACE_OF_ANOTHER"
    assert AuditEntry.objects.get(action="capture_fault.told").detail == {"fault": "FACE_OF_ANOTHER"}


def test_what_is_no_fault_is_refused(ready, alice_here, at) -> None:
    with pytest.raises(DecisionRefused) as refused:
        tell_capture_fault(actor=alice_here, at=at, inspection_id=ready().id, fault="UGLY")

    assert (refused.value.code, refused.value.field) == ("invalid", "fault")


def test_nobody_asked_about_protection_is_let_go_of_by_a_wrong_picture(
    ready, outcomes, alice_here, at
) -> None:
    outcomes({})
    inspection = ready()
    ask_protection(actor=alice_here, at=at, inspection_id=inspection.id, cause=Cause.OFFICER)

    with pytest.raises(DecisionRefused) as refused:
        tell_capture_fault(actor=alice_here, at=at, inspection_id=inspection.id, fault="PAGE_OF_NO_USE")

    assert refused.value.code == "protection_needs_referral"
    assert not CaptureFault.objects.exists()


def test_what_is_decided_stays_decided(ready, outcomes, alice_here, at) -> None:
    outcomes({})
    inspection = ready()
    tell_capture_fault(actor=alice_here, at=at, inspection_id=inspection.id, fault="PAGE_OF_NO_USE")

    with pytest.raises(AlreadyDecided):
        tell_capture_fault(actor=alice_here, at=at, inspection_id=inspection.id, fault="FACE_OF_NO_USE")
