"""Search a gallery as it is now: its index, and the rows that are newer than the index."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import structlog
from django.conf import settings
from django.db import connection

from biometrics.core.faces import Metric
from biometrics.core.gallery import ExactGallery
from biometrics.core.gallery.ranking import Found, best_subjects, is_settled
from biometrics.core.gallery.sealed import SealedDamaged
from biometrics.models import Gallery, GalleryMember
from biometrics.services.galleries.exact import ExactBackend, discard_sealed
from biometrics.services.galleries.indexes import GalleryIndex, IndexBackend, Vector, to_microseconds
from biometrics.services.galleries.milvus import MilvusBackend
from biometrics.services.galleries.pgvector import PgvectorBackend
from biometrics.services.galleries.rows import copy_records, id_of_halves, removed_between

logger = structlog.get_logger(__name__)
BACKENDS: dict[str, type[IndexBackend]] = {
    "exact": ExactBackend,
    "pgvector": PgvectorBackend,
    "milvus": MilvusBackend,
}
FETCH_AT_LEAST = 32


class UnknownBackend(ValueError):
    """GALLERY_BACKEND names no backend."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One subject of a gallery with its best score."""

    subject_id: UUID
    score: float


@dataclass(frozen=True, slots=True)
class GallerySearch:
    """version: of the gallery that was searched. candidates: best first, each subject once."""

    version: int
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Recent:
    """What belongs to a template in the tail. Times in microseconds since 1970."""

    subject_id: UUID
    version: int
    valid_from: int
    valid_until: int


