"""What a strip or a page says about how well it can be read: sharpness, certainty, glare."""

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.grid import FILLER_CLASS, find_peaks
from biometrics.core.mrz.rectify import STRIP_PITCH_PX

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]

# share of a character's contrast above which a cell is not plain paper
PRINTED_CONTRAST = 0.35
# gray levels: at and above this the sensor saw nothing but light
SATURATED = 250
# paper as bright as this is white and well lit, not under a reflection
WHITE_PAPER = 232
MIN_GLARE_COLUMNS = 0.06
MIN_GLARE_AREA = 0.004
MAX_GLARE_AREA = 0.4
# a reflection fades out, a white object ends at an edge: mean gray in a ring around it
MIN_GLOW = 200
RING_PX = 9
# share of a page's contrast that a slight blur takes from its sharpest places
MIN_PAGE_DETAIL = 0.03
MIN_CONTRAST = 20


def mean_certainty(probabilities: list[Floats]) -> float:
    """Return the mean share of the likeliest character where characters are seen, 0 to 1; 0 if none is.

    probabilities: float32 (frames, 38) a line.
    """
    shares = []
    for one in probabilities:
        seen = one[np.round(find_peaks(one).positions).astype(int), 1:]
        shares.append(seen.max(1) / np.maximum(seen.sum(1), 1e-6))
    together = np.concatenate(shares)
    return float(together.mean()) if len(together) else 0.0


def longest_filler_run(probabilities: list[Floats]) -> int:
    """Return the most fillers seen in a row on any line. probabilities: float32 (frames, 38) a line."""
    longest = 0
    for one in probabilities:
        seen = one[np.round(find_peaks(one).positions).astype(int), 1:].argmax(1)
        run = 0
        for is_filler in (seen == FILLER_CLASS).tolist():
            run = run + 1 if is_filler else 0
            longest = max(longest, run)
    return longest


def printed_cells_beyond(strip: Gray, first_px: int, stop_px: int) -> int:
    """Return how many of the cells left and right of a line show as much contrast as characters do.

    strip: uint8 (24, w), about 12 px a cell. first_px, stop_px: columns of the line, first inclusive.
    """
    contrast = strip.astype(np.float32)

    def cells(columns: Floats) -> Floats:
        count = columns.shape[1] // STRIP_PITCH_PX
        cut = columns[:, : count * STRIP_PITCH_PX].reshape(columns.shape[0], count, STRIP_PITCH_PX)
        return np.asarray(cut.std(axis=(0, 2)), np.float32)

    usual = cells(contrast[:, first_px:stop_px])
    if not len(usual):
        return 0
    limit = PRINTED_CONTRAST * float(np.median(usual))
    # counted from the line outwards, so that a cell is not cut in two
    beyond = np.concatenate([cells(contrast[:, :first_px][:, ::-1]), cells(contrast[:, stop_px:])])
    return int((beyond > limit).sum())


def sharpness(strip: Gray) -> float:
    """Return the mean step between neighbouring columns as a share of contrast, 0 or more.

    strip: uint8 (24, w).
    """
    pixels = strip.astype(np.float32)
    return float(np.abs(np.diff(pixels, axis=1)).mean() / (pixels.std() + 4))


def has_glare(strip: Gray) -> bool:
    """Return whether a reflection hides part of a line: columns all saturated on paper that is not.

    strip: uint8 (24, w).
    """
    saturated = strip.min(0) >= SATURATED
    if saturated.mean() < MIN_GLARE_COLUMNS or saturated.all():
        return False
    return float(np.percentile(strip[:, ~saturated], 75)) < WHITE_PAPER


def page_has_glare(gray: Gray) -> bool:
    """Return whether a reflection lies on a page: one saturated patch that fades out, on a page that is not white.

    gray: uint8 (H, W), the working copy.
    """
    if float(np.percentile(gray, 75)) >= WHITE_PAPER:
        return False
    saturated = np.asarray(gray >= SATURATED, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(saturated, connectivity=8)
    if count < 2:
        return False
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if not MIN_GLARE_AREA < stats[largest, cv2.CC_STAT_AREA] / gray.size < MAX_GLARE_AREA:
        return False
    patch = np.asarray(labels == largest, np.uint8)
    ring = cv2.dilate(patch, np.ones((RING_PX, RING_PX), np.uint8)) - cv2.dilate(
        patch, np.ones((3, 3), np.uint8)
    )
    return bool(gray[ring > 0].mean() > MIN_GLOW) if ring.any() else False


def page_is_blurred(gray: Gray) -> bool:
    """Return whether a page has contrast but nothing sharp on it. gray: uint8 (H, W), the working copy."""
    softened = cv2.GaussianBlur(gray, (0, 0), 1.0)
    low, high = np.percentile(gray, [5, 95])
    detail = float(np.percentile(cv2.absdiff(gray, softened), 98))
    return bool(high - low >= MIN_CONTRAST and detail / (high - low) < MIN_PAGE_DETAIL)
