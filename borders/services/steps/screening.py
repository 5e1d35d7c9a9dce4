"""Screen the traveller against the watchlists."""

from dataclasses import replace

from borders.core.amendments import COMPARED, set_right
from borders.core.pipeline import Step
from borders.core.training import practise_screening
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from borders.services.steps.faces import watchlist_comparison
from borders.services.training import find_run
from watchlists.core.exceptions import Presented
from watchlists.services import screen
from watchlists.services.exceptions import presented_of_reading


def screen_traveler(given: StepInput) -> StepResult:
    """Screen by document, by name and birth date, and by face where this round has compared one."""
    inspection = given.inspection
    if inspection.training:
        run = find_run(inspection=inspection)
        return StepResult(practise_screening(listed=run is not None and run.listed))
    compared = given.context.is_done(Step.MATCH_FACE)
    result = screen(
        actor=PIPELINE,
        at=given.at,
        inspection_id=inspection.id,
        port_id=inspection.port_id,
        reading=inspection.reading,
        face=watchlist_comparison(inspection.live_template) if compared else None,
        corrected=_set_right(given),
    )
    return StepResult(tuple(result.findings), {"screening": result.screening})


def _set_right(given: StepInput) -> Presented | None:
    """Return the traveller as the record was corrected on request, where that differs from what the document says.

    The document may say what is wrong for as long as it lasts: the person is looked up under both.
    """
    reading = given.inspection.reading
    amendments = given.context.amendments_of(reading, given.at)
    if reading is None or not amendments:
        return None
    presented = presented_of_reading(reading)
    values = {name: getattr(presented, name) for name in COMPARED}
    counted, changed = set_right(values, now={}, amendments=amendments)
    return replace(presented, **counted) if changed else None
