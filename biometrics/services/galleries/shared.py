"""Indexes that all hosts share: an approximate search finds candidates, the rows score them exactly."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from biometrics.core.faces import Metric
from biometrics.core.gallery.ranking import Found
from biometrics.models import Gallery
from biometrics.models import GalleryIndex as IndexRow
from biometrics.services.galleries.indexes import Vector, rescore
from biometrics.services.galleries.rows import page_records, removed_between
from biometrics.services.galleries.sealed_file import Records

# an approximate index may miss: more is fetched than is asked for, and then scored exactly
FETCH_AT_LEAST = 100
FETCH_GROWTH = 4
FETCH_MOST = 1000
SEAL_ROWS = 256


class BackendUnavailable(RuntimeError):
    """What a backend needs is not installed or does not answer."""


class Store(Protocol):
    """Where vectors of one gallery lie, and a search that may miss some."""

    def prepare(self) -> None:
        """Make the place for the vectors if there is none."""
        ...

    def discard(self) -> None:
        """Throw away all vectors."""
        ...

    def put(self, records: Records) -> None:
        """Add members, or write them once more."""
        ...

    def drop(self, members: list[UUID]) -> None:
        """Remove members, those that are not there too."""
        ...

    def nearest(self, probe: Vector, *, count: int, at: datetime) -> list[UUID]:
        """Return about `count` of the members most like a probe that are valid at a time."""
        ...


class SharedIndex:
    """One shared store, as far as its row says that it has come."""

    def __init__(self, gallery: Gallery, store: Store, row: IndexRow, *, metric: Metric) -> None:
        self._gallery_id = gallery.id
        self._store = store
        self._row = row
        self._metric = metric
        self._gone = 0

    @property
    def version(self) -> int:
        return self._row.version

    @property
    def count(self) -> int:
        return 0  # how many there are changes nothing here: these stores grow row by row

    def is_current(self) -> bool:
        return IndexRow.objects.filter(id=self._row.id, version=self._row.version).exists()

    def forget(self, members: list[UUID]) -> None:
        # the rows leave them out when candidates are scored
        self._gone += len(members)

    def find(self, probe: Vector, *, limit: int, at: datetime, threshold: float | None) -> list[Found]:
        """Return candidates with exact scores; what the approximate search missed stays missed."""
        count = min(FETCH_MOST, max(FETCH_AT_LEAST, FETCH_GROWTH * limit) + self._gone)
        members = self._store.nearest(probe, count=count, at=at)
        return rescore(members, gallery_id=self._gallery_id, probe=probe, at=at, metric=self._metric)

    def find_many(self, probes: Vector, *, limit: int, at: datetime) -> list[list[Found]]:
        return [self.find(probe, limit=limit, at=at, threshold=None) for probe in probes]

    def find_all(self, probes: Vector, *, threshold: float, at: datetime) -> list[list[Found]]:
        found = self.find_many(probes, limit=FETCH_AT_LEAST, at=at)
        return [[one for one in of_probe if one.score >= threshold] for of_probe in found]


class SharedBackend:
    """Keeps a store up to the rows of its gallery: one writer at a time, by a lock on the index's row."""

    name: str

    def make_store(self, gallery: Gallery, *, metric: Metric, dimension: int) -> Store:
        raise NotImplementedError

    def open(self, gallery: Gallery, *, metric: Metric, dimension: int) -> SharedIndex | None:
        row = IndexRow.objects.filter(gallery=gallery, backend=self.name, version__gt=0).first()
        if row is None:
            return None
        return SharedIndex(
            gallery, self.make_store(gallery, metric=metric, dimension=dimension), row, metric=metric
        )

    def reached(self, gallery: Gallery) -> int:
        """By the index's row: without one nothing was ever written."""
        row = IndexRow.objects.filter(gallery=gallery, backend=self.name).first()
        now = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
        if row is None:
            return now
        return row.version if row.version <= now else 0

    def due_after(self, *, sealed: int) -> int:
        return SEAL_ROWS

    def seal(self, gallery: Gallery, *, metric: Metric, dimension: int, wait: bool) -> int | None:
        """Write the changes since the index's version, then move that on.

        Killed between the two, the same changes are written once more: the store takes them twice.
        """
        store = self.make_store(gallery, metric=metric, dimension=dimension)
        IndexRow.objects.get_or_create(gallery=gallery, backend=self.name)
        with transaction.atomic():
            rows = IndexRow.objects.select_for_update(skip_locked=not wait)
            row = rows.filter(gallery=gallery, backend=self.name).first()
            if row is None:
                return None
            upto = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
            if row.version > upto:  # the database was put back to an earlier state
                store.discard()
                row.version = 0
            store.prepare()
            store.drop(removed_between(gallery_id=gallery.id, after=row.version, upto=upto))
            for piece in page_records(
                gallery_id=gallery.id, after=row.version, upto=upto, dimension=dimension
            ):
                store.put(piece)
            row.version = upto
            row.save(update_fields=("version",))
            return upto


def to_ids(values: Iterable[object]) -> list[UUID]:
    """Return ids as a store gave them back."""
    return [value if isinstance(value, UUID) else UUID(str(value)) for value in values]
