"""The language that all checks speak: what was checked, how it came out, how much it weighs, where it leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


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


class ParameterKind(StrEnum):
    """What a value of a rule is made of."""

    NUMBER = "NUMBER"  # int or float
    FLAG = "FLAG"  # true or false
    CODES = "CODES"  # a list of texts
    RANGES = "RANGES"  # a list of document number ranges: issuing_state, first, last, reason
    PAIRS = "PAIRS"  # a list of pairs of posts: from, to, minutes


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a rule that people may change.

    default: number, bool, or tuple. statement: what it means, in plain words. least, most: of a number.
    """

    name: str
    default: int | float | bool | tuple[object, ...]
    statement: str
    kind: ParameterKind = ParameterKind.NUMBER
    unit: str = ""
    least: float = 0
    most: float = 1e6


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that the system applies.

    code: stable, e.g. "MRZ.CHECK_DIGITS". statement: what PASS means, one plain sentence. clause: the source.
    parameters: its values. version: of the rule in force, 0 as delivered with the program.
    """

    code: str
    statement: str
    severity: Severity
    clause: str = ""
    route: Route = Route.SECOND_LINE
    parameters: tuple[Parameter, ...] = ()
    version: int = 0


# code of the check -> parameter -> value; what is missing has its default
Settings = Mapping[str, Mapping[str, Any]]
AS_DELIVERED: Settings = MappingProxyType({})


def value_of(check: Check, name: str, settings: Settings) -> Any:
    """Return the value of one parameter in force. Raises KeyError for a name that the check does not have."""
    for parameter in check.parameters:
        if parameter.name == name:
            return settings.get(check.code, {}).get(name, parameter.default)
    raise KeyError(name)


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
