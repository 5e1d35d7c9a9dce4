"""Templates and comparisons: from captured images to scores against a threshold in force, each kept as evidence."""

import time
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings

from biometrics.core.envelope import Kind
from biometrics.core.faces import FaceEngine, FaceOutcome, FaceRule, locate_face, score
from biometrics.core.outcomes import Outcome
from biometrics.core.quality import admit, assess
from biometrics.models import CapturedImage, Comparison, Gallery, OperatingPoint, Template
from biometrics.services.engines import load_engine
from biometrics.services.galleries import search_gallery
from biometrics.services.keys import seal_for
from biometrics.services.operating_points import get_operating_point, threshold_for
from biometrics.services.vectors import open_vector

CANDIDATES_KEPT = 10


class FaceNotFound(LookupError):
    """No face in the image: a failure to acquire, never a non-match."""

    code = "face_not_found"


class FaceTurned(FaceNotFound):
    """The picture lies on its side or stands on its head: a failure to acquire as well."""

    code = "face_turned"


class FaceCut(FaceNotFound):
    """The edge of the picture cuts the face: a failure to acquire as well."""

    code = "face_cut"


class FaceNotAdmitted(FaceNotFound):
    """A face is there, but the picture is too poor to compare: a failure to acquire as well. measures: what was too poor."""

    code = "face_not_admitted"

    def __init__(self, measures: tuple[str, ...]) -> None:
        super().__init__()
        self.measures = measures


NO_TEMPLATE = {FaceOutcome.FACE_TURNED: FaceTurned, FaceOutcome.FACE_CUT: FaceCut}


def engine_in_use() -> FaceEngine:
    """Return the face engine that this deployment runs, opened once a process."""
    return load_engine(settings.FACE_ENGINE, network_dir=settings.NETWORK_DIR)


def make_template(*, image: CapturedImage, image_bgr: npt.NDArray[Any], at: datetime) -> Template:
    """Return the template of an image's main face by the engine in use, made at most once per image and engine version.

    image_bgr: the decoded image, uint8 (H, W, 3). A live image is about the face nearest its centre, a page about the largest.
    Raises FaceNotFound, or of it FaceTurned, FaceCut, FaceNotAdmitted.
    """
    engine = engine_in_use()
    known = Template.objects.filter(image=image, engine=engine.name, engine_version=engine.version).first()
    if known is not None:
        return known
    rule = FaceRule.CENTRAL if image.kind == CapturedImage.Kind.FACE else FaceRule.LARGEST
    faces, choice = locate_face(engine, image_bgr, rule=rule)
    if choice.face is None:
        raise NO_TEMPLATE.get(choice.outcome, FaceNotFound)
    # quality first: what it does not admit is never embedded
    quality = assess(image_bgr, faces)
    admission = admit(quality)
    if not admission.admitted:
        raise FaceNotAdmitted(admission.codes)
    vector = engine.embed(image_bgr, choice.face).astype("<f4").tobytes()
    model = f"{engine.name} {engine.version}"
    key = image.subject_key
    return Template.objects.create(
        image=image,
        engine=engine.name,
        engine_version=engine.version,
        vector=vector
        if key is None
        else seal_for(vector, key=key, kind=Kind.TEMPLATE, item=image.id, model=model),
        subject_key=key,
        dimension=engine.dimension,
        face_count=choice.count,
        box=[round(float(v), 1) for v in choice.face.box_xyxy],
        quality=quality.as_json(),
        created_at=at,
    )


def vector_of(template: Template) -> npt.NDArray[np.float32]:
    """Return the template's vector, float32 (dimension,). Raises KeyDestroyed for one that was erased."""
    return np.frombuffer(open_vector(template), "<f4")


def verify(*, probe: Template, reference: Template, at: datetime) -> Comparison:
    """Compare two templates 1:1 and keep the answer: PASS at or above the threshold in force, FAIL below it.

    Raises NoOperatingPoint, and ValueError when the templates are of different engines.
    """
    engine = engine_in_use()
    made_by = {(t.engine, t.engine_version) for t in (probe, reference)}
    if made_by != {(engine.name, engine.version)}:
        raise ValueError("templates of another engine or version")
    point = get_operating_point(
        purpose=OperatingPoint.Purpose.VERIFICATION, engine=engine.name, engine_version=engine.version
    )
    begun = time.perf_counter()
    value = score(engine, vector_of(probe), vector_of(reference))
    return Comparison.objects.create(
        kind=Comparison.Kind.VERIFICATION,
        probe=probe,
        reference=reference,
        operating_point=point,
        threshold=point.threshold,
        score=value,
        outcome=Outcome.PASS if value >= point.threshold else Outcome.FAIL,
        elapsed_ms=(time.perf_counter() - begun) * 1e3,
        at=at,
    )


def identify(*, probe: Template, gallery: str, purpose: str, at: datetime) -> Comparison:
    """Search a gallery 1:N and keep the answer: FAIL when somebody reaches the threshold, PASS when nobody does.

    gallery: its name. purpose: an OperatingPoint.Purpose. The comparison's candidates hold each subject once, best first.
    Raises NoOperatingPoint.
    """
    engine = engine_in_use()
    point = get_operating_point(purpose=purpose, engine=engine.name, engine_version=engine.version)
    begun = time.perf_counter()
    row = Gallery.objects.filter(name=gallery, engine=engine.name, engine_version=engine.version).first()
    if row is None:
        row, _ = Gallery.objects.get_or_create(
            name=gallery, engine=engine.name, engine_version=engine.version
        )
    found = search_gallery(
        gallery=row, metric=engine.metric, probe=vector_of(probe), limit=CANDIDATES_KEPT, at=at
    )
    threshold = threshold_for(point=point, size=row.size)
    candidates = [c for c in found.candidates if c.score >= threshold]
    return Comparison.objects.create(
        kind=Comparison.Kind.IDENTIFICATION,
        probe=probe,
        gallery=row,
        gallery_version=found.version,
        operating_point=point,
        threshold=threshold,
        score=found.candidates[0].score if found.candidates else None,
        candidates=[{"subject_id": str(c.subject_id), "score": round(c.score, 4)} for c in candidates],
        outcome=Outcome.FAIL if candidates else Outcome.PASS,
        elapsed_ms=(time.perf_counter() - begun) * 1e3,
        at=at,
    )


__all__ = [
    "FaceCut",
    "FaceNotAdmitted",
    "FaceNotFound",
    "FaceOutcome",
    "FaceTurned",
    "engine_in_use",
    "identify",
    "make_template",
    "vector_of",
    "verify",
]
