"""The notice of refusal at the console, and what the next officer reads of a cleared match and of a correction."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from borders.core.protection import Cause
from borders.models import Decision, Inspection, RefusalGround, RefusalNotice
from borders.services.decisions import decide
from borders.services.protection import ask_protection
from tests.db.factories import make_entry, make_hit
from watchlists.models import Adjudication, MatchException, Screening

LANGUAGES = ("en", "fr", "es", "pt", "ar")


@pytest.fixture
def refused(inspection: Inspection, alice, bob, booth, actor_of) -> Inspection:
    """Anna, referred by Alice and refused by Bob; Utopia's law knows two grounds."""
    country = inspection.port.country
    country.appeal_name, country.appeal_address = "Court of Appeal", "12 Court Lane\n1000 Zenith"
    country.authority_name = "Border Directorate"
    country.save()
    for code in ("NO_DOCUMENT", "NO_VISA"):
        RefusalGround.objects.create(country=country, code=code, legal_basis=f"Border Act, {code}")
    now = timezone.now()
    decide(actor=actor_of(alice, booth), at=now, inspection_id=inspection.id, outcome="REFERRED")
    decide(
        actor=actor_of(bob, booth),
        at=now,
        inspection_id=inspection.id,
        outcome="REFUSED",
        reason="Face score 0.21 against the list",
    )
    return Inspection.objects.get(id=inspection.id)


def page(inspection: Inspection, name: str = "notice") -> str:
    return reverse(f"console:{name}", args=(inspection.id,))


def issue(client: Client, inspection: Inspection, *grounds: str):
    return client.post(page(inspection), {"ground": list(grounds)})


def test_notice_is_issued_once_on_the_grounds_that_were_named(browser, bob, booth, refused) -> None:
    client = browser(bob, booth)

    assert issue(client, refused, "NO_VISA").status_code == 200
    again, other = issue(client, refused, "NO_VISA"), issue(client, refused, "NO_DOCUMENT")

    assert (again.status_code, other.status_code) == (200, 422)
    notice = RefusalNotice.objects.get()
    assert notice.grounds == [{"code": "NO_VISA", "legal_basis": "Border Act, NO_VISA"}]
    decided = Decision.objects.get(outcome="REFUSED").decided_at
    assert notice.appeal_until == decided.date() + timedelta(days=30)
    assert AuditEntry.objects.filter(action="refusal_notice.issued").count() == 1


@pytest.mark.parametrize(("grounds", "words"), [((), "at least one"), (("STAY_USED_UP",), "does not know")])
def test_ground_must_be_one_of_the_law(browser, bob, booth, refused, grounds, words: str) -> None:
    response = issue(browser(bob, booth), refused, *grounds)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not RefusalNotice.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_notice_is_printed_in_the_language_of_the_traveller(
    browser, bob, booth, refused, language: str
) -> None:
    client = browser(bob, booth)
    issue(client, refused, "NO_VISA", "NO_DOCUMENT")

    response = client.get(page(refused, "notice-file"), {"in": language})

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert f"/Lang ({language})".encode() in response.content
    assert "ERIKSSON" not in response["Content-Disposition"]
    printed = AuditEntry.objects.get(action="refusal_notice.printed")
    assert printed.detail["language"] == language


def test_nothing_is_printed_before_it_is_issued(browser, bob, booth, refused) -> None:
    response = browser(bob, booth).get(page(refused, "notice-file"))

    assert response.status_code == 422
    assert "not been issued" in response.content.decode()


def test_claim_after_the_refusal_blocks_the_notice(browser, bob, booth, actor_of, refused) -> None:
    client = browser(bob, booth)
    issue(client, refused, "NO_VISA")
    ask_protection(actor=actor_of(bob, booth), at=timezone.now(), inspection_id=refused.id, cause=Cause.CLAIM)

    assert client.get(page(refused, "notice-file")).status_code == 422
    assert issue(client, refused, "NO_VISA").status_code == 422


def test_first_line_gets_no_notice(browser, alice, booth, refused) -> None:
    client = browser(alice, booth)

    assert issue(client, refused, "NO_VISA").status_code == 403
    assert client.get(page(refused, "notice-file")).status_code == 403


def test_nobody_gets_a_notice_for_somebody_who_was_not_refused(browser, bob, booth, inspection) -> None:
    response = issue(browser(bob, booth), inspection, "NO_VISA")

    assert response.status_code == 422
    assert "Nobody was refused" in response.content.decode()


def _clear(inspection: Inspection, alice, bob, at, action: str) -> None:
    """Leave a screening whose hit was left out by the exception of an earlier false match."""
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, action=action)
    hit = make_hit(inspection=inspection, entry=entry, at=at, silent=action == "SILENT")
    answer = Adjudication.objects.create(
        hit=hit, answer="FALSE_MATCH", reason="Other year of birth", adjudicated_by=bob.user, at=at
    )
    made = MatchException.objects.create(
        adjudication=answer,
        entry=entry,
        kind="NAME",
        presented_hash="0" * 64,
        created_at=at,
        ends_at=at + timedelta(days=365),
    )
    screening = Screening.objects.create(
        reading=inspection.reading,
        port_id=inspection.port_id,
        inspection_id=inspection.id,
        status="CHECKED",
        key_version=1,
        elapsed_ms=1.0,
        at=at,
        excepted=[{"entry": str(entry.id), "exception": str(made.id)}],
    )
    Inspection.objects.filter(id=inspection.id).update(screening=screening)


def test_cleared_match_is_told_to_the_next_officer_with_its_reason(
    browser, alice, bob, booth, inspection, at
) -> None:
    _clear(inspection, alice, bob, at, "SECOND_LINE")

    shown = browser(alice, booth).get(page(inspection, "inspection")).content.decode()

    assert "Cleared on 2026-11-20 against an entry of “Wanted persons”" in shown
    assert "Other year of birth" in shown


def test_cleared_match_with_a_silent_entry_leaves_no_trace(
    browser, alice, bob, booth, inspection, at
) -> None:
    client = browser(alice, booth)
    token = rb"[A-Za-z0-9]{64}"
    before = re.sub(token, b"", client.get(page(inspection, "inspection")).content)

    _clear(inspection, alice, bob, at, "SILENT")

    assert re.sub(token, b"", client.get(page(inspection, "inspection")).content) == before
