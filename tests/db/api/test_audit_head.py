"""Booths ask for the head of their post's trail, keep it, and say what they were given."""

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import AuditBlock, AuditEntry, HeadSeen
from audit.services.sealing import seal_trail

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/audit-head/"


@pytest.fixture
def as_alice(api_client, alice, booth, settings, tmp_path):
    settings.AUDIT_HEADS_DIR, settings.AUDIT_KEY_FILE = tmp_path / "heads", tmp_path / "key"
    return api_client(alice, booth)


@pytest.fixture
def sealed(as_alice):
    """What Alice did and saw, sealed."""
    as_alice.get("/api/v1/crossings/")
    seal_trail(at=timezone.now())
    return as_alice.get(ADDRESS).json()


def test_booth_gets_the_head_of_its_own_post(sealed, airport):
    assert sealed["stream"] == str(airport.id)
    assert sealed["note"] == AuditBlock.objects.get(stream=sealed["stream"]).note
    assert [block["number"] for block in sealed["blocks"]] == [1]


def test_nothing_sealed_is_an_empty_note(as_alice):
    assert as_alice.get(ADDRESS).json()["note"] == ""


def test_booth_gets_only_the_blocks_after_the_one_it_keeps(as_alice, sealed):
    assert as_alice.get(f"{ADDRESS}?after=1").json()["blocks"] == []


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 17, "\u0663"])
def test_number_that_is_none_is_refused(as_alice, after):
    response = as_alice.get(ADDRESS, {"after": after})
    assert (response.status_code, response.json()["code"]) == (400, "after_invalid")


def test_head_that_the_booth_keeps_is_witnessed_once(as_alice, sealed, booth):
    for _ in range(2):
        assert as_alice.post(ADDRESS, {"note": sealed["note"]}).json() == {"agrees": True}
    seen = HeadSeen.objects.get()
    assert (seen.booth_id, seen.number, seen.agrees) == (booth.id, 1, True)


def test_head_of_a_block_that_is_gone_is_a_conflict_that_stays(as_alice, sealed):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; DELETE FROM audit_auditblock")
        cursor.execute("SET LOCAL session_replication_role = origin")
    response = as_alice.post(ADDRESS, {"note": sealed["note"]})
    assert (response.status_code, response.json()["code"]) == (409, "head_conflict")
    assert not HeadSeen.objects.get().agrees
    assert AuditEntry.objects.filter(action="audit.head_conflict").exists()


@pytest.mark.parametrize("change", [("block 1", "block 2"), ("\u2014", "-"), ("audit ", "audit \u00e9")])
def test_changed_note_is_refused(as_alice, sealed, change):
    response = as_alice.post(ADDRESS, {"note": sealed["note"].replace(*change)})
    assert (response.status_code, response.json()["code"]) == (400, "note_invalid")


def test_head_of_another_post_is_refused(api_client, charlie, land_booth, sealed):
    response = api_client(charlie, land_booth).post(ADDRESS, {"note": sealed["note"]})
    assert (response.status_code, response.json()["code"]) == (400, "other_stream")
