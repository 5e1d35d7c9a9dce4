"""Verify the chip against the trust store in force."""

from typing import Any

from borders.services.steps.context import PIPELINE, StepInput
from travelers.services import verify_stored_chip


def verify_the_chip(given: StepInput) -> dict[str, Any]:
    """Return the inspection's columns with what was found in the chip; nothing where no chip was read.

    A round that follows a correction asks nothing of the chip that has not been answered.
    """
    inspection = given.inspection
    if inspection.chip is None or inspection.chip_verification is not None:
        return {}
    return {"chip_verification": verify_stored_chip(actor=PIPELINE, at=given.at, chip=inspection.chip)}
