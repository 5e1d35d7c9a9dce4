"""Capture quality: what a picture of a face is worth before it is compared, and what to do about it."""

from biometrics.core.quality.measures import MEASURES
from biometrics.core.quality.picture import FaceImage, NotMeasurable
from biometrics.core.quality.report import (
    Admission,
    Measurement,
    MeasureStatus,
    QualityReport,
    admit,
    assess,
)

__all__ = [
    "MEASURES",
    "Admission",
    "FaceImage",
    "MeasureStatus",
    "Measurement",
    "NotMeasurable",
    "QualityReport",
    "admit",
    "assess",
]
