"""Signs of forgery in the pixels of a page: recapture, a zone that is not OCR-B or not straight, a portrait put in.

Each is an indicator with measured rates (docs/document-checks.md). None of them proves anything, and none blocks.
"""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

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
from biometrics.core.page_checks.portrait import PortraitMeasures, measure_portrait
from biometrics.core.page_checks.spectrum import measure_recapture
from biometrics.core.page_checks.zone_print import Corners, ZoneMeasures, measure_zone

MEASURED = "measured on generated pages and forgeries; manage.py evaluate_documents"
PAGE_RECAPTURE = Check(
    "PAGE.RECAPTURE",
    "The page is no picture of a screen and no halftone print.",
    Severity.INFORM,
    MEASURED,
    parameters=(
        Parameter("peak", 0.75, "Strength of a pattern over the whole page, in powers of ten.", most=10),
    ),
)
PAGE_FONT = Check(
    "PAGE.FONT",
    "The zone is printed in OCR-B throughout.",
    Severity.INFORM,
    f"Doc 9303-3 section 4 (OCR-B); {MEASURED}",
    parameters=(
        Parameter(
            "clear", 0.93, "Likeness of the clearest line from which a picture is judged at all.", most=1
        ),
        Parameter("drop", 0.1, "Most by which a stretch may fall behind the clearest line.", most=1),
    ),
)
PAGE_BASELINE = Check(
    "PAGE.BASELINE",
    "The lines of the zone are straight, parallel and unbroken.",
    Severity.INFORM,
    MEASURED,
    parameters=(
        Parameter(
            "clear", 0.93, "Likeness of the clearest line from which a picture is judged at all.", most=1
        ),
        Parameter(
            "step", 0.06, "Most by which a stretch stands off its line, in heights of a capital.", most=2
        ),
        Parameter(
            "turn", 0.65, "Most by which two lines may be turned against each other.", unit="degrees", most=20
        ),
    ),
)
PAGE_PORTRAIT = Check(
    "PAGE.PORTRAIT",
    "Portrait and page have the same noise and sharpness.",
    Severity.INFORM,
    MEASURED,
    parameters=(
        Parameter("noisier", 1.3, "Most by which the portrait may be noisier, in powers of two.", most=10),
        Parameter(
            "stiller",
            5,
            "Most by which places without any fine detail may be more frequent in it, in powers of two.",
            most=20,
        ),
        Parameter(
            "still_share",
            0.1,
            "Share of such places in the portrait from which they are asked about.",
            most=1,
        ),
    ),
)
PAGE_CHECKS: tuple[Check, ...] = (PAGE_RECAPTURE, PAGE_FONT, PAGE_BASELINE, PAGE_PORTRAIT)


def judge_recapture(peak: float | None, settings: Settings) -> Finding:
    """Return the finding on the strength of a pattern over the whole page; None: too small to tell."""
    if peak is None:
        return Finding(PAGE_RECAPTURE, Outcome.NOT_APPLICABLE, "too_small")
    detail = {"peak": round(peak, 3)}
    if peak > float(value_of(PAGE_RECAPTURE, "peak", settings)):
        return Finding(PAGE_RECAPTURE, Outcome.FAIL, "pattern_over_page", detail)
    return Finding(PAGE_RECAPTURE, Outcome.PASS, "", detail)


def judge_font(zone: ZoneMeasures | None, settings: Settings) -> Finding:
    """Return the finding on the likeness of the zone to OCR-B; None: no zone, or too small to tell."""
    if zone is None:
        return Finding(PAGE_FONT, Outcome.NOT_APPLICABLE, "too_small")
    detail = {
        "likeness": round(zone.likeness, 3),
        "least": round(zone.least_likeness, 3),
        "line": zone.least_line,
    }
    if zone.likeness < float(value_of(PAGE_FONT, "clear", settings)):
        return Finding(PAGE_FONT, Outcome.NOT_APPLICABLE, "not_clear", detail)
    if zone.likeness - zone.least_likeness > float(value_of(PAGE_FONT, "drop", settings)):
        return Finding(PAGE_FONT, Outcome.FAIL, "stretch_unlike_the_rest", detail)
    return Finding(PAGE_FONT, Outcome.PASS, "", detail)


