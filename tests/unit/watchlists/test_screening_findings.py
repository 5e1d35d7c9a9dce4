"""From hits to findings: severity and route by action, and nothing of what is silent."""

import pytest

from biometrics.core.outcomes import Outcome, Route, Severity
from watchlists.core.documents import DocumentMatch, match_document
from watchlists.core.screening import (
    SCREEN_DOCUMENT,
    SCREEN_NAME,
    SCREENING_CHECKS,
    SEVERITY_OF_ACTION,
    Action,
    ShownHit,
    finding_not_checked,
    finding_of_search,
)

VERSIONS = {"list": 3}


def hit(action: Action, *, certain: bool = True) -> ShownHit:
    return ShownHit(f"hit of {action}", action, "exact" if certain else "near", certain)


def test_every_action_has_a_severity_or_is_silent() -> None:
    assert set(SEVERITY_OF_ACTION) == set(Action)


def test_every_check_is_declared_once() -> None:
    codes = [check.code for check in SCREENING_CHECKS]

    assert codes == ["SCREEN.DOCUMENT", "SCREEN.NAME", "SCREEN.FACE"]


@pytest.mark.parametrize(
    ("actions", "severity", "route"),
    [
        ((Action.STOP_ARREST,), Severity.BLOCK, Route.SECOND_LINE),
        ((Action.REFUSE_ENTRY,), Severity.BLOCK, Route.SECOND_LINE),
        ((Action.REFUSE_EXIT,), Severity.BLOCK, Route.SECOND_LINE),
        ((Action.SEIZE_DOCUMENT,), Severity.BLOCK, Route.SECOND_LINE),
        ((Action.SECOND_LINE,), Severity.REVIEW, Route.SECOND_LINE),
        ((Action.INQUIRY,), Severity.REVIEW, Route.SECOND_LINE),
        ((Action.PROTECT,), Severity.REVIEW, Route.PROTECTION),
        ((Action.INFO,), Severity.INFORM, Route.SECOND_LINE),
        ((Action.INFO, Action.STOP_ARREST), Severity.BLOCK, Route.SECOND_LINE),
        # protection is asked first, whatever else is asked
        ((Action.STOP_ARREST, Action.PROTECT), Severity.BLOCK, Route.PROTECTION),
    ],
)
def test_action_decides_severity_and_route(
    actions: tuple[Action, ...], severity: Severity, route: Route
) -> None:
    finding = finding_of_search(SCREEN_NAME, [hit(a) for a in actions], VERSIONS)

    assert (finding.outcome, finding.check.severity, finding.check.route) == (Outcome.FAIL, severity, route)
    assert finding.detail["hits"] == [
        {"id": f"hit of {a}", "action": a.value, "match": "exact"} for a in actions
    ]


def test_near_number_of_a_stolen_document_asks_for_review_only() -> None:
    finding = finding_of_search(SCREEN_DOCUMENT, [hit(Action.SEIZE_DOCUMENT, certain=False)], VERSIONS)

    assert finding.check.severity is Severity.REVIEW


def test_silent_hit_leaves_the_finding_as_if_there_were_none() -> None:
    assert finding_of_search(SCREEN_NAME, [hit(Action.SILENT)], VERSIONS) == finding_of_search(
        SCREEN_NAME, [], VERSIONS
    )


def test_stop_and_silent_show_the_stop_only() -> None:
    both = finding_of_search(SCREEN_NAME, [hit(Action.SILENT), hit(Action.STOP_ARREST)], VERSIONS)

    assert both == finding_of_search(SCREEN_NAME, [hit(Action.STOP_ARREST)], VERSIONS)


def test_finding_has_one_shape_whatever_its_outcome() -> None:
    findings = (
        finding_of_search(SCREEN_NAME, [], VERSIONS),
        finding_of_search(SCREEN_NAME, [hit(Action.INFO)], VERSIONS),
        finding_not_checked(SCREEN_NAME, "timeout", VERSIONS),
    )

    assert {tuple(f.detail) for f in findings} == {("list_versions", "hits")}


def test_search_that_was_not_done_is_undetermined() -> None:
    assert finding_not_checked(SCREEN_NAME, "timeout", VERSIONS).outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize(
    ("number", "state", "listed_number", "listed_state", "expected"),
    [
        ("L898902C3", "UTO", "L898902C3", "UTO", DocumentMatch.EXACT),
        ("L898902C3", "UTO", "l898902 c3", "UTO", DocumentMatch.EXACT),
        ("L898902C3", "D", "L898902C3", "DEU", DocumentMatch.EXACT),
        ("L898902C3", "UTO", "L898902C3", "", DocumentMatch.EXACT),
        ("L898902C3", "UTO", "L898902C3", "FRA", DocumentMatch.OTHER_ISSUER),
        ("L8989O2C3", "UTO", "L898902C3", "UTO", DocumentMatch.NEAR),
        ("LB98902C3", "UTO", "L898902C3", "UTO", DocumentMatch.NEAR),
        ("L898902C4", "UTO", "L898902C3", "UTO", None),
        ("", "UTO", "", "UTO", None),
    ],
)
def test_document_numbers_are_compared_exactly_and_as_they_may_be_misread(
    number: str, state: str, listed_number: str, listed_state: str, expected: DocumentMatch | None
) -> None:
    found = match_document(
        document_number=number, issuing_state=state, listed_number=listed_number, listed_state=listed_state
    )

    assert found is expected
