"""Cut the printed zone out of a picture, upright, by the corners of the machine readable zone.

The zone says how the page lies and how large it is: 2.54 mm a character (Doc 9303-3, section 4.2.1). Whatever is
printed stands above it (Doc 9303-4 to 9303-7, section 3), on a card's other side too if both were laid down together.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.viz.fields import Box

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Corners = tuple[tuple[float, float], ...]

PITCH_MM = 2.54
PIXELS_A_MM = 8.0
LARGEST_ENLARGEMENT = 1.6
MARGIN_MM = 11.0
# how far the page goes on above the zone in mm, by the columns of the zone
ABOVE_MM = {44: 72.0, 36: 62.0, 30: 112.0}
LEAST_SIDE_PX = 48


@dataclass(frozen=True, slots=True)
class PrintedZone:
    """image_bgr: uint8 (H, W, 3), text running from left to right. to_picture: float64 (2, 3), affine, takes its

    pixels to those of the picture it was cut from.
    """

    image_bgr: Pixels
    to_picture: Floats

    def box_in_picture(self, box: Box) -> tuple[tuple[float, float], ...]:
        """Return the corners of a box in pixels of the picture: top left, top right, bottom right, bottom left."""
        x0, y0, x1, y1 = box
        corners = np.array([(x0, y0, 1), (x1, y0, 1), (x1, y1, 1), (x0, y1, 1)], np.float64)
        return tuple((float(x), float(y)) for x, y in corners @ self.to_picture.T)


def cut_printed_zone(image_bgr: Pixels, corners: Corners, columns: int) -> PrintedZone | None:
    """Return what stands above the zone, or None where the picture ends there.

    image_bgr: uint8 (H, W, 3). corners: of the zone in its pixels, top left, top right, bottom right, bottom left
    as the text runs. columns: characters on a line of the zone.
    """
    top_left, top_right = np.array(corners[0], np.float64), np.array(corners[1], np.float64)
    along = top_right - top_left
    length = float(np.hypot(*along))
    if length < 1 or columns not in ABOVE_MM:
        return None
    along /= length
    up = np.array((along[1], -along[0]))
    px_a_mm = length / (columns * PITCH_MM)
    scale = min(PIXELS_A_MM / px_a_mm, LARGEST_ENLARGEMENT)
    height, width = image_bgr.shape[:2]
    left, right, above = _room(top_left, along, up, length, (width, height), px_a_mm, columns)
    size = (round((left + length + right) * scale), round(above * scale))
    if min(size) < LEAST_SIDE_PX:
        return None
    origin = top_left - left * along + above * up
    to_picture = np.column_stack((along / scale, -up / scale, origin))
    # shrinking by more than a half would skip pixels: smooth first
    source = image_bgr
    if scale < 0.5:
        source = np.asarray(cv2.GaussianBlur(image_bgr, (0, 0), 0.4 / scale), np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(source, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return PrintedZone(np.asarray(cut, np.uint8), to_picture)


def _room(
    top_left: Floats,
    along: Floats,
    up: Floats,
    length: float,
    size: tuple[int, int],
    px_a_mm: float,
    columns: int,
) -> tuple[float, float, float]:
    """Return how far to go left of, right of and above the zone, in pixels, without leaving the picture."""
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64) - top_left
    places, heights = corners @ along, corners @ up
    margin = MARGIN_MM * px_a_mm
    left = min(margin, max(0.0, -float(places.min())))
    right = min(margin, max(0.0, float(places.max()) - length))
    return left, right, min(ABOVE_MM[columns] * px_a_mm, max(0.0, float(heights.max())))
