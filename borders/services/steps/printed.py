"""Read the printed zone of the page, after the machine readable zone has been read and its answer stored."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from audit.services import record
from biometrics.core.mrz import Mrz, MrzFormatError, MrzReading, parse_mrz
from biometrics.services.viz import BUDGET_MS, PrintedReading, read_printed
from borders.core.printed_zone import needs_reading
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading

# the checks that come after need this long before the booth's deadline
RESERVE_S = 1.5
OUT_OF_TIME = "out_of_time"


def read_printed_zone(given: StepInput) -> StepResult:
    """Read what is printed above the zone, where the booth's own reader did not say and the time allows.

    Late is no fault of the traveller: near the booth's deadline the page is not read, and the checks say so.
    """
    inspection, reading = given.inspection, given.inspection.reading
    if (
        not settings.READ_PRINTED_ZONE
        or given.context.current.number > 1
        or inspection.page_image is None
        or reading is None
        or reading.source != DocumentReading.Source.MRZ
        or reading.status == DocumentReading.Status.UNREADABLE
        or not needs_reading(inspection.printed)
    ):
        return StepResult()
    time_left = inspection.deadline_at - given.at - timedelta(seconds=RESERVE_S)
    if time_left <= timedelta():
        return StepResult(columns={"printed_read": {"fields": {}, "reason": OUT_OF_TIME}})
    zone = given.context.read_zone(inspection.page_image)
    mrz = _parse(zone, given)
    if mrz is None or zone.corners is None:
        return StepResult()
    found = read_printed(
        image_bgr=given.context.load(inspection.page_image),
        corners=zone.corners,
        mrz=mrz,
        at=given.at,
        budget_ms=min(BUDGET_MS, time_left.total_seconds() * 1e3),
    )
    kept = _keep(found)
    record(
        actor=PIPELINE,
        at=given.at,
        action="printed_zone.read",
        object_type="inspection",
        object_id=inspection.id,
        detail={
            "image": str(inspection.page_image_id),
            "fields": {name: field["status"] for name, field in kept["fields"].items()},
        },
    )
    return StepResult(columns={"printed_read": kept})


def _parse(zone: MrzReading, given: StepInput) -> Mrz | None:
    """Return the zone before any repair, as the checks see it; the repaired one where only that parses."""
    for lines in (zone.lines_read, zone.lines):
        try:
            return parse_mrz(lines, at=given.at)
        except MrzFormatError:
            continue
    return None


def _keep(found: PrintedReading) -> dict[str, Any]:
    return {
        "fields": {
            field.name.value: {
                "status": field.status.value,
                "value": field.value,
                "score": round(field.score, 3),
                "corners": [[round(x), round(y)] for x, y in field.corners],
            }
            for field in found.fields
        },
        "reason": "" if found.is_whole else OUT_OF_TIME,
    }
