"""Rules are rows: proposed by one, approved by another, in force at once, kept with every finding, tried before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from audit.core.actor import Actor
from audit.models import AuditEntry
from borders.core.rules import RuleRefused
from borders.models import CheckRule, InspectionFinding, PostAssignment, RuleTest
from borders.queries import rules_in_force
from borders.services.decisions import decide
from borders.services.rule_tests import run_rule_test, said_of
from borders.services.rules import approve_rule, propose_rule, reject_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol_here(charlie, booth, actor_of) -> Actor:
    """Charlie as a second supervisor of Bob's port."""
    since = charlie.assignments.first().valid_from
    PostAssignment.objects.create(officer=charlie, port=booth.port, role="SUPERVISOR", valid_from=since)
    return actor_of(charlie, booth)


def propose(actor: Actor, at: datetime, **changes: object) -> CheckRule:
    wanted = {
        "code": "DOCUMENT.KEYED",
        "enabled": True,
        "severity": "REVIEW",
        "parameters": {},
        "reason": "a try",
    }
    return propose_rule(actor=actor, at=at, **(wanted | changes))


def test_a_rule_takes_two_persons(bob_here: Actor, carol_here: Actor, at: datetime) -> None:
    row = propose(bob_here, at)
    assert rules_in_force() == {}
    with pytest.raises(RuleRefused, match="second_person_required"):
        approve_rule(actor=bob_here, at=at, rule_id=row.id)
    approve_rule(actor=carol_here, at=at, rule_id=row.id)
    assert rules_in_force()["DOCUMENT.KEYED"].version == 1
    actions = AuditEntry.objects.filter(object_type="rule").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["rule.proposed", "rule.approved"]


def test_a_later_version_retires_the_earlier(bob_here: Actor, carol_here: Actor, at: datetime) -> None:
    for severity in ("REVIEW", "BLOCK"):
        approve_rule(actor=carol_here, at=at, rule_id=propose(bob_here, at, severity=severity).id)
    states = CheckRule.objects.order_by("version").values_list("version", "state")
    assert list(states) == [(1, "RETIRED"), (2, "ACTIVE")]


