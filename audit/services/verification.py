"""Verify the whole trail: every block against its rows, every head that was handed out against the blocks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from audit.core.notes import Head, NoteInvalid, is_signed, parse_head, split_notes
from audit.core.pruning import Pruning, parse_pruning
from audit.core.sealing import BlockHeader
from audit.core.verification import (
    Fault,
    Finding,
    SealedBlock,
    check_block,
    check_heads,
    check_prunings,
    is_pruned,
    told_lost,
)
from audit.models import AuditPruning
from audit.queries import (
    announced_prunings,
    count_entries_and_waiting,
    count_sealed,
    format_time,
    headers_at,
    lost_rows,
    rows_of_blocks,
    stored_blocks,
    unknown_rows,
)
from audit.services.keys import PRUNINGS_FILE, ROTATIONS_FILE, announced_keys

BATCH_ROWS = 20_000
FINDINGS_KEPT = 1000
UNREADABLE = "outside"
# signed files of the same folder that hold other statements
NO_HEADS = frozenset({ROTATIONS_FILE, PRUNINGS_FILE})


@dataclass
class Verification:
    """What was looked at and what was found. findings: the first FINDINGS_KEPT of finding_count.

    prunings: statements that hold, by which rows were removed because their time was over; of pruned_rows only their block's
    header could be verified.
    """

    streams: int = 0
    blocks: int = 0
    rows: int = 0
    waiting: int = 0
    heads: int = 0
    pruned_blocks: int = 0
    pruned_rows: int = 0
    prunings: list[Pruning] = field(default_factory=list)
    finding_count: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, found: Iterable[Finding]) -> None:
        for finding in found:
            self.finding_count += 1
            if len(self.findings) < FINDINGS_KEPT:
                self.findings.append(finding)


def verify_trail(
    *,
    folders: Iterable[Path],
    keys_folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Verification:
    """Verify in one snapshot of the database, while the system goes on writing.

    folders: of files with heads (*.notes), as they were handed out. keys_folder: where keys.txt says who may sign.
    progress: called with rows done and rows in all. Raises SealingKeyUnusable when keys.txt is damaged.
    """
    keys = announced_keys(keys_folder)
    result = Verification()
    # the heads first: one that is written from now on may stand for a block that the snapshot does not see
    heads = []
    for note in (note for folder in folders for note in read_notes(folder)):
        try:
            head = parse_head(note)
        except NoteInvalid:
            result.add([Finding(Fault.NOTE_INVALID, UNREADABLE)])
            continue
        if is_signed(note, keys):
            heads.append(head)
        else:
            result.add([Finding(Fault.NOTE_INVALID, head.stream, head.block_number)])
    result.heads = len(heads)
    with transaction.atomic():
        with connection.cursor() as cursor:
            if not connection.in_atomic_block or len(connection.savepoint_ids) == 0:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # rows are fetched by their keys, block after block: a hash of the whole table for each batch costs more
            cursor.execute(
                "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
            )
        result.prunings, wrong = check_prunings(*read_prunings(keys))
        result.add(wrong)
        _verify_blocks(result, keys, heads, progress)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
        entries, result.waiting = count_entries_and_waiting()
        if entries != result.rows + result.waiting or result.finding_count:
            unknown = unknown_rows(FINDINGS_KEPT)
            result.add(Finding(Fault.ROW_UNKNOWN, stream, entry_id=entry_id) for stream, entry_id in unknown)
        lost = lost_rows(FINDINGS_KEPT)
        result.add(Finding(Fault.ROW_MISSING, "", entry_id=entry_id) for entry_id in lost)
    return result


def _verify_blocks(
    result: Verification, keys: dict, heads: list[Head], progress: Callable[[int, int], None]
) -> None:
    total = count_sealed()[1]
    previous: BlockHeader | None = None
    hashes: dict[tuple[str, int], str] = {}
    done = 0
    for batch in stored_blocks(BATCH_ROWS):
        rows = iter(rows_of_blocks([stored[0] for stored in batch]))
        for stored in batch:
            block = read_block(stored, keys)
            header = block.header
            if previous is None or previous.stream != header.stream:
                previous = None
                result.streams += 1
            content = [row if row[0] is not None else None for row in _take(rows, len(block.entry_ids))]
            gone = not block.entry_ids and is_pruned(header.stream, header.number, result.prunings)
            result.add(check_block(block, content, previous, pruned=gone))
            result.add(told_lost(content))
            if gone:
                result.pruned_blocks += 1
                result.pruned_rows += header.row_count
            previous = header
            hashes[header.stream, header.number] = block.block_hash
            result.blocks += 1
            result.rows += sum(row is not None for row in content)
            done += header.row_count
        progress(done, total)
    result.add(check_heads(heads, hashes))


def _take(rows: Iterator, count: int) -> Iterator:
    for _ in range(count):
        yield next(rows)


def read_block(stored: tuple, keys: dict) -> SealedBlock:
    """Return a row of stored_blocks as a block. A note that no known key signed counts as none."""
    _, stream, number, first_row, row_count, root, previous_hash, sealed_at, digest, note, leaves, ids = (
        stored
    )
    try:
        head = parse_head(note) if is_signed(note, keys) else None
    except NoteInvalid:
        head = None
    return SealedBlock(
        header=BlockHeader(stream, number, first_row, row_count, root, previous_hash, format_time(sealed_at)),
        block_hash=digest,
        entry_ids=tuple(ids),
        leaf_hashes=bytes(leaves),
        head=head,
    )


def read_prunings(
    keys: dict,
) -> tuple[list[tuple[str, Pruning | None]], dict[tuple[str, int], BlockHeader], set[str]]:
    """Return what check_prunings asks for. A statement that no known key signed, or not of its record, counts as none."""
    statements: list[tuple[str, Pruning | None]] = []
    rows = list(AuditPruning.objects.all())
    for row in rows:
        try:
            pruning = parse_pruning(row.note) if is_signed(row.note, keys) else None
        except NoteInvalid:
            pruning = None
        if pruning is not None and (
            pruning.pruning_id,
            pruning.stream,
            pruning.first_block,
            pruning.final_block,
            pruning.row_count,
        ) != (str(row.id), row.stream, row.first_block, row.final_block, row.row_count):
            pruning = None
        statements.append((row.stream, pruning))
    ends = {(row.stream, number) for row in rows for number in (row.first_block, row.final_block)}
    return statements, headers_at(ends), announced_prunings()


def read_notes(folder: Path) -> Iterator[str]:
    """Yield the heads in the files of a folder, or of one file."""
    paths = (
        sorted(p for p in folder.glob("*.notes") if p.name not in NO_HEADS) if folder.is_dir() else [folder]
    )
    for path in paths:
        yield from split_notes(path.read_text(encoding="utf-8", errors="replace"))
