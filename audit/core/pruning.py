"""The signed statement that rows of the trail were removed because their time was over, and what it lets a verifier overlook.

    bmis.example/audit/central
    pruning 01930000-0000-7000-8000-000000000009
    blocks 1 17
    rows 1 4711
    PW5kZ…=
    older than 2023-11-22T00:00:00.000000Z
    by LOGS-1
    time 2029-11-22T13:00:00.000000Z

    — bmis.example/audit OTkxZ…=

First line: origin and stream. The hash is that of the last block of the run, whose header stays. Signed as heads are
(audit.core.notes).
"""

import base64
import binascii
from dataclasses import dataclass

from audit.core.notes import NoteInvalid


@dataclass(frozen=True, slots=True)
class Pruning:
    """What was removed. Numbers count from 1, both ends included.

    origin, stream: as in heads. pruning_id: of its record. block_hash: 64 hex digits, of final_block. older_than: every block
    of the run was sealed before this moment. by: the rule, a word. pruned_at. Times: RFC 3339, UTC, microseconds.
    """

    origin: str
    stream: str
    pruning_id: str
    first_block: int
    final_block: int
    first_row: int
    final_row: int
    block_hash: str
    older_than: str
    by: str
    pruned_at: str

    @property
    def row_count(self) -> int:
        return self.final_row - self.first_row + 1


def format_pruning(pruning: Pruning) -> str:
    """Return the text that is signed, ending in a line break."""
    digest = base64.b64encode(bytes.fromhex(pruning.block_hash)).decode()
    return (
        f"{pruning.origin}/{pruning.stream}\npruning {pruning.pruning_id}\n"
        f"blocks {pruning.first_block} {pruning.final_block}\nrows {pruning.first_row} {pruning.final_row}\n{digest}\n"
        f"older than {pruning.older_than}\nby {pruning.by}\ntime {pruning.pruned_at}\n"
    )


def parse_pruning(note: str) -> Pruning:
    """Return the statement in a note, whoever signed it. Raises NoteInvalid."""
    text = note.split("\n\n", 1)[0] + "\n"
    lines = text.split("\n")
    try:
        origin, _, stream = lines[0].rpartition("/")
        first_block, final_block = map(int, lines[2].removeprefix("blocks ").split(" "))
        first_row, final_row = map(int, lines[3].removeprefix("rows ").split(" "))
        found = Pruning(
            origin=origin,
            stream=stream,
            pruning_id=lines[1].removeprefix("pruning "),
            first_block=first_block,
            final_block=final_block,
            first_row=first_row,
            final_row=final_row,
            block_hash=base64.b64decode(lines[4], validate=True).hex(),
            older_than=lines[5].removeprefix("older than "),
            by=lines[6].removeprefix("by "),
            pruned_at=lines[7].removeprefix("time "),
        )
    except (IndexError, ValueError, binascii.Error) as error:
        raise NoteInvalid("not the statement of a pruning") from error
    # written again it is the same, so no line says more than was read
    if format_pruning(found) != text:
        raise NoteInvalid("not the statement of a pruning")
    return found


def is_in_order(pruning: Pruning) -> bool:
    """Tell whether a statement does not contradict itself: runs forward, and removes nothing that is younger than itself."""
    return (
        1 <= pruning.first_block <= pruning.final_block
        and 1 <= pruning.first_row <= pruning.final_row
        and pruning.older_than < pruning.pruned_at
    )
