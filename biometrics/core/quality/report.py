"""Run every measure and put the results together; one failure never stops the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from biometrics.core.faces.engine import Array, Face
from biometrics.core.quality.measures import MEASURES, Measure
from biometrics.core.quality.picture import FaceImage, NotMeasurable


class MeasureStatus(StrEnum):
    """What became of a measure. NOT_ASSESSED is never GOOD."""

    GOOD = "GOOD"
    DEFECT = "DEFECT"
    NOT_ASSESSED = "NOT_ASSESSED"


@dataclass(frozen=True)
class Measurement:
    """One measure applied to one picture.

    code: stable. native: in the measure's own unit, None if not assessed. score: 0 (worst) to 100, None
    likewise. advice: an English sentence, advice_code: the same in no language; both empty unless status is DEFECT.
    admits: whether a template may be made in spite of this measure.
    """

    code: str
    status: MeasureStatus
    native: float | None
    score: int | None
    advice: str = ""
    advice_code: str = ""
    admits: bool = True


@dataclass(frozen=True)
class QualityReport:
    """All measurements of one picture, in the order of MEASURES."""

    face_count: int
    measurements: tuple[Measurement, ...]

    @property
    def _poor(self) -> tuple[Measurement, ...]:
        poor = (item for item in self.measurements if item.status is MeasureStatus.DEFECT)
        return tuple(sorted(poor, key=lambda item: item.score or 0))

    @property
    def defects(self) -> tuple[str, ...]:
        """The codes of the measures that fell below their bar, worst score first."""
        return tuple(item.code for item in self._poor)

    @property
    def not_assessed(self) -> tuple[str, ...]:
        """The codes of the measures that could not be taken."""
        return tuple(item.code for item in self.measurements if item.status is MeasureStatus.NOT_ASSESSED)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to tell the person or the officer, worst score first."""
        return tuple(item.advice for item in self._poor)

    @property
    def score(self) -> int:
        """The lowest score of all measures that were taken, 0 to 100; 0 if none was. An estimate, not a control."""
        return min((item.score for item in self.measurements if item.score is not None), default=0)

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON values."""
        return {
            "face_count": self.face_count,
            "score": self.score,
            "defects": list(self.defects),
            "measures": {
                item.code: {
                    "status": item.status.value,
                    "native": item.native,
                    "score": item.score,
                    "advice": item.advice,
                    "advice_code": item.advice_code,
                }
                for item in self.measurements
            },
        }


def assess(
    image_bgr: Array, faces: Sequence[Face], *, measures: Sequence[Measure] = MEASURES
) -> QualityReport:
    """Measure the capture quality of a picture.

    image_bgr: uint8 (H, W, 3), upright. faces: all that were found, the chosen one first; may be empty.
    measures: which to take; other detectors join here. Never raises for what a picture holds: a measure that
    fails is NOT_ASSESSED. Source: ISO/IEC 29794-5 for the names of the components; the numbers are this
    project's own estimates.
    """
    picture = FaceImage(image_bgr, tuple(faces))
    return QualityReport(len(faces), tuple(_measure(measure, picture) for measure in measures))


def _measure(measure: Measure, picture: FaceImage) -> Measurement:
    try:
        native = float(measure.compute(picture))
    except (NotMeasurable, ValueError, ArithmeticError, LookupError):
        return Measurement(measure.code, MeasureStatus.NOT_ASSESSED, None, None)
    if native != native or native in (float("inf"), float("-inf")):
        return Measurement(measure.code, MeasureStatus.NOT_ASSESSED, None, None)
    score = measure.map_to_score(native)
    if score < measure.bar:
        return Measurement(
            measure.code,
            MeasureStatus.DEFECT,
            round(native, 3),
            score,
            measure.advise(native),
            measure.advice_code(native),
            measure.admits_from is None or score >= measure.admits_from,
        )
    return Measurement(measure.code, MeasureStatus.GOOD, round(native, 3), score)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a template may be made. codes: of the measures that forbid it, worst first; empty exactly when admitted."""

    codes: tuple[str, ...]

    @property
    def admitted(self) -> bool:
        return not self.codes


def admit(report: QualityReport) -> Admission:
    """Tell whether the quality of a picture admits a template.

    Refused is only what no engine can turn into a useful vector: no face, or one far too small, dark, bright, flat or
    blurred; a measure that could not be taken refuses nothing. What is merely poor is advised on and matched. A refusal
    is a failure to acquire (ISO/IEC 19795-1), never a non-match.
    """
    refused = (item for item in report.measurements if not item.admits)
    return Admission(tuple(item.code for item in sorted(refused, key=lambda item: item.score or 0)))
