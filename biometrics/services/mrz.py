"""The MRZ reader of this process: the network opened once, then one page after another."""

import functools
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from biometrics.core.mrz import MrzReading, Recogniser
from biometrics.core.mrz import read_page as read_page_with

NETWORK = Path(__file__).resolve().parent.parent / "networks" / "mrz_reader.onnx"
WARM_UP_BUDGET_MS = 1000.0


def read_page(*, image_bgr: npt.NDArray[Any]) -> MrzReading:
    """Read the MRZ of a page, uint8 (H, W, 3) BGR, upright or not. Never raises on an image; see MrzReading.status."""
    # processor time of this thread: other processes on the machine do not shorten it
    return read_page_with(image_bgr, _recogniser(os.getpid()), clock=time.thread_time)


def warm_up() -> None:
    """Open the network in this process and read a drawn page, so that the first real page waits for nothing."""
    _recogniser(os.getpid())


@functools.cache
def reader_version() -> str:
    """Return the version of the reader: the start of its network's SHA-256."""
    return f"mrz-{hashlib.sha256(NETWORK.read_bytes()).hexdigest()[:12]}"


@functools.cache
def _recogniser(process_id: int) -> Recogniser:
    # the process id belongs to the key: a session opened before a fork must not be used behind it
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(NETWORK), options, providers=["CPUExecutionProvider"])
    recogniser = Recogniser(session)
    # the first call of each native function costs up to 50 ms, which would be a real page's budget
    read_page_with(_draw_two_lines(), recogniser, clock=time.thread_time, budget_ms=WARM_UP_BUDGET_MS)
    return recogniser


def _draw_two_lines() -> npt.NDArray[np.uint8]:
    page = np.full((300, 480, 3), 255, np.uint8)
    for row in (230, 255):
        cv2.putText(page, "I0" * 22, (20, row), cv2.FONT_HERSHEY_PLAIN, 1.0, (0, 0, 0), 1)
    return page
