"""The checking steps of the pipeline, each a function from what is known to what is found."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from borders.core.pipeline import Step
from borders.services.steps.context import PIPELINE, StepContext, StepInput, StepResult
from borders.services.steps.document import check_the_document
from borders.services.steps.faces import match_face
from borders.services.steps.printed import read_printed_zone
from borders.services.steps.reading import read_document
from borders.services.steps.record import check_the_record
from borders.services.steps.screening import screen_traveler

STEPS: Mapping[Step, Callable[[StepInput], StepResult]] = MappingProxyType(
    {
        Step.READ: read_document,
        Step.READ_PRINTED: read_printed_zone,
        Step.CHECK_DOCUMENT: check_the_document,
        Step.MATCH_FACE: match_face,
        Step.SCREEN: screen_traveler,
        Step.CHECK_RECORD: check_the_record,
    }
)

__all__ = ["PIPELINE", "STEPS", "StepContext", "StepInput", "StepResult"]
