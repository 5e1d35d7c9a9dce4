"""From an image to a template, with everything a report has to say about it."""

from dataclasses import dataclass, replace

from biometrics.core.faces.choice import FaceChoice, FaceOutcome, FaceRule, choose_face, is_cut
from biometrics.core.faces.engine import Array, Face, FaceEngine
from biometrics.core.faces.turning import find_turn


@dataclass(frozen=True, eq=False)
class Extraction:
    """What one image gave.

    faces: all that were found, the one that counts first. choice: the one that counts. vector: float32 (D,), None
    exactly when there is no face to take it from (a failure to acquire). engine_name, engine_version: what made the vector.
    """

    faces: tuple[Face, ...]
    choice: FaceChoice
    vector: Array | None
    engine_name: str
    engine_version: str

    @property
    def outcome(self) -> FaceOutcome:
        """The stable code of the choice."""
        return self.choice.outcome


def locate_face(
    engine: FaceEngine, image_bgr: Array, *, rule: FaceRule
) -> tuple[tuple[Face, ...], FaceChoice]:
    """Find the faces of an image and choose one; the chosen one is refined.

    image_bgr: uint8 (H, W, 3), upright. rule: which face counts if there are several. Returns all faces, the chosen one first,
    and the choice. A picture that must be turned first, or that cuts the face, gives no
    face: FACE_TURNED, FACE_CUT.
    """
    height, width = image_bgr.shape[:2]
    faces = engine.detect(image_bgr)
    choice = choose_face(faces, width=width, height=height, rule=rule)
    turn = find_turn(engine, image_bgr, choice.face, rule=rule)
    if turn:
        return (), FaceChoice(None, len(faces), FaceOutcome.FACE_TURNED, turn)
    if choice.face is None:
        return (), choice
    refined = engine.refine(image_bgr, choice.face)
    if is_cut(refined, width=width, height=height):
        return (), FaceChoice(None, len(faces), FaceOutcome.FACE_CUT)
    others = (face for face in faces if face is not choice.face)
    return (refined, *others), replace(choice, face=refined)


def extract_template(engine: FaceEngine, image_bgr: Array, *, rule: FaceRule) -> Extraction:
    """Find, choose and embed the face of an image.

    image_bgr: uint8 (H, W, 3), upright. rule: which face counts if there are several.
    """
    faces, choice = locate_face(engine, image_bgr, rule=rule)
    vector = None if choice.face is None else engine.embed(image_bgr, choice.face)
    return Extraction(faces, choice, vector, engine.name, engine.version)
