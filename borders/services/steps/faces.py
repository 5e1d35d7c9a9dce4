"""Match the live face: 1:1 with the portraits of chip and page, 1:N with earlier crossings and watchlists."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from biometrics.core.faces import PairScore
from biometrics.core.images import ImageRefused
from biometrics.core.outcomes import Finding, Outcome
from biometrics.models import Comparison, OperatingPoint, Template
from biometrics.services.faces import FaceNotFound, identify, make_template, verify
from borders.core.amendments import set_right
from borders.core.face_checks import (
    FACE_HOLDER,
    FACE_OTHER_IDENTITY,
    FACE_QUALITY,
    Identity,
    KnownFace,
    judge_holder,
    judge_other_identity,
    judge_portraits,
    judge_quality,
)
from borders.core.training import NOT_ASKED
from borders.queries import amendments_of
from borders.record_queries import known_traveler_id
from borders.services.steps.context import StepInput, StepResult
from travelers.models import DocumentReading, Traveler
from travelers.services import is_portrait_authentic

CROSSINGS_GALLERY = "crossings"
WATCHLIST_GALLERY = "watchlist"


def match_face(given: StepInput) -> StepResult:
    """Make the templates and compare them. A face that was not taken or not found is never a non-match."""
    inspection = given.inspection
    portrait, portrait_missing = _portrait(given)
    chip, chip_missing = _chip_portrait(given)
    columns: dict[str, Any] = {"portrait_template": portrait, "chip_template": chip}
    page_chip = _pair(given, portrait, chip)
    if inspection.face_image is None:
        portraits = judge_portraits(
            page_live=None, chip_live=None, page_chip=page_chip, chip_missing=chip_missing
        )
        return StepResult((*_without_live_face(given, "not_taken"), portraits), columns)
    try:
        live = make_template(
            image=inspection.face_image, image_bgr=given.context.load(inspection.face_image), at=given.at
        )
    except FaceNotFound:
        portraits = judge_portraits(
            page_live=None, chip_live=None, page_chip=page_chip, chip_missing=chip_missing
        )
        return StepResult((*_without_live_face(given, "face_not_found"), portraits), columns)
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
    with_chip = verify(probe=live, reference=chip, at=given.at) if chip is not None else None
    with_page = verify(probe=live, reference=portrait, at=given.at) if portrait is not None else None
    # the chip's portrait was signed by the State; the page's may have been pasted
    one_to_one = with_chip if with_chip is not None and _is_authentic(given) else with_page
    if one_to_one is None:
        findings.append(_no_holder_comparison(given, portrait_missing))
    else:
        reference = "chip" if one_to_one is with_chip else "page"
        findings.append(
            judge_holder(score=one_to_one.score, threshold=one_to_one.threshold, reference=reference)
        )
        comparisons[FACE_HOLDER.code] = one_to_one.id
    findings.append(
        judge_portraits(
            page_live=_score(with_page),
            chip_live=_score(with_chip),
            page_chip=page_chip,
            chip_missing=chip_missing,
        )
    )
    if inspection.training:
        # a drawn face is compared with nobody who crossed or is sought
        findings.append(Finding(FACE_OTHER_IDENTITY, Outcome.NOT_APPLICABLE, NOT_ASKED))
        return StepResult(tuple(findings), columns, comparisons)
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


def _chip_portrait(given: StepInput) -> tuple[Template | None, str]:
    """Return the template of the portrait in the chip, or None and why there is none."""
    verification = given.inspection.chip_verification
    if verification is None:
        return None, "no_chip"
    if verification.portrait is None:
        return None, verification.portrait_refusal or "no_chip_portrait"
    try:
        image = given.context.load(verification.portrait)
        return make_template(image=verification.portrait, image_bgr=image, at=given.at), ""
    except FaceNotFound:
        return None, "chip_portrait_not_found"
    except ImageRefused as refusal:
        return None, str(refusal.code)


def _is_authentic(given: StepInput) -> bool:
    verification = given.inspection.chip_verification
    return verification is not None and is_portrait_authentic(verification=verification)


def _pair(given: StepInput, page: Template | None, chip: Template | None) -> PairScore | None:
    if page is None or chip is None:
        return None
    return _score(verify(probe=page, reference=chip, at=given.at))


def _score(comparison: Comparison | None) -> PairScore | None:
    if comparison is None or comparison.score is None:
        return None
    return PairScore(comparison.score, comparison.threshold)


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
        candidates=_known_faces(comparison.candidates, own),
        own=own,
        own_traveler_id=known_traveler_id(reading=reading) if reading is not None else None,
        threshold=comparison.threshold,
    )


def _known_faces(candidates: Sequence[dict[str, Any]], own: Identity | None) -> list[KnownFace]:
    if not candidates:
        return []
    travelers = Traveler.objects.in_bulk([UUID(c["subject_id"]) for c in candidates])
    amendments = amendments_of(record_ids=travelers)
    known = []
    for candidate in candidates:
        traveler = travelers[UUID(candidate["subject_id"])]
        recorded = Identity(traveler.primary_identifier, traveler.secondary_identifier, traveler.birth_date)
        values, corrected = set_right(
            _as_text(recorded),
            now=_as_text(own) if own is not None else {},
            amendments=amendments.get(traveler.id, ()),
        )
        identity = Identity(
            values["primary_identifier"],
            values["secondary_identifier"],
            date.fromisoformat(values["birth_date"]) if values["birth_date"] else None,
        )
        known.append(KnownFace(traveler.id, identity, candidate["score"], corrected))
    return known


def _as_text(identity: Identity) -> dict[str, str]:
    return {
        "primary_identifier": identity.primary_identifier,
        "secondary_identifier": identity.secondary_identifier,
        "birth_date": identity.birth_date.isoformat() if identity.birth_date else "",
    }
