"""Every step declares its checks; what it does not answer is UNDETERMINED."""

import pytest

from biometrics.core.outcomes import Check, Finding, Outcome, Severity
from borders.core.checks import CHECKS_OF_STEP, UndeclaredCheck, complete, undetermined
from borders.core.face_checks import FACE_CHECKS, FACE_HOLDER
from borders.core.pipeline import CHECKING_STEPS, Step
from borders.models import InspectionFinding
from borders.services.steps import STEPS


def test_every_step_declares_its_checks() -> None:
    assert set(CHECKS_OF_STEP) == set(Step)


def test_every_checking_step_has_its_function() -> None:
    assert tuple(STEPS) == CHECKING_STEPS


def test_no_check_belongs_to_two_steps() -> None:
    codes = [check.code for checks in CHECKS_OF_STEP.values() for check in checks]
    assert len(codes) == len(set(codes))


def test_codes_fit_their_column() -> None:
    longest = InspectionFinding._meta.get_field("code").max_length
    assert all(len(c.code) <= longest for checks in CHECKS_OF_STEP.values() for c in checks)


@pytest.mark.parametrize("step", CHECKING_STEPS)
def test_a_step_that_fails_leaves_each_of_its_checks_undetermined(step: Step) -> None:
    found = undetermined(step, "step_failed")
    assert [f.check for f in found] == list(CHECKS_OF_STEP[step])
    assert {f.outcome for f in found} <= {Outcome.UNDETERMINED}


def test_a_check_that_is_not_reported_is_undetermined() -> None:
    found = complete(Step.MATCH_FACE, [Finding(FACE_HOLDER, Outcome.PASS)])
    assert [f.check for f in found] == list(FACE_CHECKS)
    assert {f.code: f.outcome for f in found if f.outcome is Outcome.UNDETERMINED}.keys() == {
        "FACE.QUALITY",
        "FACE.OTHER_IDENTITY",
        "FACE.PORTRAITS",
    }


@pytest.mark.parametrize(
    "findings",
    [
        [Finding(Check("STAY.DIRECTION", "", Severity.REVIEW), Outcome.PASS)],
        [Finding(FACE_HOLDER, Outcome.PASS), Finding(FACE_HOLDER, Outcome.FAIL)],
    ],
    ids=["of another step", "twice"],
)
def test_an_undeclared_or_doubled_finding_is_an_error(findings: list[Finding]) -> None:
    with pytest.raises(UndeclaredCheck):
        complete(Step.MATCH_FACE, findings)
