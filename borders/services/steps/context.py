"""What a step is given and what it gives back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy.typing as npt

from audit.core.actor import system_actor
from biometrics.core.mrz import MrzReading
from biometrics.core.outcomes import Finding, Settings
from biometrics.models import CapturedImage
from biometrics.services.images import load_image
from biometrics.services.mrz import read_page
from borders.core.amendments import Amendment
from borders.core.pipeline import Step, StepState
from borders.core.rules import Rule, settings_of
from borders.models import Inspection
from borders.record_queries import amendments_for
from borders.services.advice import Round
from travelers.models import DocumentReading

PIPELINE = system_actor("pipeline")


@dataclass(slots=True)
class StepContext:
    """One inspection in the hands of one worker, under the rules in force when it was taken up.

    Decoded images are kept for the steps that come after.
    """

    inspection: Inspection
    current: Round
    images: dict[UUID, npt.NDArray[Any]] = field(default_factory=dict)
    zones: dict[UUID, MrzReading] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    amended: dict[UUID, Sequence[Amendment]] = field(default_factory=dict)

    def load(self, image: CapturedImage) -> npt.NDArray[Any]:
        """Return an image as uint8 (H, W, 3) BGR. Raises ImageMissing, ImageRefused."""
        if image.id not in self.images:
            self.images[image.id] = load_image(image=image)
        return self.images[image.id]

    def read_zone(self, image: CapturedImage) -> MrzReading:
        """Return what the MRZ reader makes of an image, once a worker. Raises ImageMissing, ImageRefused."""
        if image.id not in self.zones:
            self.zones[image.id] = read_page(image_bgr=self.load(image))
        return self.zones[image.id]

    def amendments_of(self, reading: DocumentReading | None, at: datetime) -> Sequence[Amendment]:
        """Return what was corrected on request about the traveller recorded with this document, asked for once."""
        if reading is None:
            return ()
        if reading.id not in self.amended:
            self.amended[reading.id] = amendments_for(reading=reading, at=at)
        return self.amended[reading.id]

    def is_done(self, step: Step) -> bool:
        """Tell whether a step of this round has ended without failing."""
        return self.current.states.get(step) is StepState.DONE


@dataclass(frozen=True, slots=True)
class StepResult:
    """findings: at most one for each check of the step. columns: of the inspection.

    comparisons: check code to its evidence.
    """

    findings: tuple[Finding, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)
    comparisons: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepInput:
    """context: the inspection as the steps before left it. at: aware UTC, when the step begins."""

    context: StepContext
    at: datetime

    @property
    def inspection(self) -> Inspection:
        return self.context.inspection

    @property
    def settings(self) -> Settings:
        """Return the values of the rules in force, code to name to value."""
        return settings_of(self.context.rules)
