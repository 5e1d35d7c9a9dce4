"""Reading one group of lines: cut strips, recognise, snap, decode, and look again where a character is in doubt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import Candidate, read_cells, read_layouts
from biometrics.core.mrz.grid import Grid, find_peaks, fit_grid, score_cells
from biometrics.core.mrz.group import LineGroup, with_third_line
from biometrics.core.mrz.legibility import has_glare, mean_certainty, printed_cells_beyond, sharpness
from biometrics.core.mrz.rectify import (
    FRAME_PX,
    STRIP_PITCH_PX,
    Cut,
    Sight,
    StripFrame,
    Variation,
    cut_strips,
    frame_for,
    zone_corners,
)
from biometrics.core.mrz.stopwatch import Stopwatch

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Recognise = Callable[[list[Gray]], list[Floats]]

CARD_COLUMNS = 30
MIDDLE_COLUMNS = 36
LONGEST_COLUMNS = 44
# length over spacing: TD3 and MRV-A lie about 17.6, TD2 and MRV-B about 14.4
LONG_PROPORTION = 15.6
MIN_COUNTED = 12
# characters that a line may seem to have too many or too few
MAX_MISCOUNT = 6
# mean certainty above which a group is print of a zone's kind, if not the whole of one
SURE_PRINT = 0.93
MAX_CARD_MISCOUNT = 2.5
MAX_MISFIT_BEYOND = 3.0
# of the eight cells that a long line has more than a short one
MAX_BLANK_BEYOND = 2
NOMINAL_PITCH_FRAMES = STRIP_PITCH_PX / FRAME_PX
# what a second look changes: the resampling, not the page
VARIATIONS = (
    Variation(stretch=0.9, shift_along_px=1.0, is_smooth=True),
    Variation(stretch=1.12, shift_along_px=-1.0),
)
# natural log-probability: one look must not veto what the others show
FLOOR = -9.0


@dataclass(frozen=True, slots=True)
class FirstLook:
    """A group as first recognised. probabilities: float32 (frames, 38) a line. certainty: 0 to 1."""

    group: LineGroup
    sight: Sight
    frame: StripFrame
    probabilities: list[Floats]
    certainty: float


class GroupReader:
    """Reads groups of lines of one page and remembers how legible they were.

    reduction: by how much the page was reduced before. widest_pitch_px: of the page as given.
    """

    def __init__(self, recognise: Recognise, watch: Stopwatch, reduction: int) -> None:
        self._recognise = recognise
        self._watch = watch
        self._reduction = reduction
        self.widest_pitch_px = 0.0
        self.sharpest = 0.0
        self.glare_seen = False

    def look(self, group: LineGroup, sight: Sight) -> FirstLook:
        """Recognise a group at its likeliest length."""
        frame = frame_for(group, likely_lengths(group)[0], upside_down=sight.upside_down)
        probabilities = self._recognise_frame(group, sight, frame)
        return FirstLook(group, sight, frame, probabilities, mean_certainty(probabilities))

    def read(self, seen: FirstLook) -> list[Candidate]:
        """Read a group at the lengths that its characters show, nearest first; not at all where none is near."""
        group, sight = seen.group, seen.sight
        lengths = likely_lengths(group)
        found: list[Candidate] = []
        count = count_characters(seen.probabilities)
        for columns in nearest_lengths(count, lengths, is_sure=seen.certainty > SURE_PRINT):
            frame, probabilities = seen.frame, seen.probabilities
            if columns != lengths[0]:
                frame = refine_frame(seen.frame, probabilities, columns) or frame_for(
                    group, columns, upside_down=sight.upside_down
                )
                probabilities = self._recognise_frame(group, sight, frame)
            if not 1.3 <= group.spacing / frame.pitch <= 4.2:
                continue
            grid, frame = self._snap(group, sight, frame, columns, probabilities)
            if grid is not None and columns == MIDDLE_COLUMNS:
                grid, frame = self._look_beyond(group, sight, grid, frame)
            if grid is None:
                continue
            found += self._decode(group, sight, grid, frame)
            if any(candidate.is_settled for candidate in found):
                break
        return found

    def complete(self, seen: FirstLook) -> FirstLook:
        """Return the look at three lines where two of a card's three were found, else the given look.

        The third line is looked for one spacing above and below the two.
        """
        count = count_characters(seen.probabilities)
        is_card = count is not None and abs(count - CARD_COLUMNS) <= MAX_CARD_MISCOUNT
        if len(seen.group.lines) != 2 or seen.certainty < SURE_PRINT or not is_card:
            return seen
        looks = [self.look(whole, seen.sight) for whole in with_third_line(seen.group)]
        # plain paper makes no look less certain, but shows no characters
        best = max(looks, key=lambda look: (fewest_characters(look.probabilities), look.certainty))
        is_whole = best.certainty > SURE_PRINT and fewest_characters(best.probabilities) >= MIN_COUNTED
        return best if is_whole else seen

    def look_again(self, candidate: Candidate) -> Candidate:
        """Read the cells of a candidate from strips cut slightly differently, all looks together.

        Cells that read differently than before are disputed. The first look's lines stay where the others see no zone.
        """
        cut = candidate.cut
        if cut is None:
            return candidate
        strips = self._watch.measure("rectify", lambda: [
            strip
            for variation in VARIATIONS
            for strip in cut_strips(cut.sight, cut.group, cut.frame, variation)
        ])  # fmt: skip
        probabilities = self._watch.measure("recognise", lambda: self._recognise(strips))
        looks = [cut.scores]
        rows = len(cut.centres)
        for number, variation in enumerate(VARIATIONS):
            shift = variation.shift_along_px / FRAME_PX * (-1 if not cut.frame.upside_down else 1)
            looks.append(
                tuple(
                    score_cells(one, centres + shift)
                    for one, centres in zip(
                        probabilities[number * rows : (number + 1) * rows], cut.centres, strict=True
                    )
                )
            )
        scores = tuple(mix_looks([look[line] for look in looks]) for line in range(rows))
        again = self._watch.measure(
            "decode",
            lambda: read_cells(
                scores, candidate.decoded.layout, misfit=candidate.misfit, corners=candidate.corners, cut=cut
            ),
        )
        disputed = tuple(
            (line, position)
            for line, (one, other) in enumerate(
                zip(candidate.decoded.lines, again.decoded.lines, strict=True)
            )
            for position, (before, after) in enumerate(zip(one, other, strict=True))
            if before != after
        )
        return replace(again if again.is_zone else candidate, disputed=disputed)

    def _decode(self, group: LineGroup, sight: Sight, grid: Grid, frame: StripFrame) -> list[Candidate]:
        half = grid.pitch_frames / 2
        corners = zone_corners(
            group,
            frame,
            (grid.first_frame - half + 0.5) * FRAME_PX,
            (grid.last_frame + half + 0.5) * FRAME_PX,
            sight.scale * self._reduction,
        )
        cut = Cut(group, sight, frame, grid.centres, grid.scores)
        return self._watch.measure("decode", lambda: read_layouts(grid, corners, cut))

    def _snap(
        self,
        group: LineGroup,
        sight: Sight,
        frame: StripFrame,
        columns: int,
        probabilities: list[Floats],
    ) -> tuple[Grid | None, StripFrame]:
        """Snap; cut, recognise and snap once more with the measured pitch if the group's ends were off."""
        grid = self._watch.measure("snap", lambda: fit_grid(probabilities, columns))
        if grid is not None and grid.misfit <= 1.5 and abs(grid.pitch_frames - NOMINAL_PITCH_FRAMES) < 0.25:
            return grid, frame
        refined = refine_frame(frame, probabilities, columns)
        if refined is None:
            return grid, frame
        again = self._recognise_frame(group, sight, refined)
        second = self._watch.measure("snap", lambda: fit_grid(again, columns))
        if second is not None and (grid is None or second.misfit <= grid.misfit):
            return second, refined
        return grid, frame

    def _look_beyond(
        self, group: LineGroup, sight: Sight, grid: Grid, frame: StripFrame
    ) -> tuple[Grid | None, StripFrame]:
        """Return a grid of 44 columns if the lines go on beyond 36, else the given one.

        A line found short by its last fillers would pass as the shorter layout: visas have no digit to tell.
        """
        reach = (LONGEST_COLUMNS - MIDDLE_COLUMNS + 1) * frame.pitch
        wider = replace(frame, start=frame.start - reach, stop=frame.stop + reach)
        strips = self._watch.measure("rectify", lambda: cut_strips(sight, group, wider))
        half = grid.pitch_frames / 2
        offset = (wider.width_px - frame.width_px) // 2
        first_px, stop_px = (
            offset + round((place + 0.5) * FRAME_PX)
            for place in (grid.first_frame - half, grid.last_frame + half)
        )
        needed = LONGEST_COLUMNS - MIDDLE_COLUMNS - MAX_BLANK_BEYOND
        if min(printed_cells_beyond(strip, first_px, stop_px) for strip in strips) < needed:
            return grid, frame
        probabilities = self._watch.measure("recognise", lambda: self._recognise(strips))
        longer = self._watch.measure("snap", lambda: fit_grid(probabilities, LONGEST_COLUMNS))
        if longer is not None and longer.misfit < MAX_MISFIT_BEYOND:
            return longer, wider
        return grid, frame

    def _recognise_frame(self, group: LineGroup, sight: Sight, frame: StripFrame) -> list[Floats]:
        strips = self._watch.measure("rectify", partial(cut_strips, sight, group, frame))
        self.widest_pitch_px = max(self.widest_pitch_px, frame.pitch * sight.scale * self._reduction)
        self.sharpest = max([self.sharpest, *(sharpness(strip) for strip in strips)])
        self.glare_seen = self.glare_seen or any(has_glare(strip) for strip in strips)
        return self._watch.measure("recognise", lambda: self._recognise(strips))


