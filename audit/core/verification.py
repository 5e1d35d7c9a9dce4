"""Check sealed blocks against their rows and against heads that were kept outside the database, and say what differs where."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit.core.notes import Head
from audit.core.pruning import Pruning, is_in_order
from audit.core.sealing import (
    CENTRAL,
    HASH_BYTES,
    NO_BLOCK,
    ROW_COLUMNS,
    ROWS_LOST,
    BlockHeader,
    block_hash,
    canonical_row,
    leaf_hash,
    merkle_root,
    split_leaves,
)

ID_COLUMN, ACTION_COLUMN, DETAIL_COLUMN = (ROW_COLUMNS.index(name) for name in ("id", "action", "detail"))

Row = Sequence[str | None]


class Fault(StrEnum):
    """What can be wrong with a trail."""

    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_MOVED = "row_moved"
    ROW_UNKNOWN = "row_unknown"
    BLOCK_CHANGED = "block_changed"
    BLOCK_MISSING = "block_missing"
    CHAIN_BROKEN = "chain_broken"
    NOTE_INVALID = "note_invalid"
    HEAD_MISSING = "head_missing"
    HEAD_DIFFERS = "head_differs"
    PRUNING_INVALID = "pruning_invalid"


MEANINGS: Mapping[Fault, str] = {
    Fault.ROW_CHANGED: "the row is not what was sealed",
    Fault.ROW_MISSING: "the row is gone: after it was sealed, or before (then it is in no block)",
    Fault.ROW_MOVED: "the row stands in the place of another one of its block",
    Fault.ROW_UNKNOWN: "the row is in no block and does not wait for one: put in or held back",
    Fault.BLOCK_CHANGED: "the block's hashes do not belong together",
    Fault.BLOCK_MISSING: "blocks before this one are gone",
    Fault.CHAIN_BROKEN: "the block does not follow the one before it",
    Fault.NOTE_INVALID: "no known key signed this head",
    Fault.HEAD_MISSING: "a head was handed out for a block that is not there: the end was cut off, or an old backup runs",
    Fault.HEAD_DIFFERS: "another block was handed out under this number: the chain was built anew, or an old backup went on",
    Fault.PRUNING_INVALID: "rows are said to be removed lawfully by a statement that does not hold: unsigned, of another"
    " trail, of younger blocks, or announced by no row",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. block and row: numbers in the stream, None where there is none; entry_id: of the row, if known."""

    fault: Fault
    stream: str
    block: int | None = None
    row: int | None = None
    entry_id: str | None = None

    def __str__(self) -> str:
        named = (("stream", self.stream), ("block", self.block), ("row", self.row), ("entry", self.entry_id))
        place = " ".join(f"{name} {value}" for name, value in named if value is not None)
        return f"{self.fault}: {place}: {MEANINGS[self.fault]}"


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block as it is stored. leaf_hashes: 32 bytes a row. head: of its note; None when the note is none or not signed."""

    header: BlockHeader
    block_hash: str
    entry_ids: tuple[str, ...]
    leaf_hashes: bytes
    head: Head | None


def check_block(
    block: SealedBlock, rows: Sequence[Row | None], previous: BlockHeader | None, *, pruned: bool = False
) -> Iterator[Finding]:
    """Yield what is wrong with one block and its rows.

    rows: as stored now, in the order of entry_ids, None for a row that is gone. previous: the block before it that was found.
    pruned: a statement that holds (check_prunings) says that the rows were removed, and their hashes with them.
    """
    header = block.header
    yield from check_header(block, previous)
    if pruned and not block.entry_ids and not block.leaf_hashes:
        return
    if len(block.leaf_hashes) != HASH_BYTES * header.row_count or len(block.entry_ids) != header.row_count:
        yield Finding(Fault.BLOCK_CHANGED, header.stream, header.number)
        return
    leaves = split_leaves(block.leaf_hashes)
    if merkle_root(leaves).hex() != header.root:
        yield Finding(Fault.BLOCK_CHANGED, header.stream, header.number)
    if b"".join([leaf_hash(canonical_row(row)) if row else b"" for row in rows]) != block.leaf_hashes:
        yield from _check_rows(block, leaves, rows)


def _check_rows(block: SealedBlock, leaves: list[bytes], rows: Sequence[Row | None]) -> Iterator[Finding]:
    header = block.header
    known = {leaf: place for place, leaf in enumerate(leaves)}
    wrong = [
        place
        for place, (row, leaf) in enumerate(zip(rows, leaves, strict=True))
        if row is None or leaf_hash(canonical_row(row)) != leaf
    ]
    ids = [block.entry_ids[place] for place in wrong]
    for place in wrong:
        row = rows[place]
        if row is None:
            fault = Fault.ROW_MISSING
        elif any(_under(row, entry_id) in known for entry_id in ids):
            fault = Fault.ROW_MOVED
        else:
            fault = Fault.ROW_CHANGED
        number = header.first_row + place
        yield Finding(fault, header.stream, header.number, number, block.entry_ids[place])


def _under(row: Row, entry_id: str) -> bytes:
    """Return the leaf of a row as if it bore another id of its block: two rows that changed places match crosswise."""
    moved = [*row]
    moved[ID_COLUMN] = entry_id
    return leaf_hash(canonical_row(moved))


def check_header(block: SealedBlock, previous: BlockHeader | None) -> Iterator[Finding]:
    """Yield what is wrong with a block's header, its place in the chain and its note."""
    header = block.header
    wanted = (previous.number + 1, previous.last_row + 1) if previous else (1, 1)
    if header.number > wanted[0]:
        yield Finding(Fault.BLOCK_MISSING, header.stream, header.number)
    elif header.first_row != wanted[1] or header.previous_hash != (
        block_hash(previous) if previous else NO_BLOCK
    ):
        yield Finding(Fault.CHAIN_BROKEN, header.stream, header.number)
    if block_hash(header) != block.block_hash:
        yield Finding(Fault.BLOCK_CHANGED, header.stream, header.number)
    head = block.head
    if head is None:
        yield Finding(Fault.NOTE_INVALID, header.stream, header.number)
    elif (head.stream, head.block_number, head.row_count, head.block_hash, head.sealed_at) != (
        header.stream,
        header.number,
        header.last_row,
        block.block_hash,
        header.sealed_at,
    ):
        yield Finding(Fault.BLOCK_CHANGED, header.stream, header.number)


