"""Indexes made anew once somebody was erased: at once, or aside for a sweep that has other duties meanwhile."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from audit.core.failures import code_of
from biometrics.core.faces import Metric
from biometrics.models import Gallery
from biometrics.services.galleries import reached_version, seal_gallery

METRICS = {"sface": Metric.COSINE, "dlib": Metric.EUCLIDEAN}
TRIED_AGAIN_AFTER = timedelta(minutes=1)


class ResealingFailed(RuntimeError):
    """The index of a gallery could not be made anew; it is tried again. code: of what hindered it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def reseal(gallery_id: UUID) -> None:
    """Make this host's index of a gallery anew, unless there is none or it holds nobody who was erased."""
    gallery = Gallery.objects.filter(id=gallery_id).first()
    if gallery is not None and reached_version(gallery=gallery) < gallery.purged_version:
        seal_gallery(gallery=gallery, metric=METRICS.get(gallery.engine, Metric.COSINE))


def purged_versions(gallery_ids: list[UUID]) -> dict[UUID, int]:
    """Return by gallery the version that an index must have reached to hold nobody who was erased until now."""
    return dict(Gallery.objects.filter(id__in=gallery_ids).values_list("id", "purged_version"))


class Resealing:
    """Makes indexes anew in a thread of its own, one after the other: a file of a million faces takes longer than a sweep.

    One remaking serves everybody who was erased before it began.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._failed: dict[UUID, tuple[str, datetime]] = {}
        self._reached: dict[UUID, int] = {}
        self._looked_at: datetime | None = None

    def bring(self, versions: Mapping[UUID, int], *, at: datetime) -> bool:
        """Tell whether this host's indexes have reached these versions, and begin with one that has not.

        at: of the sweep; files are looked at once a sweep. Raises ResealingFailed for a minute after an attempt that failed.
        """
        if at != self._looked_at:
            self._looked_at = at
            self._reached.clear()
        behind = [gallery_id for gallery_id in versions if self._reach(gallery_id) < versions[gallery_id]]
        for gallery_id in behind:
            code, failed_at = self._failed.get(gallery_id, ("", at))
            if code and at - failed_at < TRIED_AGAIN_AFTER:
                raise ResealingFailed(code)
        if behind:
            self._begin(behind[0], at)
        return not behind

    def wait(self) -> None:
        """Wait until the remaking that was begun has ended."""
        if self._thread is not None:
            self._thread.join()

    def _reach(self, gallery_id: UUID) -> int:
        if gallery_id not in self._reached:
            self._reached[gallery_id] = reached_version(gallery=Gallery.objects.get(id=gallery_id))
        return self._reached[gallery_id]

    def _begin(self, gallery_id: UUID, at: datetime) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._failed.pop(gallery_id, None)
        self._thread = threading.Thread(
            target=self._run, args=(gallery_id, at), name="reseal-gallery", daemon=True
        )
        self._thread.start()

    def _run(self, gallery_id: UUID, at: datetime) -> None:
        try:
            reseal(gallery_id)
        except Exception as failure:  # told by whoever waits for it
            self._failed[gallery_id] = (code_of(failure), at)
        finally:
            connection.close()
