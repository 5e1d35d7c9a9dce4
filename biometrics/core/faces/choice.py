"""Choosing the face that a capture is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.faces.engine import Face


class FaceOutcome(StrEnum):
    """Stable codes of what was found. FACE_NOT_FOUND is a failure to acquire, never a non-match."""

    FACE_FOUND = "FACE_FOUND"
    FACE_SEVERAL = "FACE_SEVERAL"
    FACE_NOT_FOUND = "FACE_NOT_FOUND"


class FaceRule(StrEnum):
    """Which face counts: CENTRAL for a person before a camera, LARGEST for a page with a ghost image beside the portrait."""

    CENTRAL = "CENTRAL"
    LARGEST = "LARGEST"


@dataclass(frozen=True)
class FaceChoice:
    """The chosen face (None if there was none), how many there were, and the code that says so."""

    face: Face | None
    count: int
    outcome: FaceOutcome


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
