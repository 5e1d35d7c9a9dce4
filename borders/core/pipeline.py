"""The steps of one inspection, in their order."""

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


CHECKING_STEPS: tuple[Step, ...] = tuple(s for s in Step if s is not Step.RECOMMEND)
