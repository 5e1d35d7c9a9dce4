"""The portrait on the page against the page around it: a picture put in later was taken by another camera.

Noise is measured where nothing is drawn: the median of the absolute second differences in flat places. A picture laid
over by a computer without any noise shows otherwise: blocks in which the finest detail is missing altogether, which a
camera and its compression leave all over a page or nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# ISO/IEC 19794-5 portraits: the face takes half of the width; what is cut here lies within the picture on any of them
REACH_X, REACH_UP, REACH_DOWN = 0.35, 0.35, 0.15
RING = 2.2
MIN_SIDE = 48
FLAT_SHARE = 0.35
BRIGHT, DARK = 244, 12
BLOCK = 8
BLOCKS_LEAST = 40
# mean finest detail of a block in gray values: below it there is none
STILL = 0.02
STILL_FLOOR = 0.002
_FINEST = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6 * 1.25


@dataclass(frozen=True, slots=True)
class PortraitMeasures:
    """box_xyxy: of the photo region in pixels. noise_ratio: portrait over page, in powers of two; 0: the same.

    still_share: of the portrait's blocks, those without any fine detail. still_ratio: that share over the page's, in
    powers of two.
    """

    box_xyxy: tuple[float, float, float, float]
    noise_ratio: float
    still_share: float = 0.0
    still_ratio: float = 0.0


def find_photo(shape: Sequence[int], face_xyxy: Sequence[float]) -> tuple[int, int, int, int]:
    """Return the part of a page that surely belongs to the portrait, from the face in it; clipped to the page."""
    x0, y0, x1, y1 = face_xyxy
    width, height = x1 - x0, y1 - y0
    return (
        max(0, round(x0 - REACH_X * width)),
        max(0, round(y0 - REACH_UP * height)),
        min(int(shape[1]), round(x1 + REACH_X * width)),
        min(int(shape[0]), round(y1 + REACH_DOWN * height)),
    )


def measure_portrait(image_bgr: NDArray[Any], face_xyxy: Sequence[float]) -> PortraitMeasures | None:
    """Return the measures of the portrait, None where it or the page around it is too small or too plain.

    image_bgr: uint8 (H, W, 3). face_xyxy: the largest face on the page, in pixels.
    """
    box = find_photo(image_bgr.shape, face_xyxy)
    x0, y0, x1, y1 = box
    if min(x1 - x0, y1 - y0) < MIN_SIDE:
        return None
    gray = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    inside = _noise(gray[y0:y1, x0:x1])
    around = _ring(gray, box)
    outside = [n for n in (_noise(part) for part in around) if n is not None]
    if inside is None or not outside:
        return None
    ratio = float(np.log2((inside + 0.15) / (float(np.median(outside)) + 0.15)))
    still, still_around = _still_share([gray[y0:y1, x0:x1]]), _still_share(around)
    still_ratio = (
        float(np.log2((still + STILL_FLOOR) / (still_around + STILL_FLOOR)))
        if still is not None and still_around is not None
        else 0.0
    )
    return PortraitMeasures((float(x0), float(y0), float(x1), float(y1)), ratio, still or 0.0, still_ratio)


def _ring(gray: NDArray[np.float32], box: tuple[int, int, int, int]) -> list[NDArray[np.float32]]:
    """Return parts of the page beside the portrait, as large as the portrait at most."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    left, right = round(x0 - (RING - 1) * width), round(x1 + 0.5 * width)
    parts = [
        gray[y0:y1, right : right + width],
        gray[y0:y1, right + width : right + 2 * width],
        gray[y0:y1, max(0, left - width) : max(0, left)],
        gray[min(gray.shape[0], y1 + height // 2) : y1 + height + height // 2, x0:x1],
    ]
    return [part for part in parts if min(part.shape) >= MIN_SIDE]


def _still_share(parts: Sequence[NDArray[np.float32]]) -> float | None:
    """Return the share of blocks without fine detail, burnt out ones left aside; None where there are too few."""
    fine: list[NDArray[np.float32]] = []
    for part in parts:
        detail = np.abs(cv2.filter2D(part, cv2.CV_32F, _FINEST))[2:-2, 2:-2]
        blocks, values = _blocks(detail), _blocks(part[2:-2, 2:-2])
        usable = (values.min(1) > DARK) & (values.max(1) < BRIGHT)
        fine.append(blocks[usable].mean(1))
    found = np.concatenate(fine)
    return float((found < STILL).mean()) if found.size >= BLOCKS_LEAST else None


def _blocks(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the blocks of a part, float32 (N, BLOCK * BLOCK)."""
    height, width = part.shape[0] // BLOCK, part.shape[1] // BLOCK
    cut = part[: height * BLOCK, : width * BLOCK]
    return cut.reshape(height, BLOCK, width, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK * BLOCK)


def _noise(part: NDArray[np.float32]) -> float | None:
    """Return the noise of a part in gray values, measured in its flattest places; None where nearly all is burnt out."""
    fine = part - cv2.GaussianBlur(part, (0, 0), 1.2)
    coarse = cv2.GaussianBlur(part, (0, 0), 1.5)
    slope = np.hypot(cv2.Sobel(coarse, cv2.CV_32F, 1, 0), cv2.Sobel(coarse, cv2.CV_32F, 0, 1))
    usable = (part > DARK) & (part < BRIGHT)
    if usable.mean() < 0.2:
        return None
    flat = usable & (slope <= np.quantile(slope[usable], FLAT_SHARE))
    return float(np.median(np.abs(fine[flat])) * 1.4826) if flat.sum() > 200 else None
