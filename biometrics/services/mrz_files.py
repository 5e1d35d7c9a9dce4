"""Pictures of pages in files, read and measured, for the commands and their worker processes."""

import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import cv2
import numpy.typing as npt

from biometrics.core.images import ImageRefused, decode_image
from biometrics.core.mrz import MrzReading
from biometrics.services.mrz import read_page, warm_up


class FileFault(StrEnum):
    """Stable codes of why a file cannot be read; refused images carry the code of the image package instead."""

    MISSING = "file_missing"
    NOT_A_FILE = "file_not_a_file"
    NOT_READABLE = "file_not_readable"


class FileRefused(Exception):
    """A picture cannot be opened. code: a FileFault or an ImageRefusal value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class FileReading:
    """The reading of one file. cpu_ms, wall_ms: from pixels to reading."""

    reading: MrzReading
    cpu_ms: float
    wall_ms: float


def open_picture(path: Path) -> npt.NDArray[Any]:
    """Return the pixels of a file, uint8 (H, W, 3) BGR, upright. Raises FileRefused."""
    if not path.exists():
        raise FileRefused(FileFault.MISSING)
    if not path.is_file():
        raise FileRefused(FileFault.NOT_A_FILE)
    try:
        return decode_image(path.read_bytes())
    except OSError as error:
        raise FileRefused(FileFault.NOT_READABLE) from error
    except ImageRefused as error:
        raise FileRefused(error.code) from error


def read_file(path: Path) -> FileReading:
    """Read the zone on one picture, timed. Raises FileRefused."""
    image = open_picture(path)
    wall, cpu = time.perf_counter(), time.process_time()
    reading = read_page(image_bgr=image)
    return FileReading(reading, (time.process_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3)


def prepare_process() -> None:
    """Keep OpenCV of this process to one thread and open the network, so that a page's time is the reader's alone."""
    cv2.setNumThreads(1)
    warm_up()
