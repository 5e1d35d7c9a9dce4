"""What is too old goes under a signed statement, the rest stays verifiable, and a pretended pruning is found."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.core.actor import system_actor
from audit.core.notes import sign_note, split_notes
from audit.core.pruning import format_pruning, parse_pruning
from audit.core.sealing import CENTRAL
from audit.core.verification import Fault
from audit.models import AuditBlock, AuditEntry, AuditPruning
from audit.services.keys import PRUNINGS_FILE, load_sealing_key, rotate_key
from audit.services.pruning import PruningRefused, prune_trail
from audit.services.sealing import hand_out_heads, seal_trail
from audit.services.verification import verify_trail
from borders.core.retention import Period, RetentionCode, trail_cutoff
from borders.models import LegalHold
from deploy import verify_audit as stranger
from tests.bench.audit_tampering import BEGUN, make_trail, places_found, strangers_findings, write_row

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
# blocks 1 to 3 of each stream are older
BEFORE = BEGUN + timedelta(minutes=2, seconds=30)
LATER = BEGUN + timedelta(days=365 * 6)


@pytest.fixture(autouse=True)
def outside(tmp_path, settings):
    """A folder for heads and a key of this test's own."""
    settings.AUDIT_HEADS_DIR = tmp_path / "heads"
    settings.AUDIT_KEY_FILE = tmp_path / "key"
    return settings.AUDIT_HEADS_DIR


@pytest.fixture
def trail() -> None:
    make_trail(random.Random(5), 4)


@pytest.fixture
def hold_on(trail, django_user_model) -> AuditBlock:
    """A block in which a row is about an inspection that a court wants kept."""
    for block in AuditBlock.objects.filter(stream=CENTRAL, number__lt=6):
        row = AuditEntry.objects.filter(id__in=block.entry_ids).exclude(object_id="").first()
        if row is not None:
            LegalHold.objects.create(
                inspection_id=row.object_id,
                reason="asked for",
                authority="Court of Utopia",
                review_on=LATER.date(),
                placed_by=django_user_model.objects.create_user("clara"),
                placed_at=BEGUN,
            )
            return block
    raise AssertionError("no row is about a single object")


def prune(before: datetime = BEFORE, at: datetime = LATER, **options):
    return prune_trail(actor=ACTOR, at=at, before=before, by="LOGS-1", **options)


def test_what_is_older_goes_and_the_rest_is_whole(trail, outside) -> None:
    old = [i for b in AuditBlock.objects.filter(number__lte=3) for i in b.entry_ids]
    heads = list(AuditBlock.objects.order_by("id").values_list("note", "block_hash", "root"))
    found = prune()
    assert {(p.stream, p.first_block, p.final_block) for p in found.prunings} == {
        (stream, 1, 3) for stream in set(AuditBlock.objects.values_list("stream", flat=True))
    }
    assert found.rows == len(old)
    assert not AuditEntry.objects.filter(id__in=old).exists()
    assert (
        list(AuditBlock.objects.order_by("id").values_list("note", "block_hash", "root"))[: len(heads)]
        == heads
    )
    assert (places_found(), strangers_findings()) == ([], [])
    result = verify_trail(folders=[outside], keys_folder=outside)
    assert (result.pruned_rows, len(result.prunings)) == (len(old), 3)


def test_the_pruning_is_an_act_of_the_trail_and_its_statements_lie_outside(trail, outside) -> None:
    found = prune()
    told = AuditEntry.objects.filter(action="audit.pruned")
    assert {row.object_id for row in told} == {p.pruning_id for p in found.prunings}
    assert all(row.detail["by"] == "LOGS-1" and row.actor_label == ACTOR.label for row in told)
    notes = split_notes((outside / PRUNINGS_FILE).read_text())
    assert [parse_pruning(note) for note in notes] == found.prunings


