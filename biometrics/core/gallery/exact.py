"""A gallery that compares the probe with every template: no index, nothing missed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from biometrics.core.faces.engine import Array, Metric
from biometrics.core.faces.scores import DimensionError, compare

Id = TypeVar("Id", bound=Hashable)
FIRST_CAPACITY = 64


class AlreadyEnrolledError(ValueError):
    """An id is in the gallery already, or twice in one enrolment."""


class NotEnrolledError(LookupError):
    """An id to be removed is not in the gallery."""


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Id]):
    """A template found by search: its id and its comparison score, higher is more alike."""

    id: Id
    score: float


class Gallery(Protocol[Id]):
    """What every gallery offers, whatever stands behind it."""

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        ...

    def enrol(self, ids: Sequence[Id], vectors: Array) -> None: ...

    def remove(self, ids: Sequence[Id]) -> None: ...

    def search(
        self, probe: Array, *, limit: int, threshold: float | None = None
    ) -> tuple[Candidate[Id], ...]: ...


class ExactGallery(Generic[Id]):
    """Templates of one engine in one float32 matrix that doubles as it grows.

    dimension: D >= 1. metric: as the engine's. Not for use from two threads at once.
    Enrolment costs amortised time in proportion to its rows, removal moves the last row into each gap, search
    is one product over the matrix.
    """

    def __init__(self, *, dimension: int, metric: Metric) -> None:
        if dimension < 1:
            raise DimensionError("a gallery needs at least one dimension")
        self._metric = metric
        self._matrix: Array = np.empty((FIRST_CAPACITY, dimension), np.float32)
        self._order: Array = np.empty(FIRST_CAPACITY, np.int64)
        self._ids: list[Id] = []
        self._row_of: dict[Id, int] = {}
        self._enrolled = 0
        self._version = 0

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def version(self) -> int:
        """The number of enrol and remove calls that changed something."""
        return self._version

    def enrol(self, ids: Sequence[Id], vectors: Array) -> None:
        """Add templates, all or none.

        ids: n different ones, none enrolled yet. vectors: float (n, D), finite; of unit length for COSINE.
        Raises AlreadyEnrolledError, and DimensionError if the shape is not (n, D) or a number is not finite.
        """
        if vectors.ndim != 2 or vectors.shape != (len(ids), self._matrix.shape[1]):
            raise DimensionError("vectors do not have the shape (number of ids, dimension)")
        if not np.isfinite(vectors).all():
            raise DimensionError("a vector holds a number that is not finite")
        if len(set(ids)) != len(ids) or any(identifier in self._row_of for identifier in ids):
            raise AlreadyEnrolledError("an id is enrolled already")
        if not ids:
            return
        first, end = len(self._ids), len(self._ids) + len(ids)
        self._reserve(end)
        self._matrix[first:end] = vectors
        self._order[first:end] = np.arange(self._enrolled, self._enrolled + len(ids))
        self._enrolled += len(ids)
        self._row_of.update(zip(ids, range(first, end), strict=True))
        self._ids.extend(ids)
        self._version += 1

    def remove(self, ids: Sequence[Id]) -> None:
        """Take templates out, all or none. Raises NotEnrolledError if an id is not enrolled or is named twice."""
        if len(set(ids)) != len(ids) or any(identifier not in self._row_of for identifier in ids):
            raise NotEnrolledError("an id is not enrolled")
        if not ids:
            return
        for identifier in ids:
            row = self._row_of.pop(identifier)
            moved = self._ids.pop()
            if moved != identifier:
                end = len(self._ids)
                self._matrix[row] = self._matrix[end]
                self._order[row] = self._order[end]
                self._ids[row] = moved
                self._row_of[moved] = row
        self._version += 1

    def search(
        self, probe: Array, *, limit: int, threshold: float | None = None
    ) -> tuple[Candidate[Id], ...]:
        """Return the most alike templates, highest score first; of equal scores the one enrolled first.

        probe: float32 (D,), finite; of unit length for COSINE. limit: at most so many, >= 0. threshold: only
        scores at or above it; None for all. Scores as in `compare`. Raises DimensionError.
        """
        if probe.shape != (self._matrix.shape[1],) or not np.isfinite(probe).all():
            raise DimensionError("the probe does not have the gallery's dimension, or is not finite")
        count = len(self._ids)
        scores = compare(probe.astype(np.float32), self._matrix[:count], metric=self._metric)
        rows = np.arange(count) if threshold is None else np.flatnonzero(scores >= threshold)
        if limit <= 0 or rows.size == 0:
            return ()
        if rows.size > limit:
            # everything that ties with the last place stays in, so that the tie rule decides and not the partition
            lowest = np.partition(scores[rows], rows.size - limit)[rows.size - limit]
            rows = rows[scores[rows] >= lowest]
        ranked = rows[np.lexsort((self._order[rows], -scores[rows]))][:limit]
        return tuple(Candidate(self._ids[row], float(scores[row])) for row in ranked.tolist())

    def _reserve(self, count: int) -> None:
        capacity = self._matrix.shape[0]
        if count <= capacity:
            return
        capacity = max(count, 2 * capacity)
        used = len(self._ids)
        matrix = np.empty((capacity, self._matrix.shape[1]), np.float32)
        matrix[:used] = self._matrix[:used]
        order = np.empty(capacity, np.int64)
        order[:used] = self._order[:used]
        self._matrix, self._order = matrix, order
