"""Remove rows of the trail whose time is over, block by block, under a signed statement; headers and heads stay.

Run by the owner of the tables: no other account may remove a row here.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import pgtrigger
from django.conf import settings
from django.db import connection, transaction

from audit.core.actor import Actor
from audit.core.notes import join_note, sign_note, split_notes
from audit.core.pruning import Pruning, format_pruning
from audit.core.sealing import BlockHeader, block_hash
from audit.models import AuditBlock, AuditEntry, AuditPruning, new_id
from audit.queries import PRUNED, blocks_to_prune, format_time
from audit.services.keys import PRUNINGS_FILE, announce_key, append_durably, load_sealing_key
from audit.services.sealing import ADVISORY_LOCK, seal_trail
from audit.services.trail import record

ROWS_AT_ONCE = 200_000
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TRIGGERS = ("audit.AuditEntry:audit_entry_append_only", "audit.AuditBlock:audit_block_append_only")


class PruningRefused(RuntimeError):
    """Nothing was removed. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Run:
    """Neighbouring blocks of one stream, to be removed under one statement."""

    headers: list[BlockHeader] = field(default_factory=list)
    entry_ids: list[UUID] = field(default_factory=list)

    def takes(self, header: BlockHeader) -> bool:
        if not self.headers:
            return True
        latest = self.headers[-1]
        fits = (latest.stream, latest.number + 1) == (header.stream, header.number)
        return fits and len(self.entry_ids) + header.row_count <= ROWS_AT_ONCE


@dataclass
class Pruned:
    """What was removed, or would be. held_blocks: those that stay because a row in them is about somebody under a legal hold."""

    prunings: list[Pruning] = field(default_factory=list)
    held_blocks: list[tuple[str, int]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(pruning.row_count for pruning in self.prunings)


def prune_trail(
    *,
    actor: Actor,
    at: datetime,
    before: datetime,
    by: str,
    held: Collection[str] = (),
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Pruned:
    """Remove the rows of every block that was sealed before a moment; each run of blocks in a transaction of its own.

    by: the rule that says so, a word. held: ids of what a legal hold covers; a block with a row about one of them stays whole.
    progress: called with rows done. Raises PruningRefused (too_young, not_the_owner), and as seal_trail.
    """
    if before >= at:
        raise PruningRefused("too_young")
    if not dry_run and not _may_remove():
        raise PruningRefused("not_the_owner")
    found = Pruned()
    key = None if dry_run else load_sealing_key()
    if key is not None:
        announce_key(key, settings.AUDIT_HEADS_DIR)
        hand_out_prunings()  # of a run before this one that was cut off
    for run in list(_runs(before, frozenset(held), found)):
        first, final = run.headers[0], run.headers[-1]
        pruning = Pruning(
            origin=settings.AUDIT_ORIGIN,
            stream=final.stream,
            pruning_id=str(new_id()),
            first_block=first.number,
            final_block=final.number,
            first_row=first.first_row,
            final_row=final.last_row,
            block_hash=block_hash(final),
            older_than=format_time(before),
            by=by,
            pruned_at=format_time(at),
        )
        if key is not None:
            note = sign_note(format_pruning(pruning), name=settings.AUDIT_ORIGIN, key=key)
            _remove(actor, at, run, pruning, note)
        found.prunings.append(pruning)
        progress(found.rows)
    if key is not None:
        hand_out_prunings()
        # at once, so that the trail itself tells of it to whoever verifies
        seal_trail(at=at)
    return found


def hand_out_prunings() -> None:
    """Write the statements that the file outside does not have yet."""
    path = settings.AUDIT_HEADS_DIR / PRUNINGS_FILE
    known = set(split_notes(path.read_text(encoding="utf-8"))) if path.exists() else set()
    for note in AuditPruning.objects.order_by("pruned_at", "id").values_list("note", flat=True):
        if note not in known:
            append_durably(path, join_note(note))


def _may_remove() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('audit_auditentry', 'DELETE')")
        return bool(cursor.fetchone()[0])


def _runs(before: datetime, held: frozenset[str], found: Pruned) -> Iterator[Run]:
    run = Run()
    for header, entry_ids in blocks_to_prune(before):
        if held and _mentions(entry_ids, held):
            found.held_blocks.append((header.stream, header.number))
            continue
        if not run.takes(header):
            yield run
            run = Run()
        run.headers.append(header)
        run.entry_ids.extend(entry_ids)
    if run.headers:
        yield run


def _mentions(entry_ids: list[UUID], held: frozenset[str]) -> bool:
    """Tell whether a row is about one of these ids, or names one in its detail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT object_id, detail::text FROM audit_auditentry WHERE id = ANY (%s)", [entry_ids]
        )
        return any(
            object_id in held or not held.isdisjoint(ID.findall(detail))
            for object_id, detail in cursor.fetchall()
        )


@transaction.atomic
def _remove(actor: Actor, at: datetime, run: Run, pruning: Pruning, note: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])  # no block is made meanwhile
    with pgtrigger.ignore(*TRIGGERS):
        AuditEntry.objects.filter(id__in=run.entry_ids)._raw_delete("default")
        AuditBlock.objects.filter(
            stream=pruning.stream, number__range=(pruning.first_block, pruning.final_block)
        ).update(entry_ids=[], leaf_hashes=b"")
    AuditPruning.objects.create(
        id=pruning.pruning_id,
        stream=pruning.stream,
        first_block=pruning.first_block,
        final_block=pruning.final_block,
        row_count=pruning.row_count,
        pruned_at=at,
        note=note,
    )
    record(
        actor=actor,
        at=at,
        action=PRUNED,
        object_type="audit_pruning",
        object_id=pruning.pruning_id,
        detail={
            "stream": pruning.stream,
            "blocks": [pruning.first_block, pruning.final_block],
            "rows": [pruning.first_row, pruning.final_row],
            "older_than": pruning.older_than,
            "by": pruning.by,
        },
    )
