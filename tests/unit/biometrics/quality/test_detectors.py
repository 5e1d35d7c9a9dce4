"""No detector decides anything without error rates that somebody measured, and none at all is "not assessed"."""

from datetime import date

import numpy as np
import pytest

from biometrics.core.faces import Face
from biometrics.core.outcomes import Outcome
from biometrics.core.quality.detectors import (
    CaptureDetector,
    DetectorReading,
    ErrorRates,
    Subject,
    ask_detectors,
)
from biometrics.services.detectors import DetectorRefused, assess_capture

IMAGE = np.zeros((40, 40, 3), np.uint8)
FACE = Face((5, 5, 35, 35), np.zeros((5, 2), np.float32), 0.9)
RATES = ErrorRates(
    0.03, 0.02, 1200, 5000, "prints and screens, booth cameras", "national laboratory", date(2026, 3, 1)
)


class Detector:
    name = "test"
    version = "1"

    def __init__(
        self,
        answer: bool | None = False,
        subject: Subject = Subject.PRESENTATION_ATTACK,
        error_rates: ErrorRates | None = RATES,
    ) -> None:
        self.answer, self.subject, self.error_rates = answer, subject, error_rates

    def read(self, image_bgr: np.ndarray, face: Face) -> DetectorReading:
        if image_bgr is not IMAGE:
            raise RuntimeError("a detector's own failure")
        return DetectorReading(self.answer, {"score": 0.5})


class Unmeasured(Detector):
    def __init__(self) -> None:
        super().__init__(error_rates=None)


CASES: list[tuple[CaptureDetector, Outcome, str, bool]] = [
    (Detector(True), Outcome.FAIL, "suspicious", True),
    (Detector(False), Outcome.PASS, "unsuspicious", True),
    (Detector(True, error_rates=None), Outcome.UNDETERMINED, "no_error_rates", False),
    (Detector(False, error_rates=None), Outcome.UNDETERMINED, "no_error_rates", False),
    (Detector(None, Subject.QUALITY), Outcome.UNDETERMINED, "values_only", False),
]


@pytest.mark.parametrize(("detector", "outcome", "code", "is_control"), CASES)
def test_only_measured_detectors_decide(
    detector: CaptureDetector, outcome: Outcome, code: str, is_control: bool
) -> None:
    finding = ask_detectors([detector], IMAGE, FACE)[0]
    assert (finding.outcome, finding.code, finding.is_control) == (outcome, code, is_control)
    assert finding.values == {"score": 0.5}


def test_without_detectors_nothing_is_assessed() -> None:
    findings = ask_detectors([], IMAGE, FACE)
    assert {f.subject: (f.outcome, f.code) for f in findings} == dict.fromkeys(
        Subject, (Outcome.UNDETERMINED, "no_detector")
    )


def test_detector_that_fails_is_not_assessed_and_stops_no_other() -> None:
    findings = ask_detectors([Detector(), Detector(subject=Subject.MORPH)], IMAGE.copy(), FACE)
    assert {f.subject: f.code for f in findings} == {
        Subject.PRESENTATION_ATTACK: "detector_failed",
        Subject.MORPH: "detector_failed",
        Subject.QUALITY: "no_detector",
    }
    assert {f.outcome for f in findings} == {Outcome.UNDETERMINED}


@pytest.mark.parametrize(
    "wrong",
    [
        {"missed": 1.2},
        {"false_alarm": -0.1},
        {"attacks": 0},
        {"genuine": 0},
        {"material": ""},
        {"measured_by": ""},
    ],
)
def test_error_rates_name_what_they_rest_on(wrong: dict[str, object]) -> None:
    values = {
        "missed": 0.1, "false_alarm": 0.1, "attacks": 1, "genuine": 1, "material": "prints",
        "measured_by": "us", "measured_on": date(2026, 1, 1),
    }  # fmt: skip
    with pytest.raises(ValueError, match="rate"):
        ErrorRates(**(values | wrong))


def test_detectors_come_from_the_settings(settings) -> None:
    settings.FACE_DETECTORS = [f"{__name__}:Unmeasured"]
    codes = {f.subject: f.code for f in assess_capture(image_bgr=IMAGE, face=FACE)}
    assert codes[Subject.PRESENTATION_ATTACK] == "no_error_rates"


@pytest.mark.parametrize("path", ["nowhere:Detector", "json:nothing", "json:JSONDecoder", "json"])
def test_setting_that_leads_to_no_detector_is_refused(settings, path: str) -> None:
    settings.FACE_DETECTORS = [path]
    with pytest.raises(DetectorRefused, match=path):
        assess_capture(image_bgr=IMAGE, face=FACE)
