"""Check the document on what was read from it, what is printed on it, and who held it before."""

from django.conf import settings

from borders.core.printed_zone import explain_from_page, values_in_force
from borders.services.steps.context import StepInput, StepResult
from travelers.core.checks import check_document, check_holder
from travelers.queries import document_facts, earlier_holders


def check_the_document(given: StepInput) -> StepResult:
    """Apply the document checks to the reading in force, or to none."""
    reading = given.inspection.reading
    facts = document_facts(
        reading=reading,
        printed=values_in_force(
            sent=given.inspection.printed,
            read=given.inspection.printed_read,
            is_corrected=given.context.current.number > 1,
        ),
        accept_specimens=settings.DEPLOYMENT != "production",
    )
    earlier = earlier_holders(reading=reading, before=given.at) if reading is not None else ()
    findings = explain_from_page(
        check_document(facts, at=given.at), sent=given.inspection.printed, read=given.inspection.printed_read
    )
    return StepResult(findings=(*findings, check_holder(facts, earlier)))
