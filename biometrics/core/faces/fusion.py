"""One template of several images of one person."""

import numpy as np

from biometrics.core.faces.engine import Array, Metric
from biometrics.core.faces.scores import DimensionError


def fuse_templates(vectors: Array, *, metric: Metric, weights: Array | None = None) -> Array:
    """Return one vector for several of one person by one engine.

    vectors: float32 (n, D), n >= 1; for COSINE of unit length. weights: float (n,), not negative, not all 0; None for equal
    ones. Returns float32 (D,): the weighted mean, for COSINE brought to unit length again.
    Raises DimensionError for other shapes.
    """
    if vectors.ndim != 2 or not len(vectors):
        raise DimensionError("at least one vector is needed")
    shares = np.ones(len(vectors)) if weights is None else np.asarray(weights, np.float64)
    if shares.shape != (len(vectors),) or not shares.sum() > 0 or (shares < 0).any():
        raise DimensionError("one weight a vector is needed, none negative, not all nothing")
    mean = shares @ vectors.astype(np.float64) / shares.sum()
    if metric is Metric.COSINE:
        mean /= max(float(np.linalg.norm(mean)), 1e-12)
    return np.asarray(mean, np.float32)