def likely_lengths(group: LineGroup) -> tuple[int, ...]:
    """Return the numbers of characters that a group's lines may have, likeliest first, from its proportions."""
    if len(group.lines) == 3:
        return (CARD_COLUMNS,)
    is_long = group.length / group.spacing > LONG_PROPORTION
    return (LONGEST_COLUMNS, MIDDLE_COLUMNS) if is_long else (MIDDLE_COLUMNS, LONGEST_COLUMNS)


def fewest_characters(probabilities: list[Floats]) -> int:
    """Return how many characters are seen on the line with the fewest. probabilities: float32 (frames, 38) a line."""
    return min(len(find_peaks(one).positions) for one in probabilities)


def count_characters(probabilities: list[Floats]) -> float | None:
    """Return the number of characters of the longest line, gaps counted; None if too few are seen to tell.

    probabilities: float32 (frames, 38) a line.
    """
    counts = []
    for one in probabilities:
        positions = find_peaks(one).positions
        if len(positions) < MIN_COUNTED:
            return None
        counts.append((positions[-1] - positions[0]) / np.median(np.diff(positions)) + 1)
    return float(max(counts))


def nearest_lengths(count: float | None, lengths: tuple[int, ...], *, is_sure: bool) -> tuple[int, ...]:
    """Return the lengths that a number of characters allows, nearest first; all if it is not known.

    is_sure: this is print of a zone's kind, so the nearest length is tried however far it is.
    """
    if count is None:
        return lengths
    nearest = sorted(lengths, key=lambda length: abs(length - count))
    near = tuple(length for length in nearest if abs(length - count) <= MAX_MISCOUNT)
    return near or (tuple(nearest[:1]) if is_sure else ())


