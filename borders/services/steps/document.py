"""Check the document on what was read from it, what is printed on it, what else was presented, and who held it before."""

from django.conf import settings

from biometrics.core.outcomes import Finding
from borders.core.printed_zone import explain_from_page, values_in_force
from borders.services.steps.context import StepInput, StepResult
from borders.services.steps.page import check_the_page
from borders.services.steps.seal import visa_facts_of
from travelers.core.checks import check_document, check_holder
from travelers.core.chip.facts import chip_facts
from travelers.queries import document_facts, earlier_holders
from travelers.services import chip_result


def check_the_document(given: StepInput) -> StepResult:
    """Apply the document checks to the reading in force, or to none, and look at the pixels of the page."""
    return StepResult(findings=(*check_what_was_read(given), *check_the_page(given)))


def check_what_was_read(given: StepInput) -> tuple[Finding, ...]:
    """Apply the checks that need no picture."""
    inspection = given.inspection
    reading = inspection.reading
    facts = document_facts(
        reading=reading,
        printed=values_in_force(
            sent=inspection.printed,
            read=inspection.printed_read,
            is_corrected=given.context.current.number > 1,
        ),
        accept_specimens=settings.DEPLOYMENT != "production",
        chip=chip_facts(
            chip_result(verification=inspection.chip_verification), attempted=inspection.chip_attempted
        ),
        visa=visa_facts_of(inspection, at=given.at),
    )
    earlier = earlier_holders(reading=reading, before=given.at) if reading is not None else ()
    findings = explain_from_page(
        check_document(facts, at=given.at, settings=given.settings),
        sent=inspection.printed,
        read=inspection.printed_read,
    )
    return (*findings, check_holder(facts, earlier))
