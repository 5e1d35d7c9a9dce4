"""Screen the traveller against the watchlists."""

from borders.core.pipeline import Step
from borders.core.training import practise_screening
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from borders.services.steps.faces import watchlist_comparison
from borders.services.training import find_run
from watchlists.services import screen


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
    )
    return StepResult(tuple(result.findings), {"screening": result.screening})