def check_prunings(
    statements: Iterable[tuple[str, Pruning | None]],
    headers: Mapping[tuple[str, int], BlockHeader],
    announced: Collection[str],
) -> tuple[list[Pruning], list[Finding]]:
    """Return the statements that hold, and what is wrong with the others.

    statements: stream of the record and its statement, None where no known key signed it or it contradicts its record.
    headers: of the first and the last block of every run. announced: ids of prunings that the trail tells of.
    """
    hold: list[Pruning] = []
    given = list(statements)
    found = [Finding(Fault.PRUNING_INVALID, stream) for stream, pruning in given if pruning is None]
    # the latest first: the row that told of an earlier one may have been removed, lawfully, by a later one
    for stream, pruning in sorted(
        ((stream, pruning) for stream, pruning in given if pruning is not None),
        key=lambda one: one[1].pruned_at,
        reverse=True,
    ):
        told = pruning.pruning_id in announced or any(
            later.stream == CENTRAL and pruning.pruned_at < later.older_than for later in hold
        )
        final = headers.get((pruning.stream, pruning.final_block))
        first = headers.get((pruning.stream, pruning.first_block))
        fits = (
            stream == pruning.stream
            and is_in_order(pruning)
            and first is not None
            and final is not None
            and block_hash(final) == pruning.block_hash
            and (first.first_row, final.last_row) == (pruning.first_row, pruning.final_row)
            and final.sealed_at < pruning.older_than
            and told
        )
        if fits:
            hold.append(pruning)
        else:
            found.append(Finding(Fault.PRUNING_INVALID, stream, pruning.first_block))
    return hold, found


def is_pruned(stream: str, number: int, prunings: Iterable[Pruning]) -> bool:
    """Tell whether one of the statements covers a block."""
    return any(p.stream == stream and p.first_block <= number <= p.final_block for p in prunings)


def check_heads(heads: Iterable[Head], hashes: Mapping[tuple[str, int], str]) -> Iterator[Finding]:
    """Yield what heads that were handed out say against the blocks of the database.

    heads: signed ones only. hashes: hash of each block by stream and number. Of a cut-off end only the newest head is named.
    """
    cut: dict[str, int] = {}
    for head in heads:
        held = hashes.get((head.stream, head.block_number))
        if held is None:
            cut[head.stream] = max(cut.get(head.stream, 0), head.block_number)
        elif held != head.block_hash:
            yield Finding(Fault.HEAD_DIFFERS, head.stream, head.block_number)
    for stream, number in sorted(cut.items()):
        yield Finding(Fault.HEAD_MISSING, stream, number)


def told_lost(rows: Iterable[Row | None]) -> Iterator[Finding]:
    """Yield each row that a row of the trail says was taken out before it was sealed. rows: of a block, as ROW_COLUMNS."""
    for row in rows:
        if row is not None and row[ACTION_COLUMN] == ROWS_LOST:
            try:
                ids = json.loads(row[DETAIL_COLUMN] or "{}")["ids"]
            except (ValueError, LookupError, TypeError):  # its hash says that it is not what was sealed
                continue
            yield from (Finding(Fault.ROW_MISSING, "", entry_id=str(entry_id)) for entry_id in ids)
