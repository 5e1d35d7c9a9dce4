"""The detectors that this deployment plugs in (FACE_DETECTORS), one object each a process."""

import functools
import os
from importlib import import_module

from django.conf import settings

from biometrics.core.faces import Array, Face
from biometrics.core.quality.detectors import CaptureDetector, DetectorFinding, Subject, ask_detectors


class DetectorRefused(ValueError):
    """A name in FACE_DETECTORS leads to nothing that is a detector."""


def assess_capture(*, image_bgr: Array, face: Face) -> tuple[DetectorFinding, ...]:
    """Return what the plugged-in detectors say of a face, and "not assessed" for what none looks for. Raises DetectorRefused."""
    return ask_detectors(
        [load_detector(path, os.getpid()) for path in settings.FACE_DETECTORS], image_bgr, face
    )


@functools.cache
def load_detector(path: str, process_id: int) -> CaptureDetector:
    """Return the detector behind "package.module:factory", made once a process. Raises DetectorRefused.

    process_id: a network opened before a fork must not be used behind it.
    """
    module, _, name = path.partition(":")
    try:
        detector: CaptureDetector = getattr(import_module(module), name)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise DetectorRefused(f"FACE_DETECTORS: {path!r} cannot be made") from error
    wanted = ("name", "version", "subject", "error_rates", "read")
    if any(not hasattr(detector, attribute) for attribute in wanted) or detector.subject not in set(Subject):
        raise DetectorRefused(f"FACE_DETECTORS: {path!r} is no detector; it needs {', '.join(wanted)}")
    return detector
