"""Pictures that lie on their side or stand on their head."""

import numpy as np

from biometrics.core.faces.choice import FaceRule, choose_face
from biometrics.core.faces.engine import Array, Face, FaceEngine

# YuNet gives upright faces 0.86 and more, turned ones at most 0.90 (docs/biometrics.md): above, no second thought
SURELY_UPRIGHT = 0.90
TURNED_AT_LEAST = 0.80
MARGIN = 0.01


def find_turn(engine: FaceEngine, image_bgr: Array, face: Face | None, *, rule: FaceRule) -> int:
    """Return by how many degrees clockwise the picture must be turned to stand upright: 0, 90, 180 or 270.

    image_bgr: uint8 (H, W, 3). face: the one found in it as it is, None if there is none. 0 also where no turn shows a face
    more clearly. A detector finds many turned faces and puts upright points into them, which make a useless template.
    """
    if face is not None and face.score >= SURELY_UPRIGHT:
        return 0
    best, turn = max(TURNED_AT_LEAST, face.score + MARGIN if face is not None else 0.0), 0
    for quarters in (1, 2, 3):
        turned = np.ascontiguousarray(np.rot90(image_bgr, -quarters))
        height, width = turned.shape[:2]
        seen = choose_face(engine.detect(turned), width=width, height=height, rule=rule).face
        if seen is not None and seen.score > best:
            best, turn = seen.score, 90 * quarters
    return turn