def judge_baseline(zone: ZoneMeasures | None, settings: Settings) -> Finding:
    """Return the finding on the straightness of the zone's lines; None: no zone, or too small to tell."""
    if zone is None:
        return Finding(PAGE_BASELINE, Outcome.NOT_APPLICABLE, "too_small")
    detail = {"step": round(zone.step, 4), "turn_deg": round(zone.turn_deg, 3), "line": zone.step_line}
    if zone.turn_deg > float(value_of(PAGE_BASELINE, "turn", settings)):
        return Finding(PAGE_BASELINE, Outcome.FAIL, "lines_not_parallel", detail)
    if zone.likeness < float(value_of(PAGE_BASELINE, "clear", settings)):
        return Finding(PAGE_BASELINE, Outcome.NOT_APPLICABLE, "not_clear", detail)
    if zone.step > float(value_of(PAGE_BASELINE, "step", settings)):
        return Finding(PAGE_BASELINE, Outcome.FAIL, "broken_line", detail)
    return Finding(PAGE_BASELINE, Outcome.PASS, "", detail)


def judge_portrait(portrait: PortraitMeasures | None, settings: Settings) -> Finding:
    """Return the finding on portrait against page; None: no portrait was found."""
    if portrait is None:
        return Finding(PAGE_PORTRAIT, Outcome.NOT_APPLICABLE, "no_portrait")
    detail = {
        "noise_ratio": round(portrait.noise_ratio, 3),
        "still_share": round(portrait.still_share, 3),
        "still_ratio": round(portrait.still_ratio, 2),
        "box": [round(v) for v in portrait.box_xyxy],
    }
    if portrait.noise_ratio > float(value_of(PAGE_PORTRAIT, "noisier", settings)):
        return Finding(PAGE_PORTRAIT, Outcome.FAIL, "noisier_than_page", detail)
    is_frequent = portrait.still_share >= float(value_of(PAGE_PORTRAIT, "still_share", settings))
    if is_frequent and portrait.still_ratio > float(value_of(PAGE_PORTRAIT, "stiller", settings)):
        return Finding(PAGE_PORTRAIT, Outcome.FAIL, "smoother_than_page", detail)
    return Finding(PAGE_PORTRAIT, Outcome.PASS, "", detail)


def judge_page(
    *,
    image_bgr: NDArray[Any],
    lines: Sequence[str],
    corners: Corners,
    face_xyxy: Sequence[float] | None,
    glyphs: NDArray[Any],
    settings: Settings = AS_DELIVERED,
) -> tuple[Finding, ...]:
    """Return the findings of PAGE_CHECKS on one picture, in their order.

    image_bgr: uint8 (H, W, 3). lines, corners: of the zone as read, empty where there is none. face_xyxy: of the largest
    face in pixels, None where there is none. glyphs: see measure_zone.
    """
    zone = measure_zone(image_bgr, lines, corners, glyphs) if lines and corners else None
    portrait = measure_portrait(image_bgr, face_xyxy) if face_xyxy is not None else None
    return (
        judge_recapture(measure_recapture(image_bgr), settings),
        judge_font(zone, settings),
        judge_baseline(zone, settings),
        judge_portrait(portrait, settings),
    )


__all__ = [
    "PAGE_BASELINE",
    "PAGE_CHECKS",
    "PAGE_FONT",
    "PAGE_PORTRAIT",
    "PAGE_RECAPTURE",
    "PortraitMeasures",
    "ZoneMeasures",
    "judge_baseline",
    "judge_font",
    "judge_page",
    "judge_portrait",
    "judge_recapture",
    "measure_portrait",
    "measure_recapture",
    "measure_zone",
]
