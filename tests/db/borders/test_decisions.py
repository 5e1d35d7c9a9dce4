"""A person decides: one wins, and everything that follows from the decision commits with it."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.models import AuditEntry
from biometrics.core.outcomes import Outcome
from borders.core.decision_rules import DecisionRefused
from borders.models import Crossing, Decision, Inspection, OutboxMessage, Referral, Stay
from borders.services.decisions import AlreadyDecided, InspectionNotReady, decide
from travelers.models import TravelDocument, Traveler

pytestmark = pytest.mark.django_db


@pytest.fixture
def clear(ready, outcomes):
    """clear(**changes): an inspection with the advice CLEAR."""
    outcomes({})
    return ready


def refer(inspection: Inspection, actor, at) -> Decision:
    return decide(actor=actor, at=at, inspection_id=inspection.id, outcome="REFERRED")


def test_clearing_records_the_crossing_and_everything_with_it(clear, alice, alice_here, airport, at) -> None:
    inspection = clear()
    decision = decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")
    crossing = Crossing.objects.get()
    inspection.refresh_from_db()
    assert (decision.line, decision.advice, decision.override) == ("FIRST", "CLEAR", False)
    assert inspection.state == Inspection.State.CLEARED
    assert inspection.crossing_id == crossing.id
    assert crossing.inspection_id == inspection.id
    assert (crossing.officer, crossing.port, crossing.transport_mode) == (alice, airport, "AIR")
    assert crossing.traveler == Traveler.objects.get() == inspection.traveler
    assert crossing.document == TravelDocument.objects.get() == inspection.document
    stay = Stay.objects.get()
    assert (stay.entry_id, stay.exit_id, stay.anomaly) == (crossing.id, None, "")


@pytest.mark.parametrize(("nationality", "until"), [("UTO", None), ("XYZ", date(2027, 2, 17))])
def test_own_nationals_may_stay_and_others_until_a_day(
    clear, alice_here, anna, at, nationality: str, until: date | None
) -> None:
    inspection = clear(keyed=replace(anna, nationality=nationality))
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")
    assert Stay.objects.get().allowed_until == until


def test_an_exit_closes_the_stay(clear, alice_here, at) -> None:
    entry = clear()
    decide(actor=alice_here, at=at, inspection_id=entry.id, outcome="CLEARED")
    later = at + timedelta(days=3)
    leaving = clear(when=later, direction="EXIT")
    decide(actor=alice_here, at=later, inspection_id=leaving.id, outcome="CLEARED")
    stay = Stay.objects.get()
    leaving.refresh_from_db()
    assert (stay.exit_id, stay.exited_at, stay.anomaly) == (leaving.crossing_id, later, "")
    assert Traveler.objects.count() == TravelDocument.objects.count() == 1


def test_ends_without_their_other_end_stay_visible(clear, alice_here, at) -> None:
    for days, direction in enumerate(("EXIT", "ENTRY", "ENTRY")):
        when = at + timedelta(days=days)
        inspection = clear(when=when, direction=direction)
        decide(actor=alice_here, at=when, inspection_id=inspection.id, outcome="CLEARED")
    assert sorted(Stay.objects.values_list("anomaly", flat=True)) == ["", "ENTRY_MISSING", "EXIT_MISSING"]


def test_a_person_without_a_document_crosses_without_one(clear, alice_here, anna, at) -> None:
    declared = replace(anna, document_code="", issuing_state="", document_number="", expiry_date=None)
    inspection = clear(keyed=declared)
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")
    assert Crossing.objects.get().document is None


def test_clearing_against_the_advice_needs_a_reason_and_is_kept_as_an_override(ready, alice_here, at) -> None:
    inspection = ready()
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason=" ")
    assert (refusal.value.code, refusal.value.field) == ("reason_required", "reason")
    decision = decide(
        actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="known to the post"
    )
    assert decision.override


def test_without_an_identity_nobody_is_cleared(ready, alice_here, at, png, opened) -> None:
    inspection = ready(keyed=None, page_image=png())
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="known")
    assert refusal.value.code == "identity_missing"
    assert not Traveler.objects.exists()


def test_a_refused_decision_leaves_no_trace_but_the_state(ready, alice_here, at) -> None:
    inspection = ready()
    before = AuditEntry.objects.count()
    with pytest.raises(DecisionRefused):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="REFUSED", reason="x")
    assert AuditEntry.objects.count() == before
    assert not Decision.objects.exists()


def test_referring_opens_one_referral_for_each_route(ready, outcomes, alice_here, at) -> None:
    outcomes({"PARTY.UNRELATED_MINORS": Outcome.FAIL, "SCREEN.NAME": Outcome.FAIL})
    inspection = ready()
    refer(inspection, alice_here, at)
    found = {r.route: (r.due_at - at, [x["code"] for x in r.reasons]) for r in Referral.objects.all()}
    assert found == {
        "PROTECTION": (timedelta(hours=2), ["PARTY.UNRELATED_MINORS"]),
        "SECOND_LINE": (timedelta(hours=1), ["SCREEN.NAME"]),
    }


def test_an_officer_may_refer_against_the_advice_to_clear(clear, alice_here, at) -> None:
    refer(clear(), alice_here, at)
    assert [(r.route, r.reasons) for r in Referral.objects.all()] == [("SECOND_LINE", [])]


def test_the_second_line_is_another_person_with_that_role(ready, alice_here, bob_here, at) -> None:
    inspection = ready()
    refer(inspection, bob_here, at)
    with pytest.raises(PermissionDenied):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="x")
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="REFUSED", reason="x")
    assert refusal.value.code == "second_person_required"


def test_the_second_line_refuses_with_a_reason(ready, alice_here, bob_here, at) -> None:
    inspection = ready()
    refer(inspection, alice_here, at)
    decision = decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="REFUSED", reason="false")
    inspection.refresh_from_db()
    assert (decision.line, inspection.state) == ("SECOND", "REFUSED")
    assert not Crossing.objects.exists()


def test_the_second_line_clears_without_overriding(ready, alice_here, bob_here, at) -> None:
    inspection = ready()
    refer(inspection, alice_here, at)
    decision = decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="checked")
    assert not decision.override
    assert Crossing.objects.count() == 1


def test_the_decision_of_the_second_line_answers_its_referral(ready, alice_here, bob, bob_here, at) -> None:
    inspection = ready()
    refer(inspection, alice_here, at)
    decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="REFUSED", reason="false papers")
    referral = Referral.objects.get()
    assert (referral.state, referral.answer, referral.acknowledged_by) == ("CLOSED", "false papers", bob.user)
    trail = AuditEntry.objects.filter(object_id=str(referral.id)).order_by("id")
    acts = ["referral.opened", "referral.acknowledged", "referral.closed"]
    assert list(trail.values_list("action", flat=True)) == acts


def test_a_protection_referral_is_not_answered_by_the_second_line(
    ready, outcomes, alice_here, bob_here, at
) -> None:
    outcomes({"PARTY.UNRELATED_MINORS": Outcome.FAIL})
    inspection = ready()
    refer(inspection, alice_here, at)
    decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="with the aunt")
    assert Referral.objects.get(route="PROTECTION").state == "OPEN"


def test_protection_is_never_answered_by_a_refusal(ready, outcomes, alice_here, bob_here, at) -> None:
    outcomes({"PARTY.UNRELATED_MINORS": Outcome.FAIL})
    inspection = ready()
    refer(inspection, alice_here, at)
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=bob_here, at=at, inspection_id=inspection.id, outcome="REFUSED", reason="x")
    assert refusal.value.code == "protection_blocks_refusal"


def test_before_the_deadline_nobody_decides_on_running_checks(opened, alice_here, at) -> None:
    inspection = opened()
    with pytest.raises(InspectionNotReady):
        refer(inspection, alice_here, at)


def test_after_the_deadline_open_checks_are_undetermined_and_the_officer_goes_on(opened, alice_here) -> None:
    inspection = opened()
    refer(inspection, alice_here, inspection.deadline_at)
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.REFERRED
    assert set(inspection.findings.values_list("outcome", flat=True)) == {"UNDETERMINED"}
    assert OutboxMessage.objects.get().done_at is not None


def test_what_is_decided_stays_decided(clear, alice_here, at) -> None:
    inspection = clear()
    decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="WITHDRAWN")
    with pytest.raises(AlreadyDecided):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")


def test_an_officer_of_another_port_decides_nothing(clear, charlie_there, at) -> None:
    inspection = clear()
    with pytest.raises(PermissionDenied):
        refer(inspection, charlie_there, at)


def test_a_role_held_at_another_port_is_no_role_here(
    ready, bob, bob_here, charlie, charlie_there, airport, alice_here, at
) -> None:
    inspection = ready()
    refer(inspection, alice_here, at)
    # Charlie is second line at the land post only, whatever ports the session carries
    wide = replace(charlie_there, port_ids=charlie_there.port_ids | {airport.id})
    with pytest.raises(PermissionDenied):
        decide(actor=wide, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="x")


@pytest.mark.parametrize(
    ("outcome", "reason", "code"),
    [
        ("ARRESTED", "", "invalid"),
        ("REFERRED", "x" * 501, "too_long"),
        ("REFERRED", "\x00", "bad_characters"),
    ],
)
def test_nonsense_is_refused_by_name(clear, alice_here, at, outcome: str, reason: str, code: str) -> None:
    inspection = clear()
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome=outcome, reason=reason)
    assert refusal.value.code == code


def test_a_failed_audit_row_fails_the_decision(clear, alice_here, at, monkeypatch) -> None:
    inspection = clear()

    def fail(**kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr("borders.services.decisions.record", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED")
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.READY
    assert not Crossing.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("outcomes_", [("CLEARED", "CLEARED"), ("CLEARED", "WITHDRAWN")])
def test_of_two_officers_deciding_at_once_one_wins(clear, alice_here, bob_here, at, outcomes_) -> None:
    inspection = clear()
    start = threading.Barrier(2)
    results: list[str] = []

    def act(actor, outcome: str) -> None:
        try:
            start.wait()
            decide(actor=actor, at=at, inspection_id=inspection.id, outcome=outcome)
            results.append("won")
        except AlreadyDecided:
            results.append("lost")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=pair)
        for pair in zip((alice_here, bob_here), outcomes_, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == ["lost", "won"]
    assert Decision.objects.count() == 1
    assert Crossing.objects.count() <= 1


@pytest.mark.django_db(transaction=True)
def test_one_traveller_cleared_at_two_booths_at_once_has_one_open_stay(
    clear, alice_here, bob_here, at
) -> None:
    inspections = [clear(), clear()]
    start = threading.Barrier(2)

    def act(actor, inspection: Inspection) -> None:
        try:
            start.wait()
            decide(actor=actor, at=at, inspection_id=inspection.id, outcome="CLEARED")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=pair)
        for pair in zip((alice_here, bob_here), inspections, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Crossing.objects.count() == 2
    assert Traveler.objects.count() == 1
    assert sorted(Stay.objects.values_list("anomaly", flat=True)) == ["", "EXIT_MISSING"]
