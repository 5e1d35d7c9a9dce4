"""Bringing a face to the place where its network expects it."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Where SFace expects right eye, left eye, nose tip, right and left mouth corner in a 112 x 112 chip (OpenCV Zoo)
SFACE_TEMPLATE: Array = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)],
    np.float32,
)
SFACE_CHIP = 112


def fit_similarity(source: Array, target: Array) -> Array:
    """Return the rotation, uniform scale and shift that bring `source` nearest `target` in least squares.

    source, target: float (n, 2), n >= 2, points in pixels. Returns float64 (2, 3), x' = M[:, :2] x + M[:, 2].
    Points that all coincide give a pure shift. Mirroring is never used.
    Source: Umeyama 1991, with reflections excluded.
    """
    source = np.asarray(source, np.float64)
    target = np.asarray(target, np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - source_mean, target - target_mean
    spread = float((a * a).sum())
    if spread <= 1e-12:
        linear = np.eye(2)
    else:
        # in two dimensions the best rotation and scale have a closed form: one complex number
        real = float((a * b).sum()) / spread
        imaginary = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / spread
        linear = np.array([[real, -imaginary], [imaginary, real]])
    return np.hstack([linear, (target_mean - linear @ source_mean)[:, None]])


def cut_sface_chip(image_bgr: Array, landmarks: Array) -> Array:
    """Return the aligned chip that SFace reads, uint8 (112, 112, 3) BGR; black where the image does not
    reach.

    image_bgr: uint8 (H, W, 3). landmarks: float32 (5, 2) in pixels of it.
    """
    transform = fit_similarity(landmarks, SFACE_TEMPLATE)
    return cv2.warpAffine(image_bgr, transform, (SFACE_CHIP, SFACE_CHIP), flags=cv2.INTER_LINEAR)
