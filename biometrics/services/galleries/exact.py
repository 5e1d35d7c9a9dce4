"""The default index: every template of a gallery in one mapped file of this host, compared whole. Nothing is missed."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings

from biometrics.core.faces import Metric, compare
from biometrics.core.gallery.batches import half_product, nearest_many, rows_above
from biometrics.core.gallery.ranking import Found, is_settled
from biometrics.core.gallery.sealed import SealedDamaged
from biometrics.models import Gallery
from biometrics.services.galleries.indexes import Vector, to_microseconds
from biometrics.services.galleries.rows import (
    copy_records,
    id_of_halves,
    ids_as_halves,
    members_between,
    removed_between,
)
from biometrics.services.galleries.sealed_file import (
    Records,
    SealedFile,
    identity_of,
    lock_for_writing,
    read_layout,
    write_sealed,
)

FETCH_AT_LEAST = 64
FETCH_GROWTH = 4
BATCH_FETCH_AT_LEAST = 32
SEAL_SHARE = 0.02
# products of a batch are rounded in another order, and distances come from a difference of squares
BATCH_SLACK = 2e-3


class ExactIndex:
    """A mapped file, less what was removed since it was sealed."""

    def __init__(self, file: SealedFile, path: Path) -> None:
        self.file = file
        self._path = path
        self._gone = np.empty(0, np.int64)

    @property
    def version(self) -> int:
        return self.file.layout.version

    @property
    def count(self) -> int:
        return self.file.layout.count

    def is_current(self) -> bool:
        return identity_of(self._path) == self.file.identity

    def forget(self, members: list[UUID]) -> None:
        if members:
            rows = self.file.rows_of(ids_as_halves(members))
            self._gone = np.union1d(self._gone, rows)

    def find(self, probe: Vector, *, limit: int, at: datetime, threshold: float | None) -> list[Found]:
        """Look at ever more of the best rows until none beyond them could still change the answer."""
        matrix = self.file.matrix
        invalid = matrix.rows_out_of_validity(to_microseconds(at))
        excluded = np.union1d(self._gone, invalid) if invalid.size else self._gone
        slack = matrix.slack(probe)
        count = max(FETCH_AT_LEAST, FETCH_GROWTH * limit)
        while True:
            rows, rough = matrix.nearest(probe, count=count, excluded=excluded)
            found = self._rescore(rows, probe)
            frontier = float(rough[-1]) + slack if rows.size >= count else float("-inf")
            if is_settled(found, limit=limit, frontier=frontier, threshold=threshold) or count >= self.count:
                return found
            count = min(self.count, count * FETCH_GROWTH)

    def find_all(self, probes: Vector, *, threshold: float, at: datetime) -> list[list[Found]]:
        """Return for each probe every template at or above a threshold."""
        matrix = self.file.matrix
        slack = max((matrix.slack(probe) for probe in probes), default=0.0) + BATCH_SLACK
        product = half_product(matrix.metric, os.getpid())
        floors = np.full(len(probes), threshold - slack, np.float32)
        of_probes, rows = rows_above(product, matrix.half, probes, floors)
        left_out = np.union1d(self._gone, matrix.rows_out_of_validity(to_microseconds(at)))
        kept = ~np.isin(rows, left_out)
        of_probes, rows = of_probes[kept], rows[kept]
        return [
            [one for one in self._rescore(rows[of_probes == number], probe) if one.score >= threshold]
            for number, probe in enumerate(probes)
        ]

    def find_many(self, probes: Vector, *, limit: int, at: datetime) -> list[list[Found]]:
        """Return what `find` returns for each of many probes; the matrix is read once for all."""
        matrix = self.file.matrix
        if self._gone.size or matrix.rows_out_of_validity(to_microseconds(at)).size:
            return [self.find(probe, limit=limit, at=at, threshold=None) for probe in probes]
        count = max(BATCH_FETCH_AT_LEAST, 2 * limit)
        product = half_product(matrix.metric, os.getpid())
        answers = []
        for probe, (rows, rough) in zip(
            probes, nearest_many(product, matrix.half, probes, count), strict=True
        ):
            found = self._rescore(rows, probe)
            frontier = (
                float(rough[-1]) + matrix.slack(probe) + BATCH_SLACK if rows.size >= count else float("-inf")
            )
            if not is_settled(found, limit=limit, frontier=frontier):
                found = self.find(probe, limit=limit, at=at, threshold=None)
            answers.append(found)
        return answers

    def _rescore(self, rows: "np.ndarray", probe: Vector) -> list[Found]:
        if not rows.size:
            return []
        records = self.file.records(rows.tolist())
        if not np.array_equal(records["vector"].astype("<f2"), self.file.matrix.half[rows]):
            raise SealedDamaged("a record is not the one of its row")
        scores = compare(probe, np.ascontiguousarray(records["vector"]), metric=self.file.matrix.metric)
        return [
            Found(
                id_of_halves(record["member"]),
                id_of_halves(record["subject"]),
                int(record["version"]),
                float(score),
            )
            for record, score in zip(records, scores, strict=True)
        ]


class ExactBackend:
    """Sealed files in GALLERY_DIR, one a gallery."""

    name = "exact"

    def open(self, gallery: Gallery, *, metric: Metric, dimension: int) -> ExactIndex | None:
        path = path_of_gallery(gallery.id)
        try:
            file = SealedFile(path)
        except (FileNotFoundError, SealedDamaged):
            return None
        if (file.layout.dimension, file.layout.metric) != (dimension, metric.value):
            return None
        return ExactIndex(file, path)

    def reached(self, gallery: Gallery) -> int:
        """By the file's header alone; what a writer that was killed left behind goes first."""
        path = path_of_gallery(gallery.id)
        with lock_for_writing(path, wait=False) as mine:
            if not mine:
                return 0
            path.with_suffix(".part").unlink(missing_ok=True)
            now = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
            try:
                version = read_layout(path).version
            except FileNotFoundError:
                return now
            except SealedDamaged:
                return 0
            return version if version <= now else 0  # else the database was put back to an earlier state

    def due_after(self, *, sealed: int) -> int:
        return max(settings.GALLERY_SEAL_ROWS, int(sealed * SEAL_SHARE))

    def seal(self, gallery: Gallery, *, metric: Metric, dimension: int, wait: bool) -> int | None:
        """Write a new file from the one before and the rows changed since; from the rows alone where there is none."""
        path = path_of_gallery(gallery.id)
        with lock_for_writing(path, wait=wait) as mine:
            if not mine:
                return None
            upto = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
            old = self.open(gallery, metric=metric, dimension=dimension)
            if old is not None and old.version > upto:  # the database was put back to an earlier state
                old = None
            if old is not None and old.version == upto:
                return upto
            after = 0
            kept = 0
            gone = np.empty(0, np.int64)
            if old is not None:
                after = old.version
                gone = old.file.rows_of(
                    ids_as_halves(removed_between(gallery_id=gallery.id, after=after, upto=upto))
                )
                kept = old.count - gone.size
            fresh = members_between(gallery_id=gallery.id, after=after, upto=upto)
            fresh = fresh.filter(template__dimension=dimension)

            def pieces() -> Iterator[Records]:
                if old is not None:
                    yield from records_without(old.file, gone)
                yield from copy_records(gallery_id=gallery.id, after=after, upto=upto, dimension=dimension)

            write_sealed(
                path,
                version=upto,
                metric=metric,
                dimension=dimension,
                count=kept + fresh.count(),
                pieces=pieces(),
            )
            return upto


def path_of_gallery(gallery_id: UUID) -> Path:
    """Return the path of a gallery's sealed file on this host."""
    return Path(settings.GALLERY_DIR) / f"{gallery_id}.sealed"


def discard_sealed(gallery_id: UUID) -> None:
    """Throw away what this host has sealed of a gallery; the rows make it anew."""
    path_of_gallery(gallery_id).unlink(missing_ok=True)


def records_without(file: SealedFile, gone: "np.ndarray") -> Iterator[Records]:
    """Yield every record of a file but those of these rows."""
    row = 0
    for piece in file.all_records():
        here = gone[(gone >= row) & (gone < row + len(piece))] - row
        row += len(piece)
        yield np.delete(piece, here) if here.size else piece


__all__ = ["ExactBackend", "ExactIndex", "discard_sealed", "path_of_gallery", "records_without"]
