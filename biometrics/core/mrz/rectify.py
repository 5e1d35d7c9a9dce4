"""Step 3: cut each line out of the full resolution along its curve, as a strip of even height and pitch."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.group import LineGroup, offset_along
from biometrics.core.mrz.locate import TextLine

Gray = NDArray[np.uint8]
Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]

STRIP_HEIGHT_PX = 24
STRIP_PITCH_PX = 12
CAP_HEIGHT_PX = 13.0
FRAME_PX = 4
MARGIN_CELLS = 2.7
# beyond this reduction bilinear sampling would skip pixels
MAX_REDUCTION = 1.6
MAX_STRIP_WIDTH_PX = 1024


class ReducedImages:
    """The page's gray image and copies reduced by whole factors, made when first asked for."""

    def __init__(self, gray: Gray) -> None:
        self._images: dict[int, Gray] = {1: gray}

    def reduced(self, factor: int) -> Gray:
        """Return the gray image reduced by factor in both directions. factor: 1 or more."""
        if factor not in self._images:
            full = self._images[1]
            size = (max(1, full.shape[1] // factor), max(1, full.shape[0] // factor))
            self._images[factor] = np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.uint8)
        return self._images[factor]


@dataclass(frozen=True, slots=True)
class StripFrame:
    """Where the strips of a group lie: positions along the first line from its centre, in working pixels.

    pitch: working pixels a character. upside_down: the page stands on its head, so lines and columns are
    reversed.
    """

    start: float
    stop: float
    pitch: float
    upside_down: bool

    @property
    def width_px(self) -> int:
        """Return the width of the strips, a multiple of FRAME_PX."""
        width = max(16, round((self.stop - self.start) / self.pitch * STRIP_PITCH_PX))
        return min(MAX_STRIP_WIDTH_PX, (width + FRAME_PX - 1) // FRAME_PX * FRAME_PX)


@dataclass(frozen=True, slots=True)
class Variation:
    """A slightly different way to cut the same strips.

    stretch: of the height cut out. shift_px: downwards, shift_along_px: along the line, in strip pixels. is_smooth:
    cubic sampling in place of linear.
    """

    stretch: float = 1.0
    shift_px: float = 0.0
    shift_along_px: float = 0.0
    is_smooth: bool = False


AS_MEASURED = Variation()


@dataclass(frozen=True, slots=True)
class Sight:
    """How a page is looked at. images: as it is or negative. scale: its pixels per working pixel."""

    images: ReducedImages
    scale: float
    upside_down: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the cells of a reading were cut, and what was seen there.

    centres: float64 (columns,) a line, in frames. scores: float32 (columns, 37) a line,
    natural log-probabilities before any mask.
    """

    group: LineGroup
    sight: Sight
    frame: StripFrame
    centres: tuple[NDArray[np.float64], ...]
    scores: tuple[NDArray[np.float32], ...]


def frame_for(group: LineGroup, columns: int, *, upside_down: bool) -> StripFrame:
    """Return the frame that holds columns characters over the group's extent, with a margin on both sides."""
    start, stop = group.extent()
    pitch = (stop - start) / (columns - 0.2)
    return StripFrame(start - MARGIN_CELLS * pitch, stop + MARGIN_CELLS * pitch, pitch, upside_down)


def _positions(
    line: TextLine, offset: float, frame: StripFrame, cap_height: float, variation: Variation
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x and y in the working image of each strip pixel, float32 (24, width) each."""
    along = np.linspace(frame.start - offset, frame.stop - offset, frame.width_px, dtype=np.float32)
    half_height = cap_height / CAP_HEIGHT_PX * STRIP_HEIGHT_PX / 2 * variation.stretch
    down = np.linspace(-half_height, half_height, STRIP_HEIGHT_PX, dtype=np.float32)
    down += variation.shift_px * 2 * half_height / STRIP_HEIGHT_PX
    along += variation.shift_along_px * frame.pitch / STRIP_PITCH_PX
    if frame.upside_down:
        along, down = along[::-1], down[::-1]
    across = np.polyval(line.curve, along / line.length).astype(np.float32)[None] + down[:, None]
    x = line.centre[0] + along[None] * line.direction[0] - across * line.direction[1]
    y = line.centre[1] + along[None] * line.direction[1] + across * line.direction[0]
    return x.astype(np.float32), y.astype(np.float32)


def cut_strips(
    sight: Sight,
    group: LineGroup,
    frame: StripFrame,
    variation: Variation = AS_MEASURED,
) -> list[Gray]:
    """Return the strips of a group in reading order, uint8 (24, width) each, about 12 px a character.

    frame: in working pixels of the sight. Capitals come out about 13 px high.
    """
    method = cv2.INTER_CUBIC if variation.is_smooth else cv2.INTER_LINEAR
    thickness = float(np.median([line.thickness for line in group.lines]))
    cap_height = float(np.clip(thickness, 0.78 * frame.pitch, 1.2 * frame.pitch))
    reduction = frame.pitch * sight.scale / STRIP_PITCH_PX
    factor = max(1, int(reduction / 1.1)) if reduction > MAX_REDUCTION else 1
    source = sight.images.reduced(factor)
    strips = []
    for line in group.lines[::-1] if frame.upside_down else group.lines:
        x, y = _positions(line, offset_along(group.lines[0], line), frame, cap_height, variation)
        to_source = sight.scale / factor
        map_x = (x + 0.5) * to_source - 0.5
        map_y = (y + 0.5) * to_source - 0.5
        strip = cv2.remap(source, map_x, map_y, method, borderMode=cv2.BORDER_REPLICATE)
        strips.append(np.asarray(strip, np.uint8))
    return strips


def zone_corners(
    group: LineGroup, frame: StripFrame, first_px: float, last_px: float, scale: float
) -> Corners:
    """Return the corners of the zone in full-resolution pixels, from top left clockwise as read.

    first_px, last_px: strip columns of the outer edges of the first and last character.
    """
    lines = group.lines[::-1] if frame.upside_down else group.lines
    thickness = float(np.median([line.thickness for line in lines]))
    corners = []
    for line, side, column in (
        (lines[0], -0.6, first_px),
        (lines[0], -0.6, last_px),
        (lines[-1], 0.6, last_px),
        (lines[-1], 0.6, first_px),
    ):
        share = column / frame.width_px
        if frame.upside_down:
            share, side = 1 - share, -side
        along = frame.start + share * (frame.stop - frame.start) - offset_along(group.lines[0], line)
        across = float(np.polyval(line.curve, along / line.length)) + side * thickness
        x = line.centre[0] + along * line.direction[0] - across * line.direction[1]
        y = line.centre[1] + along * line.direction[1] + across * line.direction[0]
        corners.append((float(x * scale), float(y * scale)))
    return corners[0], corners[1], corners[2], corners[3]