def test_a_dry_run_removes_nothing(trail) -> None:
    rows = AuditEntry.objects.count()
    found = prune(dry_run=True)
    assert found.rows > 0
    assert (AuditEntry.objects.count(), AuditPruning.objects.count()) == (rows, 0)


def test_pruned_again_later_it_stays_whole(trail) -> None:
    prune()
    write_row(random.Random(1), LATER)
    seal_trail(at=LATER)
    again = prune(before=LATER - timedelta(days=1), at=LATER + timedelta(days=1))
    assert {(p.first_block, p.final_block) for p in again.prunings} == {(4, 6), (4, 5)}
    # the rows that told of the first pruning are themselves removed by the third
    prune(before=LATER + timedelta(hours=1), at=LATER + timedelta(days=3000))
    assert (places_found(), strangers_findings()) == ([], [])


def test_the_newest_block_of_a_stream_stays(trail) -> None:
    prune(before=LATER - timedelta(days=1))
    for stream in set(AuditBlock.objects.values_list("stream", flat=True)):
        newest = AuditBlock.objects.filter(stream=stream).latest("number")
        assert newest.entry_ids != []
    hand_out_heads()


def test_the_key_may_change_afterwards(trail) -> None:
    prune()
    rotate_key()
    assert (places_found(), strangers_findings()) == ([], [])


def test_a_block_about_somebody_under_a_hold_stays_whole(trail) -> None:
    block = AuditBlock.objects.get(stream=CENTRAL, number=2)
    held = AuditEntry.objects.filter(id__in=block.entry_ids).exclude(object_id="").first()
    ids = {held.object_id} if held else {AuditEntry.objects.get(id=block.entry_ids[0]).detail["ids"][0]}
    found = prune(held=ids)
    assert found.held_blocks == [(CENTRAL, 2)]
    assert AuditEntry.objects.filter(id__in=block.entry_ids).count() == block.row_count
    assert [(p.first_block, p.final_block) for p in found.prunings if p.stream == CENTRAL] == [(1, 1), (3, 3)]
    assert (places_found(), strangers_findings()) == ([], [])


def past_triggers(statement: str, *values: object) -> None:
    triggers = ("audit.AuditPruning:audit_pruning_append_only", "audit.AuditEntry:audit_entry_append_only")
    with pgtrigger.ignore(*triggers), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement, values)


def resign(**changes: object) -> None:
    """Write one statement anew, in the name of somebody with a key of their own or, where key says so, with ours."""
    row = AuditPruning.objects.get(stream=CENTRAL)
    key = changes.pop("key", None) or load_sealing_key()
    text = format_pruning(replace(parse_pruning(row.note), **changes))  # type: ignore[arg-type]
    past_triggers(
        "UPDATE audit_auditpruning SET note = %s WHERE id = %s",
        sign_note(text, name="bmis.invalid/audit", key=key),  # type: ignore[arg-type]
        row.id,
    )


