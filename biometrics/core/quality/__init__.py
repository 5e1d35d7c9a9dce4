"""Capture quality: what a picture of a face is worth before it is compared, and what to do about it."""

from biometrics.core.quality.measures import MEASURES, FaceImage
from biometrics.core.quality.report import Measurement, MeasureStatus, QualityReport, assess

__all__ = ["MEASURES", "FaceImage", "MeasureStatus", "Measurement", "QualityReport", "assess"]
