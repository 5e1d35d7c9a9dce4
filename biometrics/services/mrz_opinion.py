"""A second opinion on a zone from tesseract, where it and an MRZ weight are installed. Off unless asked for."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy.typing as npt

from biometrics.core.mrz import MrzReading
from biometrics.core.mrz.opinion import Opinion, OpinionOutcome, compare_opinion
from biometrics.core.mrz.zone_picture import cut_zone

WEIGHT = "mrz.traineddata"
TIMEOUT_S = 10
MARGIN_PX = 24


def ask_tesseract(*, image_bgr: npt.NDArray[Any], reading: MrzReading, tessdata: Path) -> Opinion:
    """Return what tesseract says of the zone that was read, from the straightened lines alone.

    image_bgr: uint8 (H, W, 3), the picture that was read. tessdata: folder of mrz.traineddata. Takes some 200 ms of
    a process of its own. ABSENT without program or weight; UNUSABLE if it fails or takes too long.
    """
    program = shutil.which("tesseract")
    if program is None or not (tessdata / WEIGHT).is_file():
        return Opinion(OpinionOutcome.ABSENT)
    zone = cut_zone(image_bgr, reading)
    if zone is None:
        return Opinion(OpinionOutcome.UNUSABLE)
    framed = cv2.copyMakeBorder(zone, *(MARGIN_PX,) * 4, cv2.BORDER_REPLICATE)
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "--psm", "6", "-l", "mrz"],
            input=cv2.imencode(".png", framed)[1].tobytes(),
            env=os.environ | {"TESSDATA_PREFIX": str(tessdata), "OMP_THREAD_LIMIT": "1"},
            capture_output=True, timeout=TIMEOUT_S, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return Opinion(OpinionOutcome.UNUSABLE)
    return compare_opinion(reading, done.stdout.decode("utf-8", "replace").splitlines())
