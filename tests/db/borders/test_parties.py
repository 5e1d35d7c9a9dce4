"""A party is judged together: who comes later changes what was found on those before."""

import threading
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection

from biometrics.core.outcomes import Finding, Outcome
from borders.core.checks import CHECKS_OF_STEP
from borders.core.pipeline import Step
from borders.models import Inspection
from borders.services import pipeline
from borders.services.decisions import DecisionRefused, decide
from borders.services.pipeline import process_inspection
from borders.services.steps import STEPS, StepResult

pytestmark = pytest.mark.django_db
ADULT, MINOR = date(1985, 1, 1), date(2015, 1, 1)


@pytest.fixture
def member(opened, anna):
    """member(surname, born, **changes): one traveller of the party "group" as opened at the booth."""

    def make(surname: str, born: date | None, **changes) -> Inspection:
        keyed = replace(
            anna,
            primary_identifier=surname,
            birth_date=born,
            document_number=f"{surname[:4]}{born:%y%m%d}" if born else "",
        )
        return opened(keyed=keyed, party_reference="group", **changes)

    return make


@pytest.fixture
def process(at, monkeypatch):
    """process(inspection): the worker, with everything but reading and record passed."""

    def quiet(step: Step):
        found = tuple(Finding(check, Outcome.PASS) for check in CHECKS_OF_STEP[step])
        return lambda given: StepResult(found)

    real = (Step.READ, Step.CHECK_RECORD)
    monkeypatch.setattr(
        pipeline, "STEPS", {step: STEPS[step] if step in real else quiet(step) for step in STEPS}
    )

    def run(inspection: Inspection) -> Inspection:
        assert process_inspection(inspection_id=inspection.id, clock=lambda: at)
        inspection.refresh_from_db()
        return inspection

    return run


def party_findings(inspection: Inspection) -> dict[str, str]:
    inspection.refresh_from_db()
    rows = inspection.findings.filter(code__startswith="PARTY.", superseded_at=None)
    return {row.code.removeprefix("PARTY."): row.outcome for row in rows}


def test_three_minors_with_one_stranger_are_an_alarm_on_all_four(member, process) -> None:
    adult = process(member("STONE", ADULT))
    assert adult.advice == "CLEAR"
    minors = [process(member(name, MINOR)) for name in ("OKAFOR", "NGUYEN", "PETROVA")]
    for inspection in (adult, *minors):
        assert party_findings(inspection)["UNRELATED_MINORS"] == Outcome.FAIL
        assert inspection.advice == "REFER"
        assert inspection.reasons[0]["route"] == "PROTECTION"


def test_what_was_found_before_stays_beside_what_is_in_force(member, process) -> None:
    adult = process(member("STONE", ADULT))
    for name in ("OKAFOR", "NGUYEN"):
        process(member(name, MINOR))
    history = adult.findings.filter(code="PARTY.UNRELATED_MINORS").order_by("found_at", "id")
    assert history[0].outcome == Outcome.NOT_APPLICABLE
    assert [f.superseded_at is None for f in history].count(True) == 1


def test_a_minor_is_cleared_once_the_parent_is_read(member, process) -> None:
    minor = process(member("ERIKSSON", MINOR))
    assert (minor.advice, party_findings(minor)["MINOR_ACCOMPANIED"]) == ("REFER", Outcome.FAIL)
    process(member("ERIKSSON", ADULT))
    minor.refresh_from_db()
    assert (minor.advice, party_findings(minor)["MINOR_ACCOMPANIED"]) == ("CLEAR", Outcome.PASS)


def test_a_member_whose_page_is_not_read_yet_keeps_the_question_open(member, process, opened, png) -> None:
    minor = member("ERIKSSON", MINOR)
    opened(keyed=None, page_image=png(), party_reference="group")
    process(minor)
    assert party_findings(minor)["MINOR_ACCOMPANIED"] == Outcome.UNDETERMINED


def test_what_is_decided_keeps_its_findings(member, process, alice_here, at) -> None:
    adult = process(member("STONE", ADULT))
    decide(actor=alice_here, at=at, inspection_id=adult.id, outcome="CLEARED")
    before = party_findings(adult)
    for name in ("OKAFOR", "NGUYEN"):
        process(member(name, MINOR))
    assert party_findings(adult) == before


def test_an_alarm_that_comes_after_the_referral_blocks_the_refusal(
    member, process, alice_here, bob_here, at
) -> None:
    adult = process(member("STONE", ADULT))
    decide(actor=alice_here, at=at, inspection_id=adult.id, outcome="REFERRED")
    for name in ("OKAFOR", "NGUYEN"):
        process(member(name, MINOR))
    with pytest.raises(DecisionRefused) as refusal:
        decide(actor=bob_here, at=at, inspection_id=adult.id, outcome="REFUSED", reason="false passports")
    assert refusal.value.code == "protection_blocks_refusal"


def test_the_same_reference_the_other_way_is_another_party(member, process) -> None:
    process(member("STONE", ADULT, direction="EXIT"))
    minor = process(member("STONE", MINOR))
    assert party_findings(minor)["MINOR_ACCOMPANIED"] == Outcome.FAIL


@pytest.mark.django_db(transaction=True)
def test_a_party_processed_by_four_workers_at_once_ends_alike_for_all(member, process, at) -> None:
    party = [member("STONE", ADULT), *(member(name, MINOR) for name in ("OKAFOR", "NGUYEN", "PETROVA"))]
    start = threading.Barrier(len(party))
    failures: list[BaseException] = []

    def work(inspection: Inspection) -> None:
        try:
            start.wait()
            process_inspection(inspection_id=inspection.id, clock=lambda: at)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(inspection,)) for inspection in party]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    for inspection in party:
        assert party_findings(inspection)["UNRELATED_MINORS"] == Outcome.FAIL
        assert (inspection.state, inspection.advice) == ("READY", "REFER")
        assert "PARTY.UNRELATED_MINORS" in [r["code"] for r in inspection.reasons]
