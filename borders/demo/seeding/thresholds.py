"""The operating points of the demo: proposed by one supervisor, approved by another."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from audit.core.actor import Actor
from biometrics.models import OperatingPoint
from biometrics.services.engines import ENGINE_NAMES, load_engine
from biometrics.services.operating_points import approve_operating_point, propose_operating_point
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.core.thresholds import START_BITS

Purpose = OperatingPoint.Purpose

PRESS_PHOTOGRAPHS = (
    "Measured on press photographs (Labeled Faces in the Wild, 9.1 million non-mated pairs), not on passports "
    "or booths: a value to start from. Recalibrate on own captures before any real use; docs/biometrics.md "
    "has the figures for the drawn faces of the demo."
)
PEOPLE = (
    "Measured on press photographs (Labeled Faces in the Wild, a part of it: 1.7 million non-mated pairs), not on passports "
    "or booths: a value to start from. Recalibrate on own captures before any real use."
)
DRAWINGS = (
    "Set on the drawn faces of the demo, of which two strangers are more alike (at most 0.62) than photographs of two "
    "people are, and one person's pictures at least 0.76. Photographs ask for about 0.47 in a gallery of 3,000, and "
    "the threshold moves with the size of the gallery: recalibrate on own captures before any real use."
)
NAMES = (
    "Measured on made-up lists of 44 naming cultures (docs/screening.md): bits of a list of 100,000 entries, from which "
    "the threshold of each list follows its size. To be recalibrated on adjudicated hits."
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One operating point to be in force. Faces of sface: cosine; of dlib: 1 minus the distance."""

    purpose: Purpose
    engine: str
    threshold: float
    target: str
    provenance: str


THRESHOLDS = (
    Threshold(Purpose.VERIFICATION, "sface", 0.378, "FMR 1e-4", PEOPLE),
    Threshold(Purpose.WATCHLIST_IDENTIFICATION, "sface", 0.660, "no false alarm among drawings", DRAWINGS),
    Threshold(Purpose.CROSSINGS_IDENTIFICATION, "sface", 0.660, "no false alarm among drawings", DRAWINGS),
    Threshold(Purpose.VERIFICATION, "dlib", 0.523, "FMR 1e-4", PRESS_PHOTOGRAPHS),
    # no FPIR was measured for this engine; its 1:1 figure at the lowest FMR stands in
    Threshold(Purpose.WATCHLIST_IDENTIFICATION, "dlib", 0.58, "FMR 1e-5 (1:1)", PRESS_PHOTOGRAPHS),
    Threshold(Purpose.CROSSINGS_IDENTIFICATION, "dlib", 0.58, "FMR 1e-5 (1:1)", PRESS_PHOTOGRAPHS),
    Threshold(
        Purpose.NAME_SCREENING, SCORE_ENGINE, START_BITS, "5 benign alerts in 1,000 at 100,000 entries", NAMES
    ),
)


def seed_operating_points(*, proposer: Actor, approver: Actor, at: datetime) -> int:
    """Put a threshold in force for each purpose and engine that has none; return how many.

    Raises OperatingPointRefused.
    """
    versions = {name: load_engine(name, network_dir=settings.NETWORK_DIR).version for name in ENGINE_NAMES}
    versions[SCORE_ENGINE] = SCORE_VERSION
    made = 0
    for wanted in THRESHOLDS:
        version = versions[wanted.engine]
        in_force = OperatingPoint.objects.filter(
            purpose=wanted.purpose,
            engine=wanted.engine,
            engine_version=version,
            state=OperatingPoint.State.ACTIVE,
        )
        if in_force.exists():
            continue
        point = propose_operating_point(
            actor=proposer,
            at=at,
            purpose=wanted.purpose,
            engine=wanted.engine,
            engine_version=version,
            threshold=wanted.threshold,
            target=wanted.target,
            provenance=wanted.provenance,
        )
        approve_operating_point(actor=approver, at=at, operating_point_id=point.id)
        made += 1
    return made
