"""Tamper with a sealed trail as somebody with every right on the database could, and see whether it is found at the right place.

`run_campaign(trials=25, seed=1)` returns one line a kind; it wants Django set up on a database that it may write to, and
leaves it as it was: every trial is rolled back. Both verifiers are asked: `manage.py verify_audit` and deploy/verify_audit.py.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audit.core.actor import Actor
from audit.core.notes import Head, format_head, sign_note
from audit.core.pruning import Pruning, format_pruning
from audit.core.sealing import block_hash, leaf_hash, make_block, split_leaves
from audit.core.verification import Fault, canonical_row
from audit.models import AuditBlock, AuditEntry, AuditPruning, new_id
from audit.queries import ROW_SQL, format_time, header_of
from audit.services import record, record_read
from audit.services.keys import announce_key, load_sealing_key
from audit.services.sealing import hand_out_heads, seal_waiting
from audit.services.verification import read_notes, verify_trail
from deploy import verify_audit as stranger

BEGUN = datetime(2026, 11, 1, 6, tzinfo=UTC)
PORTS = (None, UUID("01930000-0000-7000-8000-000000000001"), UUID("01930000-0000-7000-8000-000000000002"))
ROUNDS = 6
TEXTS = ("action", "actor_label", "purpose", "object_type", "object_id", "origin", "roles")
COLUMNS = "id, at, kind, action, actor_id, actor_label, roles, purpose, origin, port_id, object_type, object_id, fields, detail"

Place = tuple[Fault, str, int | None, int | None]


@dataclass(frozen=True)
class CampaignLine:
    """found: trials in which both verifiers named the very place. elapsed_s: of all trials of the kind."""

    kind: str
    trials: int
    found: int
    elapsed_s: float


def run_campaign(*, trials: int = 25, seed: int = 1, rows_a_block: int = 12) -> list[CampaignLine]:
    """Try every kind of tampering so many times."""
    chance = random.Random(seed)
    lines = []
    with rolled_back():
        make_trail(chance, rows_a_block)
        assert places_found() == [], "the trail was not whole before anything was done to it"
        for name, tamper in KINDS.items():
            begun = time.perf_counter()
            found = sum(is_found(tamper, chance) for _ in range(trials))
            lines.append(CampaignLine(name, trials, found, time.perf_counter() - begun))
    return lines


def is_found(tamper: Callable[[random.Random], list[Place]], chance: random.Random) -> bool:
    with rolled_back():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # triggers do not see what follows
        wanted = tamper(chance)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")
        found = places_found()
        # the first thing named is where it begins; an attacker who rebuilds changes everything after it too
        right = set(wanted) <= set(found) and found[0][1:3] in {place[1:3] for place in wanted}
        return right and {line.split(":")[0] for line in strangers_findings()} >= {
            # the hundred lines know no better word for a row in another one's place
            Fault.ROW_CHANGED if place[0] == Fault.ROW_MOVED else place[0]
            for place in wanted
        }


def places_found() -> list[Place]:
    heads = settings.AUDIT_HEADS_DIR
    result = verify_trail(folders=[heads], keys_folder=heads)
    return [(f.fault, f.stream, f.block, f.row) for f in result.findings]


def strangers_findings() -> list[str]:
    keys = stranger.read_keys((settings.AUDIT_HEADS_DIR / "keys.txt").read_text())
    with connection.cursor() as cursor:
        cursor.execute(stranger.LOOSE)
        loose = [row[0] for row in cursor.fetchall()]
        cursor.execute(stranger.LOST)
        lost = [row[0] for row in cursor.fetchall()]
        return list(
            stranger.check(
                stranger.read_database(connection.connection),
                loose,
                read_notes(settings.AUDIT_HEADS_DIR),
                keys,
                list(AuditPruning.objects.values_list("note", flat=True)),
                say=lambda line: None,
                lost=lost,
            )
        )


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_trail(chance: random.Random, rows_a_block: int) -> None:
    """Write and seal rows at three streams, round after round, as the minutes of a day bring them."""
    key = load_sealing_key()
    announce_key(key, settings.AUDIT_HEADS_DIR)
    for number in range(ROUNDS):
        at = BEGUN + timedelta(minutes=number)
        for _ in range(rows_a_block * len(PORTS)):
            write_row(chance, at)
        seal_waiting(at=at, key=key)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    hand_out_heads()


def write_row(chance: random.Random, at: datetime) -> None:
    port = chance.choice(PORTS)
    actor = Actor(
        label=f"UT-{chance.randrange(10_000):04}",
        port_ids=frozenset({port} if port else ()),
        origin="127.0.0.1",
    )
    object_id = UUID(int=chance.getrandbits(128))
    if chance.random() < 0.5:
        record(
            actor=actor,
            at=at,
            action="crossing.recorded",
            object_type="crossing",
            object_id=object_id,
            detail={"score": chance.random(), "rank": chance.randrange(9)},
        )
    else:
        record_read(
            actor=actor,
            at=at,
            object_type="traveler",
            object_ids=[object_id],
            fields=("surname", "birth_date"),
        )


# the kinds: each changes the database and returns what has to be found


def pick(chance: random.Random) -> tuple[AuditBlock, int]:
    """Choose a block and a row in it."""
    block = chance.choice(list(AuditBlock.objects.order_by("stream", "number")))
    return block, chance.randrange(block.row_count)


def place(fault: Fault, block: AuditBlock, offset: int | None = None) -> Place:
    return (fault, block.stream, block.number, None if offset is None else block.first_row + offset)


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def flip(chance: random.Random) -> list[Place]:
    """One bit of one character."""
    block, offset = pick(chance)
    entry = AuditEntry.objects.get(id=block.entry_ids[offset])
    column = chance.choice([name for name in TEXTS if getattr(entry, name)])
    text = getattr(entry, column)
    spot = chance.randrange(len(text))
    changed = f"{text[:spot]}{chr(ord(text[spot]) ^ 1)}{text[spot + 1 :]}"
    run(f"UPDATE audit_auditentry SET {column} = %s WHERE id = %s", changed, entry.id)
    return [place(Fault.ROW_CHANGED, block, offset)]


def edit(chance: random.Random) -> list[Place]:
    """A statement that somebody would really want to run."""
    block, offset = pick(chance)
    change = chance.choice(
        [
            "actor_label = 'nobody'",
            "at = at + interval '1 microsecond'",
            "detail = detail || '{\"rank\": 10}'",
            "fields = '[]', kind = 'WRITE', detail = '{\"score\": 1.5e-9}'",
            "port_id = '01930000-0000-7000-8000-000000000009'",
            "purpose = 'exercise'",
        ]
    )
    run(f"UPDATE audit_auditentry SET {change} WHERE id = %s", block.entry_ids[offset])
    return [place(Fault.ROW_CHANGED, block, offset)]


def delete(chance: random.Random) -> list[Place]:
    block, offset = pick(chance)
    run("DELETE FROM audit_auditentry WHERE id = %s", block.entry_ids[offset])
    return [place(Fault.ROW_MISSING, block, offset)]


def insert(chance: random.Random) -> list[Place]:
    """A row between two others, on its own or taken into their block."""
    block, offset = pick(chance)
    entry_id = UUID(int=block.entry_ids[offset].int + 1)
    run(
        f"INSERT INTO audit_auditentry ({COLUMNS}) SELECT %s,"
        f" {COLUMNS.removeprefix('id, ')} FROM audit_auditentry WHERE id = %s",
        entry_id,
        block.entry_ids[offset],
    )
    if chance.random() < 0.5:
        return [(Fault.ROW_UNKNOWN, block.stream, None, None)]
    block.entry_ids.insert(offset, entry_id)
    leaves = split_leaves(bytes(block.leaf_hashes))
    leaves.insert(offset, leaf_of(entry_id))
    run(
        "UPDATE audit_auditblock SET entry_ids = %s::uuid[], leaf_hashes = %s WHERE id = %s",
        block.entry_ids,
        b"".join(leaves),
        block.id,
    )
    return [place(Fault.BLOCK_CHANGED, block)]


def reorder(chance: random.Random) -> list[Place]:
    """Two rows of a block change places: under each other's ids, or in the block's list."""
    block, first = pick(chance)
    second = (first + chance.randrange(1, block.row_count)) % block.row_count
    one, other = block.entry_ids[first], block.entry_ids[second]
    if chance.random() < 0.5:
        spare = UUID(int=1)
        for old, new in ((one, spare), (other, one), (spare, other)):
            run("UPDATE audit_auditentry SET id = %s WHERE id = %s", new, old)
    else:
        block.entry_ids[first], block.entry_ids[second] = other, one
        run("UPDATE audit_auditblock SET entry_ids = %s::uuid[] WHERE id = %s", block.entry_ids, block.id)
    return [place(Fault.ROW_MOVED, block, first), place(Fault.ROW_MOVED, block, second)]


def cut_tail(chance: random.Random) -> list[Place]:
    """The last blocks of a stream with all their rows, without a trace in the database."""
    block, _ = pick(chance)
    newest = AuditBlock.objects.filter(stream=block.stream).order_by("-number").first()
    forget_from(block.stream, block.number)
    return [place(Fault.HEAD_MISSING, newest)]


def rebuild(chance: random.Random) -> list[Place]:
    """One row is edited and all hashes from there on made anew, signed with a key of one's own or with the very key."""
    block, offset = pick(chance)
    run("UPDATE audit_auditentry SET actor_label = 'nobody' WHERE id = %s", block.entry_ids[offset])
    stolen = chance.random() < 0.5
    key = load_sealing_key() if stolen else Ed25519PrivateKey.generate()
    earlier = AuditBlock.objects.filter(stream=block.stream, number=block.number - 1).first()
    previous = header_of(earlier) if earlier else None
    for later in AuditBlock.objects.filter(stream=block.stream, number__gte=block.number).order_by("number"):
        leaves = [leaf_of(entry_id) for entry_id in later.entry_ids]
        sealed_at = format_time(later.sealed_at)
        header = make_block(previous=previous, stream=block.stream, leaves=leaves, sealed_at=sealed_at)
        digest = block_hash(header)
        head = Head(
            settings.AUDIT_ORIGIN, block.stream, header.last_row, header.number, digest, header.sealed_at
        )
        run(
            "UPDATE audit_auditblock SET leaf_hashes = %s, root = %s, previous_hash = %s, block_hash = %s, note = %s"
            " WHERE id = %s",
            b"".join(leaves),
            header.root,
            header.previous_hash,
            digest,
            sign_note(format_head(head), name=settings.AUDIT_ORIGIN, key=key),
            later.id,
        )
        previous = header
    found = [place(Fault.HEAD_DIFFERS, block)]
    return found if stolen else [*found, place(Fault.NOTE_INVALID, block)]


