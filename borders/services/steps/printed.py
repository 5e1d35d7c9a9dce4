"""Read the printed zone of the page, after the machine readable zone has been read and its answer stored."""

from datetime import timedelta

from django.conf import settings

from audit.services import record
from biometrics.services.viz import BUDGET_MS, read_printed
from borders.core.printed_zone import needs_reading
from borders.services.captures_ahead import find_read_ahead
from borders.services.printed_zone import OUT_OF_TIME, keep_printed, parse_as_read
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading

# the checks that come after need this long before the booth's deadline
RESERVE_S = 1.5


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
    mrz = parse_as_read(zone, at=given.at)
    if mrz is None or zone.corners is None:
        return StepResult()
    kept = find_read_ahead(
        booth_id=inspection.booth_id,
        sha256=inspection.page_image.sha256,
        at=given.at,
        wait_s=min(time_left.total_seconds(), BUDGET_MS / 1e3),
    )
    if kept is None:
        found = read_printed(
            image_bgr=given.context.load(inspection.page_image),
            corners=zone.corners,
            mrz=mrz,
            at=given.at,
            budget_ms=min(BUDGET_MS, time_left.total_seconds() * 1e3),
        )
        kept = keep_printed(found)
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
