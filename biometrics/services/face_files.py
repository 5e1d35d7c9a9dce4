"""Pictures of faces in files, turned into vectors and timed, for the commands and their worker processes. No database."""

import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy.typing as npt

from biometrics.core.faces import Extraction, FaceEngine, FaceRule, locate_face
from biometrics.core.images import ImageRefused, decode_image
from biometrics.core.quality import QualityReport, admit, assess

FACE_NOT_ADMITTED = "FACE_NOT_ADMITTED"
MAX_FILE_BYTES = 40_000_000
FILE_ADVICE = {
    "FACE_CUT": "The whole face must be in the picture.",
    "FACE_TURNED": "Turn the picture upright.",
    "file_missing": "Check the name: there is no such file.",
    "file_not_a_file": "Name a file, not a folder.",
    "file_not_readable": "Check that the file may be read.",
    "image_empty": "The file is empty: send the picture again.",
    "image_too_large": "Send a smaller picture: at most 20 MB.",
    "image_type_unsupported": "Send JPEG, PNG, WebP, TIFF, JPEG 2000 or BMP.",
    "image_truncated": "The file ends too early: send the picture again.",
    "image_malformed": "The file is damaged: send the picture again.",
    "image_too_many_pixels": "Send a smaller picture.",
    "image_animated": "Send a single still picture.",
}


class FileFault(StrEnum):
    """Stable codes of why a file cannot be read; refused images carry the code of the image package instead."""

    MISSING = "file_missing"
    NOT_A_FILE = "file_not_a_file"
    NOT_READABLE = "file_not_readable"


@dataclass(frozen=True, eq=False)
class FileFace:
    """What one file gave.

    code: FACE_FOUND or FACE_SEVERAL with a template; otherwise why not: FACE_NOT_FOUND, FACE_TURNED, FACE_CUT,
    FACE_NOT_ADMITTED, a
    FileFault or a code of the image package. elapsed_ms: by step.
    """

    code: str
    extraction: Extraction | None = None
    quality: QualityReport | None = None
    refused_for: tuple[str, ...] = ()
    elapsed_ms: dict[str, float] = field(default_factory=dict)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do about the picture, the most pressing first."""
        own = FILE_ADVICE.get(str(self.code))
        if own is not None:
            return (own,)
        return self.quality.advice if self.quality is not None else ()

    @property
    def vector(self) -> npt.NDArray[Any] | None:
        """The template, None if there is none."""
        return self.extraction.vector if self.extraction is not None else None


def is_list_fault(code: str) -> bool:
    """Tell whether a code blames the list (no such file), not the picture (a failure to acquire)."""
    return code in {fault.value for fault in FileFault}


def read_face_file(engine: FaceEngine, path: Path, *, rule: FaceRule = FaceRule.CENTRAL) -> FileFace:
    """Return the template of a file's face, or the code of why there is none; never raises for what a file holds."""
    elapsed: dict[str, float] = {}
    begun = time.perf_counter()
    try:
        if not path.exists():
            return FileFace(FileFault.MISSING)
        if not path.is_file():
            return FileFace(FileFault.NOT_A_FILE)
        if path.stat().st_size > MAX_FILE_BYTES:
            return FileFace("image_too_large")
        image = decode_image(path.read_bytes())
    except ImageRefused as error:
        return FileFace(error.code, elapsed_ms={"decode": (time.perf_counter() - begun) * 1e3})
    except (OSError, ValueError):  # ValueError: a name that no file system takes
        return FileFace(FileFault.NOT_READABLE)
    elapsed["decode"] = (time.perf_counter() - begun) * 1e3
    return _extract(engine, image, rule, elapsed)


def _extract(
    engine: FaceEngine, image: npt.NDArray[Any], rule: FaceRule, elapsed: dict[str, float]
) -> FileFace:
    begun = time.perf_counter()
    faces, choice = locate_face(engine, image, rule=rule)
    elapsed["detect"] = (time.perf_counter() - begun) * 1e3
    begun = time.perf_counter()
    quality = assess(image, faces)
    elapsed["quality"] = (time.perf_counter() - begun) * 1e3
    nothing = Extraction(faces, choice, None, engine.name, engine.version)
    if choice.face is None:
        return FileFace(choice.outcome, nothing, quality, (), elapsed)
    admission = admit(quality)
    if not admission.admitted:
        return FileFace(FACE_NOT_ADMITTED, nothing, quality, admission.codes, elapsed)
    begun = time.perf_counter()
    vector = engine.embed(image, choice.face)
    elapsed["embed"] = (time.perf_counter() - begun) * 1e3
    return FileFace(choice.outcome, replace(nothing, vector=vector), quality, (), elapsed)


def use_one_thread() -> None:
    """Keep OpenCV of this process to one thread, so that processes do not crowd each other out."""
    cv2.setNumThreads(1)
