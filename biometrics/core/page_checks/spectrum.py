"""A pattern that lies over the whole page: the grid of a screen, or the dots of a halftone print.

The ground of a genuine page has waves too, but they change over the page, end at the portrait, and have no grid. So the
spectra of many tiles are taken, and at each frequency the lower quartile over the tiles is kept: what is everywhere stays.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TILE = 128
STEP = 128
MIN_TILES, MAX_TILES = 12, 80
# cycles a pixel: below lie print and portrait, above the sensor
LOWEST, HIGHEST = 0.14, 0.47
QUANTILE = 0.25
JPEG_BLOCK = 8


def measure_recapture(image_bgr: NDArray[Any]) -> float | None:
    """Return how far the strongest common frequency stands above its neighbours, in powers of ten; None if too small.

    image_bgr: uint8 (H, W, 3). Genuine pages lie below 1.4; screens and prints, once their grid is resolved, above 1.5.
    """
    gray = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    tiles = _tiles(gray)
    if len(tiles) < MIN_TILES:
        return None
    window = np.outer(np.hanning(TILE), np.hanning(TILE)).astype(np.float32)
    spectra = np.abs(np.fft.rfft2((tiles - tiles.mean((1, 2), keepdims=True)) * window))
    # each tile counts alike, whatever its contrast
    level = np.median(spectra, (1, 2), keepdims=True) + 1e-6
    common = np.quantile(np.log10(spectra / level + 1e-6), QUANTILE, axis=0)
    down = np.abs(np.fft.fftfreq(TILE)).astype(np.float64)[:, None]
    across = np.fft.rfftfreq(TILE).astype(np.float64)[None]
    radius = np.hypot(down, across)
    around = cv2.medianBlur(common.astype(np.float32), 5)
    above = common - around
    within = (radius > LOWEST) & (radius < HIGHEST) & ~_of_jpeg(down, across)
    return float(above[within].max()) if within.any() else None


def _tiles(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = gray.shape
    found = [
        gray[y : y + TILE, x : x + TILE]
        for y in range(0, height - TILE + 1, STEP)
        for x in range(0, width - TILE + 1, STEP)
    ]
    # empty desk and burnt-out light tell nothing
    kept = [tile for tile in found if tile.std() > 1.0 and 12 < tile.mean() < 250]
    if len(kept) > MAX_TILES:  # a large picture takes no longer
        kept = [kept[i] for i in np.linspace(0, len(kept) - 1, MAX_TILES).astype(int)]
    return np.stack(kept) if kept else np.zeros((0, TILE, TILE), np.float32)


def _of_jpeg(down: Floats, across: Floats) -> NDArray[np.bool_]:
    """Return where the blocks of the compression have their own frequencies: multiples of one in eight, on the axes."""
    reach = 1.6 / TILE

    def near(values: Floats) -> NDArray[np.bool_]:
        turns = values * JPEG_BLOCK
        return np.asarray(np.abs(turns - np.round(turns)) / JPEG_BLOCK < reach)

    on_axis = (down < reach) | (across < reach)
    return np.asarray(on_axis & near(down) & near(across))
