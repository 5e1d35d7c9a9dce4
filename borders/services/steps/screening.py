"""Screen the traveller against the watchlists."""

from borders.core.pipeline import Step
from borders.services.steps.context import PIPELINE, StepInput, StepResult
from borders.services.steps.faces import watchlist_comparison
from watchlists.services import screen


def screen_traveler(given: StepInput) -> StepResult:
    """Screen by document, by name and birth date, and by face where this round has compared one."""
    inspection = given.inspection
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
