"""The language that all checks speak: what was checked, how it came out, how much it weighs, where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a check came out. UNDETERMINED means "not checked, or not to be told": it is never PASS."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNDETERMINED = "UNDETERMINED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Severity(StrEnum):
    """What a FAIL or UNDETERMINED does to the recommendation."""

    BLOCK = "BLOCK"  # never CLEAR, second line
    REVIEW = "REVIEW"  # refer
    INFORM = "INFORM"  # shown, changes nothing


class Route(StrEnum):
    """Whose question an alarm is."""

    SECOND_LINE = "SECOND_LINE"
    PROTECTION = "PROTECTION"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that the system applies.

    code: stable, e.g. "MRZ.CHECK_DIGITS". statement: what PASS means, one plain sentence. clause: the source.
    """

    code: str
    statement: str
    severity: Severity
    clause: str = ""
    route: Route = Route.SECOND_LINE


@dataclass(frozen=True, slots=True)
class Finding:
    """One check applied to one traveller. reason: stable code within the check; detail: the evidence, JSON values."""

    check: Check
    outcome: Outcome
    reason: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.check.code
