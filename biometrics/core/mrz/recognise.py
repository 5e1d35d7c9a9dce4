"""Step 4: class scores along each strip, from the line reader network."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.core.mrz.rectify import FRAME_PX, STRIP_HEIGHT_PX

Floats = NDArray[np.float32]


class Recogniser:
    """Runs the line reader.

    session: an onnxruntime.InferenceSession of mrz_reader.onnx, made once a process with one thread. Its
    input is float32 (n, 1, 24, w), its output float32 (n, w / 4, 38): logits of blank, then the 37 characters
    of ALPHABET.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._input_name: str = session.get_inputs()[0].name

    def __call__(self, strips: list[NDArray[np.uint8]]) -> list[Floats]:
        """Return probabilities for each strip, float32 (width / 4, 38), each row summing to 1.

        strips: uint8 (24, width) each, width a multiple of 4; any number from 1.
        """
        width = max(strip.shape[1] for strip in strips)
        batch = np.zeros((len(strips), 1, STRIP_HEIGHT_PX, width), np.float32)
        for index, strip in enumerate(strips):
            pixels = strip.astype(np.float32)
            # as in training: unit contrast, but a blank strip stays flat
            batch[index, 0, :, : strip.shape[1]] = (pixels - pixels.mean()) / (pixels.std() + 4)
        logits = self._session.run(None, {self._input_name: batch})[0]
        shifted = np.exp(logits - logits.max(-1, keepdims=True))
        probabilities = shifted / shifted.sum(-1, keepdims=True)
        return [
            np.asarray(probabilities[index, : strip.shape[1] // FRAME_PX], np.float32)
            for index, strip in enumerate(strips)
        ]
