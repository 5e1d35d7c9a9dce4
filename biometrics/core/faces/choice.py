"""Choosing the face that a capture is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.faces.engine import Face


class FaceOutcome(StrEnum):
    """Stable codes of what was found; all but the first two are failures to acquire, never a non-match.

    FACE_TURNED: the picture must be turned. FACE_CUT: the edge of the picture cuts the face.
    """

    FACE_FOUND = "FACE_FOUND"
    FACE_SEVERAL = "FACE_SEVERAL"
    FACE_NOT_FOUND = "FACE_NOT_FOUND"
    FACE_TURNED = "FACE_TURNED"
    FACE_CUT = "FACE_CUT"


class FaceRule(StrEnum):
    """Which face counts: CENTRAL for a person before a camera, LARGEST for a page with a ghost image beside the portrait."""

    CENTRAL = "CENTRAL"
    LARGEST = "LARGEST"


# of the face's box
CUT_INSIDE = 0.75
CUT_EDGE = 0.05


@dataclass(frozen=True)
class FaceChoice:
    """The chosen face (None if there was none), how many there were, and the code that says so.

    turn_deg: FACE_TURNED: by how much the picture must be turned clockwise, 90, 180 or 270; 0 otherwise.
    """

    face: Face | None
    count: int
    outcome: FaceOutcome
    turn_deg: int = 0


def choose_face(faces: Sequence[Face], *, width: int, height: int, rule: FaceRule) -> FaceChoice:
    """Choose one face of an image.

    faces: in any order. width, height: of the image in pixels. CENTRAL takes the box whose middle is nearest
    the image's middle, LARGEST the box of the greatest area; ties go to the higher detection score, then to
    the first. Source: ISO/IEC 2382-37 for failure to acquire.
    """
    if not faces:
        return FaceChoice(None, 0, FaceOutcome.FACE_NOT_FOUND)

    def distance(face: Face) -> float:
        x, y = face.centre
        return (x - width / 2) ** 2 + (y - height / 2) ** 2

    if rule is FaceRule.CENTRAL:
        chosen = min(faces, key=lambda face: (distance(face), -face.score))
    else:
        chosen = max(faces, key=lambda face: (face.area, face.score))
    outcome = FaceOutcome.FACE_FOUND if len(faces) == 1 else FaceOutcome.FACE_SEVERAL
    return FaceChoice(chosen, len(faces), outcome)


def is_cut(face: Face, *, width: int, height: int) -> bool:
    """Tell whether the edge of the picture cuts so much off the face that its points are guesses.

    width, height: of the image in pixels. Cut: less than three quarters of the box lie in the picture, or a point lies outside
    or nearer to the edge than a twentieth of the box's width. Whole faces keep far from both (docs/biometrics.md).
    """
    x0, y0, x1, y1 = face.box_xyxy
    inside = max(0.0, min(x1, width) - max(x0, 0.0)) * max(0.0, min(y1, height) - max(y0, 0.0))
    if inside < CUT_INSIDE * face.area:
        return True
    edge = CUT_EDGE * (x1 - x0)
    (left, top), (right, bottom) = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
    return bool(left < edge or top < edge or width - 1 - right < edge or height - 1 - bottom < edge)
