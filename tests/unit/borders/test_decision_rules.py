"""What an officer may decide: a table of cases, and no refusal where protection is in question."""

import itertools
from dataclasses import replace

import pytest

from borders.core.decision_rules import (
    VERDICTS_OF_LINE,
    Case,
    DecisionRefused,
    Line,
    Verdict,
    check_can_decide,
)
from borders.core.recommendation import Advice

PLAIN = Case(
    line=Line.FIRST,
    verdict=Verdict.CLEARED,
    advice=Advice.CLEAR,
    protection_alarm=False,
    identified=True,
    has_reason=False,
    same_person=False,
)
SECOND = replace(PLAIN, line=Line.SECOND, advice=Advice.REFER, has_reason=True)


def all_cases() -> list[Case]:
    flags = itertools.product((False, True), repeat=5)
    return [
        Case(line, verdict, advice, *flag)
        for line, verdict, advice, flag in itertools.product(Line, Verdict, Advice, list(flags))
    ]


@pytest.mark.parametrize(
    ("case", "override"),
    [
        (PLAIN, False),
        (replace(PLAIN, advice=Advice.REFER, has_reason=True), True),
        (replace(PLAIN, verdict=Verdict.REFERRED), False),
        (replace(PLAIN, verdict=Verdict.REFERRED, identified=False, protection_alarm=True), False),
        (replace(PLAIN, verdict=Verdict.WITHDRAWN), False),
        (replace(PLAIN, verdict=Verdict.RETAKEN, wrong_picture=True), False),
        (SECOND, False),
        (replace(SECOND, verdict=Verdict.REFUSED), False),
        (replace(SECOND, verdict=Verdict.WITHDRAWN, protection_alarm=True), False),
        (replace(SECOND, protection_alarm=True), False),
    ],
)
def test_these_decisions_stand(case: Case, override: bool) -> None:
    assert check_can_decide(case) is override


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (replace(PLAIN, verdict=Verdict.REFUSED, has_reason=True), "outcome_not_allowed"),
        (replace(SECOND, verdict=Verdict.REFERRED), "outcome_not_allowed"),
        (replace(SECOND, same_person=True), "second_person_required"),
        (replace(SECOND, verdict=Verdict.REFUSED, protection_alarm=True), "protection_blocks_refusal"),
        (replace(PLAIN, verdict=Verdict.WITHDRAWN, protection_alarm=True), "protection_needs_referral"),
        (
            replace(PLAIN, verdict=Verdict.RETAKEN, wrong_picture=True, protection_alarm=True),
            "protection_needs_referral",
        ),
        (replace(PLAIN, verdict=Verdict.RETAKEN), "outcome_not_allowed"),
        (replace(PLAIN, wrong_picture=True), "outcome_not_allowed"),
        (replace(SECOND, verdict=Verdict.RETAKEN, wrong_picture=True), "outcome_not_allowed"),
        (replace(PLAIN, advice=Advice.REFER), "reason_required"),
        (replace(SECOND, has_reason=False), "reason_required"),
        (replace(SECOND, verdict=Verdict.REFUSED, has_reason=False), "reason_required"),
        (replace(PLAIN, identified=False), "identity_missing"),
    ],
)
def test_these_decisions_are_refused(case: Case, code: str) -> None:
    with pytest.raises(DecisionRefused) as refusal:
        check_can_decide(case)
    assert refusal.value.code == code


def stands(case: Case) -> bool:
    try:
        check_can_decide(case)
    except DecisionRefused:
        return False
    return True


def test_no_refusal_ever_stands_against_a_protection_alarm_or_by_one_person() -> None:
    refusals = [c for c in all_cases() if c.verdict is Verdict.REFUSED and stands(c)]
    assert refusals
    for case in refusals:
        assert case.line is Line.SECOND
        assert case.has_reason
        assert not case.protection_alarm
        assert not case.same_person


def test_nobody_is_cleared_without_an_identity_or_silently_against_the_advice() -> None:
    for case in all_cases():
        if case.verdict is Verdict.CLEARED and stands(case):
            assert case.identified
            assert case.has_reason or case.advice is Advice.CLEAR


def test_a_referral_always_stands_at_the_first_line() -> None:
    cases = [c for c in all_cases() if c.line is Line.FIRST and c.verdict is Verdict.REFERRED]
    assert all(stands(c) is not c.wrong_picture for c in cases)


def test_each_line_knows_only_its_own_verdicts() -> None:
    for case in all_cases():
        if case.verdict not in VERDICTS_OF_LINE[case.line]:
            assert not stands(case)
