"""The second engine: YuNet detection, dlib's five points and chip, the ONNX twin of dlib's ResNet."""

from collections.abc import Callable

import numpy as np

from biometrics.core.faces.detection import YuNetDetector
from biometrics.core.faces.engine import Array, Box, Face, Metric


class DlibEngine:
    """dlib's face recognition ResNet, 128 numbers as face_recognition gives them, compared by Euclidean
    distance.

    detector: finds the faces. cut_chip: given uint8 (H, W, 3) RGB and a box (x0, y0, x1, y1), dlib's aligned
    chip, uint8 (150, 150, 3) RGB. run: the twin, float32 (n, 3, 150, 150) RGB 0..255 to float32 (n, 128).
    version: everything that changes a vector.
    """

    name = "dlib"
    dimension = 128
    metric = Metric.EUCLIDEAN

    def __init__(
        self,
        *,
        detector: YuNetDetector,
        cut_chip: Callable[[Array, Box], Array],
        run: Callable[[Array], Array],
        version: str,
    ) -> None:
        self._detector = detector
        self._cut_chip = cut_chip
        self._run = run
        self.version = version

    def detect(self, image_bgr: Array) -> tuple[Face, ...]:
        """Return the faces, best detection first. image_bgr: uint8 (H, W, 3), upright.

        The boxes are YuNet's: dlib's predictor finds the same five points in them. A square down from the
        eyebrows, as dlib's own detector draws, was measured and is far worse (docs/biometrics.md).
        """
        return self._detector.detect(image_bgr)

    def refine(self, image_bgr: Array, face: Face) -> Face:
        """Return the face as it is: dlib's predictor finds its own points, and gains nothing from another box
        (docs/biometrics.md). A face that was seen small is looked at again.

        image_bgr: the image that `face` was detected in.
        """
        return self._detector.refine(image_bgr, face) if self._detector.saw_small(image_bgr, face) else face

    def embed(self, image_bgr: Array, face: Face) -> Array:
        """Return float32 (128,), not of unit length, within 1e-5 of face_recognition's vector for the same
        box.

        image_bgr: the image that `face` was detected in.
        """
        image_rgb = np.ascontiguousarray(image_bgr[:, :, ::-1])
        chip = self._cut_chip(image_rgb, face.box_xyxy)
        network_input = np.ascontiguousarray(chip.transpose(2, 0, 1)[None], dtype=np.float32)
        return np.asarray(self._run(network_input)[0], np.float32)
