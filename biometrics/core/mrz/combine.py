"""Several pictures of one page, frames of a video or light sources of a scanner, as one reading.

Each picture says for each cell how likely each character is. Pictures taken independently multiply their
likelihoods; these are not independent (same print, same network), so their logarithms are averaged over the
square root of their number: two agreeing pictures count more than one, but less than twice.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import read_cells
from biometrics.core.mrz.doubt import MrzReading, ReadingStatus, judge_reading
from biometrics.core.mrz.layouts import BY_NAME, LayoutName

Floats = NDArray[np.float32]

# natural log-probability: one picture in which glare hides a cell must not veto what the others show
FLOOR = -7.0


def combine_readings(readings: Sequence[MrzReading]) -> MrzReading:
    """Return one reading of one page from one or more readings of it.

    readings: of the same page, in any order, unreadable ones included. Those of another layout than the likeliest
    are left out, and so are misplaced grids: a picture whose lines agree with no other in three cells of four.
    Corners, misfit and milliseconds are those of the best picture. has_second_zone if any picture showed one.
    Returns the only or best reading unchanged where no two can be combined. Raises ValueError if there is none.
    """
    if not readings:
        raise ValueError("no readings to combine")
    ranked = sorted(readings, key=_rank, reverse=True)
    best = ranked[0]
    partners = [best, *(other for other in ranked[1:] if _is_same_page(best, other))]
    if len(partners) < 2 or best.layout is None or best.corners is None:
        return best
    scores = tuple(_mix([partner.scores[line] for partner in partners]) for line in range(len(best.scores)))
    layout = BY_NAME[LayoutName(best.layout)]
    candidate = read_cells(scores, layout, misfit=best.misfit, corners=best.corners)
    return judge_reading(
        candidate.decoded,
        candidate.lines,
        candidate.repairs,
        candidate.corners,
        misfit=best.misfit,
        has_second_zone=any(partner.has_second_zone for partner in partners),
        elapsed_ms=best.elapsed_ms,
    )


def _rank(reading: MrzReading) -> tuple[bool, bool, float]:
    """Accepted before review before unreadable; then by how sure the least sure cells are."""
    if reading.status is ReadingStatus.UNREADABLE:
        return False, False, 0.0
    cells = sorted(value for line in reading.confidences for value in line)
    tenth = cells[: max(1, len(cells) // 10)]
    return reading.status is ReadingStatus.ACCEPTED, True, sum(tenth) / len(tenth) - 0.1 * reading.misfit


def _is_same_page(best: MrzReading, other: MrzReading) -> bool:
    if other.layout != best.layout or not other.lines_read:
        return False
    pairs = [
        (one, two)
        for line, line_of_other in zip(best.lines_read, other.lines_read, strict=True)
        for one, two in zip(line, line_of_other, strict=True)
    ]
    return sum(one == two for one, two in pairs) >= 0.75 * len(pairs)


def _mix(scores: list[Floats]) -> Floats:
    """Return float32 (columns, 37) log-probabilities. scores: the same of each picture."""
    together = np.maximum(np.stack(scores), FLOOR).sum(0) / np.sqrt(len(scores))
    highest = together.max(1, keepdims=True)
    return np.asarray(
        together - highest - np.log(np.exp(together - highest).sum(1, keepdims=True)), np.float32
    )
