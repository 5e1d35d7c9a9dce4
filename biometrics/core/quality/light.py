"""Light and lens: sharpness, exposure and its evenness, contrast, colour, compression."""

import cv2
import numpy as np

from biometrics.core.quality.picture import CROP_SIDE, FaceImage, NotMeasurable

VARIANCE_FLOOR = 300.0
JPEG_BLOCK = 8
# CIELAB ranges of skin under neutral light. Source: ISO/IEC 29794-5, natural colour, as OFIQ computes it
SKIN_A = (5.0, 25.0)
SKIN_B = (5.0, 35.0)


def measure_sharpness(picture: FaceImage) -> float:
    """Return the mean square of the Laplacian on the face at a fixed width, over its variance of brightness.

    Flat pictures keep a floor under the variance, or rounding to whole grey levels would count as detail.
    """
    crop = picture.fine_crop
    return float(np.square(cv2.Laplacian(crop, cv2.CV_32F)).mean()) / (float(crop.var()) + VARIANCE_FLOOR)


def measure_exposure(picture: FaceImage) -> float:
    """Return the mean brightness of the face, 0 to 255."""
    return float(picture.crop.mean())


def measure_contrast(picture: FaceImage) -> float:
    """Return the spread between the 5th and 95th percentile of the face's brightness, 0 to 255."""
    counts = np.cumsum(np.bincount(picture.crop.ravel(), minlength=256))
    low, high = np.searchsorted(counts, (0.05 * counts[-1], 0.95 * counts[-1]))
    return float(high - low)


def measure_evenness(picture: FaceImage) -> float:
    """Return how much brighter one half of the face is than the other: |left - right| / (left + right), 0 to 1."""
    left = float(picture.crop[:, : CROP_SIDE // 2].mean())
    right = float(picture.crop[:, CROP_SIDE // 2 :].mean())
    return abs(left - right) / max(left + right, 1.0)


def measure_colour(picture: FaceImage) -> float:
    """Return how far the colour of the cheeks lies outside that of skin under neutral light, in CIELAB units; 0 is inside.

    Grey and infrared pictures lie about 7 outside. Source: ISO/IEC 29794-5, natural colour.
    """
    _, a, b = picture.skin_lab
    return distance_from_skin(float(a), float(b))


def distance_from_skin(a: float, b: float) -> float:
    """Return how far a colour lies outside that of skin under neutral light, in CIELAB units; 0 is inside."""
    return float(np.hypot(_outside(a, SKIN_A), _outside(b, SKIN_B)))


def measure_compression(picture: FaceImage) -> float:
    """Return how much stronger edges are on the grid of JPEG's blocks than beside it, as a ratio; about 1 for none.

    Only for pictures as they left the camera's encoder: scaling or cropping moves the grid, and then nothing is seen.
    Measured around the face, in the picture's own pixels.
    """
    height, width = picture.image_bgr.shape[:2]
    x0, y0, x1, y1 = picture.face.box_xyxy
    room = 0.3 * (x1 - x0)
    left, top = (max(0, int(v - room)) // JPEG_BLOCK * JPEG_BLOCK for v in (x0, y0))
    right, bottom = min(width, int(x1 + room), left + 512), min(height, int(y1 + room), top + 512)
    if right - left < 6 * JPEG_BLOCK or bottom - top < 6 * JPEG_BLOCK:
        raise NotMeasurable
    grey = cv2.cvtColor(picture.image_bgr[top:bottom, left:right], cv2.COLOR_BGR2GRAY).astype(np.int16)
    ratios = []
    for steps in (np.abs(np.diff(grey, axis=1)).mean(axis=0), np.abs(np.diff(grey, axis=0)).mean(axis=1)):
        on_grid = np.zeros(len(steps), bool)
        on_grid[JPEG_BLOCK - 1 :: JPEG_BLOCK] = True
        ratios.append((float(steps[on_grid].mean()) + 0.5) / (float(steps[~on_grid].mean()) + 0.5))
    return float(np.mean(ratios))


def _outside(value: float, span: tuple[float, float]) -> float:
    return max(0.0, span[0] - value, value - span[1])
