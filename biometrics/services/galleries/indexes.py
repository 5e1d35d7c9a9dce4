"""What may stand behind a gallery: an index that holds its rows up to some version. What is newer is searched from the rows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from biometrics.core.faces import Metric, compare
from biometrics.core.gallery.ranking import Found
from biometrics.models import Gallery, GalleryMember
from biometrics.services.vectors import open_vector

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Vector = npt.NDArray[np.float32]


class GalleryIndex(Protocol):
    """The rows of one gallery up to `version`, as one process sees them."""

    @property
    def version(self) -> int: ...

    @property
    def count(self) -> int: ...

    def is_current(self) -> bool:
        """Tell whether no newer index of this gallery has been made."""
        ...

    def forget(self, members: list[UUID]) -> None:
        """Leave out members that were removed after `version`."""
        ...

    def find(self, probe: Vector, *, limit: int, at: datetime, threshold: float | None) -> list[Found]:
        """Return templates with exact scores, enough for the best `limit` subjects. limit: >= 1."""
        ...

    def find_many(self, probes: Vector, *, limit: int, at: datetime) -> list[list[Found]]:
        """Return what `find` returns for each of many probes, float32 (Q, D)."""
        ...

    def find_all(self, probes: Vector, *, threshold: float, at: datetime) -> list[list[Found]]:
        """Return for each probe the templates at or above a threshold; an approximate index may miss some."""
        ...


class IndexBackend(Protocol):
    """Opens and makes the indexes of one kind."""

    name: str

    def open(self, gallery: Gallery, *, metric: Metric, dimension: int) -> GalleryIndex | None:
        """Return the newest index; None when there is none that can be used."""
        ...

    def seal(self, gallery: Gallery, *, metric: Metric, dimension: int, wait: bool) -> int | None:
        """Bring the index up to the gallery's version and return that; None when another process is at it and wait is False."""
        ...

    def reached(self, gallery: Gallery) -> int:
        """Return up to which version whoever was removed is in no index here; 0 while another process is at it."""
        ...

    def due_after(self, *, sealed: int) -> int:
        """Return how many newer rows may wait before they are sealed. sealed: rows in the index."""
        ...


def to_microseconds(at: datetime) -> int:
    """Return a time as whole microseconds since 1970. at: aware."""
    return (at - EPOCH) // timedelta(microseconds=1)


def rescore(
    members: Iterable[UUID], *, gallery_id: UUID, probe: Vector, at: datetime, metric: Metric
) -> list[Found]:
    """Return candidates of an approximate index as the rows know them: still enrolled, valid now, scored exactly."""
    rows = list(
        GalleryMember.objects.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=at),
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            id__in=list(members),
            gallery_id=gallery_id,
            removed_version__isnull=True,
        ).select_related("template")
    )
    if not rows:
        return []
    vectors = np.frombuffer(b"".join(open_vector(row.template) for row in rows), "<f4").reshape(len(rows), -1)
    scores = compare(probe, vectors, metric=metric)
    return [
        Found(row.id, row.subject_id, row.enrolled_version, float(score))
        for row, score in zip(rows, scores, strict=True)
    ]
