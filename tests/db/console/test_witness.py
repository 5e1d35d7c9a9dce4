"""A booth keeps the last head of its post's trail, hands it back, and thereby notices that the trail was rewritten."""

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditBlock, AuditEntry, HeadSeen
from audit.services.keys import rotate_key
from audit.services.sealing import newest_note, seal_trail
from borders.admin.dashboard import figures

pytestmark = pytest.mark.django_db
ADDRESS = "/booth/witness/"


@pytest.fixture
def console(browser, alice, booth, settings, tmp_path):
    """Alice's browser, after something that she did was sealed."""
    settings.AUDIT_HEADS_DIR, settings.AUDIT_KEY_FILE = tmp_path / "heads", tmp_path / "key"
    client = browser(alice, booth)
    client.post("/booth/lock/")
    assert seal_trail(at=timezone.now()) > 0
    return client


def ask(client, note=""):
    answer = client.post(ADDRESS, {"note": note})
    assert answer.status_code == 200
    return answer.json()


def rebuild() -> None:
    """Forget the trail as its owner could, and begin another."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_auditblock; DELETE FROM audit_auditentry")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_booth_is_given_the_newest_head_of_its_post(console, airport) -> None:
    assert ask(console) == {"agrees": True, "note": newest_note(str(airport.id))}


def test_a_head_that_fits_is_witnessed_and_the_next_one_given(console, airport, password) -> None:
    first = ask(console)["note"]
    console.post("/booth/lock/", {"password": password})
    seal_trail(at=timezone.now())
    second = ask(console, first)
    assert second["agrees"]
    assert second["note"] == newest_note(str(airport.id)) != first
    assert HeadSeen.objects.get().agrees


def test_forms_of_a_browser_change_the_ends_of_lines_and_it_fits_still(console) -> None:
    assert ask(console, ask(console)["note"].replace("\n", "\r\n"))["agrees"]


def test_a_rewritten_trail_is_noticed_and_shown_at_the_desk(console, bob, actor_of) -> None:
    kept = ask(console)["note"]
    assert "Audit trail doubted" not in {f.title for f in figures(actor=actor_of(bob), at=timezone.now())}
    rebuild()
    for _ in range(2):
        assert not ask(console, kept)["agrees"]
    assert AuditEntry.objects.filter(action="audit.head_conflict").count() == 1
    shown = [f for f in figures(actor=actor_of(bob), at=timezone.now()) if f.title == "Audit trail doubted"]
    assert [(f.value, f.alarm) for f in shown] == [("1", True)]


def test_a_conflict_of_another_port_is_not_shown(console, charlie, actor_of) -> None:
    kept = ask(console)["note"]
    rebuild()
    ask(console, kept)
    assert "Audit trail doubted" not in {f.title for f in figures(actor=actor_of(charlie), at=timezone.now())}


def test_the_metrics_tell_of_it(console, client) -> None:
    kept = ask(console)["note"]
    rebuild()
    ask(console, kept)
    assert "bmis_audit_head_conflicts 1.0" in client.get("/metrics/").content.decode()


@pytest.mark.parametrize("note", ["no note", "x" * 5000, "\n\n\n"], ids=["text", "long", "empty lines"])
def test_what_is_no_head_does_not_fit(console, note: str) -> None:
    assert not ask(console, note)["agrees"]
    assert not HeadSeen.objects.exists()


def test_a_head_stays_good_when_the_key_changes(console) -> None:
    kept = ask(console)["note"]
    rotate_key()
    assert ask(console, kept)["agrees"]


def test_witnessing_keeps_no_session_awake(console) -> None:
    ask(console)
    assert console.get("/booth/").status_code == 302  # locked, as before


def test_nobody_else_is_told(client, console) -> None:
    assert client.post(ADDRESS).status_code == 302
    assert AuditBlock.objects.exists()
