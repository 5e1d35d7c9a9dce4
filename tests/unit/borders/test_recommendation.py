"""The recommendation is total, and CLEAR only when everything of weight was checked and passed."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.outcomes import Check, Finding, Outcome, Route, Severity
from borders.core.pipeline import CHECKING_STEPS, Step
from borders.core.recommendation import Advice, recommend

ALL_DONE = frozenset(CHECKING_STEPS)
CHECKS = st.builds(
    Check,
    code=st.text("ABC.", min_size=1, max_size=6),
    statement=st.just(""),
    severity=st.sampled_from(Severity),
    clause=st.just(""),
    route=st.sampled_from(Route),
)
FINDINGS = st.lists(st.builds(Finding, check=CHECKS, outcome=st.sampled_from(Outcome)), max_size=12)


def make_finding(outcome: Outcome, severity: Severity, route: Route = Route.SECOND_LINE) -> Finding:
    return Finding(Check("A.B", "", severity, "", route), outcome)


def test_everything_passed_is_clear() -> None:
    found = [make_finding(Outcome.PASS, severity) for severity in Severity]
    assert recommend(found, ALL_DONE).advice is Advice.CLEAR


@pytest.mark.parametrize(("outcome", "severity"), list(itertools.product(Outcome, Severity)))
def test_one_finding_refers_exactly_when_it_weighs(outcome: Outcome, severity: Severity) -> None:
    weighs = outcome in (Outcome.FAIL, Outcome.UNDETERMINED) and severity is not Severity.INFORM
    advice = recommend([make_finding(outcome, severity)], ALL_DONE).advice
    assert advice is (Advice.REFER if weighs else Advice.CLEAR)


@pytest.mark.parametrize("missing", CHECKING_STEPS)
def test_a_missing_step_refers(missing: Step) -> None:
    advice = recommend([], ALL_DONE - {missing})
    assert [(r.code, r.outcome) for r in advice.reasons] == [(f"STEP.{missing}", Outcome.UNDETERMINED)]
    assert advice.advice is Advice.REFER


def test_protection_comes_first() -> None:
    found = [
        make_finding(Outcome.FAIL, Severity.BLOCK),
        make_finding(Outcome.FAIL, Severity.REVIEW, Route.PROTECTION),
    ]
    advice = recommend(found, ALL_DONE)
    assert advice.routes == (Route.PROTECTION, Route.SECOND_LINE)
    assert advice.reasons[0].route is Route.PROTECTION


@given(FINDINGS, st.sets(st.sampled_from(CHECKING_STEPS)))
def test_clear_only_if_every_step_is_done_and_nothing_of_weight_is_open(
    findings: list[Finding], steps_done: set[Step]
) -> None:
    advice = recommend(findings, steps_done)
    open_findings = [
        f
        for f in findings
        if f.outcome in (Outcome.FAIL, Outcome.UNDETERMINED) and f.check.severity is not Severity.INFORM
    ]
    clear = not open_findings and steps_done == ALL_DONE
    assert (advice.advice is Advice.CLEAR) == clear
    assert bool(advice.reasons) != clear
    assert len(advice.reasons) == len(open_findings) + len(ALL_DONE - steps_done)


@given(FINDINGS, st.sets(st.sampled_from(CHECKING_STEPS)), st.randoms(use_true_random=False))
def test_the_order_of_findings_changes_no_advice(findings, steps_done, random) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)
    assert recommend(shuffled, steps_done).advice is recommend(findings, steps_done).advice


@given(FINDINGS)
def test_one_more_finding_never_turns_refer_into_clear(findings: list[Finding]) -> None:
    for length in range(len(findings)):
        if recommend(findings[:length], ALL_DONE).advice is Advice.REFER:
            assert recommend(findings, ALL_DONE).advice is Advice.REFER


def test_protection_check_that_could_not_be_made_goes_to_the_second_line() -> None:
    finding = make_finding(Outcome.UNDETERMINED, Severity.REVIEW, Route.PROTECTION)
    assert recommend([finding], CHECKING_STEPS).routes == (Route.SECOND_LINE,)
