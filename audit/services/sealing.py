"""Seal what waits: once a minute by the sweep, outside every write path.

A row waits from the moment that it is committed, because a trigger puts its id in the queue in its own transaction. So a
row that commits late is in no block that was made before, and goes into the next one; none can be left out, none be in two.
"""

from collections import defaultdict
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction

from audit.core.actor import system_actor
from audit.core.notes import Head, NoteInvalid, format_head, join_note, parse_head, sign_note, split_notes
from audit.core.sealing import (
    CENTRAL,
    ROW_COLUMNS,
    ROWS_LOST,
    BlockHeader,
    block_hash,
    canonical_row,
    leaf_hash,
    make_block,
)
from audit.models import AuditBlock, WaitingEntry
from audit.queries import blocks_after, format_time, newest_block, newest_headers, waiting_rows
from audit.services.keys import SealingKeyUnusable, announce_key, append_durably, load_sealing_key
from audit.services.trail import record

log = structlog.get_logger(__name__)

# any constant number: two sealings at once would make two blocks of one number
ADVISORY_LOCK = 7_202_611_008
BLOCK_ROWS = 4096
ROWS_AT_ONCE = 20_000  # as long as the sweep may be busy with this: about a second
NOTES_AT_ONCE = 1000
LOST_A_ROW = 200
TAIL_BYTES = 8192
PORT_COLUMN = ROW_COLUMNS.index("port")


class HeadConflict(RuntimeError):
    """A head that was handed out does not fit the database: its end was cut off, or an old backup runs."""

    def __init__(self, stream: str, number: int):
        super().__init__(f"stream {stream} block {number}")
        self.stream, self.number = stream, number


def seal_trail(*, at: datetime) -> int:
    """Seal every row that waits, hand out the heads; return how many rows were sealed.

    Raises SealingKeyUnusable, HeadConflict (the blocks are made all the same), OSError (heads could not be written).
    """
    key = load_sealing_key()
    announce_key(key, settings.AUDIT_HEADS_DIR)
    sealed = 0
    while True:
        taken, more = seal_waiting(at=at, key=key)
        sealed += taken
        if not more:
            break
    hand_out_heads()
    return sealed


@transaction.atomic
def seal_waiting(*, at: datetime, key) -> tuple[int, bool]:
    """Make blocks of the oldest rows that wait; return how many, and whether more may wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            return 0, False
    waiting = waiting_rows(ROWS_AT_ONCE)
    streams = defaultdict(list)
    for entry_id, row in waiting:
        if row is not None:
            streams[row[PORT_COLUMN] or CENTRAL].append((entry_id, leaf_hash(canonical_row(row))))
    latest = newest_headers() if streams else {}
    blocks = []
    for stream, rows in sorted(streams.items()):
        for start in range(0, len(rows), BLOCK_ROWS):
            block = _make(latest.get(stream), stream, rows[start : start + BLOCK_ROWS], at, key)
            latest[stream] = block[0]
            blocks.append(block[1])
    AuditBlock.objects.bulk_create(blocks, batch_size=50)
    WaitingEntry.objects.filter(entry_id__in=[entry_id for entry_id, _ in waiting]).delete()
    lost = [entry_id for entry_id, row in waiting if row is None]
    if lost:
        # taken out of the table before it was sealed: there is nothing to hash, but this is not passed over
        log.error("audit.rows_lost", count=len(lost))
    for start in range(0, len(lost), LOST_A_ROW):
        some = lost[start : start + LOST_A_ROW]
        record(
            actor=system_actor("sealing"),
            at=at,
            action=ROWS_LOST,
            object_type="audit_entry",
            object_id=some[0] if len(some) == 1 else "",
            detail={"count": len(some), "ids": some},
        )
    return len(waiting) - len(lost), len(waiting) == ROWS_AT_ONCE


def _make(
    previous: BlockHeader | None, stream: str, rows: list[tuple[str, bytes]], at: datetime, key
) -> tuple[BlockHeader, AuditBlock]:
    leaves = [leaf for _, leaf in rows]
    header = make_block(previous=previous, stream=stream, leaves=leaves, sealed_at=format_time(at))
    digest = block_hash(header)
    head = Head(settings.AUDIT_ORIGIN, stream, header.last_row, header.number, digest, header.sealed_at)
    return header, AuditBlock(
        stream=stream,
        number=header.number,
        first_row=header.first_row,
        row_count=header.row_count,
        root=header.root,
        previous_hash=header.previous_hash,
        block_hash=digest,
        sealed_at=at,
        note=sign_note(format_head(head), name=settings.AUDIT_ORIGIN, key=key),
        entry_ids=[entry_id for entry_id, _ in rows],
        leaf_hashes=b"".join(leaves),
    )


def hand_out_heads() -> int:
    """Write the heads that the files do not have yet, one file a stream; return how many. Safe to run at any time.

    The folder belongs on another machine, or is fetched from there. Raises HeadConflict, OSError.
    """
    folder: Path = settings.AUDIT_HEADS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    written, conflict = 0, None
    for stream, newest in sorted(newest_headers().items()):
        path = heads_file(folder, stream)
        kept = latest_kept(path)
        number = kept.block_number if kept else 0
        if kept and not _fits(kept, newest):
            conflict = conflict or HeadConflict(stream, number)
            continue
        while notes := [block.note for block in blocks_after(stream, number, NOTES_AT_ONCE)]:
            append_durably(path, "".join(map(join_note, notes)))
            written += len(notes)
            number += len(notes)
    if conflict:
        log.error("audit.head_conflict", stream=conflict.stream, block=conflict.number)
        raise conflict
    return written


def heads_file(folder: Path, stream: str) -> Path:
    return folder / f"{stream}.notes"


def latest_kept(path: Path) -> Head | None:
    """Return the last head of a file; None where there is none. A note that was cut off in writing is cut away."""
    try:
        with path.open("rb+") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
            whole = tail.rfind(b"\n=\n")
            whole = whole + 3 if whole >= 0 else 0
            if whole != len(tail):
                file.truncate(size - len(tail) + whole)
    except FileNotFoundError:
        return None
    # the first part may begin in the middle of a note
    notes = split_notes(tail[:whole].decode(errors="replace"))
    try:
        return parse_head(notes[-1]) if notes else None
    except NoteInvalid as error:
        raise SealingKeyUnusable("heads_file_unreadable") from error


def _fits(kept: Head, newest: BlockHeader) -> bool:
    if kept.block_number == newest.number:
        return kept.block_hash == block_hash(newest)
    return (
        kept.block_number < newest.number
        and AuditBlock.objects.filter(
            stream=kept.stream, number=kept.block_number, block_hash=kept.block_hash
        ).exists()
    )


def newest_note(stream: str) -> str | None:
    """Return the signed head of a stream, None while it has no block."""
    block = newest_block(stream)
    return block.note if block else None
