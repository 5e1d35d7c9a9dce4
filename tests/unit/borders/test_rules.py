"""Rules weigh findings; they make nothing heavier that its check has softened, and they read in plain words."""

import pytest

from biometrics.core.outcomes import Check, Finding, Outcome, ParameterKind, Route, Severity
from borders.core.rules import (
    CHECKS,
    Rule,
    RuleRefused,
    check_rule,
    check_value,
    govern,
    in_words,
    parse_parameters,
)
from travelers.core.checks.facts import informed, undetermined
from travelers.core.checks.issuer import NUMBER_BLANK, NUMBER_FORMAT

B, R, I = Severity.BLOCK, Severity.REVIEW, Severity.INFORM  # noqa: E741


def governed(finding: Finding, **changes: object) -> Finding:
    rule = Rule(finding.code, 4, **changes)  # type: ignore[arg-type]
    return govern([finding], {finding.code: rule})[0]


@pytest.mark.parametrize(
    ("finding", "severity", "weight"),
    [
        (Finding(NUMBER_FORMAT, Outcome.FAIL), None, R),
        (Finding(NUMBER_FORMAT, Outcome.FAIL), B, B),
        (Finding(NUMBER_FORMAT, Outcome.FAIL), I, I),
        (informed(NUMBER_FORMAT, "unconfirmed"), B, I),
        (undetermined(NUMBER_BLANK, "doubtful"), B, R),
        (undetermined(NUMBER_BLANK, "doubtful"), I, I),
        (Finding(NUMBER_BLANK, Outcome.UNDETERMINED, "not_reported"), B, R),
    ],
)
def test_a_rule_weighs_a_finding(finding: Finding, severity: Severity | None, weight: Severity) -> None:
    found = governed(finding, severity=severity)
    assert (found.check.severity, found.check.version, found.outcome) == (weight, 4, finding.outcome)


def test_a_check_without_a_rule_stays_as_it_is() -> None:
    finding = Finding(NUMBER_FORMAT, Outcome.PASS)
    assert govern([finding], {}) == (finding,)


def test_a_rule_that_is_off_says_so_and_passes_nothing() -> None:
    found = governed(Finding(NUMBER_FORMAT, Outcome.FAIL), enabled=False)
    assert (found.outcome, found.reason) == (Outcome.NOT_APPLICABLE, "switched_off")


def test_a_rule_never_changes_whose_question_an_alarm_is() -> None:
    for code, check in CHECKS.items():
        found = governed(Finding(check, Outcome.FAIL), severity=I)
        assert found.check.route is check.route, code


@pytest.mark.parametrize("code", [c.code for c in CHECKS.values() if c.route is Route.PROTECTION])
def test_what_protects_people_is_never_switched_off(code: str) -> None:
    with pytest.raises(RuleRefused, match="protection_stays"):
        check_rule(Rule(code, 1, enabled=False))


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda c: c.code)
def test_every_check_reads_in_plain_words(check: Check) -> None:
    said = in_words(Rule(check.code, 0))
    assert check.statement in said[0]
    assert len(said) == 2 + len(check.parameters)
    assert all(line.endswith(".") for line in said)
    assert in_words(Rule(check.code, 0, enabled=False)) == (f"Not applied: {check.statement}",)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda c: c.code)
def test_every_parameter_as_delivered_is_one_that_may_be_set(check: Check) -> None:
    for parameter in check.parameters:
        default = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        assert check_value(parameter, default) == default
        assert parameter.statement.endswith(".")


RANGE = {"issuing_state": "ITA", "first": "YA1", "last": "YA9"}


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (ParameterKind.RANGES, [RANGE | {"issued_from": 2020}], [RANGE | {"issued_from": "2020"}]),
        (
            ParameterKind.PAIRS,
            [{"from": "A", "to": "B", "minutes": 30}],
            [{"from": "A", "to": "B", "minutes": "30"}],
        ),
        (ParameterKind.CODES, [" fra "], ["FRA"]),
    ],
)
def test_lists_are_kept_in_one_form(kind: ParameterKind, value: object, kept: object) -> None:
    parameter = next(p for c in CHECKS.values() for p in c.parameters if p.kind is kind)
    assert check_value(parameter, value) == kept


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ParameterKind.RANGES, [RANGE | {"colour": "red"}]),
        (ParameterKind.RANGES, [RANGE | {"issued_from": "early"}]),
        (ParameterKind.RANGES, [RANGE | {"first": " "}]),
        (ParameterKind.RANGES, "ITA"),
        (ParameterKind.PAIRS, [{"from": "A", "to": "B", "minutes": "soon"}]),
        (ParameterKind.CODES, [7]),
        (ParameterKind.CODES, ["x" * 200]),
        (ParameterKind.NUMBER, float("nan")),
        (ParameterKind.NUMBER, True),
    ],
)
def test_lists_of_another_form_are_refused(kind: ParameterKind, value: object) -> None:
    parameter = next(p for c in CHECKS.values() for p in c.parameters if p.kind is kind)
    with pytest.raises(RuleRefused):
        check_value(parameter, value)


@pytest.mark.parametrize("text", ["[1]", "{", "nonsense", "[" * 100_000])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(RuleRefused, match="parameters"):
        parse_parameters(text)
