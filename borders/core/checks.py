"""Which step owes which checks, and what is said of a check that a step could not answer."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from biometrics.core.outcomes import Check, Finding, Outcome
from biometrics.core.page_checks import PAGE_CHECKS
from borders.core.face_checks import FACE_CHECKS
from borders.core.pipeline import Step
from borders.core.record_checks import RECORD_CHECKS
from travelers.core.checks import DOCUMENT_CHECKS, HOLDER_CHECKS
from watchlists.core.screening import SCREENING_CHECKS

CHECKS_OF_STEP: Mapping[Step, tuple[Check, ...]] = MappingProxyType(
    {
        Step.READ: (),
        Step.READ_PRINTED: (),
        Step.CHECK_DOCUMENT: (*DOCUMENT_CHECKS, *HOLDER_CHECKS, *PAGE_CHECKS),
        Step.MATCH_FACE: FACE_CHECKS,
        Step.SCREEN: SCREENING_CHECKS,
        Step.CHECK_RECORD: RECORD_CHECKS,
        Step.RECOMMEND: (),
    }
)


class UndeclaredCheck(ValueError):
    """A step reported a check that it does not declare, or one check twice.

    The message is the code of the check.
    """


def complete(step: Step, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding for every check that a step declares, in their order.

    findings: what the step found, each declared check at most once; a check that is missing becomes
    UNDETERMINED "not_reported". Raises UndeclaredCheck.
    """
    found: dict[str, Finding] = {}
    declared = CHECKS_OF_STEP[step]
    codes = {check.code for check in declared}
    for finding in findings:
        if finding.code not in codes or finding.code in found:
            raise UndeclaredCheck(finding.code)
        found[finding.code] = finding
    return tuple(found.get(c.code, Finding(c, Outcome.UNDETERMINED, "not_reported")) for c in declared)


def undetermined(step: Step, reason: str) -> tuple[Finding, ...]:
    """Return every check of a step as UNDETERMINED. reason: a stable code, at most 40 characters."""
    return tuple(Finding(check, Outcome.UNDETERMINED, reason) for check in CHECKS_OF_STEP[step])
