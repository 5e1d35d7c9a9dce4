"""The pipeline ends at READY: resumable after a crash, never doubled, and what broke is UNDETERMINED."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from audit.models import AuditEntry
from biometrics.core.outcomes import Outcome
from borders.core.checks import CHECKS_OF_STEP
from borders.core.pipeline import CHECKING_STEPS, Step
from borders.core.recommendation import Advice
from borders.models import Inspection, InspectionFinding, OutboxMessage
from borders.services import advice, at_once, pipeline
from borders.services.pipeline import process_inspection
from borders.services.settlement import InspectionNotReady, settle_inspection
from borders.services.steps import PIPELINE, STEPS
from travelers.models import DocumentReading
from watchlists.models import Screening

pytestmark = pytest.mark.django_db
ALL_CODES = {check.code for checks in CHECKS_OF_STEP.values() for check in checks}


class Killed(BaseException):
    """What kill -9 is to a worker: nothing after it runs, and the transaction is gone."""


def assert_whole(inspection: Inspection, steps: int = 1) -> None:
    """Every step once a round, every check once in force, one screening a round, one reading."""
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.READY
    rows = inspection.steps.values_list("step", "round")
    assert len(rows) == len(set(rows)) == len(Step) * steps
    in_force = list(inspection.findings.filter(superseded_at=None).values_list("code", flat=True))
    assert sorted(in_force) == sorted(ALL_CODES)
    assert Screening.objects.filter(inspection_id=inspection.id).count() <= steps


def test_every_step_is_stored_with_its_time_and_every_check_answered(ready) -> None:
    inspection = ready()
    assert_whole(inspection)
    assert not inspection.steps.exclude(state="DONE").exists()
    assert all(step.elapsed_ms >= 0 for step in inspection.steps.all())
    assert inspection.ready_at is not None
    assert inspection.leased_until is None
    assert OutboxMessage.objects.get().done_at is not None
    assert AuditEntry.objects.filter(action="inspection.advised", object_id=str(inspection.id)).count() == 1


def test_a_face_that_was_not_taken_is_not_checked_and_never_clear(ready) -> None:
    inspection = ready()
    found = dict(inspection.findings.values_list("code", "outcome"))
    assert found["FACE.HOLDER"] == Outcome.UNDETERMINED
    assert found["FACE.OTHER_IDENTITY"] == Outcome.UNDETERMINED
    assert inspection.advice == Advice.REFER


def test_everything_passed_is_clear(ready, outcomes) -> None:
    outcomes({})
    inspection = ready()
    assert (inspection.advice, inspection.reasons) == (Advice.CLEAR, [])


def test_processing_again_changes_nothing(ready, at) -> None:
    inspection = ready()
    before = (inspection.steps.count(), inspection.findings.count(), AuditEntry.objects.count())
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert (inspection.steps.count(), inspection.findings.count(), AuditEntry.objects.count()) == before


def test_an_unknown_inspection_is_nothing_to_do(at) -> None:
    assert not process_inspection(inspection_id=Inspection().id, clock=lambda: at)


@pytest.mark.parametrize("step", CHECKING_STEPS)
def test_a_step_that_raises_leaves_its_checks_undetermined_and_the_others_go_on(
    opened, at, monkeypatch, step: Step
) -> None:
    def fail(given):
        raise ValueError("ERIKSSON must never be kept")

    monkeypatch.setattr(pipeline, "STEPS", {**STEPS, step: fail})
    inspection = opened()
    assert process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert_whole(inspection)
    row = inspection.steps.get(step=step)
    assert (row.state, row.code) == ("FAILED", "ValueError")
    found = inspection.findings.filter(code__in=[c.code for c in CHECKS_OF_STEP[step]])
    assert {(f.outcome, f.reason) for f in found} <= {("UNDETERMINED", "step_failed")}
    assert inspection.advice == Advice.REFER
    assert f"STEP.{step}" in [r["code"] for r in inspection.reasons]
    assert not AuditEntry.objects.filter(detail__icontains="ERIKSSON").exists()


@pytest.fixture
def step_by_step(monkeypatch) -> None:
    """As an inspection with images goes: each step in a transaction of its own."""
    monkeypatch.setattr(pipeline, "can_go_at_once", lambda **_: False)


@pytest.mark.usefixtures("step_by_step")
@pytest.mark.parametrize("step", CHECKING_STEPS)
@pytest.mark.parametrize("moment", ["in the step", "while it is stored"])
def test_a_killed_worker_is_resumed_without_doubled_rows(
    opened, at, monkeypatch, step: Step, moment: str
) -> None:
    inspection = opened()
    with monkeypatch.context() as patched:

        def die(*args, **kwargs):
            raise Killed

        if moment == "in the step":
            patched.setattr(pipeline, "STEPS", {**STEPS, step: die})
        else:
            real = pipeline.write_step
            patched.setattr(pipeline, "write_step", lambda **kw: die() if kw["step"] is step else real(**kw))
        with pytest.raises(Killed):
            process_inspection(inspection_id=inspection.id, clock=lambda: at)
    done = inspection.steps.count()
    assert done == CHECKING_STEPS.index(step)
    soon, later = at + timedelta(seconds=1), at + timedelta(seconds=settings.LEASE_S + 1)
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: soon)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: later)
    assert_whole(inspection)
    assert inspection.attempts == 2


@pytest.mark.parametrize("place", [*CHECKING_STEPS, "finish_messages"])
def test_a_worker_killed_on_the_way_through_all_steps_leaves_nothing_and_is_resumed(
    opened, at, monkeypatch, place: str
) -> None:
    inspection = opened()
    with monkeypatch.context() as patched:

        def die(*args, **kwargs):
            raise Killed

        if place == "finish_messages":
            patched.setattr(at_once, "finish_messages", die)
        else:
            patched.setattr(pipeline, "STEPS", {**STEPS, place: die})
        with pytest.raises(Killed):
            process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert not inspection.steps.exists()
    assert not inspection.findings.exists()
    soon, later = at + timedelta(seconds=1), at + timedelta(seconds=settings.LEASE_S + 1)
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: soon)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: later)
    assert_whole(inspection)
    assert inspection.attempts == 2


@pytest.mark.usefixtures("step_by_step")
def test_step_by_step_finds_the_same_as_at_once(opened, at, monkeypatch, make_request) -> None:
    def findings_of(inspection):
        found = inspection.findings.values_list(
            "code", "outcome", "severity", "route", "reason", "rule_version"
        )
        inspection.refresh_from_db()
        return sorted(found), inspection.advice, inspection.reasons

    one_by_one = opened()
    assert process_inspection(inspection_id=one_by_one.id, clock=lambda: at)
    monkeypatch.undo()
    together = opened(client_reference="another")
    assert process_inspection(inspection_id=together.id, clock=lambda: at)
    assert findings_of(together) == findings_of(one_by_one)


def test_a_lease_lost_on_the_way_through_all_steps_leaves_nothing(opened, at, monkeypatch) -> None:
    inspection = opened()

    def be_overtaken(given):
        Inspection.objects.filter(id=inspection.id).update(leased_until=at + timedelta(seconds=99))
        return STEPS[Step.CHECK_RECORD](given)

    monkeypatch.setattr(pipeline, "STEPS", {**STEPS, Step.CHECK_RECORD: be_overtaken})
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert not inspection.steps.exists()
    assert not inspection.findings.exists()


@pytest.mark.usefixtures("step_by_step")
def test_a_worker_killed_before_the_recommendation_is_resumed(opened, at, monkeypatch) -> None:
    inspection = opened()
    with monkeypatch.context() as patched:

        def die(**kwargs):
            raise Killed

        patched.setattr(advice, "finish_messages", die)
        with pytest.raises(Killed):
            process_inspection(inspection_id=inspection.id, clock=lambda: at)
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.PROCESSING
    later = at + timedelta(seconds=settings.LEASE_S + 1)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: later)
    assert_whole(inspection)


def test_a_database_that_fails_is_no_failed_check(opened, at, monkeypatch) -> None:
    def fail(given):
        raise OperationalError("the connection is gone")

    inspection = opened()
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "STEPS", {**STEPS, Step.SCREEN: fail})
        with pytest.raises(OperationalError):
            process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert not inspection.steps.filter(step=Step.SCREEN).exists()
    later = at + timedelta(seconds=settings.LEASE_S + 1)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: later)
    assert_whole(inspection)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_writes_nothing_more(opened, at, monkeypatch) -> None:
    inspection = opened()

    def settle() -> None:
        try:
            settle_inspection(actor=PIPELINE, at=inspection.deadline_at, inspection_id=inspection.id)
        finally:
            connection.close()

    def overtaken(given):
        result = STEPS[Step.SCREEN](given)
        other = threading.Thread(target=settle)
        other.start()
        other.join(30)
        return result

    monkeypatch.setattr(pipeline, "STEPS", {**STEPS, Step.SCREEN: overtaken})
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: at)
    assert_whole(inspection)
    assert inspection.steps.get(step=Step.SCREEN).code == "not_checked_in_time"
    assert not Screening.objects.filter(inspection_id=inspection.id).exists()


def test_an_inspection_that_keeps_killing_workers_is_parked(opened, at, monkeypatch) -> None:
    def die(given):
        raise Killed

    inspection = opened()
    when = at
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "STEPS", {**STEPS, Step.MATCH_FACE: die})
        for _ in range(settings.MAX_ATTEMPTS):
            with pytest.raises(Killed):
                process_inspection(inspection_id=inspection.id, clock=lambda now=when: now)
            when += timedelta(seconds=settings.LEASE_S + 1)
        assert not process_inspection(inspection_id=inspection.id, clock=lambda: when)
    assert_whole(inspection)
    assert inspection.advice == Advice.REFER
    assert inspection.steps.get(step=Step.MATCH_FACE).code == "attempts_exhausted"
    assert inspection.steps.get(step=Step.READ).state == "DONE"


def test_settling_says_what_was_not_checked(opened, at, alice_here) -> None:
    inspection = opened()
    with pytest.raises(InspectionNotReady):
        settle_inspection(actor=alice_here, at=at, inspection_id=inspection.id)
    settled = settle_inspection(actor=alice_here, at=inspection.deadline_at, inspection_id=inspection.id)
    assert settled.state == Inspection.State.READY
    assert_whole(inspection)
    found = InspectionFinding.objects.filter(inspection=inspection)
    assert {(f.outcome, f.reason) for f in found} == {("UNDETERMINED", "not_checked_in_time")}
    assert OutboxMessage.objects.get().done_at is not None


def test_settling_again_changes_nothing(opened, alice_here) -> None:
    inspection = opened()
    for _ in range(2):
        settle_inspection(actor=alice_here, at=inspection.deadline_at, inspection_id=inspection.id)
    assert AuditEntry.objects.filter(action="inspection.settled").count() == 1


def test_a_worker_after_the_deadline_still_finishes(opened, at) -> None:
    inspection = opened()
    late = inspection.deadline_at + timedelta(seconds=20)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: late)
    assert_whole(inspection)


def test_a_page_that_cannot_be_read_leaves_what_the_officer_keyed(opened, ready, png, monkeypatch) -> None:
    inspection = ready(page_image=png())
    readings = DocumentReading.objects.filter(image=inspection.page_image)
    assert {r.source for r in readings} == {"KEYED", "MRZ"}
    assert inspection.reading.source == DocumentReading.Source.KEYED


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_are_one(opened, at) -> None:
    inspection = opened()
    start = threading.Barrier(2)
    results: list[bool] = []

    def work() -> None:
        try:
            start.wait()
            results.append(process_inspection(inspection_id=inspection.id, clock=lambda: at))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(results) == [False, True]
    assert_whole(inspection)
