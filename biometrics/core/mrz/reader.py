"""The whole way from a page to a reading: locate, group, rectify, recognise, snap, decode, repair, doubt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.candidates import Candidate, read_layouts
from biometrics.core.mrz.doubt import (
    MrzReading,
    ReadingStatus,
    UnreadableReason,
    judge_reading,
)
from biometrics.core.mrz.grid import Grid, find_peaks, fit_grid
from biometrics.core.mrz.group import LineGroup, Place, group_lines, is_elsewhere, is_finite
from biometrics.core.mrz.legibility import (
    has_glare,
    mean_certainty,
    page_has_glare,
    page_is_blurred,
    sharpness,
)
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
from biometrics.core.mrz.stopwatch import Clock, Stopwatch

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Recognise = Callable[[list[Gray]], list[Floats]]

MIN_SHORT_SIDE_PX = 24
MIN_LONG_SIDE_PX = 160
GROUPS_A_STAGE = 4
OTHER_GROUPS = 2
MIDDLE_COLUMNS = 36
LONGEST_COLUMNS = 44
MAX_MISFIT_BEYOND = 3.0
# mean certainty of the characters seen: zones lie above 0.84, other things than print in OCR-B mostly below 0.7
MIN_CERTAINTY = 0.75
# text read as surely as this stands upright (a zone on its head reaches 0.96) and stays what it is
SURE_CERTAINTY = 0.975
SURE_NO_ZONE_MEAN_LOG = -0.5
# below this the strokes of a character cannot be told apart
MIN_PITCH_PX = 4.0
MIN_SHARPNESS = 0.12
# gray levels: light print is looked for on pages that are dark as a whole
DARK_PAGE = 128
NOMINAL_PITCH_FRAMES = STRIP_PITCH_PX / FRAME_PX
GOOD_ENOUGH_TO_STAND_UPRIGHT = 2.2


@dataclass(frozen=True, slots=True)
class Stage:
    """One search: long side of the working image, closing width, rotation, light print on dark or not."""

    long_side_px: int
    closing_px: int
    rotation_deg: float = 0.0
    is_negative: bool = False


# the first stage finds almost every zone; the others serve tight print, upright cards, tilt, small print, and
# light print on dark (ultraviolet pictures, negatives)
STAGES = (
    Stage(480, 13),
    Stage(480, 9),
    Stage(900, 13),
    Stage(480, 9, 90.0),
    Stage(480, 9, 28.0),
    Stage(480, 9, -28.0),
    Stage(640, 13, 20.0),
    Stage(640, 13, -20.0),
    Stage(900, 19),
    Stage(1400, 13),
    Stage(900, 13, 90.0),
    Stage(480, 13, is_negative=True),
    Stage(480, 9, 90.0, is_negative=True),
)


def read_page(
    image_bgr: NDArray[np.uint8], recognise: Recognise, *, clock: Clock, budget_ms: float = 400.0
) -> MrzReading:
    """Read the machine readable zone of one page.

    image_bgr: uint8 (H, W, 3) BGR or (H, W) gray, of any size. recognise: a Recogniser. clock: monotonic
    seconds. budget_ms: no further search begins once it is spent; one search that has begun is finished,
    which takes at most some tens of milliseconds. Returns a reading for every image; raises nothing.
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
    return _report(best, watch, search.find_second_zone(best))


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
        self._gray = gray
        self._images = ReducedImages(gray)
        self._is_negative = False
        self._working: dict[int, Gray] = {}
        self._page = watch.measure("prepare", self._working_copy)
        self._recognise = recognise
        self._watch = watch
        self._widest_pitch_px = 0.0
        self._sharpest = 0.0
        self._glare_seen = False
        self._out_of_time = False
        self._is_sure = False
        self._others: list[tuple[LineGroup, float, bool]] = []
        self._ruled_out: list[Place] = []

    def run(self) -> Candidate | None:
        """Return the best candidate of all stages, None if there is none."""
        best: Candidate | None = None
        for stage in STAGES:
            if stage.is_negative and not self._is_dark():
                continue
            for candidate in self._read_stage(stage):
                if best is None or candidate.score > best.score:
                    best = candidate
            if best is not None and (best.is_settled or best.is_clear):
                break
            if self._watch.is_over():
                self._out_of_time = True
                break
        return best

    def find_second_zone(self, best: Candidate) -> bool:
        """Return whether the picture shows another zone beside the best, which stands on another document.

        Only lines found together with the best are looked at, so a page with one zone costs next to nothing.
        """
        for group, scale, upside_down in self._others[:OTHER_GROUPS]:
            if self._watch.is_over() or not is_finite(group):
                break
            for candidate in self._read_group(group, scale, upside_down):
                is_another = candidate.decoded.lines != best.decoded.lines
                if is_another and (candidate.is_settled or candidate.is_clear):
                    return True
        return False

    def explain_failure(self) -> UnreadableReason:
        """Return why no zone was read, from the line groups seen on the way."""
        if self._widest_pitch_px and self._widest_pitch_px < MIN_PITCH_PX:
            return UnreadableReason.TOO_SMALL
        working = self._page
        if self._glare_seen or page_has_glare(working):
            return UnreadableReason.GLARE
        if (self._sharpest and self._sharpest < MIN_SHARPNESS) or page_is_blurred(working):
            return UnreadableReason.BLURRED
        if self._out_of_time:
            return UnreadableReason.OUT_OF_TIME
        return UnreadableReason.NO_ZONE_FOUND

    def _is_dark(self) -> bool:
        return float(np.median(self._page)) < DARK_PAGE

    def _working_copy(self, long_side_px: int = STAGES[0].long_side_px) -> Gray:
        """Return the page reduced or enlarged to a long side, made once."""
        if long_side_px not in self._working:
            full = self._images.reduced(1)
            scale = max(full.shape) / long_side_px
            size = (max(1, round(full.shape[1] / scale)), max(1, round(full.shape[0] / scale)))
            method = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
            self._working[long_side_px] = np.asarray(cv2.resize(full, size, interpolation=method), np.uint8)
        return self._working[long_side_px]

    def _read_stage(self, stage: Stage) -> list[Candidate]:
        if stage.is_negative and not self._is_negative:
            self._is_negative = True
            self._images = ReducedImages(np.asarray(cv2.bitwise_not(self._gray), np.uint8))
            self._working = {}
        scale = max(self._gray.shape) / stage.long_side_px
        working = self._watch.measure("prepare", partial(self._working_copy, stage.long_side_px))
        groups = self._watch.measure(
            "locate",
            lambda: group_lines(
                find_text_lines(
                    working,
                    closing_px=stage.closing_px,
                    rotation_deg=stage.rotation_deg,
                )
            ),
        )
        found: list[Candidate] = []
        for group in groups[:GROUPS_A_STAGE]:
            if not is_finite(group):
                continue
            place = Place.of(group, scale)
            if any(place.is_same(known) for known in self._ruled_out):
                continue
            for upside_down in (False, True):
                candidates = self._read_group(group, scale, upside_down)
                found += candidates
                if any(candidate.is_settled or candidate.is_clear for candidate in candidates):
                    self._others = [
                        (other, scale, upside_down) for other in groups if is_elsewhere(group, other)
                    ]
                    return found
                if self._watch.is_over():
                    return found
                if any(candidate.score > GOOD_ENOUGH_TO_STAND_UPRIGHT for candidate in candidates):
                    break
                if self._is_sure and is_other_text(candidates):
                    self._ruled_out.append(place)
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
        is_first = True
        self._is_sure = False
        for columns in lengths:
            frame = frame_for(group, columns, upside_down=upside_down)
            if not 1.3 <= group.spacing / frame.pitch <= 4.2:
                continue
            probabilities = self._recognise_frame(group, scale, frame)
            if is_first:
                # the likeliest length decides whether this is print of a zone's kind at all
                certainty = mean_certainty(probabilities)
                if certainty < MIN_CERTAINTY:
                    return found
                self._is_sure = certainty > SURE_CERTAINTY
                is_first = False
            grid, frame = self._snap(group, scale, frame, columns, probabilities)
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
        self,
        group: LineGroup,
        scale: float,
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
        self._glare_seen = self._glare_seen or any(has_glare(strip) for strip in strips)
        return self._watch.measure("recognise", lambda: self._recognise(strips))


def is_other_text(candidates: list[Candidate]) -> bool:
    """Return whether every way to read a group is one that no zone can be."""
    return bool(candidates) and all(
        candidate.decoded.mean_log < SURE_NO_ZONE_MEAN_LOG for candidate in candidates
    )


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


def _report(best: Candidate, watch: Stopwatch, has_second_zone: bool) -> MrzReading:
    return judge_reading(
        best.decoded,
        best.lines,
        best.repairs,
        best.corners,
        misfit=best.misfit,
        has_second_zone=has_second_zone,
        elapsed_ms=_times(watch),
    )
