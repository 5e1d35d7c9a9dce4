"""The seam for what this project does not hold: OFIQ, presentation-attack and morph detectors.

A detector is a control only with error rates that somebody measured: without them its answer is evidence and decides
nothing. Without a detector the answer is UNDETERMINED, "no_detector", which is never PASS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from biometrics.core.faces.engine import Array, Face
from biometrics.core.outcomes import Outcome


class Subject(StrEnum):
    """What a detector looks for."""

    QUALITY = "QUALITY"
    PRESENTATION_ATTACK = "PRESENTATION_ATTACK"
    MORPH = "MORPH"


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often a detector errs, as measured.

    missed: share of attacks or morphs called genuine (APCER, MACER), false_alarm: share of genuine ones called attacks
    (BPCER), both in [0, 1] and at the detector's own threshold. attacks, genuine: how many of each were tried, >= 1.
    material: what they were: attack instruments or morphing methods, and the capture devices. measured_by, measured_on:
    who and when. Raises ValueError for values out of range. Source: ISO/IEC 30107-3 (attacks), ISO/IEC 20059 (morphs).
    """

    missed: float
    false_alarm: float
    attacks: int
    genuine: int
    material: str
    measured_by: str
    measured_on: date

    def __post_init__(self) -> None:
        if not (0 <= self.missed <= 1 and 0 <= self.false_alarm <= 1):
            raise ValueError("a rate lies between 0 and 1")
        if self.attacks < 1 or self.genuine < 1 or not self.material or not self.measured_by:
            raise ValueError("error rates name what they were measured on, and by whom")


@dataclass(frozen=True, slots=True)
class DetectorReading:
    """What a detector says of one face.

    is_suspicious: at the detector's own threshold; None where it answers with values only, as OFIQ does. values: its own
    numbers by name.
    """

    is_suspicious: bool | None
    values: Mapping[str, float] = field(default_factory=dict)


class CaptureDetector(Protocol):
    """A detector that a State plugs in. error_rates: None as long as nobody measured them on captures like its own."""

    name: str
    version: str
    subject: Subject
    error_rates: ErrorRates | None

    def read(self, image_bgr: Array, face: Face) -> DetectorReading:
        """Look at one face. image_bgr: uint8 (H, W, 3), upright. May raise: that becomes UNDETERMINED."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorFinding:
    """The answer for one subject.

    code: "no_detector", "detector_failed", "no_error_rates", "suspicious", "unsuspicious" or "values_only". outcome: FAIL
    or PASS only from a detector with measured error rates; UNDETERMINED otherwise. is_control: whether it may decide.
    """

    subject: Subject
    outcome: Outcome
    code: str
    detector: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    error_rates: ErrorRates | None = None

    @property
    def is_control(self) -> bool:
        return self.error_rates is not None and self.outcome in (Outcome.PASS, Outcome.FAIL)


def ask_detectors(
    detectors: Sequence[CaptureDetector], image_bgr: Array, face: Face
) -> tuple[DetectorFinding, ...]:
    """Return a finding of every detector, and "no_detector" for each subject that none looks for.

    image_bgr: uint8 (H, W, 3), upright. face: found in it. One that fails does not stop the others.
    """
    findings = [_ask(detector, image_bgr, face) for detector in detectors]
    looked_for = {finding.subject for finding in findings}
    return (
        *findings,
        *(
            DetectorFinding(subject, Outcome.UNDETERMINED, "no_detector")
            for subject in Subject
            if subject not in looked_for
        ),
    )


def _ask(detector: CaptureDetector, image_bgr: Array, face: Face) -> DetectorFinding:
    name = f"{detector.name} {detector.version}"
    try:
        reading = detector.read(image_bgr, face)
    except (
        Exception
    ):  # whatever a foreign detector raises, the traveller is not assessed by it, and not cleared
        return DetectorFinding(detector.subject, Outcome.UNDETERMINED, "detector_failed", name)
    rates = detector.error_rates
    if reading.is_suspicious is None:
        return DetectorFinding(
            detector.subject, Outcome.UNDETERMINED, "values_only", name, reading.values, rates
        )
    if rates is None:
        return DetectorFinding(detector.subject, Outcome.UNDETERMINED, "no_error_rates", name, reading.values)
    outcome, code = (Outcome.FAIL, "suspicious") if reading.is_suspicious else (Outcome.PASS, "unsuspicious")
    return DetectorFinding(detector.subject, outcome, code, name, reading.values, rates)
