"""Step 1: find dark lines of text in a small gray image.

A black-hat keeps dark strokes, a closing one pixel high joins the characters of a line without joining lines,
and each remaining component is described by a direction and a curved centre line.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

MIN_THICKNESS_PX = 2.2
SAMPLED_POINTS = 500
THICKNESS_SHARE = 0.92


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in pixels of the working image, origin at the centre of the top left pixel.

    centre: (x, y). direction: unit (x, y), pointing right or, for steep lines, down. start, stop: extent
    along direction from centre. thickness: height of the characters, about. curve: a, b, c of the offset a t²
    + b t + c of the centre line, t = position / length, along the normal (-direction y, direction x).
    """

    centre: tuple[float, float]
    direction: tuple[float, float]
    start: float
    stop: float
    thickness: float
    curve: tuple[float, float, float]

    @property
    def length(self) -> float:
        """Return the length in pixels."""
        return self.stop - self.start


def _stroke_mask(gray: Gray, closing_px: int) -> Gray:
    """Return 255 where characters, closed to bars, lie. closing_px: about one pitch of the characters."""
    tophat = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * closing_px + 1, closing_px + 2))
    strokes = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, tophat)
    around = cv2.blur(strokes, (8 * closing_px + 1, 4 * closing_px + 1))
    # 1.3 times the mean around plus 6, at least 14 gray levels
    limit = cv2.max(cv2.addWeighted(around, 1.3, around, 0, 6), np.full_like(around, 14))
    mask = cv2.compare(strokes, limit, cv2.CMP_GT)
    for operation, size in (
        (cv2.MORPH_CLOSE, (closing_px, 1)),
        (cv2.MORPH_OPEN, (1, max(2, closing_px // 3))),
        (cv2.MORPH_OPEN, (int(closing_px * 2.2), 1)),
        (cv2.MORPH_CLOSE, (closing_px * 2, 1)),
    ):
        mask = cv2.morphologyEx(mask, operation, cv2.getStructuringElement(cv2.MORPH_RECT, size))
    return np.asarray(mask, np.uint8)


def _rotate(gray: Gray, angle_deg: float) -> tuple[Gray, Floats]:
    """Return the image turned about its centre, uncut, and the (2, 3) matrix that maps its points back."""
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = int(width * cosine + height * sine), int(width * sine + height * cosine)
    turn[:, 2] += [(new_width - width) / 2, (new_height - height) / 2]
    turned = cv2.warpAffine(gray, turn, (new_width, new_height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), cv2.invertAffineTransform(turn).astype(np.float32)


def _describe(points: Floats) -> TextLine | None:
    """Fit direction, extent and curve to the points of one component, None if it is no line of text.

    points: float32 (n, 2), x and y.
    """
    centre = points.mean(0)
    # direction, curve and thickness need a sample only; the ends need every point
    sample = points[:: max(1, len(points) // SAMPLED_POINTS)] - centre
    # the longer axis of the cloud of points: its covariance has the greater eigenvalue along it
    direction = np.linalg.eigh(sample.T @ sample)[1][:, 1]
    direction = direction * np.sign(direction[0] if abs(direction[0]) >= abs(direction[1]) else direction[1])
    along = points @ direction - centre @ direction
    start, stop = float(along.min()), float(along.max())
    length = stop - start
    if length < 1:
        return None
    across = sample @ np.array([-direction[1], direction[0]], np.float32)
    curve, off_curve = _fit_curve(sample @ direction / length, across)
    order = int(THICKNESS_SHARE * (len(off_curve) - 1))
    thickness = float(np.partition(off_curve, order)[order] * 2.05)
    if thickness < MIN_THICKNESS_PX or not 9 <= length / thickness <= 75:
        return None
    return TextLine(
        centre=(float(centre[0]), float(centre[1])),
        direction=(float(direction[0]), float(direction[1])),
        start=start,
        stop=stop,
        thickness=thickness,
        curve=(float(curve[0]), float(curve[1]), float(curve[2])),
    )


def _fit_curve(share: Floats, across: Floats) -> tuple[Floats, Floats]:
    """Fit a second-order curve by least squares.

    share, across: (n,) each. Returns float64 (3,), highest power first, and each point's distance from it, (n,).
    """
    powers = np.stack([share * share, share, np.ones_like(share)]).astype(np.float64)
    # the normal equations of three unknowns are small and, for shares of a length, well conditioned
    curve = np.linalg.solve(powers @ powers.T + 1e-9 * np.eye(3), powers @ across)
    return curve, np.abs(across - curve @ powers)


def find_text_lines(gray: Gray, *, closing_px: int, rotation_deg: float = 0.0) -> tuple[TextLine, ...]:
    """Find lines of dark text, near horizontal after a rotation.

    gray: uint8 (H, W), the working image. closing_px: widest gap between characters that is bridged.
    rotation_deg: turn the image by this before looking; the lines come back in coordinates of gray.
    """
    to_gray = None
    if rotation_deg:
        gray, to_gray = _rotate(gray, rotation_deg)
    mask = _stroke_mask(gray, closing_px)
    # outlines cost a tenth of labelling every pixel, and few components are long enough to look at
    outlines, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    longest = max(gray.shape)
    found = []
    for index in range(len(outlines) - 1, -1, -1):
        left, top, width, height = cv2.boundingRect(outlines[index])
        is_hole = hierarchy[0, index, 3] >= 0
        if is_hole or not (0.2 * longest < width < 0.99 * longest and height < 0.35 * longest):
            continue
        filled = np.zeros((height, width), np.uint8)
        cv2.drawContours(filled, outlines, index, 255, cv2.FILLED, 8, hierarchy, 1, (-left, -top))
        rows, columns = np.nonzero(filled & mask[top : top + height, left : left + width])
        points = np.column_stack([columns + left, rows + top]).astype(np.float32)
        if to_gray is not None:
            points = points @ to_gray[:, :2].T + to_gray[:, 2]
        line = _describe(points)
        if line is not None:
            found.append(line)
    return tuple(found)
