"""What the officer saw: an inspection as it stood, whatever was written later."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.core.actor import Actor, Role
from audit.models import AuditEntry
from borders.admin.replay import ReplayPage, read_replay
from borders.models import (
    Booth,
    CheckRule,
    Decision,
    Inspection,
    InspectionFinding,
    Officer,
    PortOfEntry,
)
from tests.db.admin.conftest import SignIn
from tests.db.conftest import make_officer
from tests.db.factories import (
    make_comparison,
    make_decision,
    make_entry,
    make_finding,
    make_hit,
    make_image,
    make_inspection,
    make_operating_point,
    make_reading,
    make_referral,
    make_step,
    make_template,
    make_traveler,
)

BOB = Actor(label="UT-0002", roles=frozenset({Role.SUPERVISOR, Role.LIST_OWNER}))
STEPS = ("READ", "READ_PRINTED", "CHECK_DOCUMENT", "MATCH_FACE", "SCREEN", "CHECK_RECORD", "RECOMMEND")


def replay_url(inspection: Inspection, query: str = "") -> str:
    return reverse("admin:borders_inspection_replay", args=(inspection.id,)) + query


@pytest.fixture
def decided(booth: Booth, alice: Officer, bob: Officer, at: datetime) -> Decision:
    """An inspection referred for a face below the threshold and an expired document, and decided by Alice a minute later."""
    live = make_template(image=make_image(at=at), at=at)
    page = make_template(image=make_image(at=at, kind="PAGE"), at=at)
    inspection = make_inspection(
        booth=booth, officer=alice, at=at, advice="REFER", state="REFERRED", live_template=live
    )
    point = make_operating_point(proposed_by=alice, approved_by=bob, at=at - timedelta(days=30))
    compared = make_comparison(
        probe=live, reference=page, point=point, at=at + timedelta(seconds=1), score=0.31
    )
    found = {"found_at": at + timedelta(seconds=1)}
    make_finding(inspection=inspection, code="FACE.HOLDER", severity="BLOCK", step="MATCH_FACE",
                 reason="below_threshold", comparison=compared, **found)  # fmt: skip
    make_finding(inspection=inspection, code="DOCUMENT.EXPIRED", reason="expired", rule_version=1, **found)
    make_rule(alice, bob, version=1, state="RETIRED", at=at - timedelta(days=3))
    for step in STEPS:
        make_step(inspection=inspection, step=step, finished_at=at + timedelta(seconds=2))
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at - timedelta(days=3))
    make_hit(inspection=inspection, entry=entry, at=at + timedelta(seconds=1))
    return make_decision(
        inspection=inspection, officer=alice, outcome="REFERRED", decided_at=at + timedelta(minutes=1)
    )


def make_rule(alice: Officer, bob: Officer, *, version: int, state: str, at: datetime) -> CheckRule:
    return CheckRule.objects.create(
        code="DOCUMENT.EXPIRED", version=version, severity="REVIEW", reason="Of the tests", state=state,
        proposed_by=alice.user, proposed_at=at, decided_by=bob.user, decided_at=at,
    )  # fmt: skip


def as_told(page: ReplayPage) -> dict[str, Any]:
    """Return everything on the page that tells of the moment itself."""
    return {
        "findings": [(f.row.id, str(f.mark), f.reason) for g in page.groups for f in g.findings],
        "advice": str(page.advice),
        "agreement": page.agreement,
        "reading": page.reading and page.reading.id,
        "fields": [(f.label, f.value, f.before) for f in page.fields],
        "meter": page.meter and (page.meter.score, page.meter.threshold, page.meter.engine),
        "facts": [(f.label, f.value) for f in page.facts],
        "decisions": [d.id for d, _, _ in page.decisions],
        **{
            name: [tuple(map(str, row)) for row in getattr(page, name).rows]
            for name in ("steps", "thresholds", "lists", "hits", "rules", "corrections", "looks")
        },
    }


def at_the_decision(decision: Decision) -> ReplayPage:
    return read_replay(
        inspection=Inspection.objects.get(id=decision.inspection_id), at=decision.decided_at, actor=BOB
    )


def test_replay_tells_findings_thresholds_lists_rules_and_hits(decided: Decision) -> None:
    page = at_the_decision(decided)
    told = as_told(page)
    assert len(told["findings"]) == 2
    assert told["meter"][:2] == ("0.310", "0.360")
    assert "version 1 (FMR 1e-4)" in told["thresholds"][0][4]
    assert told["lists"][0][:2] == ("Wanted persons", "1")
    assert told["rules"][0][:2] == ("DOCUMENT.EXPIRED", "1")
    assert told["hits"][0][5] == "not answered yet"
    assert "it is the advice that was recorded" in page.agreement
    assert not page.disagrees


def test_what_is_written_later_alters_nothing_of_the_moment(
    decided: Decision, booth: Booth, alice: Officer, bob: Officer, bobs_browser: Client, at: datetime
) -> None:
    before = as_told(at_the_decision(decided))
    inspection, later = decided.inspection, at + timedelta(hours=1)
    InspectionFinding.objects.filter(code="DOCUMENT.EXPIRED").update(superseded_at=later)
    make_finding(inspection=inspection, code="DOCUMENT.EXPIRED", outcome="PASS", found_at=later)
    for step in STEPS:
        make_step(inspection=inspection, step=step, round=2, finished_at=later)
    corrected = make_reading(
        traveler=make_traveler(at=at, number=3), at=later, document_number="L1", source="KEYED",
        corrects=inspection.reading, read_by=alice.user,
    )  # fmt: skip
    Inspection.objects.filter(id=inspection.id).update(reading=corrected, advice="CLEAR")
    make_rule(alice, bob, version=2, state="ACTIVE", at=later)
    point = make_operating_point(proposed_by=alice, approved_by=bob, at=at)
    make_comparison(probe=inspection.live_template, reference=inspection.live_template, point=point, at=later)
    make_hit(inspection=inspection, entry=make_entry(
        proposed_by=alice, approved_by=bob, at=later, source_id="E-2"), at=later)  # fmt: skip
    make_referral(inspection=inspection, officer=alice, opened_at=later, due_at=later)
    make_decision(inspection=inspection, officer=bob, line="SECOND", decided_at=later)
    bobs_browser.get(reverse("admin:borders_inspection_change", args=(inspection.id,)))
    page = at_the_decision(decided)
    assert as_told(page) == before
    kinds = [row[1] for row in page.later.rows]
    for kind in ("Finding", "Step", "Reading", "Screening", "Rule", "Referral", "Decision", "Looks"):
        assert kind in kinds, kind


def test_a_later_moment_is_another_picture(decided: Decision, alice: Officer, at: datetime) -> None:
    later = at + timedelta(hours=1)
    InspectionFinding.objects.filter(code="DOCUMENT.EXPIRED").update(superseded_at=later)
    inspection = Inspection.objects.get(id=decided.inspection_id)
    codes = [
        f.row.code for g in read_replay(inspection=inspection, at=later, actor=BOB).groups for f in g.findings
    ]
    assert codes == ["FACE.HOLDER"]


def test_a_recorded_advice_that_cannot_be_rebuilt_is_told(decided: Decision) -> None:
    InspectionFinding.objects.filter(inspection=decided.inspection_id).update(
        superseded_at=decided.decided_at - timedelta(seconds=1)
    )
    assert at_the_decision(decided).disagrees


def test_a_step_that_had_not_ended_is_told_as_not_checked(booth: Booth, alice: Officer, at: datetime) -> None:
    inspection = make_inspection(booth=booth, officer=alice, at=at)
    make_step(inspection=inspection, step="READ", finished_at=at)
    page = read_replay(inspection=inspection, at=at + timedelta(seconds=1), actor=BOB)
    assert "Screen: not checked" in page.not_checked
    assert "Read: not checked" not in page.not_checked


def test_silent_hits_stand_in_no_replay(
    decided: Decision, alice: Officer, bob: Officer, at: datetime
) -> None:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, action="SILENT", source_id="E-9")
    make_hit(inspection=decided.inspection, entry=entry, at=at, silent=True)
    assert "E-9" not in str(at_the_decision(decided).hits.rows)


def test_replay_opens_at_the_latest_decision_with_its_audit_row(
    bobs_browser: Client, decided: Decision
) -> None:
    shown = bobs_browser.get(replay_url(decided.inspection)).content.decode()
    assert "As it stood 2026-11-20 09:01:00 UTC" in shown
    entry = AuditEntry.objects.get(action="inspection.replayed")
    assert entry.object_id == str(decided.inspection_id)
    assert entry.detail["as_of"] == decided.decided_at.isoformat()


def test_replay_takes_a_moment_without_a_zone_as_utc(bobs_browser: Client, decided: Decision) -> None:
    shown = bobs_browser.get(replay_url(decided.inspection, "?at=2026-11-20T09:00:01")).content.decode()
    assert "As it stood 2026-11-20 09:00:01 UTC" in shown


@pytest.mark.parametrize("moment", ["soon", "2026-99-01", "%00", "0001-01-01T00:00:00%2B23:59"])
def test_strange_moment_is_refused(bobs_browser: Client, decided: Decision, moment: str) -> None:
    assert bobs_browser.get(replay_url(decided.inspection, f"?at={moment}")).status_code == 400


def test_replay_of_another_port_is_not_found(charlies_browser: Client, decided: Decision) -> None:
    assert charlies_browser.get(replay_url(decided.inspection)).status_code == 404


def test_protection_officer_reads_the_inspection_and_no_replay(
    sign_in: SignIn, decided: Decision, airport: PortOfEntry, bob: Officer
) -> None:
    make_referral(inspection=decided.inspection, officer=bob, route="PROTECTION")
    browser = sign_in(make_officer("ines", "UT-0006", airport, Role.PROTECTION))
    page = browser.get(reverse("admin:borders_inspection_change", args=(decided.inspection_id,)))
    assert (page.status_code, page.context["replay_url"]) == (200, "")
    assert browser.get(replay_url(decided.inspection)).status_code == 403


def test_decision_page_leads_to_what_was_seen(bobs_browser: Client, decided: Decision) -> None:
    page = bobs_browser.get(reverse("admin:borders_decision_change", args=(decided.id,)))
    address = next(f.link for f in page.context["own_facts"] if f.label == "What was seen")
    assert bobs_browser.get(address).status_code == 200
