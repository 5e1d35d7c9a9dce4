"""The faces that crossed with this document before, and the age that a face looks."""

from collections.abc import Sequence
from datetime import date, datetime

from biometrics.core.outcomes import (
    AS_DELIVERED,
    Check,
    Finding,
    Outcome,
    Parameter,
    Settings,
    Severity,
    value_of,
)
from borders.core.record_checks.party import age_at

DOCUMENT_FACE = Check(
    "DOCUMENT.FACE",
    "Whoever crossed with this document before had the same face.",
    Severity.BLOCK,
    "own record of crossings; ISO/IEC 19795-1",
)
FACE_AGE = Check(
    "FACE.AGE",
    "The face looks about as old as the birth date says.",
    Severity.INFORM,
    "no standard; estimators and people err by years",
    parameters=(
        Parameter("years", 15, "Years of difference that are let pass.", unit="years", least=5, most=50),
    ),
)
RECORD_FACE_CHECKS: tuple[Check, ...] = (DOCUMENT_FACE, FACE_AGE)


def judge_document_face(*, scores: Sequence[float], threshold: float | None, reason: str = "") -> Finding:
    """Compare the live face with those that crossed with the document before; one that agrees is enough.

    scores: 1:1, higher is more alike; () where the document never crossed with a face. threshold: the operating point
    of 1:1, None where nothing could be compared, for the given reason.
    """
    if threshold is None:
        return Finding(DOCUMENT_FACE, Outcome.UNDETERMINED, reason or "not_comparable")
    if not scores:
        return Finding(DOCUMENT_FACE, Outcome.NOT_APPLICABLE, reason or "no_earlier_face")
    detail = {"scores": [round(s, 4) for s in scores], "threshold": threshold}
    if max(scores) >= threshold:
        return Finding(DOCUMENT_FACE, Outcome.PASS, "", detail)
    return Finding(DOCUMENT_FACE, Outcome.FAIL, "other_face_before", detail)


def judge_age(
    *, apparent_years: float | None, birth_date: date | None, at: datetime, settings: Settings = AS_DELIVERED
) -> Finding:
    """Compare the age that somebody, or an estimator, sees with the birth date. It informs, and never more.

    apparent_years: None where nobody estimated.
    """
    if apparent_years is None:
        return Finding(FACE_AGE, Outcome.NOT_APPLICABLE, "not_estimated")
    if birth_date is None:
        return Finding(FACE_AGE, Outcome.NOT_APPLICABLE, "birth_date_unknown")
    years = age_at(birth_date=birth_date, at=at)
    detail = {"apparent_years": round(apparent_years), "years": years}
    if abs(apparent_years - years) > float(value_of(FACE_AGE, "years", settings)):
        return Finding(FACE_AGE, Outcome.FAIL, "looks_other_age", detail)
    return Finding(FACE_AGE, Outcome.PASS, "", detail)
