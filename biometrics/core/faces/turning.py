"""Pictures that lie on their side or stand on their head."""

import cv2
import numpy as np

from biometrics.core.faces.choice import FaceRule, choose_face
from biometrics.core.faces.engine import Array, Face, FaceEngine

# YuNet gives upright faces 0.86 and more, turned ones at most 0.90 (docs/biometrics.md): above, no second thought
SURELY_UPRIGHT = 0.90
SURELY_NOT_SIDEWAYS = 0.88  # faces on their side were given at most 0.87
TURNED_AT_LEAST = 0.75
MARGIN = 0.01
LOOK_WIDTH = 48  # pixels of face width: enough to tell up from down, and a quarter of the work


def find_turn(engine: FaceEngine, image_bgr: Array, face: Face | None, *, rule: FaceRule) -> int:
    """Return by how many degrees clockwise the picture must be turned to stand upright: 0, 90, 180 or 270.

    image_bgr: uint8 (H, W, 3). face: the one found in it as it is, None if there is none. 0 also where no turn shows a face
    more clearly. A detector finds many turned faces and puts upright points into them, which make a useless template.
    """
    if face is not None and face.score >= SURELY_UPRIGHT:
        return 0
    looked = image_bgr if face is None else _cut_small(image_bgr, face)
    rule = rule if face is None else FaceRule.CENTRAL
    best, turn = (
        max(TURNED_AT_LEAST, _score(engine, looked, 0, rule) + MARGIN if face is not None else 0.0),
        0,
    )
    for quarters in (2,) if face is not None and face.score >= SURELY_NOT_SIDEWAYS else (1, 2, 3):
        score = _score(engine, looked, quarters, rule)
        if score > best:
            best, turn = score, 90 * quarters
    return turn


def _score(engine: FaceEngine, image_bgr: Array, quarters: int, rule: FaceRule) -> float:
    """Return the score of the face that counts after some quarter turns clockwise, 0 if there is none."""
    turned = np.ascontiguousarray(np.rot90(image_bgr, -quarters))
    height, width = turned.shape[:2]
    seen = choose_face(engine.detect(turned), width=width, height=height, rule=rule).face
    return 0.0 if seen is None else seen.score


def _cut_small(image_bgr: Array, face: Face) -> Array:
    """Return the surroundings of a face, made small."""
    height, width = image_bgr.shape[:2]
    x0, y0, x1, y1 = face.box_xyxy
    (x, y), reach = face.centre, max(x1 - x0, y1 - y0)
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    part = image_bgr[top : min(height, round(y + reach)), left : min(width, round(x + reach))]
    scale = LOOK_WIDTH / max(x1 - x0, 1.0)
    if part.size == 0 or scale >= 1:
        return part if part.size else image_bgr
    size = (max(16, round(part.shape[1] * scale)), max(16, round(part.shape[0] * scale)))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
