"""docs/chip.md names every mechanism, every result and every code that a forgery comes out as."""

from pathlib import Path

from tests.documents.pki.forgeries import KINDS
from travelers.core.chip import Mechanism, Verdict
from travelers.core.chip.signer_rules import HARMLESS, TOLERATED

PAGE = (Path(__file__).parents[4] / "docs/chip.md").read_text()


def test_the_page_names_what_can_be_said():
    said = {m.value for m in Mechanism} | {v.value for v in Verdict} | {k.code for k in KINDS}
    assert {word for word in said if f"`{word}`" not in PAGE} == set()


def test_the_page_names_every_tolerance_and_for_whom():
    for code, states in TOLERATED.items():
        assert f"`{code}` | {' '.join(sorted(states))} |" in PAGE
    assert all(f"`{code}`" in PAGE for code in HARMLESS)
