"""Comparison scores. Higher is more alike for every engine; a match means score >= threshold."""

import numpy as np

from biometrics.core.faces.engine import Array, FaceEngine, Metric

PAIRS_AT_ONCE = 65_536


class DimensionError(ValueError):
    """The two sides have another length than the engine's vectors, or than each other."""


def compare(probe: Array, gallery: Array, *, metric: Metric) -> Array:
    """Return the score of one probe against each row of a gallery.

    probe: float32 (D,). gallery: float32 (N, D), C order, N may be 0; for COSINE all of unit length.
    Returns float32 (N,), higher is more alike: COSINE the inner product, in [-1, 1] up to rounding; EUCLIDEAN
    1 - distance, in (-inf, 1] (face_recognition's tolerance 0.6 is a score of 0.4).
    Raises DimensionError if D differs. Source: ISO/IEC 19795-1 for the error rates built on it.
    """
    if probe.ndim != 1 or gallery.ndim != 2 or gallery.shape[1] != probe.shape[0]:
        raise DimensionError("probe and gallery have different dimensions")
    if metric is Metric.COSINE:
        # the BLAS behind it may look past the end of short rows and raise a flag for what it found there, which
        # is no part of the product; what goes in is finite
        with np.errstate(invalid="ignore"):
            return np.asarray(gallery @ probe, np.float32)
    difference = gallery - probe
    distance: Array = np.sqrt(np.einsum("nd,nd->n", difference, difference))
    return np.asarray(1.0 - distance, np.float32)


def compare_pairs(vectors: Array, a: Array, b: Array, *, metric: Metric) -> Array:
    """Return the score of each pair of rows, float32 (n,), as `compare` gives them.

    vectors: float32 (N, D). a, b: int (n,), rows of it. Works in blocks, so that a million pairs need little memory.
    Raises DimensionError if a and b have different lengths.
    """
    if a.shape != b.shape or vectors.ndim != 2:
        raise DimensionError("the two sides name different numbers of vectors")
    scores = np.empty(len(a), np.float32)
    for begin in range(0, len(a), PAIRS_AT_ONCE):
        block = slice(begin, begin + PAIRS_AT_ONCE)
        left, right = vectors[a[block]], vectors[b[block]]
        if metric is Metric.COSINE:
            scores[block] = np.einsum("nd,nd->n", left, right)
        else:
            difference = left - right
            scores[block] = 1.0 - np.sqrt(np.einsum("nd,nd->n", difference, difference))
    return scores


def score(engine: FaceEngine, a: Array, b: Array) -> float:
    """Return the score of two vectors of one engine, higher is more alike.

    a, b: float32 (D,), D the engine's dimension. Range and sign as in `compare`.
    Raises DimensionError if a length is not D.
    """
    if a.shape != (engine.dimension,) or b.shape != (engine.dimension,):
        raise DimensionError("a vector does not have the engine's dimension")
    return float(compare(a, b[None], metric=engine.metric)[0])
