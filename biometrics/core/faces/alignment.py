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
    image_bgr, transform = _shrink(image_bgr, transform)
    return cv2.warpAffine(image_bgr, transform, (SFACE_CHIP, SFACE_CHIP), flags=cv2.INTER_LINEAR)


def _shrink(image_bgr: Array, transform: Array) -> tuple[Array, Array]:
    """Return the part of an image that a chip needs, made smaller by means over pixels, and the transform from it.

    Sampling a large face point by point would leave most of its pixels unread, and noise would count in full. Images that
    are shrunk to no less than half are left alone.
    """
    scale = float(np.hypot(transform[0, 0], transform[1, 0]))
    if scale >= 0.5:
        return image_bgr, transform
    height, width = image_bgr.shape[:2]
    corners = np.array([(-1, -1), (SFACE_CHIP, -1), (-1, SFACE_CHIP), (SFACE_CHIP, SFACE_CHIP)], np.float64)
    reached = (corners - transform[:, 2]) @ np.linalg.inv(transform[:, :2]).T
    left, top = np.maximum(np.floor(reached.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.minimum(np.ceil(reached.max(axis=0)).astype(int) + 2, (width, height))
    if right - left < 2 or bottom - top < 2:
        return image_bgr, transform
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    factors = np.array([size[0] / (right - left), size[1] / (bottom - top)])
    small = cv2.resize(image_bgr[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    # x = left + (x_small + 0.5) / factor - 0.5: whole numbers stand on the middles of pixels in both
    linear = transform[:, :2] / factors
    offset = transform[:, :2] @ (np.array([left, top]) + 0.5 / factors - 0.5) + transform[:, 2]
    return small, np.hstack([linear, offset[:, None]])
