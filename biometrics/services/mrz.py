"""The MRZ reader of this process: the network opened once, then one page after another."""

import functools
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from biometrics.core.mrz import MrzReading, Recogniser
from biometrics.core.mrz import read_page as read_page_with
from biometrics.core.mrz.rectify import STRIP_HEIGHT_PX

NETWORK = Path(__file__).resolve().parent.parent / "networks" / "mrz_reader.onnx"
# of processor time, which other processes on the machine do not shorten; no search begins that would pass it
PAGE_BUDGET_MS = 105.0
WARM_UP_WIDTH_PX = 600


def read_page(*, image_bgr: npt.NDArray[Any]) -> MrzReading:
    """Read the MRZ of a page, uint8 (H, W, 3) BGR, upright or not. Never raises on an image; see MrzReading.status."""
    return read_page_with(
        image_bgr, _recogniser(os.getpid()), clock=time.thread_time, budget_ms=PAGE_BUDGET_MS
    )


def warm_up() -> None:
    """Open the network in this process and run it once, so that the first page waits for neither."""
    _recogniser(os.getpid())([np.zeros((STRIP_HEIGHT_PX, WARM_UP_WIDTH_PX), np.uint8)] * 2)


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
    return Recogniser(onnxruntime.InferenceSession(str(NETWORK), options, providers=["CPUExecutionProvider"]))
