"""What a face engine is: the interface that every part of the system uses."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Box = tuple[float, float, float, float]


class Metric(StrEnum):
    """How two vectors of an engine are compared."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True, eq=False)
class Face:
    """A face found in an image.

    box_xyxy: half-open (x0, y0, x1, y1) in pixels; may reach past the image. landmarks: float32 (5, 2), x and
    y in pixels, of the person's right eye, left eye, nose tip, right and left mouth corner (the right eye is
    left in the image). score: the detector's own, in [0, 1]; a detection score, never a comparison score.
    """

    box_xyxy: Box
    landmarks: Array
    score: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box, x and y in pixels."""
        x0, y0, x1, y1 = self.box_xyxy
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def area(self) -> float:
        """The area of the box in square pixels, at least 0."""
        x0, y0, x1, y1 = self.box_xyxy
        return max(0.0, x1 - x0) * max(0.0, y1 - y0)

    @property
    def inter_eye_distance(self) -> float:
        """The distance between the two eye points in pixels."""
        return float(np.hypot(*(self.landmarks[1] - self.landmarks[0])))


class FaceEngine(Protocol):
    """Detects faces and turns one into a vector.

    Vectors of different (name, version) never meet: a change of either asks for enrolment anew.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    @property
    def metric(self) -> Metric: ...

    def detect(self, image_bgr: Array) -> tuple[Face, ...]:
        """Return the faces, best detection first; empty if there is none.

        image_bgr: uint8 (H, W, 3), upright.
        """
        ...

    def refine(self, image_bgr: Array, face: Face) -> Face:
        """Return the face with box and points found more exactly, or as it is.

        image_bgr: the image that `face` was detected in.
        """
        ...

    def embed(self, image_bgr: Array, face: Face) -> Array:
        """Return the vector of one refined face, float32 (dimension,); unit length if the metric is cosine.

        image_bgr: the image that `face` was detected in.
        """
        ...
