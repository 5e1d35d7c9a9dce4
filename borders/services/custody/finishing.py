"""Finish erasures: register, files, indexes and keys, which no transaction takes back; one that cannot be holds up no other."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from audit.core.failures import code_of
from audit.services.tending import is_database_away
from biometrics.services.erasure import finish_erasure
from biometrics.services.resealing import Resealing, ResealingFailed, purged_versions
from borders.models import Erasure
from borders.services.custody.register import note_erasure

log = structlog.get_logger(__name__)

TRIED_AGAIN_AFTER = timedelta(minutes=1)


class ErasureUnfinished(RuntimeError):
    """Rows are gone, but a file, an index, a key or the register could not be brought level: it is tried again."""

    code = "erasure_unfinished"


@dataclass(slots=True)
class Tried:
    """What one process tried in vain, and when: it shall neither crowd out others nor fill the register.

    at: of each erasure. noted: those that are in the register. indexes: makes those of galleries anew aside, for a caller that
    has other duties; None: at once. versions: of galleries that their indexes must reach, by erasure. waiting: erasures for which
    nothing is left to do but that.
    """

    at: dict[UUID, datetime] = field(default_factory=dict)
    noted: set[UUID] = field(default_factory=set)
    indexes: Resealing | None = None
    versions: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    waiting: set[UUID] = field(default_factory=set)

    def forget(self, erasure_id: UUID) -> None:
        self.at.pop(erasure_id, None)
        self.noted.discard(erasure_id)
        self.versions.pop(erasure_id, None)
        self.waiting.discard(erasure_id)


def finish(*, at: datetime, erasure: Erasure, tried: Tried | None = None) -> Erasure:
    """Do what no transaction takes back: register, files, indexes, keys. Safe to run twice; the sweep does it after a crash.

    Each is tried, whatever becomes of the others. What fails is logged by its code and leaves `finished_at` empty; so does an
    index that is still being made anew aside.
    """
    tried = tried or Tried()
    left = [] if erasure.id in tried.waiting else _remove(at, erasure, tried)
    try:
        level = _bring_indexes(at, erasure, tried)
    except ResealingFailed as failure:
        left.append(failure.code)
    if left:
        tried.waiting.discard(erasure.id)
        tried.at[erasure.id] = at
        log.error("erasure.unfinished", erasure=str(erasure.id), codes=left)
        return erasure
    if not level:
        tried.at.pop(erasure.id, None)
        tried.waiting.add(erasure.id)
        return erasure
    tried.forget(erasure.id)
    erasure.finished_at = at
    erasure.save(update_fields=("finished_at",))
    return erasure


def _remove(at: datetime, erasure: Erasure, tried: Tried) -> list[str]:
    """Note an erasure in the register, remove files and keys, make indexes anew unless that is done aside; return what failed."""
    left = []
    if erasure.id not in tried.noted:
        try:
            note_erasure(erasure)
            tried.noted.add(erasure.id)
        except OSError as failure:
            left.append(f"register: {type(failure).__name__}")
    try:
        finish_erasure(
            at=at,
            keys=[(slot, UUID(key_id)) for slot, key_id in erasure.keys],
            files=erasure.files,
            gallery_ids=[] if tried.indexes else [UUID(i) for i in erasure.galleries],
        )
    except Exception as failure:  # whatever hinders this one must not keep others from being erased
        if is_database_away(failure):
            raise
        left.append(code_of(failure))
    return left


def _bring_indexes(at: datetime, erasure: Erasure, tried: Tried) -> bool:
    """Tell whether no index that is made anew aside holds a face of this erasure any more. Raises ResealingFailed."""
    if tried.indexes is None or not erasure.galleries:
        return True
    if erasure.id not in tried.versions:
        tried.versions[erasure.id] = purged_versions([UUID(i) for i in erasure.galleries])
    return tried.indexes.bring(tried.versions[erasure.id], at=at)


def finish_erasures(*, at: datetime, limit: int = 100, tried: Tried | None = None) -> int:
    """Finish erasures that were cut off, all that are tried now; return how many.

    tried: kept by a caller that comes again and again. Raises ErasureUnfinished in the end if any is left unfinished for another
    reason than an index that is being made anew.
    """
    tried = tried or Tried()
    unfinished = Erasure.objects.filter(finished_at__isnull=True).order_by("erased_at")
    # first those never tried: the oldest may be waiting for a disk that is away
    rows = list(unfinished.exclude(id__in=[*tried.at, *tried.waiting])[:limit])
    again = [i for i, when in tried.at.items() if at - when >= TRIED_AGAIN_AFTER]
    rows += unfinished.filter(id__in=again)[: limit - len(rows)]
    rows += unfinished.filter(id__in=tried.waiting)[:limit]
    finished = sum(finish(at=at, erasure=e, tried=tried).finished_at is not None for e in rows)
    left = set(unfinished.filter(id__in=[*tried.at, *tried.waiting]).values_list("id", flat=True))
    for gone in {*tried.at, *tried.waiting} - left:  # another process finished it
        tried.forget(gone)
    if tried.at:
        raise ErasureUnfinished(f"{len(tried.at)} erasure(s) unfinished; the log has their codes.")
    return finished
