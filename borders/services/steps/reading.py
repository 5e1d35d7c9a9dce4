"""Read the document page."""

from borders.services.steps.context import PIPELINE, StepInput, StepResult
from travelers.models import DocumentReading
from travelers.services import record_mrz_reading


def read_document(given: StepInput) -> StepResult:
    """Read the MRZ of the page. What an officer keyed or corrected is the reading already.

    Fields keyed beside a page are what is gone by if the page cannot be read with certainty; the machine's
    reading is kept too.
    """
    inspection = given.inspection
    corrected = given.context.current.number > 1 and inspection.reading is not None
    if corrected or inspection.page_image is None:
        return StepResult()
    found = given.context.read_zone(inspection.page_image)
    reading = record_mrz_reading(actor=PIPELINE, at=given.at, image=inspection.page_image, reading=found)
    if inspection.reading is not None and reading.status != DocumentReading.Status.ACCEPTED:
        return StepResult()
    return StepResult(columns={"reading": reading})
