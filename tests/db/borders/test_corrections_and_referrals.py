"""What was read is corrected and checked again; referrals are taken over and answered."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from audit.core.actor import Role
from biometrics.core.outcomes import Outcome
from borders.core.pipeline import Step
from borders.models import Inspection, OutboxMessage, PostAssignment, Referral
from borders.services.corrections import CorrectionRefused, correct_reading
from borders.services.decisions import decide
from borders.services.pipeline import process_inspection
from borders.services.referrals import ReferralRefused, acknowledge_referral, close_referral

pytestmark = pytest.mark.django_db


def test_a_correction_is_checked_in_a_new_round(ready, alice_here, anna, at) -> None:
    inspection = ready(keyed=replace(anna, expiry_date=date(2020, 1, 1)))
    expired = inspection.findings.get(code="DOCUMENT.EXPIRED")
    corrected = correct_reading(actor=alice_here, at=at, inspection_id=inspection.id, fields=anna)
    assert (corrected.state, corrected.advice) == ("RECEIVED", "")
    assert corrected.reading.corrects_id == inspection.reading_id
    assert OutboxMessage.objects.filter(done_at=None).count() == 1
    assert process_inspection(inspection_id=inspection.id, clock=lambda: at)
    inspection.refresh_from_db()
    assert inspection.state == "READY"
    assert inspection.reading_id == corrected.reading_id
    assert sorted(inspection.steps.values_list("round", flat=True)) == [1] * len(Step) + [2] * len(Step)
    expired.refresh_from_db()
    assert (expired.outcome, expired.superseded_at is not None) == ("FAIL", True)
    assert inspection.findings.get(code="DOCUMENT.EXPIRED", superseded_at=None).outcome == "PASS"


def test_a_correction_can_be_corrected(ready, alice_here, anna, at) -> None:
    inspection = ready()
    for number in ("L898902C4", "L898902C5"):
        correct_reading(
            actor=alice_here, at=at, inspection_id=inspection.id, fields=replace(anna, document_number=number)
        )
        assert process_inspection(inspection_id=inspection.id, clock=lambda: at)
    inspection.refresh_from_db()
    assert inspection.reading.document_number == "L898902C5"
    assert inspection.steps.filter(step="RECOMMEND").count() == 3


@pytest.mark.parametrize("state", ["RECEIVED", "REFERRED"])
def test_only_what_is_ready_is_corrected(opened, ready, alice_here, anna, at, state: str) -> None:
    inspection = opened() if state == "RECEIVED" else ready()
    if state == "REFERRED":
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="REFERRED")
    with pytest.raises(CorrectionRefused) as refusal:
        correct_reading(actor=alice_here, at=at, inspection_id=inspection.id, fields=anna)
    assert refusal.value.code == "not_ready"


def test_a_bad_field_is_named_and_changes_nothing(ready, alice_here, anna, at) -> None:
    inspection = ready()
    with pytest.raises(CorrectionRefused) as refusal:
        correct_reading(actor=alice_here, at=at, inspection_id=inspection.id, fields=replace(anna, sex="?"))
    assert refusal.value.field == "fields.sex"
    assert Inspection.objects.get().state == "READY"


def test_another_port_corrects_nothing(ready, charlie_there, anna, at) -> None:
    with pytest.raises(PermissionDenied):
        correct_reading(actor=charlie_there, at=at, inspection_id=ready().id, fields=anna)


@pytest.fixture
def referral(ready, outcomes, alice_here, at):
    """referral(code): the referral that a FAIL of this check leads to."""

    def make(code: str) -> Referral:
        outcomes({code: Outcome.FAIL})
        decide(actor=alice_here, at=at, inspection_id=ready().id, outcome="REFERRED")
        return Referral.objects.get()

    return make


def test_a_referral_is_taken_over_and_answered(referral, bob_here, bob, at) -> None:
    made = referral("SCREEN.NAME")
    taken = acknowledge_referral(actor=bob_here, at=at, referral_id=made.id)
    assert (taken.state, taken.acknowledged_by) == ("ACKNOWLEDGED", bob.user)
    closed = close_referral(actor=bob_here, at=at, referral_id=made.id, answer="another person")
    assert (closed.state, closed.answer) == ("CLOSED", "another person")


def test_a_referral_is_taken_over_once_and_answered_after_that(referral, bob_here, at) -> None:
    made = referral("SCREEN.NAME")
    with pytest.raises(ReferralRefused) as refusal:
        close_referral(actor=bob_here, at=at, referral_id=made.id, answer="too early")
    assert refusal.value.code == "not_acknowledged"
    acknowledge_referral(actor=bob_here, at=at, referral_id=made.id)
    with pytest.raises(ReferralRefused) as refusal:
        acknowledge_referral(actor=bob_here, at=at, referral_id=made.id)
    assert refusal.value.code == "not_open"


@pytest.mark.parametrize(
    ("answer", "code"), [(" ", "answer_required"), ("x" * 501, "too_long"), ("\x00x", "bad_characters")]
)
def test_an_answer_is_a_text(referral, bob_here, at, answer: str, code: str) -> None:
    made = referral("SCREEN.NAME")
    acknowledge_referral(actor=bob_here, at=at, referral_id=made.id)
    with pytest.raises(ReferralRefused) as refusal:
        close_referral(actor=bob_here, at=at, referral_id=made.id, answer=answer)
    assert refusal.value.code == code


@pytest.mark.parametrize("code", ["SCREEN.NAME", "PARTY.UNRELATED_MINORS"])
def test_the_first_line_and_other_ports_take_nothing_over(
    referral, alice_here, charlie_there, at, code: str
) -> None:
    made = referral(code)
    for actor in (alice_here, charlie_there):
        with pytest.raises(PermissionDenied):
            acknowledge_referral(actor=actor, at=at, referral_id=made.id)


def test_a_protection_referral_is_for_the_protection_service(
    referral, alice, alice_here, airport, at
) -> None:
    made = referral("PARTY.UNRELATED_MINORS")
    PostAssignment.objects.create(
        officer=alice, port=airport, role=Role.PROTECTION, valid_from=at.replace(year=2020)
    )
    now = replace(alice_here, roles=alice_here.roles | {Role.PROTECTION})
    assert acknowledge_referral(actor=now, at=at, referral_id=made.id).state == "ACKNOWLEDGED"