class _Projection:
    """One gallery as this process sees it: an index that all share, and the newer rows in memory."""

    def __init__(self, gallery: Gallery, metric: Metric, backend: IndexBackend, dimension: int) -> None:
        self.lock = threading.Lock()
        self.backend = backend
        self.dimension = dimension
        self._gallery = gallery
        self._metric = metric
        self._sealing: threading.Thread | None = None
        self._start_over()

    def follow(self, version: int) -> None:
        """Come up to a version of the gallery by the rows changed since the one reached."""
        if self.version > version or (self._index is not None and not self._index.is_current()):
            self._start_over()
            if self.version > version:  # an index of a database that was since put back to an earlier state
                self._index = None
                self.version = 0
        if self._index is None and self._is_large(version):
            # nothing is there to search: whoever comes first reads the rows, the others wait for the file
            self.backend.seal(self._gallery, metric=self._metric, dimension=self.dimension, wait=True)
            self._start_over()
        if self.version < version:
            self._take_in(version)
        if self._index is not None and self._index.version < self._purged_version():
            self._seal_aside()  # the file still holds somebody who was erased
        elif self._waiting >= self.backend.due_after(sealed=self._index.count if self._index else 0):
            self._seal_aside()

    def _purged_version(self) -> int:
        return Gallery.objects.values_list("purged_version", flat=True).get(id=self._gallery.id)

    def search(
        self, probe: Vector, *, limit: int, at: datetime, threshold: float | None
    ) -> tuple[Found, ...]:
        """Return the best subjects of all that are enrolled and valid."""
        recent = self._find_in_tail(probe, limit=limit, at=at, threshold=threshold)
        if self._index is None:
            return best_subjects(recent, limit=limit, threshold=threshold)
        sealed = self._index.find(probe, limit=limit, at=at, threshold=threshold)
        return _merge(recent, sealed, limit=limit, threshold=threshold)

    def search_many(self, probes: Vector, *, limit: int, at: datetime) -> list[tuple[Found, ...]]:
        """Return what `search` returns for each of many probes."""
        sealed = (
            self._index.find_many(probes, limit=limit, at=at)
            if self._index is not None
            else [[] for _ in probes]
        )
        return [
            _merge(self._find_in_tail(probe, limit=limit, at=at, threshold=None), of_probe, limit=limit)
            for probe, of_probe in zip(probes, sealed, strict=True)
        ]

    def search_all(self, probes: Vector, *, threshold: float, at: datetime) -> list[tuple[Found, ...]]:
        """Return for each probe every subject at or above a threshold."""
        sealed = (
            self._index.find_all(probes, threshold=threshold, at=at)
            if self._index is not None
            else [[] for _ in probes]
        )
        everybody = len(self._recent) + sum(len(of_probe) for of_probe in sealed) + 1
        return [
            _merge(
                self._find_in_tail(probe, limit=everybody, at=at, threshold=threshold),
                of_probe,
                limit=everybody,
                threshold=threshold,
            )
            for probe, of_probe in zip(probes, sealed, strict=True)
        ]

    def wait_for_sealing(self) -> None:
        """Wait until a sealing that was begun aside has ended."""
        if self._sealing is not None:
            self._sealing.join()

    def _start_over(self) -> None:
        self._index: GalleryIndex | None = self.backend.open(
            self._gallery, metric=self._metric, dimension=self.dimension
        )
        self.version = self._index.version if self._index is not None else 0
        self._tail: ExactGallery[UUID] = ExactGallery(dimension=self.dimension, metric=self._metric)
        self._recent: dict[UUID, _Recent] = {}
        self._waiting = 0

    def _take_in(self, version: int) -> None:
        removed = removed_between(gallery_id=self._gallery.id, after=self.version, upto=version)
        in_tail = [member for member in removed if member in self._recent]
        self._tail.remove(in_tail)
        for member in in_tail:
            del self._recent[member]
        if self._index is not None:
            self._index.forget([member for member in removed if member not in in_tail])
        self._waiting += len(removed)
        for piece in copy_records(
            gallery_id=self._gallery.id, after=self.version, upto=version, dimension=self.dimension
        ):
            order = np.argsort(piece["version"], kind="stable")
            members = [id_of_halves(member) for member in piece["member"][order]]
            self._tail.enrol(members, np.ascontiguousarray(piece["vector"][order]))
            for member, record in zip(members, piece[order], strict=True):
                self._recent[member] = _Recent(
                    id_of_halves(record["subject"]),
                    int(record["version"]),
                    int(record["valid_from"]),
                    int(record["valid_until"]),
                )
            self._waiting += len(piece)
        self.version = version

    def _find_in_tail(
        self, probe: Vector, *, limit: int, at: datetime, threshold: float | None
    ) -> list[Found]:
        at_us = to_microseconds(at)
        count = max(FETCH_AT_LEAST, 4 * limit)
        while True:
            looked_at = self._tail.search(probe, limit=count)
            found = []
            for one in looked_at:
                recent = self._recent[one.id]
                if recent.valid_from <= at_us < recent.valid_until:
                    found.append(Found(one.id, recent.subject_id, recent.version, one.score))
            all_seen = len(looked_at) < count
            frontier = float("-inf") if all_seen else looked_at[-1].score
            if all_seen or is_settled(found, limit=limit, frontier=frontier, threshold=threshold):
                return found
            count *= 4

    def _is_large(self, version: int) -> bool:
        enrolled = GalleryMember.objects.filter(gallery_id=self._gallery.id, removed_version__isnull=True)
        bound = self.backend.due_after(sealed=0)
        return version > 0 and enrolled[:bound].count() >= bound

    def _seal_aside(self) -> None:
        """Seal in a thread of its own: a search never waits for it."""
        if connection.in_atomic_block or (self._sealing is not None and self._sealing.is_alive()):
            return  # rows of an open transaction are no truth yet
        self._sealing = threading.Thread(target=self._seal, name="seal-gallery", daemon=True)
        self._sealing.start()

    def _seal(self) -> None:
        try:
            self.backend.seal(self._gallery, metric=self._metric, dimension=self.dimension, wait=False)
        except Exception as error:
            # searches go on without it, from the rows; the next search that finds it due tries again
            logger.warning("gallery_not_sealed", gallery=str(self._gallery.id), error=type(error).__name__)
        finally:
            connection.close()


def _merge(
    recent: list[Found], sealed: list[Found], *, limit: int, threshold: float | None = None
) -> tuple[Found, ...]:
    """Return the best subjects of both; a shared index may hold members that are still in the tail here."""
    seen = {one.member_id for one in recent}
    return best_subjects(
        [*recent, *(one for one in sealed if one.member_id not in seen)], limit=limit, threshold=threshold
    )


_projections: dict[UUID, _Projection] = {}
_projections_lock = threading.Lock()


