"""Check the document on what was read from it, what is printed on it, what else was presented, and who held it before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.conf import settings

from biometrics.core.outcomes import Finding
from borders.core.amendments import set_right
from borders.core.printed_zone import explain_from_page, values_in_force
from borders.services.steps.context import StepInput, StepResult
from borders.services.steps.page import check_the_page
from borders.services.steps.seal import visa_facts_of
from travelers.core.checks import EarlierHolder, check_document, check_holder
from travelers.core.chip.facts import chip_facts
from travelers.models import DocumentReading
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
    earlier, corrected = _set_right(given, earlier)
    findings = explain_from_page(
        check_document(facts, at=given.at, settings=given.settings),
        sent=inspection.printed,
        read=inspection.printed_read,
    )
    holder = check_holder(facts, earlier)
    if corrected:
        holder = replace(holder, detail={**holder.detail, "corrected_on_request": list(corrected)})
    return (*findings, holder)


def _set_right(
    given: StepInput, earlier: Sequence[EarlierHolder]
) -> tuple[tuple[EarlierHolder, ...], tuple[str, ...]]:
    """Return the earlier holders as they count after corrections of the record, and the fields that these changed."""
    reading = given.inspection.reading
    amendments = given.context.amendments_of(reading, given.at) if earlier else ()
    if reading is None or not amendments:
        return tuple(earlier), ()
    fields: set[str] = set()
    counted = []
    for holder in earlier:
        values, corrected = set_right(_as_text(holder), now=_as_text(reading), amendments=amendments)
        fields.update(corrected)
        born = date.fromisoformat(values["birth_date"]) if values["birth_date"] else None
        counted.append(EarlierHolder(values["primary_identifier"], values["secondary_identifier"], born))
    return tuple(counted), tuple(sorted(fields))


def _as_text(who: EarlierHolder | DocumentReading) -> dict[str, str]:
    return {
        "primary_identifier": who.primary_identifier,
        "secondary_identifier": who.secondary_identifier,
        "birth_date": who.birth_date.isoformat() if who.birth_date else "",
    }
