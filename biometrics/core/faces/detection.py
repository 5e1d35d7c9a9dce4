"""Face detection with YuNet."""

import threading
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from biometrics.core.faces.engine import Face

Array = npt.NDArray[Any]
LONG_SIDES = (320, 640)  # a second, larger look only when the first finds nothing
MINIMUM_SIDE = 16  # YuNet's coarsest grid is 32 pixels; smaller images hold no usable face
SCORE_THRESHOLD = 0.7
OVERLAP_THRESHOLD = 0.3
CANDIDATES = 200
REFINE_BELOW = 80.0  # pixels of face width in the picture that was searched
REFINED_WIDTH = 95.0  # the width at which faces are looked at again
REFINED_FACES = 3  # at most, the largest ones


class YuNetDetector:
    """Finds faces with five points each.

    network: the bytes of YuNet as ONNX. score_threshold: in (0, 1). long_sides: pixels that the longer side
    of the image is brought down to, tried in order until a face is found; smaller images are never enlarged.
    """

    def __init__(
        self,
        network: bytes,
        *,
        score_threshold: float = SCORE_THRESHOLD,
        long_sides: tuple[int, ...] = LONG_SIDES,
    ) -> None:
        self._long_sides = long_sides
        self._detector = cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(network, np.uint8),
            np.zeros(0, np.uint8),
            (long_sides[0], long_sides[0]),
            score_threshold,
            OVERLAP_THRESHOLD,
            CANDIDATES,
        )
        self._lock = threading.Lock()  # OpenCV's detector keeps its input size between two calls

    def detect(self, image_bgr: Array) -> tuple[Face, ...]:
        """Return the faces, highest detection score first; empty if there is none.

        image_bgr: uint8 (H, W, 3), upright.
        """
        height, width = image_bgr.shape[:2]
        if min(height, width) < MINIMUM_SIDE:
            return ()
        tried = 0
        for long_side in self._long_sides:
            side = min(long_side, max(height, width))
            if side == tried:
                break
            tried = side
            scale = side / max(height, width)
            faces = self._detect_at(image_bgr, scale)
            if faces:
                largest = sorted(faces, key=lambda face: -face.area)[:REFINED_FACES]
                return tuple(
                    self._refine(image_bgr, face, scale) if face in largest else face for face in faces
                )
        return ()

    def _refine(self, image_bgr: Array, face: Face, scale: float) -> Face:
        """Return the face with points found again in its own surroundings, if it was seen small and there is more to see.

        The points of a face of 40 pixels are pixels off once brought up to the image's own size.
        """
        x0, y0, x1, y1 = face.box_xyxy
        if scale >= 1 or (x1 - x0) * scale >= REFINE_BELOW:
            return face
        height, width = image_bgr.shape[:2]
        (x, y), reach = face.centre, max(x1 - x0, y1 - y0)
        left, top = max(0, round(x - reach)), max(0, round(y - reach))
        right, bottom = min(width, round(x + reach)), min(height, round(y + reach))
        if min(right - left, bottom - top) < MINIMUM_SIDE:
            return face
        found = self._detect_at(image_bgr[top:bottom, left:right], min(1.0, REFINED_WIDTH / (x1 - x0)))
        for seen in found:
            moved_x, moved_y = seen.centre[0] + left - x, seen.centre[1] + top - y
            if max(abs(moved_x), abs(moved_y)) < 0.25 * reach and 0.5 < seen.area / face.area < 2:
                seen_x0, seen_y0, seen_x1, seen_y1 = seen.box_xyxy
                return Face(
                    (seen_x0 + left, seen_y0 + top, seen_x1 + left, seen_y1 + top),
                    seen.landmarks + np.array([left, top], np.float32),
                    face.score,
                )
        return face

    def _detect_at(self, image_bgr: Array, scale: float) -> tuple[Face, ...]:
        height, width = image_bgr.shape[:2]
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = (
            image_bgr
            if size == (width, height)
            else cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA)
        )
        with self._lock:
            self._detector.setInputSize(size)
            _, rows = self._detector.detect(small)
        if rows is None:
            return ()
        factor = np.array([width / size[0], height / size[1]], np.float32)
        found = []
        for row in sorted(rows, key=lambda row: -float(row[14])):
            corners = np.array([row[:2], row[:2] + row[2:4]]) * factor
            if not np.isfinite(row).all():
                continue
            landmarks = row[4:14].reshape(5, 2) * factor
            (x0, y0), (x1, y1) = corners.tolist()
            found.append(Face((x0, y0, x1, y1), landmarks.astype(np.float32), float(row[14])))
        return tuple(found)
