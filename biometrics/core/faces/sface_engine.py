"""The default engine: YuNet detection, five-point alignment, SFace vector."""

from collections.abc import Callable

import numpy as np

from biometrics.core.faces.alignment import cut_sface_chip
from biometrics.core.faces.detection import YuNetDetector
from biometrics.core.faces.engine import Array, Face, Metric


class SFaceEngine:
    """SFace, 128 numbers of unit length, compared by cosine.

    detector: finds the faces. run: the network, float32 (n, 3, 112, 112) RGB 0..255 to float32 (n, 128).
    version: everything that changes a vector, so also of the libraries that cut and run.
    """

    name = "sface"
    dimension = 128
    metric = Metric.COSINE

    def __init__(self, *, detector: YuNetDetector, run: Callable[[Array], Array], version: str) -> None:
        self._detector = detector
        self._run = run
        self.version = version

    def detect(self, image_bgr: Array) -> tuple[Face, ...]:
        """Return the faces, best detection first. image_bgr: uint8 (H, W, 3), upright."""
        return self._detector.detect(image_bgr)

    def refine(self, image_bgr: Array, face: Face) -> Face:
        """Return the face with box and points found again. image_bgr: the image that `face` was detected in."""
        return self._detector.refine(image_bgr, face)

    def embed(self, image_bgr: Array, face: Face) -> Array:
        """Return float32 (128,) of unit length. image_bgr: the image that `face` was detected in."""
        chip = cut_sface_chip(image_bgr, face.landmarks)
        network_input = np.ascontiguousarray(chip[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        vector = self._run(network_input)[0]
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)
