"""Every mechanism, every result, and every code that a forged chip comes out with is said in words."""

import pytest

from tests.documents.pki.forgeries import KINDS
from travelers.core.chip import Mechanism, MechanismResult, Verdict
from travelers.core.chip.words import CODES, QUESTIONS, RESULTS, say_result


def test_every_mechanism_has_its_question_and_every_result_its_words() -> None:
    assert set(QUESTIONS) == set(Mechanism)
    assert set(RESULTS) == set(Verdict)


@pytest.mark.parametrize(
    "code", sorted({k.code for k in KINDS if k.result in ("INVALID", "REVOKED", "EXPIRED")})
)
def test_what_accuses_a_document_is_said_in_words(code: str) -> None:
    assert code in CODES


def test_a_code_without_words_leaves_the_result_alone() -> None:
    assert say_result(MechanismResult(Mechanism.CHAIN, Verdict.VALID, "OK", "", "", 0.0, {})) == "Holds"