TAMPERINGS = {
    "more blocks than were signed": lambda: past_triggers(
        "UPDATE audit_auditpruning SET final_block = 4 WHERE stream = %s", CENTRAL
    ),
    "a statement of another stream": lambda: past_triggers(
        "UPDATE audit_auditpruning SET note = (SELECT note FROM audit_auditpruning WHERE stream <> %s LIMIT 1)"
        " WHERE stream = %s",
        CENTRAL,
        CENTRAL,
    ),
    "a statement without signature": lambda: past_triggers(
        "UPDATE audit_auditpruning SET note = split_part(note, E'\\n\\n', 1) WHERE stream = %s", CENTRAL
    ),
    "blocks that were too young": lambda: resign(older_than="2026-11-01T06:01:00.000000Z"),
    "a block of another chain": lambda: resign(block_hash="ab" * 32),
    "no row that tells of it": lambda: past_triggers(
        "DELETE FROM audit_auditentry WHERE action = 'audit.pruned' AND detail->>'stream' = %s", CENTRAL
    ),
    "the statement itself removed": lambda: past_triggers(
        "DELETE FROM audit_auditpruning WHERE stream = %s", CENTRAL
    ),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_pruning_that_was_tampered_with_is_found(trail, tampering: str) -> None:
    prune()
    TAMPERINGS[tampering]()
    wanted = Fault.BLOCK_CHANGED if "removed" in tampering else Fault.PRUNING_INVALID
    assert (wanted, CENTRAL) in {(fault, stream) for fault, stream, _, _ in places_found()}
    # the stranger reads statements alone: columns beside them mean nothing to it, and without its own a stream was cut
    strangers = {"more blocks than were signed": None, "a statement of another stream": Fault.BLOCK_CHANGED}
    said = {line.split(":")[0] for line in strangers_findings()}
    expected = strangers.get(tampering, wanted)
    assert (expected in said) if expected else said == set()


def test_a_row_that_is_put_back_is_unknown(trail) -> None:
    row = AuditEntry.objects.get(id=AuditBlock.objects.get(stream=CENTRAL, number=1).entry_ids[0])
    prune()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        row.save(force_insert=True)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert [fault for fault, *_ in places_found()] == [Fault.ROW_UNKNOWN]
    assert strangers_findings() == [f"row_unknown: entry {row.id}"]


def test_stranger_reads_a_pruned_export(trail, tmp_path, outside) -> None:
    prune()
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
    said = subprocess.run(ask, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
    assert said.stdout.count("pruned: stream ") == 3
    assert said.stdout.endswith("The trail is whole.\n")


def test_nothing_is_removed_that_is_younger_than_now(trail) -> None:
    with pytest.raises(PruningRefused, match="too_young"):
        prune(before=LATER)


def test_the_application_may_not_prune(trail) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE bmis_app")
    with pytest.raises(PruningRefused, match="not_the_owner"):
        prune()


@pytest.mark.parametrize(
    ("periods", "kept_years"),
    [
        ({"NO_EXIT": (5, 0, 0), "LOGS": (1, 0, 0)}, 6),
        ({"CROSSING": (3, 0, 0), "FILE": (3, 0, 1), "LOGS": (1, 0, 0), "IMAGES": (9, 0, 0)}, 4),
        ({"CROSSING": (1, 0, 0), "LOGS": (2, 0, 0)}, 3),
    ],
)
def test_the_trail_is_kept_as_long_as_any_data_and_a_year(periods, kept_years: int) -> None:
    at = datetime(2032, 2, 29, 12, tzinfo=UTC)
    given = {RetentionCode(code): Period(*parts) for code, parts in periods.items()}
    cutoff = trail_cutoff(given, at)
    assert cutoff is not None
    assert timedelta(days=365 * kept_years) <= at - cutoff <= timedelta(days=365.25 * kept_years + 5)
    for code, period in given.items():
        if code not in ("LOGS", "IMAGES"):
            assert given[RetentionCode.LOGS].after(period.after(cutoff)) <= at


def test_without_a_period_nothing_is_cut() -> None:
    assert trail_cutoff({}, BEGUN) is None


def test_the_command_says_what_it_would_remove_and_what_is_held(trail, hold_on, capsys) -> None:
    call_command("prune_audit", "--dry-run", "--at", "2033-01-01T00:00:00Z")
    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"]
    assert said["rows"] == sum(run["rows"] for run in said["runs"]) > 0
    assert {run["by"] for run in said["runs"]} == {"LOGS-1"}
    assert said["held_blocks"] == [{"stream": CENTRAL, "block": hold_on.number}]
    call_command("prune_audit", "--dry-run")
    assert json.loads(capsys.readouterr().out)["rows"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--at", "2033-01-01T00:00:00Z"],
        ["--before", "2099-01-01T00:00:00Z"],
        ["--before", "soon"],
        ["--dry-run", "--at", "x"],
    ],
)
def test_the_command_refuses_what_is_too_young_or_no_time(db, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("prune_audit", *arguments)
