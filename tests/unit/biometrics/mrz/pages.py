"""What the tests of the reader share: the specimen's zones, drawn pages and the project's own network."""

from pathlib import Path

import numpy as np
import onnxruntime

from biometrics.core.mrz import Recogniser, build_td3
from biometrics.training.pages import Level, capture, draw_page

ROOT = Path(__file__).parents[4]
FONT = ROOT / "borders/demo/fonts/OCRB.otf"
NETWORK = ROOT / "biometrics/networks/mrz_reader.onnx"
ERIKSSON = {
    "issuing_state": "UTO",
    "primary_identifier": "Eriksson",
    "secondary_identifier": "Anna Maria",
    "document_number": "L898902C3",
    "nationality": "UTO",
    "birth_date": "740812",
    "sex": "F",
    "expiry_date": "320415",
}
PASSPORT = build_td3(document_code="P", optional_data="ZE184226B", **ERIKSSON)


def open_recogniser() -> Recogniser:
    """Return the project's own network, one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return Recogniser(onnxruntime.InferenceSession(str(NETWORK), options, providers=["CPUExecutionProvider"]))


def photograph(
    kind: str, lines: tuple[str, ...], level: Level = Level.FLATBED, *, seed: int = 17
) -> np.ndarray:
    """Return one picture of one page, uint8 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    page, corners = draw_page(rng, kind, lines, FONT)
    return capture(rng, page, corners, level)[0]