def old_backup(chance: random.Random) -> list[Place]:
    """The database of some minutes ago, with or without life going on from there."""
    number = chance.randrange(1, ROUNDS)
    streams = list(AuditBlock.objects.values_list("stream", flat=True).distinct())
    newest = {s: AuditBlock.objects.filter(stream=s).order_by("-number").first() for s in streams}
    for stream in streams:
        forget_from(stream, number + 1)
    goes_on = chance.random() < 0.5
    if goes_on:
        run("SET LOCAL session_replication_role = origin")
        at = BEGUN + timedelta(hours=1)
        for _ in range(30):
            write_row(chance, at)
        seal_waiting(at=at, key=load_sealing_key())
    places = []
    for stream, block in newest.items():
        if goes_on:
            places.append((Fault.HEAD_DIFFERS, stream, number + 1, None))
        if not goes_on or number + 1 < block.number:
            places.append(place(Fault.HEAD_MISSING, block))
    return places


def forget_from(stream: str, number: int) -> None:
    run(
        "DELETE FROM audit_auditentry WHERE id IN"
        " (SELECT unnest(entry_ids) FROM audit_auditblock WHERE stream = %s AND number >= %s)",
        stream,
        number,
    )
    run("DELETE FROM audit_auditblock WHERE stream = %s AND number >= %s", stream, number)


