"""Step 2: group parallel lines of like length into the two or three lines of a zone.

Limits come from the printed sizes of Doc 9303-3, section 4.2: ten characters an inch on lines 4.2 to 6.6 mm
apart.
"""

import math
from dataclasses import dataclass, replace

from biometrics.core.mrz.locate import TextLine

MIN_PARALLEL_COSINE = 0.997
MIN_OVERLAP = 0.55
# the lines of a zone begin and end below one another; other text seldom does
MIN_ZONE_OVERLAP = 0.85


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Two or three lines from top to bottom (as the image stands), in pixels of the working image.

    overlap: shared share of their lengths, 0 to 1. length: of the longest. spacing: between neighbours.
    """

    lines: tuple[TextLine, ...]
    overlap: float
    length: float
    spacing: float

    def extent(self) -> tuple[float, float]:
        """Return the first and last position of any line, along the first line from its centre."""
        offsets = [offset_along(self.lines[0], line) for line in self.lines]
        starts = [line.start + offset for line, offset in zip(self.lines, offsets, strict=True)]
        stops = [line.stop + offset for line, offset in zip(self.lines, offsets, strict=True)]
        return min(starts), max(stops)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lies on the page, in full-resolution pixels: middle of the first line, length, spacing."""

    rows: int
    x: float
    y: float
    length: float
    spacing: float

    @classmethod
    def of(cls, group: LineGroup, scale: float) -> "Place":
        line = group.lines[0]
        middle = (line.start + line.stop) / 2
        x, y = (line.centre[axis] + middle * line.direction[axis] for axis in (0, 1))
        return cls(len(group.lines), x * scale, y * scale, group.length * scale, group.spacing * scale)

    def is_same(self, other: "Place") -> bool:
        """Return whether both hold the same lines, found by two searches."""
        return (
            self.rows == other.rows
            and abs(self.x - other.x) + abs(self.y - other.y) < 0.4 * self.spacing
            and abs(self.length - other.length) < 0.03 * self.length
            and abs(self.spacing - other.spacing) < 0.1 * self.spacing
        )


def offset_along(reference: TextLine, line: TextLine) -> float:
    """Return how far the centre of line lies from that of reference, along reference, in pixels."""
    (x0, y0), (x1, y1) = reference.centre, line.centre
    return (x1 - x0) * reference.direction[0] + (y1 - y0) * reference.direction[1]


def _offset_across(reference: TextLine, line: TextLine) -> float:
    (x0, y0), (x1, y1) = reference.centre, line.centre
    return -(x1 - x0) * reference.direction[1] + (y1 - y0) * reference.direction[0]


def _pair(upper: TextLine, lower: TextLine) -> LineGroup | None:
    """Return the two lines as a group, None if they are not neighbours in one zone."""
    cosine = upper.direction[0] * lower.direction[0] + upper.direction[1] * lower.direction[1]
    if abs(cosine) < MIN_PARALLEL_COSINE:
        return None
    spacing = _offset_across(upper, lower)
    length = max(upper.length, lower.length)
    if not 0.028 < spacing / length < 0.13 or not 0.5 < upper.thickness / lower.thickness < 2:
        return None
    offset = offset_along(upper, lower)
    shared = min(upper.stop, lower.stop + offset) - max(upper.start, lower.start + offset)
    if shared / length < MIN_OVERLAP:
        return None
    return LineGroup((upper, lower), shared / length, length, spacing)


def _triple(first: LineGroup, second: LineGroup) -> LineGroup | None:
    """Return three lines of even spacing, from two pairs that share the middle line, else None."""
    if first.lines[1] is not second.lines[0]:
        return None
    lines = (*first.lines, second.lines[1])
    length = max(first.length, second.length)
    spacing = (first.spacing + second.spacing) / 2
    even = 0.78 < first.spacing / second.spacing < 1.28
    if not even or not 9 < length / spacing < 21 or min(line.length for line in lines) < 0.72 * length:
        return None
    return LineGroup(lines, (first.overlap + second.overlap) / 2, length, spacing)


def _rank(group: LineGroup) -> float:
    bonus = 0.25 if len(group.lines) == 3 else 0.0
    return group.overlap + bonus + 0.0005 * group.length


def group_lines(lines: tuple[TextLine, ...]) -> tuple[LineGroup, ...]:
    """Return every pair and triple of lines that may be a zone, most likely first."""
    pairs = [
        pair
        for upper in lines
        for lower in lines
        if upper is not lower and (pair := _pair(upper, lower)) is not None
    ]
    triples = [
        triple for first in pairs for second in pairs if (triple := _triple(first, second)) is not None
    ]
    likely_pairs = [pair for pair in pairs if 10.5 < pair.length / pair.spacing < 28]
    return tuple(sorted(likely_pairs + triples, key=_rank, reverse=True))


def with_third_line(pair: LineGroup) -> tuple[LineGroup, LineGroup]:
    """Return a pair with a line one spacing above it, and with one below it, each a copy of its neighbour."""
    upper, lower = pair.lines
    return (
        replace(pair, lines=(_moved(upper, -pair.spacing), upper, lower)),
        replace(pair, lines=(upper, lower, _moved(lower, pair.spacing))),
    )


def _moved(line: TextLine, down: float) -> TextLine:
    x, y = line.centre[0] - down * line.direction[1], line.centre[1] + down * line.direction[0]
    return replace(line, centre=(x, y))


def is_finite(group: LineGroup) -> bool:
    """Return whether every number of the group is finite (a degenerate fit is not)."""
    return all(
        math.isfinite(value)
        for line in group.lines
        for value in (*line.centre, *line.direction, *line.curve, line.start, line.stop, line.thickness)
    )


def is_elsewhere(group: LineGroup, other: LineGroup) -> bool:
    """Return whether other has no line of group and is of the size of a zone on a second document."""
    shared = any(line is known for line in other.lines for known in group.lines)
    near = abs(_offset_across(group.lines[0], other.lines[0])) < 0.5 * group.spacing and (
        abs(offset_along(group.lines[0], other.lines[0])) < 0.5 * group.length
    )
    is_zone_like = other.overlap > MIN_ZONE_OVERLAP and 0.5 < other.length / group.length < 2
    return is_zone_like and not shared and not near
