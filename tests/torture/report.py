"""What a campaign found, and the one table of all of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """lost, doubled: acknowledged acts that are gone or there twice; None where the campaign has no acts.

    found: what the campaign counts, such as "8/8 refused". faults: what was not as promised; none means passed.
    notes: lines printed under the table.
    """

    campaign: str
    size: str
    seed: int
    found: str
    lost: int | None = None
    doubled: int | None = None
    seconds: float = 0.0
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(dataclasses.asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Outcome:
        values = json.loads(path.read_text())
        return cls(**values | {name: tuple(values[name]) for name in ("faults", "notes")})


HEADINGS = ("campaign", "size", "seed", "lost", "doubled", "found", "time", "result")


def make_table(outcomes: Sequence[Outcome]) -> str:
    """Return the table as text, then the faults and notes of each campaign."""
    rows = [HEADINGS, *(row_of(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for outcome in outcomes:
        lines += [f"{outcome.campaign}: {note}" for note in outcome.notes]
        lines += [f"{outcome.campaign}: FAULT {fault}" for fault in outcome.faults]
    return "\n".join(lines)


def row_of(outcome: Outcome) -> tuple[str, ...]:
    counts = ["-" if count is None else str(count) for count in (outcome.lost, outcome.doubled)]
    time = f"{outcome.seconds:.0f} s"
    return (
        *(outcome.campaign, outcome.size, str(outcome.seed), *counts, outcome.found, time),
        "FAILED" if outcome.faults else "passed",
    )
