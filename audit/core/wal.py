"""Names of PostgreSQL's write-ahead log segments, and the gaps between them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SEGMENT_NAME = re.compile(r"[0-9A-F]{24}")
SEGMENTS_A_FILE = 256  # of 16 MB, the size that every server here has


class SegmentNameInvalid(ValueError):
    """Not the name of a segment."""


@dataclass(frozen=True, order=True, slots=True)
class Segment:
    """One segment. timeline: rises with each recovery. number: of the segment since the cluster was made."""

    timeline: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.timeline:08X}{self.number // SEGMENTS_A_FILE:08X}{self.number % SEGMENTS_A_FILE:08X}"


def parse_segment(name: str) -> Segment:
    """Return the segment of a file name of 24 hex digits. Raises SegmentNameInvalid."""
    if not SEGMENT_NAME.fullmatch(name):
        raise SegmentNameInvalid
    timeline, file, part = (int(name[i : i + 8], 16) for i in (0, 8, 16))
    if part >= SEGMENTS_A_FILE:
        raise SegmentNameInvalid
    return Segment(timeline, file * SEGMENTS_A_FILE + part)


def missing_segments(present: Iterable[str], first: str) -> Iterator[str]:
    """Yield the names that lack between `first` and the newest one present, in order.

    present: names of the files in an archive; others than segments do not count. A later timeline may begin in a segment of the
    one before. Raises SegmentNameInvalid when `first` is no segment.
    """
    begin = parse_segment(first)
    numbers: dict[int, int] = {}  # of the newest timeline that has it
    for name in present:
        if SEGMENT_NAME.fullmatch(name):
            segment = parse_segment(name)
            if segment.number >= begin.number and segment.timeline >= begin.timeline:
                numbers[segment.number] = max(numbers.get(segment.number, 0), segment.timeline)
    timeline = begin.timeline
    for number in range(begin.number, max(numbers, default=begin.number - 1) + 1):
        timeline = max(timeline, numbers.get(number, 0))
        if number not in numbers:
            yield Segment(timeline, number).name
