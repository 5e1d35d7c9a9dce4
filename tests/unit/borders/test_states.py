"""State tables are whole, and the models, the decision rules and the tables say the same."""

import pytest

from audit.core.states import StateTable
from borders.core.decision_rules import LINE_OF_STATE, VERDICTS_OF_LINE, Line, Verdict
from borders.core.pipeline import CHECKING_STEPS, Step, StepState
from borders.core.recommendation import Advice
from borders.core.states import INSPECTION_STATES, REFERRAL_STATES
from borders.models import Decision, Inspection, InspectionFinding, InspectionStep, Referral

TABLES = (INSPECTION_STATES, REFERRAL_STATES)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_transition_is_between_known_states(table: StateTable) -> None:
    for transition in table.transitions:
        assert {transition.source, transition.target} <= set(table.states)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_state_is_reached_from_the_initial_one(table: StateTable) -> None:
    reached = {table.initial}
    for _ in table.states:
        reached |= {t.target for t in table.transitions if t.source in reached}
    assert reached == set(table.states)


@pytest.mark.parametrize(
    ("table", "final"),
    [(INSPECTION_STATES, {"CLEARED", "REFUSED", "WITHDRAWN", "RETAKEN"}), (REFERRAL_STATES, {"CLOSED"})],
    ids=lambda x: getattr(x, "name", ""),
)
def test_the_final_states_are_these(table: StateTable, final: set[str]) -> None:
    assert table.final == final


@pytest.mark.parametrize(
    ("table", "model"),
    [(INSPECTION_STATES, Inspection), (REFERRAL_STATES, Referral)],
    ids=lambda x: x.__class__.__name__,
)
def test_the_model_knows_the_states_of_the_table(table: StateTable, model: type) -> None:
    assert tuple(model.State.values) == table.states
    assert model._meta.get_field("state").default == table.initial


def test_nothing_refuses_but_the_second_line() -> None:
    assert INSPECTION_STATES.sources("REFUSED") == {"REFERRED"}


def test_the_decision_rules_follow_the_transitions() -> None:
    decided = {(state, v.value) for state, line in LINE_OF_STATE.items() for v in VERDICTS_OF_LINE[line]}
    drawn = {p for p in INSPECTION_STATES.pairs() if p[1] in {v.value for v in Verdict}}
    assert decided == drawn


def test_each_line_has_its_verdicts() -> None:
    assert set(VERDICTS_OF_LINE) == set(Line)
    assert set().union(*VERDICTS_OF_LINE.values()) == set(Verdict)


def test_decisions_are_stored_with_the_words_of_the_rules() -> None:
    assert set(Decision.Outcome.values) == {v.value for v in Verdict}
    assert set(Decision.Line.values) == {line.value for line in Line}


def test_steps_and_findings_are_stored_with_the_words_of_the_pipeline() -> None:
    for model in (InspectionStep, InspectionFinding):
        assert [value for value, _ in model._meta.get_field("step").choices] == [s.value for s in Step]
    assert [v for v, _ in InspectionStep._meta.get_field("state").choices] == [s.value for s in StepState]
    assert [v for v, _ in Inspection._meta.get_field("advice").choices] == [a.value for a in Advice]


def test_the_recommendation_is_the_latest_step() -> None:
    assert (*CHECKING_STEPS, Step.RECOMMEND) == tuple(Step)
