"""Galleries: the row is the truth, the matrix in memory a projection that follows it version by version."""

import threading
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Q

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.faces import Metric
from biometrics.core.gallery import ExactGallery
from biometrics.models import Gallery, GalleryMember, Template


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


class _Projection:
    """One gallery in the memory of this process."""

    def __init__(self, metric: Metric) -> None:
        self.lock = threading.Lock()
        self.version = 0
        self.index: ExactGallery | None = None
        self.metric = metric
        self.subjects: dict[UUID, UUID] = {}

    def follow(self, gallery_id: UUID, version: int) -> None:
        """Bring the matrix up to a version by the rows changed since the one it has."""
        changed = (
            GalleryMember.objects.filter(
                Q(enrolled_version__gt=self.version, enrolled_version__lte=version)
                | Q(removed_version__gt=self.version, removed_version__lte=version),
                gallery_id=gallery_id,
            )
            .order_by("enrolled_version")
            .values_list("id", "subject_id", "template__vector", "removed_version")
        )
        added: list[tuple[UUID, UUID, bytes]] = []
        removed: list[UUID] = []
        for member_id, subject_id, vector, removed_version in changed.iterator(chunk_size=2000):
            if removed_version is not None and removed_version <= version:
                removed.append(member_id)
            else:
                added.append((member_id, subject_id, bytes(vector)))
        removed = [member_id for member_id in removed if member_id in self.subjects]
        if self.index is not None and removed:
            self.index.remove(removed)
        for member_id in removed:
            del self.subjects[member_id]
        if added:
            matrix = np.frombuffer(b"".join(v for _, _, v in added), "<f4").reshape(len(added), -1)
            if self.index is None:
                self.index = ExactGallery(dimension=matrix.shape[1], metric=self.metric)
            self.index.enrol([member_id for member_id, _, _ in added], matrix)
            self.subjects |= {member_id: subject_id for member_id, subject_id, _ in added}
        self.version = version


_projections: dict[UUID, _Projection] = {}
_projections_lock = threading.Lock()


def search_gallery(
    *, gallery: Gallery, metric: Metric, probe: npt.NDArray[np.float32], limit: int
) -> GallerySearch:
    """Search the gallery as it is now and return the best subjects, at most `limit`."""
    with _projections_lock:
        projection = _projections.setdefault(gallery.id, _Projection(metric))
    with projection.lock:
        version = Gallery.objects.values_list("version", flat=True).get(id=gallery.id)
        if version < projection.version:  # another database under the same ids: tests, or a restored backup
            projection = _projections[gallery.id] = _Projection(metric)
        if version > projection.version:
            projection.follow(gallery.id, version)
        if projection.index is None:
            return GallerySearch(version, ())
        best: dict[UUID, float] = {}
        for found in projection.index.search(probe, limit=limit * 4):
            best.setdefault(projection.subjects[found.id], float(found.score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:limit]
        return GallerySearch(version, tuple(Candidate(subject, value) for subject, value in ranked))


@transaction.atomic
def enrol(*, actor: Actor, at: datetime, gallery: str, template: Template, subject_id: UUID) -> GalleryMember:
    """Enrol a template for a subject; enrolling it again changes nothing. Visible to every later search once committed."""
    row, _ = Gallery.objects.get_or_create(
        name=gallery, engine=template.engine, engine_version=template.engine_version
    )
    # the lock orders versions as they commit, so that a follower never misses one
    row = Gallery.objects.select_for_update().get(id=row.id)
    known = GalleryMember.objects.filter(
        gallery=row, template=template, subject_id=subject_id, removed_version__isnull=True
    ).first()
    if known is not None:
        return known
    row.version += 1
    row.save(update_fields=("version",))
    member = GalleryMember.objects.create(
        gallery=row, template=template, subject_id=subject_id, enrolled_version=row.version
    )
    record(
        actor=actor,
        at=at,
        action="template.enrolled",
        object_type="gallery",
        object_id=row.id,
        detail={"template": str(template.id), "subject": str(subject_id)},
    )
    return member


@transaction.atomic
def remove(*, actor: Actor, at: datetime, gallery: str, subject_id: UUID) -> int:
    """Remove every template of a subject from a gallery, of every engine; return how many."""
    count = 0
    for row in Gallery.objects.select_for_update().filter(name=gallery).order_by("id"):
        members = GalleryMember.objects.filter(
            gallery=row, subject_id=subject_id, removed_version__isnull=True
        )
        removed = members.update(removed_version=row.version + 1)
        if removed:
            row.version += 1
            row.save(update_fields=("version",))
            count += removed
            record(
                actor=actor,
                at=at,
                action="template.removed",
                object_type="gallery",
                object_id=row.id,
                detail={"subject": str(subject_id), "count": removed},
            )
    return count