def test_a_rejected_rule_never_comes_in_force(bob_here: Actor, carol_here: Actor, at: datetime) -> None:
    row = propose(bob_here, at)
    reject_rule(actor=bob_here, at=at, rule_id=row.id)
    with pytest.raises(RuleRefused, match="not_proposed"):
        approve_rule(actor=carol_here, at=at, rule_id=row.id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "NO.SUCH"}, "unknown_rule"),
        ({"severity": "REFUSE"}, "bad_value"),
        ({"reason": "  "}, "reason_required"),
        ({"severity": "INFORM"}, "unchanged"),
        ({"parameters": {"depth": 3}}, "unknown_parameter"),
        ({"code": "TRAVEL.SPEED", "parameters": {"speed_kmh": 1e9}}, "out_of_range"),
        ({"code": "TRAVEL.SPEED", "parameters": {"speed_kmh": "fast"}}, "bad_value"),
        ({"code": "NUMBER.BLANK", "parameters": {"ranges": [{"first": "1"}]}}, "bad_value"),
        ({"code": "PARTY.UNRELATED_MINORS", "enabled": False, "severity": ""}, "protection_stays"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(bob_here: Actor, at: datetime, changes: dict, code: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        propose(bob_here, at, **changes)
    assert refused.value.code == code
    assert not CheckRule.objects.exists()


def test_an_officer_proposes_nothing(alice_here: Actor, at: datetime) -> None:
    with pytest.raises(PermissionDenied):
        propose(alice_here, at)


def test_a_finding_keeps_the_version_of_its_rule(
    bob_here: Actor, carol_here: Actor, at: datetime, ready: Callable
) -> None:
    approve_rule(actor=carol_here, at=at, rule_id=propose(bob_here, at).id)
    found = {f.code: f for f in InspectionFinding.objects.filter(inspection=ready())}
    keyed, expired = found["DOCUMENT.KEYED"], found["DOCUMENT.EXPIRED"]
    assert (keyed.outcome, keyed.severity, keyed.rule_version) == ("FAIL", "REVIEW", 1)
    assert expired.rule_version == 0


def test_a_check_that_is_switched_off_says_so(
    bob_here: Actor, carol_here: Actor, at: datetime, ready: Callable
) -> None:
    row = propose(bob_here, at, enabled=False, severity="")
    approve_rule(actor=carol_here, at=at, rule_id=row.id)
    finding = InspectionFinding.objects.get(inspection=ready(), code="DOCUMENT.KEYED")
    assert (finding.outcome, finding.reason) == ("NOT_APPLICABLE", "switched_off")


@pytest.fixture
def three_crossings(ready: Callable, alice_here: Actor, at: datetime, make_request: Callable, anna) -> None:
    for number in range(3):
        inspection = ready(keyed=replace(anna, document_number=f"X{number}00000{number}"))
        decide(actor=alice_here, at=at, inspection_id=inspection.id, outcome="CLEARED", reason="seen")


@pytest.mark.usefixtures("three_crossings")
def test_a_rule_is_tried_on_last_months_crossings(bob_here: Actor, at: datetime) -> None:
    row = propose(bob_here, at)
    test = run_rule_test(actor=bob_here, at=at + timedelta(minutes=5), rule_id=row.id)
    assert (test.crossings, test.examined, test.referred, test.referred_before) == (3, 3, 3, 0)
    assert len(test.samples) == 3
    assert said_of(test).startswith("This rule would have referred 3 of 3 travellers")
    assert AuditEntry.objects.filter(action="rule.tested").count() == 1


@pytest.mark.usefixtures("three_crossings")
@pytest.mark.parametrize(
    ("code", "parameters", "referred"),
    [
        ("DOCUMENT.TYPE", {"not_recognised": ["UTO"]}, 3),
        ("NUMBER.BLANK", {"ranges": [{"issuing_state": "UTO", "first": "X1000000", "last": "X1000009"}]}, 1),
        ("TRAVEL.SPEED", {"speed_kmh": 100}, 0),
    ],
)
def test_a_test_makes_the_check_again_with_its_values(
    bob_here: Actor, at: datetime, code: str, parameters: dict, referred: int
) -> None:
    row = propose(bob_here, at, code=code, severity="", parameters=parameters)
    test = run_rule_test(actor=bob_here, at=at + timedelta(minutes=5), rule_id=row.id)
    assert (test.examined, test.referred) == (3, referred)


@pytest.mark.usefixtures("three_crossings")
def test_a_test_that_runs_out_of_time_says_so(bob_here: Actor, at: datetime) -> None:
    test = RuleTest(referred=1, newly=1, examined=100, crossings=200, informed=0, referred_before=0)
    assert "newest 100 of 200" in said_of(test)


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def browser_of(officer) -> Client:
    officer.user.is_staff = True
    officer.user.save(update_fields=("is_staff",))
    client = Client()
    client.force_login(officer.user)
    return client


@pytest.mark.usefixtures("three_crossings", "carol_here")
def test_supervisors_change_a_rule_in_the_browser(bob, charlie) -> None:
    bobs, carols = browser_of(bob), browser_of(charlie)
    page = reverse("admin:borders_checkrule_check", args=("DOCUMENT.KEYED",))
    assert "as delivered" in bobs.get(page).content.decode()
    assert "DOCUMENT.KEYED" in bobs.get(reverse("admin:borders_checkrule_changelist")).content.decode()
    form = {"enabled": "on", "severity": "REVIEW", "parameters": "{}", "reason": "many keyed documents"}
    bobs.post(page + "propose/", form)
    row = CheckRule.objects.get()
    tried = bobs.post(reverse("admin:borders_checkrule_test", args=(row.id,)), follow=True).content.decode()
    assert "would have referred 3 of 3 travellers" in tried
    refused = bobs.post(reverse("admin:borders_checkrule_approve", args=(row.id,)), follow=True)
    assert "Another supervisor has to approve" in refused.content.decode()
    carols.post(reverse("admin:borders_checkrule_approve", args=(row.id,)))
    row.refresh_from_db()
    assert row.state == "ACTIVE"
    assert "version 1 in force" in bobs.get(page).content.decode()


@pytest.mark.usefixtures("carol_here")
def test_nobody_else_opens_the_rules(alice) -> None:
    client = browser_of(alice)
    for address in (
        reverse("admin:borders_checkrule_changelist"),
        reverse("admin:borders_checkrule_check", args=("DOCUMENT.KEYED",)),
    ):
        assert client.get(address).status_code == 403
    assert (
        client.post(reverse("admin:borders_checkrule_propose", args=("DOCUMENT.KEYED",))).status_code == 403
    )
