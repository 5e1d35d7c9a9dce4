"""What the measures look at: the picture, its faces, and the chosen face brought to one size and upright."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from biometrics.core.faces.engine import Face

Array = npt.NDArray[Any]
CROP_SIDE = 128  # sharpness depends on scale, so every face is measured at this width
CHIP_SIDE = 128
CHIP_EYE_DISTANCE = 44.0
CHIP_EYES_Y = 48.0
# in the chip, in inter-eye distances below the line of the eyes: where level heads have nose tip and mouth
MOUTH_BELOW_EYES = 1.0


class NotMeasurable(Exception):
    """This picture does not hold what the measure needs."""


@dataclass(frozen=True, eq=False)
class FaceImage:
    """A picture with the faces found in it, the chosen one first. image_bgr: uint8 (H, W, 3)."""

    image_bgr: Array
    faces: tuple[Face, ...]

    @property
    def face(self) -> Face:
        """The chosen face. Raises NotMeasurable if there is none."""
        if not self.faces:
            raise NotMeasurable
        return self.faces[0]

    @cached_property
    def crop(self) -> Array:
        """The face in grey, uint8 (CROP_SIDE, CROP_SIDE). Raises NotMeasurable."""
        return np.rint(self.fine_crop).astype(np.uint8)

    @cached_property
    def fine_crop(self) -> Array:
        """The same with fractions of grey levels, float32: rounded ones look like detail where a picture is blurred."""
        height, width = self.image_bgr.shape[:2]
        x0, y0, x1, y1 = self.face.box_xyxy
        left, top = max(0, round(x0)), max(0, round(y0))
        right, bottom = min(width, round(x1)), min(height, round(y1))
        if right - left < 8 or bottom - top < 8:
            raise NotMeasurable
        grey = cv2.cvtColor(self.image_bgr[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
        return cv2.resize(grey.astype(np.float32), (CROP_SIDE, CROP_SIDE), interpolation=cv2.INTER_AREA)

    @cached_property
    def upright_points(self) -> Array:
        """The five points turned so that the eyes are level, in units of the inter-eye distance, from their middle."""
        points = np.asarray(self.face.landmarks, np.float64)
        middle = (points[0] + points[1]) / 2
        x, y = points[1] - points[0]
        distance = float(np.hypot(x, y))
        if not distance > 0:
            raise NotMeasurable
        turn = np.array([[x, y], [-y, x]]) / distance
        upright: Array = (points - middle) @ turn.T / distance
        return upright

    @cached_property
    def chip(self) -> Array:
        """The face upright at a fixed inter-eye distance, uint8 (CHIP_SIDE, CHIP_SIDE, 3).

        What lies outside the picture repeats its edge. Raises NotMeasurable for points that are no face's in it.
        """
        height, width = self.image_bgr.shape[:2]
        points = np.asarray(self.face.landmarks, np.float64)
        x, y = points[1] - points[0]
        distance = float(np.hypot(x, y))
        middle = (points[0] + points[1]) / 2
        inside = -distance <= middle[0] <= width + distance and -distance <= middle[1] <= height + distance
        if not np.isfinite(points).all() or not 2 <= distance <= 4 * max(height, width) or not inside:
            raise NotMeasurable
        scale = CHIP_EYE_DISTANCE / distance
        source, factor, offset = self.image_bgr, 1.0, np.zeros(2)
        if scale < 0.5:  # bilinear warping alone would skip pixels: bring the surroundings down first
            reach = 2.2 * distance
            left, top = (int(max(0, v)) for v in middle - reach)
            right, bottom = int(min(width, middle[0] + reach)), int(min(height, middle[1] + reach))
            factor = 2 * scale
            source = cv2.resize(
                self.image_bgr[top:bottom, left:right],
                None,
                fx=factor,
                fy=factor,
                interpolation=cv2.INTER_AREA,
            )
            offset = np.array([left, top], np.float64)
        eyes = (middle - offset) * factor
        turn = np.array([[x, y], [-y, x]]) / distance * (scale / factor)
        shift = np.array([CHIP_SIDE / 2, CHIP_EYES_Y]) - turn @ eyes
        matrix = np.column_stack([turn, shift])
        return cv2.warpAffine(
            source, matrix, (CHIP_SIDE, CHIP_SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )

    @cached_property
    def grey_chip(self) -> Array:
        """The chip in grey, float32 (CHIP_SIDE, CHIP_SIDE)."""
        return cv2.cvtColor(self.chip, cv2.COLOR_BGR2GRAY).astype(np.float32)

    @cached_property
    def lab_chip(self) -> Array:
        """The chip in CIELAB, float32 (CHIP_SIDE, CHIP_SIDE, 3): L 0..100, a and b signed."""
        return cv2.cvtColor(self.chip.astype(np.float32) / 255.0, cv2.COLOR_BGR2Lab)

    @cached_property
    def mouth(self) -> Array:
        """The middle of the mouth in the chip, x and y."""
        corners = self.upright_points[3:].mean(axis=0)
        at: Array = np.array([CHIP_SIDE / 2, CHIP_EYES_Y]) + corners * CHIP_EYE_DISTANCE
        if not (0 < at[0] < CHIP_SIDE and CHIP_EYES_Y + 15 < at[1] < CHIP_SIDE - 6):
            raise NotMeasurable
        return at

    def part(self, chip: Array, *, x: float, y: float, half_width: float, half_height: float) -> Array:
        """Return the part of a chip around a point of it, sizes in inter-eye distances. Raises NotMeasurable if empty."""
        across, down = half_width * CHIP_EYE_DISTANCE, half_height * CHIP_EYE_DISTANCE
        left, right = max(0, round(x - across)), min(CHIP_SIDE, round(x + across) + 1)
        top, bottom = max(0, round(y - down)), min(CHIP_SIDE, round(y + down) + 1)
        if right - left < 2 or bottom - top < 2:
            raise NotMeasurable
        return chip[top:bottom, left:right]

    @cached_property
    def skin_lab(self) -> Array:
        """The median colour of both cheeks, CIELAB, float32 (3,)."""
        y = CHIP_EYES_Y + 0.55 * CHIP_EYE_DISTANCE
        cheeks = [
            self.part(
                self.lab_chip,
                x=CHIP_SIDE / 2 + side * 0.42 * CHIP_EYE_DISTANCE,
                y=y,
                half_width=0.13,
                half_height=0.12,
            )
            for side in (-1, 1)
        ]
        colour: Array = np.median(np.concatenate([c.reshape(-1, 3) for c in cheeks]), axis=0)
        return colour
