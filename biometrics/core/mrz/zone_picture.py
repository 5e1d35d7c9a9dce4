"""The zone of a reading as one upright picture, for people and for other readers."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from biometrics.core.mrz.doubt import MrzReading
from biometrics.core.mrz.layouts import BY_NAME, LayoutName

CELL_PX = 20
ROW_PX = 44


def cut_zone(image: npt.NDArray[Any], reading: MrzReading) -> npt.NDArray[np.uint8] | None:
    """Return the zone straightened by its corners, None if none was found.

    image: uint8 (H, W) or (H, W, 3), the picture that was read. Returns uint8, 20 px a character, 44 px a line.
    """
    if reading.corners is None or reading.layout is None:
        return None
    layout = BY_NAME[LayoutName(reading.layout)]
    width, height = layout.columns * CELL_PX, layout.rows * ROW_PX
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    warp = cv2.getPerspectiveTransform(np.array(reading.corners, np.float32), target)
    return np.asarray(cv2.warpPerspective(image, warp, (width, height)), np.uint8)
