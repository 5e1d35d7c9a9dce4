"""The slow, obvious comparison scores."""

import math
from collections.abc import Sequence


def cosine_score(a: Sequence[float], b: Sequence[float]) -> float:
    """The inner product of two vectors of unit length."""
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def euclidean_score(a: Sequence[float], b: Sequence[float]) -> float:
    """One less the distance."""
    return 1.0 - math.sqrt(math.fsum((x - y) ** 2 for x, y in zip(a, b, strict=True)))
