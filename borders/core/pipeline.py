"""The steps of one inspection, in their order."""

import math
from datetime import datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    """What happens to an inspection between the images and the recommendation (docs/architecture.md)."""

    READ = "READ"
    READ_PRINTED = "READ_PRINTED"
    CHECK_DOCUMENT = "CHECK_DOCUMENT"
    MATCH_FACE = "MATCH_FACE"
    SCREEN = "SCREEN"
    CHECK_RECORD = "CHECK_RECORD"
    RECOMMEND = "RECOMMEND"


class StepState(StrEnum):
    """A step is stored only when it has ended."""

    DONE = "DONE"
    FAILED = "FAILED"


# the milliseconds of screening, finely given, would tell that a silent hit was written
SCREENING_GRID_MS = 50

CHECKING_STEPS: tuple[Step, ...] = tuple(s for s in Step if s is not Step.RECOMMEND)


def shown_ms(step: str, elapsed_ms: float) -> float:
    """Return how long a step took as anybody is shown it, in milliseconds: screening on a grid, the rest to a tenth.

    step: value of Step. elapsed_ms: as measured, from 0.
    """
    if step == Step.SCREEN:
        return float(math.ceil(elapsed_ms / SCREENING_GRID_MS) * SCREENING_GRID_MS)
    return round(elapsed_ms, 1)


def shown_ready_at(opened_at: datetime, ready_at: datetime) -> datetime:
    """Return when the answer was there as a booth is shown it: whole steps of the grid of screening after the opening, for the
    time of all steps together would tell what the time of one must not.
    """
    grid = timedelta(milliseconds=SCREENING_GRID_MS)
    return opened_at + math.ceil((ready_at - opened_at) / grid) * grid
