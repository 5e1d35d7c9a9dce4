"""What another reader's lines say about a reading: they agree or raise doubt, and never change a character."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from biometrics.core.mrz.doubt import Cell, MrzReading, ReadingStatus


class OpinionOutcome(StrEnum):
    """Stable codes. ABSENT: the other reader is not installed. UNUSABLE: it read no lines of this size."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNUSABLE = "unusable"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the other reader says. differs: (line, position) of each character that it reads otherwise."""

    outcome: OpinionOutcome
    differs: tuple[Cell, ...] = ()


def compare_opinion(reading: MrzReading, texts: Sequence[str]) -> Opinion:
    """Compare a reading with another reader's lines, before any repair.

    texts: what the other read, in order, with whatever it took for lines besides. Those of the zone's length count;
    more or fewer of them than the zone has are unusable.
    """
    if not reading.lines_read:
        return Opinion(OpinionOutcome.UNUSABLE)
    columns = len(reading.lines_read[0])
    lines = [text for text in ("".join(text.split()) for text in texts) if len(text) == columns]
    if len(lines) != len(reading.lines_read):
        return Opinion(OpinionOutcome.UNUSABLE)
    differs = tuple(
        (row, position)
        for row, (ours, theirs) in enumerate(zip(reading.lines_read, lines, strict=True))
        for position, (one, other) in enumerate(zip(ours, theirs, strict=True))
        if one != other
    )
    return Opinion(OpinionOutcome.DIFFERS if differs else OpinionOutcome.AGREES, differs)


def add_opinion(reading: MrzReading, opinion: Opinion) -> MrzReading:
    """Return the reading with the characters marked that the other reader reads otherwise; such a one is for review.

    Agreement accepts nothing: two readers may err alike.
    """
    if opinion.outcome is not OpinionOutcome.DIFFERS:
        return reading
    doubtful = tuple(sorted({*reading.doubtful, *opinion.differs}))
    return replace(reading, doubtful=doubtful, status=ReadingStatus.REVIEW)
