"""Rules: how a State applies a check. A rule switches a check, weighs it and sets its values; it never changes whose question
an alarm is, and it never refuses anybody.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from biometrics.core.outcomes import (
    Check,
    Finding,
    Outcome,
    Parameter,
    ParameterKind,
    Route,
    Settings,
    Severity,
)
from borders.core.checks import CHECKS_OF_STEP

CHECKS: Mapping[str, Check] = MappingProxyType(
    {check.code: check for checks in CHECKS_OF_STEP.values() for check in checks}
)
SWITCHED_OFF = "switched_off"
ENTRIES_MOST = 5000
TEXT_LONGEST = 120
_WEIGHT = (Severity.INFORM, Severity.REVIEW, Severity.BLOCK)


class RuleRefused(ValueError):
    """The rule cannot be made or decided. code: stable; field: the part at fault, "" for the whole."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force. severity None: as delivered. parameters: only what differs from what is delivered."""

    code: str
    version: int
    enabled: bool = True
    severity: Severity | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


def settings_of(rules: Mapping[str, Rule]) -> Settings:
    """Return the values of rules, code to name to value."""
    return {code: rule.parameters for code, rule in rules.items() if rule.parameters}


def govern(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> tuple[Finding, ...]:
    """Return findings as the rules in force weigh them.

    A finding that the check itself has softened, for doubt or an unconfirmed source, is never made heavier.
    """
    return tuple(_govern(finding, rules.get(finding.code)) for finding in findings)


def _govern(finding: Finding, rule: Rule | None) -> Finding:
    if rule is None:
        return finding
    check = replace(finding.check, version=rule.version)
    if not rule.enabled:
        return Finding(check, Outcome.NOT_APPLICABLE, SWITCHED_OFF)
    if rule.severity is not None:
        declared = CHECKS[finding.code].severity if finding.code in CHECKS else finding.check.severity
        softened = _WEIGHT.index(finding.check.severity) < _WEIGHT.index(declared)
        weight = min(finding.check.severity, rule.severity, key=_WEIGHT.index) if softened else rule.severity
        if finding.outcome is Outcome.UNDETERMINED:
            weight = min(weight, Severity.REVIEW, key=_WEIGHT.index)
        check = replace(check, severity=weight)
    return replace(finding, check=check)


def check_rule(rule: Rule) -> Rule:
    """Return the rule with parameters in their own form. Raises RuleRefused: unknown_rule, unknown_parameter, bad_value,
    out_of_range, too_many, protection_stays.
    """
    check = CHECKS.get(rule.code)
    if check is None:
        raise RuleRefused("unknown_rule", "code")
    if check.route is Route.PROTECTION and not rule.enabled:
        # an alarm about a child may be made quieter by its values, never silenced
        raise RuleRefused("protection_stays", "enabled")
    known = {parameter.name: parameter for parameter in check.parameters}
    parameters = {}
    for name, value in rule.parameters.items():
        if name not in known:
            raise RuleRefused("unknown_parameter", name)
        parameters[name] = check_value(known[name], value)
    return replace(rule, parameters=parameters)


def check_value(parameter: Parameter, value: Any) -> Any:
    """Return a value of a parameter in its own form. Raises RuleRefused: bad_value, out_of_range, too_many."""
    name = parameter.name
    if parameter.kind is ParameterKind.FLAG:
        if not isinstance(value, bool):
            raise RuleRefused("bad_value", name)
        return value
    if parameter.kind is ParameterKind.NUMBER:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise RuleRefused("bad_value", name)
        if not parameter.least <= value <= parameter.most:
            raise RuleRefused("out_of_range", name)
        return value
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise RuleRefused("bad_value", name)
    if len(value) > ENTRIES_MOST:
        raise RuleRefused("too_many", name)
    return [_check_entry(parameter, entry) for entry in value]


_KEYS: Mapping[ParameterKind, tuple[frozenset[str], frozenset[str]]] = {
    ParameterKind.RANGES: (
        frozenset({"issuing_state", "first", "last"}),
        frozenset({"reason", "document_code", "issued_from", "issued_until"}),
    ),
    ParameterKind.PAIRS: (frozenset({"from", "to", "minutes"}), frozenset()),
}


def _check_entry(parameter: Parameter, entry: Any) -> Any:
    if parameter.kind is ParameterKind.CODES:
        if not isinstance(entry, str) or not 0 < len(entry.strip()) <= TEXT_LONGEST:
            raise RuleRefused("bad_value", parameter.name)
        return entry.strip().upper()
    needed, allowed = _KEYS[parameter.kind]
    if not isinstance(entry, Mapping) or not needed <= set(entry) <= needed | allowed:
        raise RuleRefused("bad_value", parameter.name)
    kept = {key: str(value).strip()[:TEXT_LONGEST] for key, value in entry.items()}
    if any(not kept[key] for key in needed):
        raise RuleRefused("bad_value", parameter.name)
    for key in ("minutes", "issued_from", "issued_until"):
        if kept.get(key) and not kept[key].isdecimal():
            raise RuleRefused("bad_value", parameter.name)
    return kept


def parse_parameters(text: str) -> dict[str, Any]:
    """Return the parameters that somebody typed as JSON. Raises RuleRefused(bad_value)."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise RuleRefused("bad_value", "parameters") from None
    if not isinstance(value, dict):
        raise RuleRefused("bad_value", "parameters")
    return value


_ACT = {
    Severity.BLOCK: "the traveller goes to the second line",
    Severity.REVIEW: "the traveller is referred for a closer look",
    Severity.INFORM: "the officer is told, and nothing else changes",
}


def in_words(rule: Rule) -> tuple[str, ...]:
    """Return what a rule does, a sentence each: what is checked, what a FAIL does, and its values."""
    check = CHECKS.get(rule.code)
    if check is None:
        return (f"No check has the code {rule.code} any more.",)
    if not rule.enabled:
        return (f"Not applied: {check.statement}",)
    if check.route is Route.PROTECTION and (rule.severity or check.severity) is not Severity.INFORM:
        act = "a protection officer is asked; nobody is refused"
    else:
        act = _ACT[rule.severity or check.severity]
    said = [f"Expected: {check.statement}", f"If not, {act}."]
    for parameter in check.parameters:
        value = rule.parameters.get(parameter.name, parameter.default)
        said.append(f"{parameter.statement.rstrip('.')}: {_show(parameter, value)}.")
    return tuple(said)


def _show(parameter: Parameter, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g} {parameter.unit}".strip()
    if not value:
        return "none"
    if parameter.kind is ParameterKind.CODES:
        return ", ".join(str(entry) for entry in value[:20]) + (" …" if len(value) > 20 else "")
    if parameter.kind is ParameterKind.PAIRS:
        return "; ".join(f"{e['from']} to {e['to']} {e['minutes']} minutes" for e in value[:20])
    shown = "; ".join(f"{e['issuing_state']} {e['first']} to {e['last']}" for e in value[:10])
    return shown + (f" and {len(value) - 10} more" if len(value) > 10 else "")
