"""Faces: find them, choose one, turn it into a vector, compare vectors.

Nothing here opens a file: engines are given their networks as functions (see biometrics/services/engines.py).
"""

from biometrics.core.faces.choice import FaceChoice, FaceOutcome, FaceRule, choose_face
from biometrics.core.faces.detection import YuNetDetector
from biometrics.core.faces.dlib_engine import DlibEngine
from biometrics.core.faces.engine import Array, Box, Face, FaceEngine, Metric
from biometrics.core.faces.extraction import Extraction, extract_template
from biometrics.core.faces.scores import DimensionError, compare, score
from biometrics.core.faces.sface_engine import SFaceEngine

__all__ = [
    "Array",
    "Box",
    "DimensionError",
    "DlibEngine",
    "Extraction",
    "Face",
    "FaceChoice",
    "FaceEngine",
    "FaceOutcome",
    "FaceRule",
    "Metric",
    "SFaceEngine",
    "YuNetDetector",
    "choose_face",
    "compare",
    "extract_template",
    "score",
]
