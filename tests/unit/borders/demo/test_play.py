"""What counts as going as the story expects, and how it is shown."""

import io
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from borders.demo.play import Result
from borders.demo.report import print_deviations, print_protection, print_table
from borders.demo.story import Scene, tell_story

STORY = {scene.key: scene for scene in tell_story(date(2026, 11, 20))}
ZONE_LOST = ("MRZ.READ", "MRZ.CHECK_DIGITS", "STAY.DIRECTION")


def find(key: str) -> Scene:
    return STORY[key]


def inspection(state: str, advice: str, *codes: str, hits: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the API answers, as far as the play looks at it."""
    return {
        "id": "0",
        "state": state,
        "advice": advice,
        "reasons": [{"code": code} for code in codes],
        "findings": [{"code": "SCREEN.NAME", "detail": {"hits": [{"id": hit} for hit in hits]}}],
        "reading": {"source": "MRZ", "status": "ACCEPTED", "layout": "TD3", "reason": ""},
        "face": {"score": 0.81},
        "steps": [{"step": "READ", "round": 1, "elapsed_ms": 31.4}],
        "decisions": [{"outcome": "CLEARED"}],
        "referrals": [],
    }


def result(key: str, seen: dict[str, Any], latest: dict[str, Any] | None = None, **more: Any) -> Result:
    return Result(find(key), seen=seen, latest=latest or seen, **more)


@pytest.mark.parametrize(
    "outcome",
    [
        result("anna-in", inspection("CLEARED", "CLEAR")),
        result("expired", inspection("REFUSED", "REFER", "DOCUMENT.EXPIRED")),
        result(
            "unreadable-in",
            inspection("CLEARED", "REFER", *ZONE_LOST),
            corrected=inspection("READY", "CLEAR"),
        ),
    ],
    ids=lambda outcome: outcome.scene.key,
)
def test_outcome_as_expected_deviates_in_nothing(outcome: Result) -> None:
    assert list(outcome.deviations()) == []


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (result("anna-in", inspection("CLEARED", "REFER", "FACE.HOLDER")), "not expected: FACE.HOLDER"),
        (result("anna-in", inspection("CLEARED", "REFER", "FACE.HOLDER")), "recommendation REFER"),
        (result("expired", inspection("REFUSED", "REFER")), "not found: DOCUMENT.EXPIRED"),
        (result("expired", inspection("CLEARED", "REFER", "DOCUMENT.EXPIRED")), "ended CLEARED"),
        (
            result(
                "unreadable-in",
                inspection("CLEARED", "REFER", "MRZ.READ"),
                corrected=inspection("READY", "REFER", "SCREEN.NAME"),
            ),
            "after the correction REFER (SCREEN.NAME)",
        ),
        (Result(find("anna-in"), failure="inspections/: 503 unavailable"), "503 unavailable"),
    ],
)
def test_deviation_is_told_in_words(outcome: Result, said: str) -> None:
    assert any(said in line for line in outcome.deviations())


def test_refused_decision_hides_no_finding() -> None:
    outcome = result(
        "anna-in", inspection("READY", "REFER", "FACE.HOLDER"), failure="decision/: 400 reason_required"
    )
    told = "\n".join(outcome.deviations())
    assert "reason_required" in told
    assert "FACE.HOLDER" in told


def test_hits_are_those_that_the_booth_may_see() -> None:
    assert result("banned", inspection("REFUSED", "REFER", hits=("a", "b"))).hit_ids == ["a", "b"]


def test_deviating_row_is_red_and_counted() -> None:
    console = Console(
        file=io.StringIO(), width=168, force_terminal=True, color_system="standard", highlight=False
    )
    results = [
        result("anna-in", inspection("CLEARED", "CLEAR")),
        result("expired", inspection("REFUSED", "REFER")),
        Result(find("silent-in"), failure="inspections/: 503 unavailable"),
    ]
    print_table(console, results)
    assert print_deviations(console, results) == 2
    lines = console.file.getvalue().splitlines()
    assert not any("\x1b[31m" in line for line in lines if "Clean entry" in line)
    assert all("\x1b[31m" in line for line in lines if "Expired document" in line)
    assert any("0.81" in line and "TD3 accepted" in line for line in lines)


def test_a_referral_to_protection_is_printed_with_its_reasons_in_words() -> None:
    minor = inspection("REFERRED", "REFER", "PARTY.UNRELATED_MINORS")
    minor["referrals"] = [{"route": "PROTECTION"}]
    minor["findings"] = [
        {"code": "MRZ.COMPOSITE", "outcome": "FAIL", "severity": "BLOCK", "route": "SECOND_LINE", "reason": "not_right",
         "statement": "The composite check digit is right.", "explanation": ""},
        {"code": "PARTY.UNRELATED_MINORS", "outcome": "FAIL", "severity": "BLOCK", "route": "PROTECTION", "reason": "x",
         "statement": "", "explanation": "One adult brings minors."},
        {"code": "FACE.AGE", "outcome": "FAIL", "severity": "INFORM", "route": "SECOND_LINE", "reason": "y",
         "statement": "", "explanation": "Not shown."},
    ]  # fmt: skip
    console = Console(file=io.StringIO(), width=200)
    print_protection(
        console, [result("first-minor", minor), result("anna-in", inspection("CLEARED", "CLEAR"))]
    )
    assert console.file.getvalue().splitlines() == [
        "First minor, forged number: referred to protection, because",
        "  - One adult brings minors.",
        "  - Expected: The composite check digit is right. Found: not right.",
    ]
