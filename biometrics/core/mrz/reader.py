"""The whole way from a page to a reading: locate, group, rectify, recognise, snap, decode, repair, doubt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import Candidate, read_layouts
from biometrics.core.mrz.doubt import (
    MrzReading,
    ReadingStatus,
    UnreadableReason,
    check_digit_findings,
    decide_status,
    doubtful_characters,
)
from biometrics.core.mrz.grid import Grid, find_peaks, fit_grid
from biometrics.core.mrz.group import LineGroup, group_lines, is_finite
from biometrics.core.mrz.locate import find_text_lines
from biometrics.core.mrz.rectify import (
    FRAME_PX,
    STRIP_PITCH_PX,
    ReducedImages,
    StripFrame,
    cut_strips,
    frame_for,
    zone_corners,
)

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Recognise = Callable[[list[Gray]], list[Floats]]
Clock = Callable[[], float]
Result = TypeVar("Result")

MIN_SHORT_SIDE_PX = 24
MIN_LONG_SIDE_PX = 160
GROUPS_A_STAGE = 4
MIDDLE_COLUMNS = 36
LONGEST_COLUMNS = 44
MAX_MISFIT_BEYOND = 3.0
# below this the strokes of a character cannot be told apart
MIN_PITCH_PX = 4.0
MIN_SHARPNESS = 0.12
NOMINAL_PITCH_FRAMES = STRIP_PITCH_PX / FRAME_PX
GOOD_ENOUGH_TO_STAND_UPRIGHT = 2.2


@dataclass(frozen=True, slots=True)
class Stage:
    """One search: long side of the working image, closing width, rotation."""

    long_side_px: int
    closing_px: int
    rotation_deg: float = 0.0


# the first stage finds almost every zone; the others serve tight print, upright cards, tilt and small print
STAGES = (
    Stage(480, 13),
    Stage(480, 9),
    Stage(900, 13),
    Stage(480, 9, 90.0),
    Stage(640, 9, 28.0),
    Stage(640, 9, -28.0),
    Stage(900, 19),
    Stage(1400, 13),
    Stage(900, 13, 90.0),
)


class Stopwatch:
    """Adds up milliseconds a step and knows when the budget is spent. clock: seconds, monotonic."""

    def __init__(self, clock: Clock, budget_ms: float) -> None:
        self._clock = clock
        self._begun = clock()
        self._budget_ms = budget_ms
        self.steps_ms: dict[str, float] = {}

    def total_ms(self) -> float:
        """Return milliseconds since the start."""
        return (self._clock() - self._begun) * 1000

    def is_over(self) -> bool:
        """Return whether the budget is spent."""
        return self.total_ms() > self._budget_ms

    def measure(self, step: str, function: Callable[[], Result]) -> Result:
        """Call function and add its time to the step."""
        begun = self._clock()
        result = function()
        self.steps_ms[step] = self.steps_ms.get(step, 0.0) + (self._clock() - begun) * 1000
        return result


def read_page(
    image_bgr: NDArray[np.uint8], recognise: Recognise, *, clock: Clock, budget_ms: float = 400.0
) -> MrzReading:
    """Read the machine readable zone of one page.

    image_bgr: uint8 (H, W, 3) BGR or (H, W) gray, of any size, light print on dark excepted. recognise: a
    Recogniser. clock: monotonic seconds. budget_ms: no further search begins once it is spent; one search
    that has begun is finished, which takes at most some tens of milliseconds. Returns a reading for every
    image; raises nothing.
    """
    watch = Stopwatch(clock, budget_ms)
    if image_bgr.size == 0:
        return _unreadable(UnreadableReason.NO_ZONE_FOUND, watch)
    gray = watch.measure("prepare", lambda: to_gray(image_bgr))
    if min(gray.shape) < MIN_SHORT_SIDE_PX or max(gray.shape) < MIN_LONG_SIDE_PX:
        return _unreadable(UnreadableReason.TOO_SMALL, watch)
    search = _Search(gray, recognise, watch)
    best = search.run()
    if best is None or not best.is_zone:
        return _unreadable(search.explain_failure(), watch)
    return _report(best, watch)


def to_gray(image: NDArray[np.uint8]) -> Gray:
    """Return uint8 (H, W) of a gray (H, W), (H, W, 1), BGR (H, W, 3) or BGRA (H, W, 4) image."""
    if image.ndim == 2:
        return np.ascontiguousarray(image)
    if image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    if image.shape[2] == 4:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2GRAY), np.uint8)
    return np.ascontiguousarray(image[:, :, 0])


class _Search:
    """The search for the zone of one page: stages, groups, and both ways up."""

    def __init__(self, gray: Gray, recognise: Recognise, watch: Stopwatch) -> None:
        self._images = ReducedImages(gray)
        self._recognise = recognise
        self._watch = watch
        self._widest_pitch_px = 0.0
        self._sharpest = 0.0
        self._out_of_time = False

    def run(self) -> Candidate | None:
        """Return the best candidate of all stages, None if there is none."""
        best: Candidate | None = None
        for stage in STAGES:
            for candidate in self._read_stage(stage):
                if best is None or candidate.score > best.score:
                    best = candidate
            if best is not None and (best.is_settled or best.is_clear):
                break
            if self._watch.is_over():
                self._out_of_time = True
                break
        return best

    def explain_failure(self) -> UnreadableReason:
        """Return why no zone was read, from the line groups seen on the way."""
        if self._widest_pitch_px and self._widest_pitch_px < MIN_PITCH_PX:
            return UnreadableReason.TOO_SMALL
        if self._sharpest and self._sharpest < MIN_SHARPNESS:
            return UnreadableReason.BLURRED
        if self._out_of_time:
            return UnreadableReason.OUT_OF_TIME
        return UnreadableReason.NO_ZONE_FOUND

    def _read_stage(self, stage: Stage) -> list[Candidate]:
        full = self._images.reduced(1)
        scale = max(full.shape) / stage.long_side_px
        size = (max(1, round(full.shape[1] / scale)), max(1, round(full.shape[0] / scale)))
        method = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
        working = self._watch.measure("prepare", lambda: cv2.resize(full, size, interpolation=method))
        groups = self._watch.measure(
            "locate",
            lambda: group_lines(
                find_text_lines(
                    np.asarray(working, np.uint8),
                    closing_px=stage.closing_px,
                    rotation_deg=stage.rotation_deg,
                )
            ),
        )
        found: list[Candidate] = []
        for group in groups[:GROUPS_A_STAGE]:
            if not is_finite(group):
                continue
            for upside_down in (False, True):
                candidates = self._read_group(group, scale, upside_down)
                found += candidates
                if any(candidate.is_settled or candidate.is_clear for candidate in candidates):
                    return found
                if self._watch.is_over():
                    return found
                if any(candidate.score > GOOD_ENOUGH_TO_STAND_UPRIGHT for candidate in candidates):
                    break
        return found

    def _read_group(self, group: LineGroup, scale: float, upside_down: bool) -> list[Candidate]:
        """Read a group at each length its proportions allow."""
        proportion = group.length / group.spacing
        if len(group.lines) == 3:
            lengths: tuple[int, ...] = (30,)
        else:
            lengths = (44, 36) if proportion > 15.6 else (36, 44)
        found: list[Candidate] = []
        for columns in lengths:
            frame = frame_for(group, columns, upside_down=upside_down)
            if not 1.3 <= group.spacing / frame.pitch <= 4.2:
                continue
            grid, frame = self._snap(group, scale, frame, columns)
            if grid is not None and columns == MIDDLE_COLUMNS:
                grid, frame = self._look_beyond(group, scale, grid, frame)
            if grid is None:
                continue
            half = grid.pitch_frames / 2
            corners = zone_corners(
                group,
                frame,
                (grid.first_frame - half + 0.5) * FRAME_PX,
                (grid.last_frame + half + 0.5) * FRAME_PX,
                scale,
            )
            found += self._watch.measure("decode", partial(read_layouts, grid, corners))
            if any(candidate.is_settled for candidate in found):
                break
        return found

    def _snap(
        self, group: LineGroup, scale: float, frame: StripFrame, columns: int
    ) -> tuple[Grid | None, StripFrame]:
        """Cut, recognise and snap; once more with the measured pitch if the group's ends were off."""
        probabilities = self._recognise_frame(group, scale, frame)
        grid = self._watch.measure("snap", lambda: fit_grid(probabilities, columns))
        if grid is not None and grid.misfit <= 1.5 and abs(grid.pitch_frames - NOMINAL_PITCH_FRAMES) < 0.25:
            return grid, frame
        refined = refine_frame(frame, probabilities, columns)
        if refined is None:
            return grid, frame
        again = self._recognise_frame(group, scale, refined)
        second = self._watch.measure("snap", lambda: fit_grid(again, columns))
        if second is not None and (grid is None or second.misfit <= grid.misfit):
            return second, refined
        return grid, frame

    def _look_beyond(
        self, group: LineGroup, scale: float, grid: Grid, frame: StripFrame
    ) -> tuple[Grid | None, StripFrame]:
        """Return a grid of 44 columns if the lines go on beyond 36, else the given one.

        A line found short by its last fillers would pass as the shorter layout: visas have no digit to tell.
        """
        reach = (LONGEST_COLUMNS - MIDDLE_COLUMNS + 1) * frame.pitch
        wider = replace(frame, start=frame.start - reach, stop=frame.stop + reach)
        probabilities = self._recognise_frame(group, scale, wider)
        longer = self._watch.measure("snap", lambda: fit_grid(probabilities, LONGEST_COLUMNS))
        if longer is not None and longer.misfit < MAX_MISFIT_BEYOND:
            return longer, wider
        return grid, frame

    def _recognise_frame(self, group: LineGroup, scale: float, frame: StripFrame) -> list[Floats]:
        strips = self._watch.measure("rectify", lambda: cut_strips(self._images, scale, group, frame))
        self._widest_pitch_px = max(self._widest_pitch_px, frame.pitch * scale)
        self._sharpest = max([self._sharpest, *(sharpness(strip) for strip in strips)])
        return self._watch.measure("recognise", lambda: self._recognise(strips))


