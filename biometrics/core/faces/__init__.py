"""Faces: find them, choose one, turn it into a vector, compare vectors.

Nothing here opens a file: engines are given their networks as functions (see biometrics/services/engines.py).
"""

from biometrics.core.faces.choice import FaceChoice, FaceOutcome, FaceRule, choose_face
from biometrics.core.faces.detection import YuNetDetector
from biometrics.core.faces.differential import PAGE_CHIP, DifferentialEvidence, PairScore, compare_three
from biometrics.core.faces.dlib_engine import DlibEngine
from biometrics.core.faces.engine import Array, Box, Face, FaceEngine, Metric
from biometrics.core.faces.extraction import Extraction, extract_template, locate_face
from biometrics.core.faces.fusion import fuse_templates
from biometrics.core.faces.scores import DimensionError, compare, compare_pairs, score
from biometrics.core.faces.sface_engine import SFaceEngine
from biometrics.core.faces.starting_points import NoStartingPoint, StartingPoint, starting_point

__all__ = [
    "PAGE_CHIP",
    "Array",
    "Box",
    "DifferentialEvidence",
    "DimensionError",
    "DlibEngine",
    "Extraction",
    "Face",
    "FaceChoice",
    "FaceEngine",
    "FaceOutcome",
    "FaceRule",
    "Metric",
    "NoStartingPoint",
    "PairScore",
    "SFaceEngine",
    "StartingPoint",
    "YuNetDetector",
    "choose_face",
    "compare",
    "compare_pairs",
    "compare_three",
    "extract_template",
    "fuse_templates",
    "locate_face",
    "score",
    "starting_point",
]