def search_gallery(
    *,
    gallery: Gallery,
    metric: Metric,
    probe: Vector,
    limit: int,
    at: datetime,
    threshold: float | None = None,
) -> GallerySearch:
    """Search a gallery as it is now and return the best subjects, at most `limit`.

    Only members valid at `at` are found. threshold: only scores at or above it; None for all.
    """
    if limit < 1:
        return GallerySearch(Gallery.objects.values_list("version", flat=True).get(id=gallery.id), ())
    ((version, found),) = _answer(
        gallery,
        metric,
        probe[None],
        lambda p, q: [p.search(q[0], limit=limit, at=at, threshold=threshold)],
    )
    return GallerySearch(version, tuple(Candidate(one.subject_id, one.score) for one in found))


def search_gallery_batch(
    *, gallery: Gallery, metric: Metric, probes: Vector, limit: int, at: datetime
) -> list[GallerySearch]:
    """Search a gallery for many probes at once, float32 (Q, D); faster than one by one from about four on."""
    return [
        GallerySearch(version, tuple(Candidate(one.subject_id, one.score) for one in found))
        for version, found in _answer(
            gallery, metric, probes, lambda p, q: p.search_many(q, limit=max(0, limit), at=at)
        )
    ]


def find_alike(
    *, gallery: Gallery, metric: Metric, probes: Vector, threshold: float, at: datetime
) -> list[tuple[Found, ...]]:
    """Return for each probe every subject at or above a threshold, best first, by its best template."""
    return [
        found
        for _, found in _answer(
            gallery, metric, probes, lambda p, q: p.search_all(q, threshold=threshold, at=at)
        )
    ]


def _answer(
    gallery: Gallery,
    metric: Metric,
    probes: Vector,
    ask: Callable[[_Projection, Vector], list[tuple[Found, ...]]],
) -> list[tuple[int, tuple[Found, ...]]]:
    """Ask the projection of a gallery, brought up to its version; once more from the rows when the file is damaged."""
    version = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
    projection = _get_projection(gallery, metric)
    if projection is None:
        return [(version, ())] * len(probes)
    probes = np.ascontiguousarray(probes, np.float32)
    with projection.lock:
        projection.follow(version)
        try:
            answers = ask(projection, probes)
        except SealedDamaged:
            discard_sealed(gallery.id)
            projection.follow(version)
            answers = ask(projection, probes)
    return [(version, found) for found in answers]


def search_galleries(
    *,
    galleries: Sequence[Gallery],
    metric: Metric,
    probe: Vector,
    limit: int,
    at: datetime,
    threshold: float | None = None,
) -> dict[UUID, GallerySearch]:
    """Search several galleries of one engine and return each one's answer by the gallery's id."""
    return {
        gallery.id: search_gallery(
            gallery=gallery, metric=metric, probe=probe, limit=limit, at=at, threshold=threshold
        )
        for gallery in galleries
    }


def seal_gallery(*, gallery: Gallery, metric: Metric, wait: bool = True) -> int | None:
    """Bring the index of a gallery up to its rows and return its version; None when there is nothing to do it with.

    Safe to be killed at any moment, and to run at the same time in several processes.
    """
    dimension = _dimension_of(gallery)
    if dimension is None:
        return None
    return make_backend().seal(gallery, metric=metric, dimension=dimension, wait=wait)


def reached_version(*, gallery: Gallery) -> int:
    """Return up to which version of a gallery whoever was removed is in no index of this host; 0 while one is being made."""
    return make_backend().reached(gallery)


def make_backend() -> IndexBackend:
    """Return the backend of this deployment (GALLERY_BACKEND). Raises UnknownBackend."""
    try:
        return BACKENDS[settings.GALLERY_BACKEND]()
    except KeyError:
        raise UnknownBackend(f"GALLERY_BACKEND is one of {', '.join(BACKENDS)}") from None


def forget_projections() -> None:
    """Forget what this process holds of all galleries; the next search opens them anew."""
    with _projections_lock:
        _projections.clear()


def _get_projection(gallery: Gallery, metric: Metric) -> _Projection | None:
    with _projections_lock:
        projection = _projections.get(gallery.id)
        if projection is None:
            dimension = _dimension_of(gallery)
            if dimension is None:
                return None
            projection = _projections[gallery.id] = _Projection(gallery, metric, make_backend(), dimension)
        return projection


def _dimension_of(gallery: Gallery) -> int | None:
    return (
        GalleryMember.objects.filter(gallery_id=gallery.id)
        .values_list("template__dimension", flat=True)
        .first()
    )


__all__ = [
    "Candidate",
    "GallerySearch",
    "forget_projections",
    "reached_version",
    "seal_gallery",
    "search_galleries",
    "search_gallery",
]
