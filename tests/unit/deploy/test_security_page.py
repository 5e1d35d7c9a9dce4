"""docs/security.md: every threat has controls and proofs, every proof exists, every alarm has its runbook."""

import re

import pytest

from deploy.launcher.configuration import CHECKOUT
from tests.torture.__main__ import CAMPAIGNS

PAGE = (CHECKOUT / "docs" / "security.md").read_text()
OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text()
PROOF = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
THREATS = {
    number: row for row in PAGE.splitlines() if (number := (re.match(r"\| T(\d+) \|", row) or [None, ""])[1])
}
MUST_HOLD = [
    row
    for row in PAGE.partition("## What must hold")[2].partition("\n## ")[0].splitlines()
    if row.startswith("| ") and "what must hold" not in row
]
ALERTS = CHECKOUT / "deploy" / "prometheus" / "alerts.yml"


@pytest.mark.parametrize(("path", "name"), sorted(set(PROOF.findall(PAGE))))
def test_a_proof_that_is_named_exists(path, name):
    assert (CHECKOUT / path).is_file()
    if name:
        assert re.search(rf"^def {name}\(", (CHECKOUT / path).read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([a-z_]+/[\w/-]+\.(?:py|yml|yaml|conf))`", PAGE))))
def test_a_file_that_is_named_exists(path):
    assert (CHECKOUT / path).is_file()


@pytest.mark.parametrize("number", sorted(THREATS))
def test_every_threat_has_a_control_and_a_proof(number):
    _, _, threat, control, proof, _ = THREATS[number].split("|")
    assert threat.strip()
    assert len(control) > 40
    assert PROOF.search(proof) or "make torture" in proof


@pytest.mark.parametrize("row", MUST_HOLD)
def test_whatever_must_hold_stands_somewhere_and_is_proved(row):
    _, _, what, code, proof, _ = row.split("|")
    assert what.strip()
    assert re.fullmatch(r"( `[\w/.-]+`)+ ", code)
    assert re.fullmatch(r"( `(tests/[\w/]+\.py(::test_\w+)?|make torture NAME=\w+)`)+ ", proof)


def test_no_threat_is_left_out():
    assert sorted(map(int, THREATS)) == list(range(1, len(THREATS) + 1))
    assert len(THREATS) >= 18


def test_campaigns_that_are_named_exist():
    named = set(re.findall(r"make torture NAME=(\w+)", PAGE + OPERATIONS))
    assert named
    assert named <= set(CAMPAIGNS)


def test_every_alarm_has_a_runbook():
    if not ALERTS.exists():
        pytest.skip("no alarms are defined")
    alarms = set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
    assert alarms <= set(re.findall(r"^### (\w+)", OPERATIONS, re.MULTILINE))
