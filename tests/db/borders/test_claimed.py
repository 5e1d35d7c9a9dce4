"""An inspection opened in the hands of whoever opened it ends as any other, and is found again when these hands are gone."""

from datetime import timedelta

import pytest

from audit.models import AuditEntry
from borders.core.pipeline import Step
from borders.models import Inspection, OutboxMessage
from borders.services import pipeline
from borders.services.inspections import open_inspection
from borders.services.messages import RESEND_AFTER_S
from borders.services.pipeline import process_claimed, process_inspection
from travelers.models import TravelDocument

pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(alice_here, at, make_request):
    """claimed(**changes): an inspection as Alice opens it where there is a place for it."""

    def make(**changes) -> Inspection:
        inspection, created = open_inspection(
            actor=alice_here, at=at, request=make_request(**changes), claims=True
        )
        assert created
        return inspection

    return make


def facts_of(inspection: Inspection) -> list:
    """What was found and said, without ids and times."""
    findings = inspection.findings.order_by("id").values_list(
        "step", "code", "outcome", "severity", "route", "reason", "rule_version"
    )
    acts = AuditEntry.objects.filter(object_id=str(inspection.id), kind="WRITE").order_by("id")
    inspection.refresh_from_db()
    return [
        (inspection.state, inspection.advice, inspection.reasons, inspection.attempts),
        list(inspection.steps.order_by("id").values_list("step", "round", "state")),
        list(findings),
        list(acts.values_list("action", "fields")),
    ]


def test_a_claimed_inspection_is_opened_with_its_first_attempt_and_a_short_lease(claimed, at) -> None:
    inspection = claimed()
    inspection.refresh_from_db()
    assert (inspection.state, inspection.attempts) == (Inspection.State.PROCESSING, 1)
    assert inspection.leased_until == at + timedelta(seconds=RESEND_AFTER_S)
    assert not process_inspection(inspection_id=inspection.id, clock=lambda: at)


def test_it_ends_as_one_that_a_worker_claims_and_reads_anew(claimed, ready, at) -> None:
    inspection = claimed()
    assert process_claimed(inspection=inspection, clock=lambda: at)
    facts, usual = facts_of(inspection), ready()
    OutboxMessage.objects.get(object_id=inspection.id, done_at__isnull=False)
    # the other is of the same document at the same post: what is known by then is the same, nobody has crossed
    assert not TravelDocument.objects.exists()
    assert facts == facts_of(usual)
    assert len(facts[1]) == len(Step)


@pytest.mark.parametrize("step", pipeline.CHECKING_STEPS)
def test_a_step_that_raises_takes_no_other_with_it(claimed, at, monkeypatch, step: Step) -> None:
    def fail(given) -> None:
        raise ValueError

    monkeypatch.setattr(pipeline, "STEPS", {**pipeline.STEPS, step: fail})
    inspection = claimed()
    assert process_claimed(inspection=inspection, clock=lambda: at)
    assert dict(inspection.steps.values_list("step", "state"))[step] == "FAILED"
    inspection.refresh_from_db()
    assert inspection.state == Inspection.State.READY
    assert inspection.steps.filter(state="DONE").count() == len(Step) - 1


def test_whose_lease_is_over_is_left_to_whoever_took_it(claimed, at) -> None:
    inspection, later = claimed(), at + timedelta(seconds=RESEND_AFTER_S)
    assert process_inspection(inspection_id=inspection.id, clock=lambda: later)
    assert not process_claimed(inspection=inspection, clock=lambda: later)
    # nor does a lane that was slow between the two write what another has written
    assert not process_claimed(inspection=inspection, clock=lambda: at)
    assert inspection.steps.count() == len(Step)


def test_a_lease_that_is_over_is_made_anew_where_nobody_else_came(claimed, at) -> None:
    inspection = claimed()
    assert process_claimed(inspection=inspection, clock=lambda: at + timedelta(seconds=RESEND_AFTER_S))
    inspection.refresh_from_db()
    assert (inspection.state, inspection.attempts) == (Inspection.State.READY, 2)


@pytest.mark.parametrize("change", [{"party_reference": "P1"}, {"chip_attempted": True}])
def test_what_has_to_wait_or_to_be_looked_at_is_left_to_be_claimed(claimed, change) -> None:
    inspection = claimed(**change)
    assert (inspection.state, inspection.attempts) == (Inspection.State.RECEIVED, 0)
