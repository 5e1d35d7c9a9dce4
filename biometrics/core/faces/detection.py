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
LOOK_WIDTH = (
    64.0  # pixels of face width when a face is looked at again: YuNet's points are surest about there
)
LOOK_STRIDE = 32
LOOK_SCORE = 0.3  # weaker candidates than a first detection asks for still know where the points are
LOOK_CANDIDATES = 2000
LOOK_OVERLAP = 0.5
SEEN_SMALL = 80.0  # pixels of face width in the picture that was searched
MIRRORED_POINTS = (1, 0, 2, 4, 3)


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
        # suppresses nothing: every candidate of the face votes
        self._look = cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(network, np.uint8),
            np.zeros(0, np.uint8),
            (long_sides[0], long_sides[0]),
            LOOK_SCORE,
            1.0,
            LOOK_CANDIDATES,
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
                return faces
        return ()

    def saw_small(self, image_bgr: Array, face: Face) -> bool:
        """Tell whether the face was found in a picture made smaller, and was narrow there: its place is then rough."""
        scale = self._long_sides[0] / max(image_bgr.shape[:2])
        return bool(scale < 1 and (face.box_xyxy[2] - face.box_xyxy[0]) * scale < SEEN_SMALL)

    def refine(self, image_bgr: Array, face: Face) -> Face:
        """Return the face with box and points found again in its own surroundings, as seen and mirrored.

        The points of one look are off by a few hundredths of the face, and differently at every size and place; the mean over
        all candidates of two looks is off by about half of that. If a look does not see the face again it does not count; if
        neither does, the face is returned as it is. image_bgr: the image that `face` was detected in.
        """
        x0, y0, x1, y1 = face.box_xyxy
        if not (x1 - x0 >= 1 and y1 - y0 >= 1):
            return face
        scale = LOOK_WIDTH / (x1 - x0)
        side = round(2 * max(x1 - x0, y1 - y0) * scale / LOOK_STRIDE) * LOOK_STRIDE
        (x, y) = face.centre
        shift = np.array([side / 2 - scale * x, side / 2 - scale * y])
        looked = _cut(image_bgr, scale, shift, side)
        seen = []
        for is_mirrored in (False, True):
            rows = self._look_at(np.ascontiguousarray(looked[:, ::-1]) if is_mirrored else looked)
            if is_mirrored:
                rows = _mirror(rows, side)
            voted = _vote(_to_image(rows, scale, shift), np.asarray(face.box_xyxy))
            if voted is not None:
                seen.append(voted)
        if not seen:
            return face
        box, landmarks = (np.mean([each[part] for each in seen], axis=0) for part in (0, 1))
        bx0, by0, bx1, by1 = (float(value) for value in box)
        return Face((bx0, by0, bx1, by1), landmarks.astype(np.float32), face.score)

    def _look_at(self, square_bgr: Array) -> Array:
        """Return every candidate of a square, float32 (n, 15): x, y, width, height, five points, score."""
        with self._lock:
            self._look.setInputSize((square_bgr.shape[1], square_bgr.shape[0]))
            _, rows = self._look.detect(square_bgr)
        if rows is None:
            return np.empty((0, 15), np.float32)
        return np.asarray(rows[np.isfinite(rows).all(axis=1)], np.float32)

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


def _cut(image_bgr: Array, scale: float, shift: Array, side: int) -> Array:
    """Return a square of the image brought to another scale; black where the image does not reach."""
    height, width = image_bgr.shape[:2]
    # shrinking by sampling alone would leave every other pixel unseen: halve the part that counts first
    left, top = np.floor(-shift / scale).astype(int) - 2
    right, bottom = np.ceil((side - shift) / scale).astype(int) + 2
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if right <= left or bottom <= top:
        return np.zeros((side, side, 3), np.uint8)
    part, factors = image_bgr[top:bottom, left:right], np.ones(2)
    if scale < 0.75:
        size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
        factors = np.array([size[0] / (right - left), size[1] / (bottom - top)])
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    remaining = scale / factors
    # both grids put whole numbers on the middles of pixels
    offset = shift + scale * np.array([left, top]) + scale * (0.5 / factors - 0.5)
    transform = np.array([[remaining[0], 0, offset[0]], [0, remaining[1], offset[1]]])
    return cv2.warpAffine(part, transform, (side, side), flags=cv2.INTER_LINEAR)


def _mirror(rows: Array, side: int) -> Array:
    """Return the candidates of a mirrored square in the coordinates of the square."""
    mirrored = rows.copy()
    mirrored[:, 0] = side - rows[:, 0] - rows[:, 2]
    points = rows[:, 4:14].reshape(-1, 5, 2)[:, MIRRORED_POINTS].copy()
    points[:, :, 0] = side - 1 - points[:, :, 0]
    mirrored[:, 4:14] = points.reshape(-1, 10)
    return mirrored


def _to_image(values: Array, scale: float, shift: Array) -> Array:
    """Return x, y, width, height and points of a square in the coordinates of the image."""
    moved = values.copy()
    moved[:, :2] = (values[:, :2] - shift) / scale
    moved[:, 2:4] = values[:, 2:4] / scale
    moved[:, 4:14] = ((values[:, 4:14].reshape(-1, 5, 2) - shift) / scale).reshape(-1, 10)
    return moved


def _vote(rows: Array, box: Array) -> tuple[Array, Array] | None:
    """Return the mean box (4,) and points (5, 2) of the candidates that lie on a box, weighted by their scores squared."""
    corners = np.column_stack([rows[:, :2], rows[:, :2] + rows[:, 2:4]])
    inner = np.clip(np.minimum(corners[:, 2:], box[2:]) - np.maximum(corners[:, :2], box[:2]), 0, None).prod(
        axis=1
    )
    union = rows[:, 2] * rows[:, 3] + (box[2:] - box[:2]).prod() - inner
    kept = inner > LOOK_OVERLAP * union
    if not kept.any():
        return None
    weights = rows[kept, 14].astype(np.float64) ** 2
    weights /= weights.sum()
    return weights @ corners[kept], np.einsum("n,npx->px", weights, rows[kept, 4:14].reshape(-1, 5, 2))
