"""What is sealed cannot be changed unseen, by both verifiers' word."""

import json
import random
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit.core.sealing import CENTRAL
from audit.models import AuditBlock, AuditEntry, WaitingEntry
from audit.services.keys import SealingKeyUnusable, load_sealing_key, rotate_key
from audit.services.sealing import HeadConflict, hand_out_heads, heads_file, seal_trail
from audit.services.tending import SealingDue
from audit.services.verification import read_notes, verify_trail
from deploy import verify_audit as stranger
from tests.bench.audit_tampering import (
    BEGUN,
    KINDS,
    forget_from,
    is_found,
    make_trail,
    places_found,
    strangers_findings,
    write_row,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside(tmp_path, settings):
    """A folder for heads and a key of this test's own."""
    settings.AUDIT_HEADS_DIR = tmp_path / "heads"
    settings.AUDIT_KEY_FILE = tmp_path / "key"
    return settings.AUDIT_HEADS_DIR


def test_a_trail_that_nobody_touched_is_whole():
    make_trail(random.Random(7), 12)
    assert places_found() == []
    assert strangers_findings() == []


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found_at_its_place(kind):
    chance = random.Random(11)
    make_trail(chance, 6)
    assert [is_found(KINDS[kind], chance) for _ in range(6)] == [True] * 6


def test_every_row_is_in_one_block_of_its_port_and_none_waits():
    make_trail(random.Random(3), 5)
    sealed = [entry_id for block in AuditBlock.objects.all() for entry_id in block.entry_ids]
    assert sorted(sealed) == sorted(AuditEntry.objects.values_list("id", flat=True))
    assert not WaitingEntry.objects.exists()
    for block in AuditBlock.objects.all():
        ports = set(AuditEntry.objects.filter(id__in=block.entry_ids).values_list("port_id", flat=True))
        assert {str(port or CENTRAL) for port in ports} == {block.stream}


def take_out(entry_ids):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_auditentry WHERE id = ANY(%s)", [entry_ids])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_row_that_vanished_before_its_sealing_is_reported_in_the_trail():
    write_row(random.Random(3), BEGUN)
    take_out(list(AuditEntry.objects.values_list("id", flat=True)))
    seal_trail(at=BEGUN)
    assert AuditEntry.objects.get().action == "audit.rows_lost"


@pytest.mark.parametrize("sealings", [0, 1, 2])
def test_both_verifiers_and_the_export_name_rows_that_vanished_before_their_sealing(
    sealings, tmp_path, outside
):
    chance = random.Random(3)
    make_trail(chance, 4)
    for _ in range(2):
        write_row(chance, BEGUN)
    gone = sorted(WaitingEntry.objects.values_list("entry_id", flat=True))
    take_out(gone)
    for _ in range(sealings):  # the first finds them gone, the second seals the row that says so
        seal_trail(at=BEGUN)
    wanted = [f"row_missing: entry {entry_id}" for entry_id in gone]
    assert sorted(strangers_findings()) == wanted
    found = verify_trail(folders=[outside], keys_folder=outside).findings
    assert sorted((f.fault, f.entry_id) for f in found) == [
        ("row_missing", str(entry_id)) for entry_id in gone
    ]
    path = tmp_path / "trail.jsonl"
    call_command("export_audit", str(path))
    ask = [sys.executable, stranger.__file__, str(path), "--keys", str(outside / "keys.txt")]
    said = subprocess.run(ask, capture_output=True, text=True)
    assert said.returncode == 1
    assert sorted(line for line in said.stdout.splitlines() if "missing" in line) == wanted


def test_more_rows_that_vanished_than_one_row_holds_are_all_named(monkeypatch):
    monkeypatch.setattr("audit.services.sealing.LOST_A_ROW", 2)
    for _ in range(5):
        write_row(random.Random(3), BEGUN)
    gone = list(WaitingEntry.objects.values_list("entry_id", flat=True))
    take_out(gone)
    seal_trail(at=BEGUN)
    told = AuditEntry.objects.filter(action="audit.rows_lost").values_list("detail", flat=True)
    assert sorted(len(detail["ids"]) for detail in told) == [1, 2, 2]
    assert {entry_id for detail in told for entry_id in detail["ids"]} == {str(entry_id) for entry_id in gone}


def test_heads_lie_outside_signed_and_once_each(outside):
    make_trail(random.Random(3), 4)
    hand_out_heads()
    notes = list(read_notes(outside))
    assert sorted(notes) == sorted(AuditBlock.objects.values_list("note", flat=True))


def test_note_that_was_cut_off_in_writing_is_written_again(outside):
    make_trail(random.Random(3), 4)
    path = heads_file(outside, CENTRAL)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert hand_out_heads() == 1
    assert path.read_bytes() == whole


def test_database_that_fell_behind_its_heads_hands_out_none(outside):
    make_trail(random.Random(3), 4)
    before = heads_file(outside, CENTRAL).read_bytes()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    forget_from(CENTRAL, 4)
    with pytest.raises(HeadConflict):
        hand_out_heads()
    assert heads_file(outside, CENTRAL).read_bytes() == before


def test_trail_stays_whole_when_the_key_changes(settings):
    chance = random.Random(3)
    make_trail(chance, 4)
    old = settings.AUDIT_KEY_FILE.read_bytes()
    rotate_key()
    assert settings.AUDIT_KEY_FILE.read_bytes() != old
    write_row(chance, BEGUN)
    assert seal_trail(at=BEGUN) == 1
    assert (places_found(), strangers_findings()) == ([], [])


def test_key_that_nobody_announced_seals_nothing(settings):
    make_trail(random.Random(3), 4)
    settings.AUDIT_KEY_FILE.unlink()
    with pytest.raises(SealingKeyUnusable, match="key_not_announced"):
        seal_trail(at=BEGUN)


def test_key_that_others_may_read_seals_nothing(settings):
    load_sealing_key()
    settings.AUDIT_KEY_FILE.chmod(0o640)
    with pytest.raises(SealingKeyUnusable, match="key_open_to_others"):
        seal_trail(at=BEGUN)


def test_sweep_seals_once_a_minute_and_goes_on_without_a_key(settings):
    write_row(random.Random(3), BEGUN)
    due = SealingDue()
    assert (due.seal(at=BEGUN), due.seal(at=BEGUN + timedelta(seconds=59))) == (1, 0)
    settings.AUDIT_KEY_FILE.unlink()
    assert due.seal(at=BEGUN + timedelta(seconds=60)) == 0


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditblock", "audit_headseen"])
def test_trail_cannot_be_truncated(table):
    with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_command_says_that_the_trail_is_whole(capsys):
    make_trail(random.Random(3), 4)
    call_command("verify_audit")
    assert "The trail is whole." in capsys.readouterr().out


def test_command_names_the_row_and_ends_with_one(capsys):
    make_trail(random.Random(3), 4)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    wanted = KINDS["delete"](random.Random(3))[0]
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--json")
    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    found = said["findings"][0]
    assert (said["whole"], said["finding_count"]) == (False, 1)
    assert (found["fault"], found["stream"], found["block"], found["row"]) == wanted


def test_stranger_verifies_an_export_without_the_database(tmp_path, outside):
    make_trail(random.Random(3), 4)
    path = tmp_path / "trail.jsonl"
    call_command("export_audit", str(path))
    ask = [
        sys.executable,
        stranger.__file__,
        str(path),
        "--heads",
        str(outside),
        "--keys",
        str(outside / "keys.txt"),
    ]
    assert subprocess.run(ask, capture_output=True, text=True).stdout == "The trail is whole.\n"
    path.write_text(path.read_text().replace("UT-", "UX-", 1))
    said = subprocess.run(ask, capture_output=True, text=True)
    assert (said.returncode, said.stdout.split(":")[0]) == (1, "row_changed")
