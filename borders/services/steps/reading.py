"""Read the document: its chip, and its page."""

from typing import Any

from borders.services.steps.chip import verify_the_chip
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading
from travelers.services import record_mrz_reading


def read_document(given: StepInput) -> StepResult:
    """Verify the chip and read the page. Neither waits for the other: a chip that fails leaves the page to be read."""
    columns = {**verify_the_chip(given), **_read_page(given)}
    return StepResult(columns=columns)


def _read_page(given: StepInput) -> dict[str, Any]:
    """Read the MRZ of the page. What an officer keyed or corrected is the reading already.

    Fields keyed beside a page are what is gone by if the page cannot be read with certainty; the machine's
    reading is kept too.
    """
    inspection = given.inspection
    corrected = given.context.current.number > 1 and inspection.reading is not None
    if corrected or inspection.page_image is None:
        return {}
    found = given.context.read_zone(inspection.page_image)
    reading = record_mrz_reading(actor=PIPELINE, at=given.at, image=inspection.page_image, reading=found)
    if inspection.reading is not None and reading.status != DocumentReading.Status.ACCEPTED:
        return {}
    return {"reading": reading}
