"""How the zone is printed: is it OCR-B all along, do the characters stand on one line, are the lines parallel?

A line that was printed elsewhere and pasted over the page differs in one of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.alphabet import ALPHABET, FILLER

Floats = NDArray[np.float32]
Corners = Sequence[tuple[float, float]]

# the strip: 24 pixels a character, as the glyphs are drawn
PITCH_PX = 24
CAP_PX = 24.0
BAND_PX = 72
MIN_PITCH_PX = 9.0
# three lines of 30 characters are a fifth as high as wide
HIGHEST_SHARE = 0.5
STRETCH = 6
STEP_STRETCH = 4
# characters that stand on the line; Q and J go below it in some cuts
ON_LINE = frozenset("0123456789ABCDEFGHIKLMNOPRSTUVWXYZ")
BLURS = (0.6, 1.2, 2.0)


@dataclass(frozen=True, slots=True)
class ZoneMeasures:
    """How a zone is printed.

    likeness: median correlation of the characters with OCR-B, -1 to 1, of the clearest line. least_likeness: mean of the
    least like stretch of STRETCH characters; least_line: where. step: most by which a stretch of STEP_STRETCH characters
    stands off its line, in heights of a capital; step_line: where. turn_deg: largest angle between two lines.
    """

    likeness: float
    least_likeness: float
    least_line: int
    step: float
    step_line: int
    turn_deg: float


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: ink 0 to 1, float32 (BAND_PX, columns * PITCH_PX), and what was measured on it."""

    likeness: Floats
    bottoms: Floats
    columns: Floats


def measure_zone(
    image_bgr: NDArray[Any], lines: Sequence[str], corners: Corners, glyphs: NDArray[Any]
) -> ZoneMeasures | None:
    """Return the measures of the zone, None where it is too small in the picture.

    image_bgr: uint8 (H, W, 3). lines: as read. corners: of the zone in pixels, from the top left clockwise as read.
    glyphs: uint8 (37, 48, 48), ink of the OCR-B characters in the order of ALPHABET at 24 pixels a character, base line
    at row 36, centre at column 24.
    """
    if not lines or len(corners) != 4:
        return None
    quad = np.array(corners, np.float32)
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    if width / len(lines[0]) < MIN_PITCH_PX:
        return None
    height = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    if height > HIGHEST_SHARE * width:
        return None
    strip = _rectify(image_bgr, quad, len(lines[0]))
    rows = _find_rows(strip, len(lines))
    if rows is None:
        return None
    measured = [_measure_line(strip, text, row, glyphs) for text, row in zip(lines, rows, strict=True)]
    kept = [(number, line) for number, line in enumerate(measured) if line is not None]
    if len(kept) < len(lines):
        return None
    stretches = [(_least_stretch(line.likeness), number) for number, line in kept]
    steps = [(_largest_step(line), number) for number, line in kept]
    least, least_line = min(stretches)
    step, step_line = max(steps)
    likeness = max(float(np.median(line.likeness)) for _, line in kept)
    return ZoneMeasures(likeness, least, least_line, step, step_line, _turn_deg(quad))


def _turn_deg(quad: Floats) -> float:
    """Return the angle between the upper and the lower edge of the zone, which follow its first and its last line."""
    upper, lower = quad[1] - quad[0], quad[2] - quad[3]
    angle = math.atan2(float(upper[1]), float(upper[0])) - math.atan2(float(lower[1]), float(lower[0]))
    return abs(math.degrees((angle + math.pi) % (2 * math.pi) - math.pi))


def _rectify(image_bgr: NDArray[Any], quad: Floats, columns: int) -> Floats:
    """Return the zone's darkness, float32 (H, columns * 24), with half a line of room above and below."""
    across = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    down = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    width = columns * PITCH_PX
    height = round(float(down / across) * width)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target[:, 1] += BAND_PX / 2
    warp = cv2.getPerspectiveTransform(quad, target)
    gray = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
    scale = float(across) / width
    if scale > 1.6:
        gray = cv2.GaussianBlur(gray, (0, 0), 0.4 * scale)
    size = (width, height + BAND_PX)
    seen = cv2.warpPerspective(gray, warp, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    paper = cv2.morphologyEx(
        cv2.GaussianBlur(seen, (0, 0), 1.0), cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8)
    )
    paper = cv2.GaussianBlur(paper, (0, 0), 6).astype(np.float32)
    return np.asarray(np.clip((paper - seen) / (paper + 1), 0, 1), np.float32)