def sharpness(strip: Gray) -> float:
    """Return the mean step between neighbouring columns as a share of contrast, 0 or more.

    strip: uint8 (24, w).
    """
    pixels = strip.astype(np.float32)
    return float(np.abs(np.diff(pixels, axis=1)).mean() / (pixels.std() + 4))


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


def _times(watch: Stopwatch) -> dict[str, float]:
    return {**watch.steps_ms, "total": watch.total_ms()}


def _unreadable(reason: UnreadableReason, watch: Stopwatch) -> MrzReading:
    return MrzReading(ReadingStatus.UNREADABLE, reason, elapsed_ms=_times(watch))


def _report(best: Candidate, watch: Stopwatch) -> MrzReading:
    decoded = best.decoded
    doubtful, uncovered, covered = doubtful_characters(decoded.layout, decoded.lines, decoded.scores)
    findings = check_digit_findings(decoded.layout, decoded.lines, best.lines, doubtful)
    repaired = {(repair.line, repair.position) for repair in best.repairs}
    return MrzReading(
        status=decide_status(findings, best.repairs, doubtful, best.misfit),
        layout=decoded.layout.name.value,
        lines=best.lines,
        lines_read=decoded.lines,
        confidences=decoded.confidences,
        doubtful=tuple(sorted(repaired.union(doubtful))),
        repairs=best.repairs,
        corners=best.corners,
        findings=findings,
        min_margin_uncovered=uncovered,
        min_margin_covered=covered,
        elapsed_ms=_times(watch),
    )
