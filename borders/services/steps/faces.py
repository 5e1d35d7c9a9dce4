"""Match the live face: 1:1 with the portrait on the page, 1:N with earlier crossings and watchlists."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from biometrics.core.outcomes import Finding, Outcome
from biometrics.models import Comparison, OperatingPoint, Template
from biometrics.services.faces import FaceNotFound, identify, make_template, verify
from borders.core.face_checks import (
    FACE_HOLDER,
    FACE_OTHER_IDENTITY,
    FACE_QUALITY,
    Identity,
    KnownFace,
    judge_holder,
    judge_other_identity,
    judge_quality,
)
from borders.queries import known_traveler_id
from borders.services.steps.context import StepInput, StepResult
from travelers.models import DocumentReading, Traveler

CROSSINGS_GALLERY = "crossings"
WATCHLIST_GALLERY = "watchlist"


def match_face(given: StepInput) -> StepResult:
    """Make the templates and compare them. A face that was not taken or not found is never a non-match."""
    inspection = given.inspection
    portrait, portrait_missing = _portrait(given)
    columns: dict[str, Any] = {"portrait_template": portrait}
    if inspection.face_image is None:
        return StepResult(_without_live_face(given, "not_taken"), columns)
    try:
        live = make_template(
            image=inspection.face_image, image_bgr=given.context.load(inspection.face_image), at=given.at
        )
    except FaceNotFound:
        return StepResult(_without_live_face(given, "face_not_found"), columns)
    columns["live_template"] = live
    quality = live.quality
    findings = [
        judge_quality(
            face_count=live.face_count,
            defects=quality["defects"],
            measures={code: measure["native"] for code, measure in quality["measures"].items()},
        )
    ]
    comparisons: dict[str, UUID] = {}
    if portrait is None:
        findings.append(_no_holder_comparison(given, portrait_missing))
    else:
        one_to_one = verify(probe=live, reference=portrait, at=given.at)
        findings.append(judge_holder(score=one_to_one.score, threshold=one_to_one.threshold))
        comparisons[FACE_HOLDER.code] = one_to_one.id
    among_crossings = identify(
        probe=live,
        gallery=CROSSINGS_GALLERY,
        purpose=OperatingPoint.Purpose.CROSSINGS_IDENTIFICATION,
        at=given.at,
    )
    findings.append(_judge_crossings(given, among_crossings))
    comparisons[FACE_OTHER_IDENTITY.code] = among_crossings.id
    # kept as evidence here, judged in the screening step, which alone knows the lists
    identify(
        probe=live,
        gallery=WATCHLIST_GALLERY,
        purpose=OperatingPoint.Purpose.WATCHLIST_IDENTIFICATION,
        at=given.at,
    )
    return StepResult(tuple(findings), columns, comparisons)


def watchlist_comparison(live: Template | None) -> Comparison | None:
    """Return the latest search of the watchlists for a live face."""
    if live is None:
        return None
    made = Comparison.objects.filter(
        probe=live, kind=Comparison.Kind.IDENTIFICATION, gallery__name=WATCHLIST_GALLERY
    )
    return made.order_by("-at", "-id").first()


def _portrait(given: StepInput) -> tuple[Template | None, str]:
    """Return the template of the portrait on the page, or None and why there is none."""
    page = given.inspection.page_image
    if page is None:
        return None, "no_page_image"
    try:
        return make_template(image=page, image_bgr=given.context.load(page), at=given.at), ""
    except FaceNotFound:
        return None, "portrait_not_found"


def _without_live_face(given: StepInput, reason: str) -> tuple[Finding, ...]:
    quality = Outcome.NOT_APPLICABLE if reason == "not_taken" else Outcome.FAIL
    return (
        Finding(FACE_QUALITY, quality, reason),
        _no_holder_comparison(given, reason),
        Finding(FACE_OTHER_IDENTITY, Outcome.UNDETERMINED, reason),
    )


def _no_holder_comparison(given: StepInput, reason: str) -> Finding:
    reading = given.inspection.reading
    if reading is not None and reading.source == DocumentReading.Source.DECLARED:
        return Finding(FACE_HOLDER, Outcome.NOT_APPLICABLE, "no_document")
    return Finding(FACE_HOLDER, Outcome.UNDETERMINED, reason)


def _judge_crossings(given: StepInput, comparison: Comparison) -> Finding:
    reading = given.inspection.reading
    own = None
    if reading is not None and reading.primary_identifier:
        own = Identity(reading.primary_identifier, reading.secondary_identifier, reading.birth_date)
    return judge_other_identity(
        candidates=_known_faces(comparison.candidates),
        own=own,
        own_traveler_id=known_traveler_id(reading=reading) if reading is not None else None,
        threshold=comparison.threshold,
    )


def _known_faces(candidates: Sequence[dict[str, Any]]) -> list[KnownFace]:
    travelers = Traveler.objects.in_bulk([UUID(c["subject_id"]) for c in candidates]) if candidates else {}
    known = []
    for candidate in candidates:
        traveler = travelers[UUID(candidate["subject_id"])]
        identity = Identity(traveler.primary_identifier, traveler.secondary_identifier, traveler.birth_date)
        known.append(KnownFace(traveler.id, identity, candidate["score"]))
    return known
