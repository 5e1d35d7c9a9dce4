"""The portrait on the page against the page around it: a picture put in later was taken by another camera.

Noise is measured where nothing is drawn: the median of the absolute second differences in flat places.
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


@dataclass(frozen=True, slots=True)
class PortraitMeasures:
    """box_xyxy: of the photo region in pixels. noise_ratio: portrait over page, in powers of two; 0: the same."""

    box_xyxy: tuple[float, float, float, float]
    noise_ratio: float


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
    return PortraitMeasures((float(x0), float(y0), float(x1), float(y1)), ratio)


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
