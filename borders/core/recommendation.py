"""From findings to advice: pure and total. The machine recommends, a person decides; nothing here refuses."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.outcomes import Finding, Outcome, Route, Severity
from borders.core.pipeline import CHECKING_STEPS, Step


class Advice(StrEnum):
    CLEAR = "CLEAR"
    REFER = "REFER"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to refer: the code of the finding, how it came out, and whose question it is."""

    code: str
    outcome: Outcome
    route: Route


@dataclass(frozen=True, slots=True)
class Recommendation:
    """advice: CLEAR or REFER. reasons: empty for CLEAR; protection first, then as found."""

    advice: Advice
    reasons: tuple[Reason, ...]

    @property
    def routes(self) -> tuple[Route, ...]:
        """Whom to refer to, protection first; empty for CLEAR."""
        return tuple(
            r for r in (Route.PROTECTION, Route.SECOND_LINE) if any(x.route is r for x in self.reasons)
        )


def recommend(findings: Iterable[Finding], steps_done: Collection[Step]) -> Recommendation:
    """Return the advice for one inspection.

    findings: every finding in force. steps_done: checking steps that ended without failing; a step that is
    missing counts as UNDETERMINED, never as passed. FAIL and UNDETERMINED of severity BLOCK or REVIEW refer;
    INFORM is shown and changes nothing. A protection check that FAILs leads to protection; one that could not be
    made is a question for the second line, lest every unreadable page call the protection service.
    """
    reasons = [
        Reason(f.code, f.outcome, _route(f))
        for f in findings
        if f.outcome in (Outcome.FAIL, Outcome.UNDETERMINED) and f.check.severity is not Severity.INFORM
    ]
    reasons += [
        Reason(f"STEP.{step}", Outcome.UNDETERMINED, Route.SECOND_LINE)
        for step in CHECKING_STEPS
        if step not in steps_done
    ]
    reasons.sort(key=lambda r: r.route is not Route.PROTECTION)
    return Recommendation(Advice.REFER if reasons else Advice.CLEAR, tuple(reasons))


def _route(finding: Finding) -> Route:
    return finding.check.route if finding.outcome is Outcome.FAIL else Route.SECOND_LINE
