"""Every alarm that calls protection says why in words; no words refuse anybody or name a nationality."""

import pytest

from biometrics.core.outcomes import Route
from borders.core.explanations import explain, explained
from borders.core.record_checks import RECORD_CHECKS
from borders.core.rules import CHECKS

PROTECTION = {c.code for c in RECORD_CHECKS if c.route is Route.PROTECTION}


def test_every_protection_check_is_explained() -> None:
    assert {code for code, _ in explained()} >= PROTECTION


@pytest.mark.parametrize(("code", "reason"), sorted(explained()))
def test_an_explanation_belongs_to_a_check_and_refuses_nobody(code: str, reason: str) -> None:
    said = explain(code, reason)
    assert code in CHECKS
    assert said.endswith(".")
    assert not {"refuse", "nationality", "deport", "arrest"} & set(said.lower().replace(".", " ").split())


def test_a_finding_without_words_says_nothing() -> None:
    assert explain("MRZ.READ", "doubtful") == ""