def refine_frame(frame: StripFrame, probabilities: list[Floats], columns: int) -> StripFrame | None:
    """Return a frame about the characters seen, at their own pitch, or None if they are too few to tell.

    probabilities: float32 (frames, 38) a line, of strips cut in frame.
    """
    positions = [find_peaks(one).positions for one in probabilities]
    steps = np.concatenate([np.diff(line) for line in positions])
    if len(steps) < 14:
        return None
    pitch_frames = float(np.median(steps))
    if not 1.5 <= pitch_frames <= 6:
        return None
    pitch = frame.pitch * pitch_frames / NOMINAL_PITCH_FRAMES
    frames = len(probabilities[0])
    shares = [
        (min(line[0] for line in positions if len(line)) + 0.5) / frames,
        (max(line[-1] for line in positions if len(line)) + 0.5) / frames,
    ]
    if frame.upside_down:
        shares = [1 - shares[1], 1 - shares[0]]
    first, last = (frame.start + share * (frame.stop - frame.start) for share in shares)
    middle, half = (first + last) / 2, max((last - first) / 2, (columns - 1) * pitch / 2)
    return StripFrame(middle - half - 2 * pitch, middle + half + 2 * pitch, pitch, frame.upside_down)


def mix_looks(scores: list[Floats]) -> Floats:
    """Return the mean of several looks at the same cells, float32 (columns, 37) log-probabilities.

    scores: the same of each look. They share print and page, so their mean counts, not their sum.
    """
    together = np.maximum(np.stack(scores), FLOOR).mean(0)
    highest = together.max(1, keepdims=True)
    return np.asarray(
        together - highest - np.log(np.exp(together - highest).sum(1, keepdims=True)), np.float32
    )
