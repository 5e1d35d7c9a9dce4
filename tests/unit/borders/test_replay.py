"""An inspection at one moment: what came later changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from borders.core.pipeline import CHECKING_STEPS, Step, StepState
from borders.core.recommendation import Advice
from borders.core.replay import (
    NOT_CHECKED,
    ChangeRow,
    DatedRow,
    FindingRow,
    ReadingRow,
    ReplayRows,
    StepRow,
    replay,
)

OPENED = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


def moment(seconds: float) -> datetime:
    return OPENED + timedelta(seconds=seconds)


def finding(number: int, outcome: Outcome, found_s: float, superseded_s: float | None = None) -> FindingRow:
    check = Check("DOCUMENT.EXPIRED", "The document is valid.", Severity.REVIEW)
    ended = moment(superseded_s) if superseded_s is not None else None
    return FindingRow(UUID(int=number), Finding(check, outcome, "expired"), moment(found_s), ended)


def steps(round_number: int, begun_s: float, failed: Step | None = None) -> list[StepRow]:
    rows = [
        StepRow(
            step,
            round_number,
            StepState.FAILED if step is failed else StepState.DONE,
            "timeout" if step is failed else "",
            10.0,
            moment(begun_s + n / 10),
        )
        for n, step in enumerate((*CHECKING_STEPS, Step.RECOMMEND))
    ]
    return rows


FIRST = ReadingRow(UUID(int=71), moment(0.1), None)
CORRECTED = ReadingRow(UUID(int=72), moment(60), FIRST.id)
# expired as read; corrected after a minute, and valid then
ROWS = ReplayRows(
    findings=[finding(1, Outcome.FAIL, 1, 62), finding(2, Outcome.PASS, 62)],
    steps=[*steps(1, 1), *steps(2, 62)],
    readings=[CORRECTED, FIRST],
    comparisons=[DatedRow(UUID(int=81), moment(1.2))],
    screenings=[DatedRow(UUID(int=91), moment(1.4)), DatedRow(UUID(int=92), moment(62.4))],
    decisions=[DatedRow(UUID(int=11), moment(90))],
    looks=[DatedRow(UUID(int=21), moment(5)), DatedRow(UUID(int=22), moment(4000))],
    changes=[ChangeRow(moment(5000), "rule", "DOCUMENT.EXPIRED version 2 in force")],
)


def test_findings_are_those_that_stood_then() -> None:
    assert [f.id.int for f in replay(ROWS, at=moment(30)).findings] == [1]
    assert [f.id.int for f in replay(ROWS, at=moment(90)).findings] == [2]


def test_a_finding_superseded_at_the_very_instant_stands_no_more() -> None:
    assert [f.id.int for f in replay(ROWS, at=moment(62)).findings] == [2]


def test_advice_is_worked_out_from_the_findings_of_the_moment() -> None:
    before, after = replay(ROWS, at=moment(30)).advice, replay(ROWS, at=moment(90)).advice
    assert before is not None
    assert after is not None
    assert (before.advice, after.advice) == (Advice.REFER, Advice.CLEAR)


@pytest.mark.parametrize("seconds", [0, 1.2, 61, 62.3])
def test_there_is_no_advice_while_it_is_being_checked(seconds: float) -> None:
    assert replay(ROWS, at=moment(seconds)).advice is None


def test_between_correction_and_recheck_no_step_of_the_new_round_is_checked() -> None:
    seen = replay(ROWS, at=moment(61))
    assert seen.round == 2
    assert {s.code for s in seen.steps} == {NOT_CHECKED}
    assert seen.reading_id == CORRECTED.id


def test_reading_screening_and_corrections_are_those_of_the_moment() -> None:
    early, late = replay(ROWS, at=moment(30)), replay(ROWS, at=moment(90))
    assert (early.reading_id, early.screening_id, early.corrections) == (FIRST.id, UUID(int=91), ())
    assert (late.reading_id, late.screening_id, late.corrections) == (
        CORRECTED.id,
        UUID(int=92),
        (CORRECTED,),
    )


def test_a_step_that_failed_is_not_checked_and_refers() -> None:
    rows = replace(ROWS, findings=[], steps=steps(1, 1, failed=Step.SCREEN), readings=[FIRST])
    seen = replay(rows, at=moment(30))
    assert [(s.step, s.code) for s in seen.not_checked] == [(Step.SCREEN, "timeout")]
    assert seen.advice is not None
    assert [r.code for r in seen.advice.reasons] == ["STEP.SCREEN"]


def test_what_came_later_is_told_apart_in_its_order() -> None:
    later = replay(ROWS, at=moment(30)).later
    assert [c.kind for c in later][:2] == ["reading", "finding"]
    assert later[-1].text == "DOCUMENT.EXPIRED version 2 in force"
    assert [d.id.int for d in replay(ROWS, at=moment(30)).looks] == [21]


def test_before_the_inspection_there_is_nothing() -> None:
    seen = replay(ROWS, at=moment(-1))
    assert (seen.findings, seen.reading_id, seen.screening_id, seen.advice) == ((), None, None, None)


@given(
    at_s=st.floats(0, 500),
    later=st.lists(st.tuples(st.floats(0.001, 500), st.sampled_from(Outcome)), max_size=8),
)
def test_rows_written_later_alter_nothing_but_what_came_later(
    at_s: float, later: list[tuple[float, Outcome]]
) -> None:
    at = moment(at_s)
    before = replay(ROWS, at=at)
    written = [at + timedelta(seconds=s) for s, _ in later]
    grown = replace(
        ROWS,
        findings=[
            # what stands now is superseded by what is written later
            *(
                replace(f, superseded_at=min(written))
                if f.superseded_at is None and written and f.found_at <= at
                else f
                for f in ROWS.findings
            ),
            *(
                replace(finding(100 + n, outcome, 0), found_at=t)
                for n, (t, (_, outcome)) in enumerate(zip(written, later, strict=True))
            ),
        ],
        steps=[*ROWS.steps, *(StepRow(Step.READ, 9, StepState.DONE, "", 1.0, t) for t in written)],
        readings=[
            *ROWS.readings,
            *(ReadingRow(UUID(int=500 + n), t, FIRST.id) for n, t in enumerate(written)),
        ],
        screenings=[*ROWS.screenings, *(DatedRow(UUID(int=600 + n), t) for n, t in enumerate(written))],
        decisions=[*ROWS.decisions, *(DatedRow(UUID(int=700 + n), t) for n, t in enumerate(written))],
        looks=[*ROWS.looks, *(DatedRow(UUID(int=800 + n), t) for n, t in enumerate(written))],
    )
    after = replay(grown, at=at)
    told = (
        "round",
        "steps",
        "advice",
        "reading_id",
        "corrections",
        "screening_id",
        "hits",
        "decisions",
        "looks",
    )
    assert [f.id for f in after.findings] == [f.id for f in before.findings]
    assert [getattr(after, name) for name in told] == [getattr(before, name) for name in told]