def pretend_pruning(chance: random.Random) -> list[Place]:
    """Remove a block's rows and say that their time was over, in a statement with a key of one's own."""
    block = chance.choice(list(AuditBlock.objects.filter(number__lt=ROUNDS)))
    header = header_of(block)
    statement = Pruning(
        origin=settings.AUDIT_ORIGIN,
        stream=block.stream,
        pruning_id=str(new_id()),
        first_block=block.number,
        final_block=block.number,
        first_row=header.first_row,
        final_row=header.last_row,
        block_hash=block.block_hash,
        older_than=format_time(block.sealed_at + timedelta(days=1)),
        by="LOGS-1",
        pruned_at=format_time(block.sealed_at + timedelta(days=2)),
    )
    text = format_pruning(statement)
    note = sign_note(text, name=settings.AUDIT_ORIGIN, key=Ed25519PrivateKey.generate())
    run("DELETE FROM audit_auditentry WHERE id = ANY (%s)", block.entry_ids)
    run("UPDATE audit_auditblock SET entry_ids = '{}', leaf_hashes = '' WHERE id = %s", block.id)
    AuditPruning.objects.create(
        id=statement.pruning_id,
        stream=block.stream,
        first_block=block.number,
        final_block=block.number,
        row_count=statement.row_count,
        pruned_at=block.sealed_at + timedelta(days=2),
        note=note,
    )
    return [
        (Fault.PRUNING_INVALID, block.stream, None, None),
        (Fault.BLOCK_CHANGED, block.stream, block.number, None),
    ]


def leaf_of(entry_id: UUID) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ROW_SQL} FROM audit_auditentry e WHERE id = %s", [entry_id])
        return leaf_hash(canonical_row(cursor.fetchone()))


KINDS: dict[str, Callable[[random.Random], list[Place]]] = {
    "byte flip": flip,
    "edit": edit,
    "delete": delete,
    "insert": insert,
    "reorder": reorder,
    "cut tail": cut_tail,
    "rebuild": rebuild,
    "old backup": old_backup,
    "pretended pruning": pretend_pruning,
}


def forget_heads(folder: Path) -> None:
    """Empty the folder of heads: of a database that was made for a campaign only."""
    for path in folder.glob("*.notes"):
        path.unlink()