def _find_rows(strip: Floats, count: int) -> list[int] | None:
    """Return the middle row of each line, from the ink in the rows; None where they cannot be told apart."""
    profile = strip.mean(1)
    window = np.convolve(profile, np.ones(round(CAP_PX)) / CAP_PX, "same")
    rows: list[int] = []
    left = window.copy()
    for _ in range(count):
        row = int(np.argmax(left))
        if left[row] <= 0:
            return None
        rows.append(row)
        left[max(0, row - round(1.2 * CAP_PX)) : row + round(1.2 * CAP_PX)] = 0
    return sorted(rows)


def _measure_line(strip: Floats, text: str, row: int, glyphs: NDArray[Any]) -> _Line | None:
    half = BAND_PX // 2
    padded = np.pad(strip, ((half, half), (PITCH_PX, PITCH_PX)))
    band = padded[row : row + BAND_PX]
    likeness, bottoms, columns = [], [], []
    for column, character in enumerate(text):
        cell = band[:, column * PITCH_PX + PITCH_PX // 4 : (column + 2) * PITCH_PX + PITCH_PX * 3 // 4]
        if character not in ALPHABET:
            continue
        if character != FILLER:
            likeness.append(_likeness(cell, glyphs[ALPHABET.index(character)]))
        if character in ON_LINE:
            bottom = _bottom(cell[:, PITCH_PX // 2 : -PITCH_PX // 2])
            if bottom is not None:
                bottoms.append(bottom)
                columns.append(column)
    if len(likeness) < STRETCH or len(bottoms) < STRETCH:
        return None
    y, x = np.array(bottoms, np.float32), np.array(columns, np.float32)
    return _Line(np.array(likeness, np.float32), y, x)


def _likeness(cell: Floats, glyph: NDArray[Any]) -> float:
    """Return the best correlation of a cell with a glyph over small shifts, sizes and blurs."""
    ink = glyph.astype(np.float32) / 255
    best = -1.0
    for blur in BLURS:
        softened = cv2.GaussianBlur(ink, (0, 0), blur)[6:42, 9:39]
        found = cv2.matchTemplate(cell, softened, cv2.TM_CCOEFF_NORMED)
        best = max(best, float(found.max()))
    return best


def _bottom(cell: Floats) -> float | None:
    """Return the row at which the ink of a character ends, between pixels; None for a cell without ink."""
    rows = np.sort(cell, 1)[:, -4:].mean(1)
    top = float(rows.max())
    if top < 0.12:
        return None
    inked = np.nonzero(rows > top / 2)[0]
    latest = int(inked[-1])
    if latest + 1 >= len(rows):
        return None
    above, below = float(rows[latest]), float(rows[latest + 1])
    return latest + (above - top / 2) / max(above - below, 1e-6)


def _least_stretch(values: Floats) -> float:
    means = np.convolve(values, np.ones(STRETCH) / STRETCH, "valid")
    return float(means.min())


def _largest_step(line: _Line) -> float:
    """Return how far the most distant stretch stands off the curve of its line, in heights of a capital."""
    x, y = line.columns, line.bottoms
    degree = 2 if len(x) >= 12 else 1
    keep = np.ones(len(x), bool)
    for _ in range(4):
        curve = np.polyfit(x[keep], y[keep], degree)
        rest = y - np.polyval(curve, x)
        keep = np.abs(rest) <= max(1.0, 2.5 * float(np.median(np.abs(rest))))
        if keep.sum() < max(STEP_STRETCH + 2, len(x) // 2):
            keep = np.abs(rest) <= np.quantile(np.abs(rest), 0.6)
    medians = [float(np.median(rest[i : i + STEP_STRETCH])) for i in range(len(rest) - STEP_STRETCH + 1)]
    return max(abs(m) for m in medians) / CAP_PX
