"""Read the document: its chip, and its page."""

from collections.abc import Mapping
from typing import Any

from borders.services.steps.chip import verify_the_chip
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading
from travelers.services import record_chip_reading, record_mrz_reading


def read_document(given: StepInput) -> StepResult:
    """Verify the chip and read the page. Neither waits for the other: a chip that fails leaves the page to be read.

    A chip is the reading where no page can be: the zone in data group 1 is the zone of the page.
    """
    columns = {**verify_the_chip(given), **_read_page(given)}
    return StepResult(columns={**columns, **_read_chip(given, columns)})


def _read_chip(given: StepInput, found: Mapping[str, Any]) -> dict[str, Any]:
    """Take the zone of the chip for the reading, where page and officer gave none."""
    inspection = given.inspection
    reading = found.get("reading", inspection.reading)
    verification = found.get("chip_verification", inspection.chip_verification)
    if verification is None or not verification.dg1_lines:
        return {}
    if reading is not None and reading.status != DocumentReading.Status.UNREADABLE:
        return {}
    taken = record_chip_reading(
        actor=PIPELINE,
        at=given.at,
        lines=verification.dg1_lines,
        page=reading,
        image=inspection.page_image,
    )
    return {} if taken is None else {"reading": taken}


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
