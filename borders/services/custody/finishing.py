"""Finish erasures: register, files, indexes and keys, which no transaction takes back; one that cannot be holds up no other."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from audit.core.failures import code_of
from audit.services.tending import is_database_away
from biometrics.services.erasure import finish_erasure
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

    at: of each erasure. noted: those that are in the register.
    """

    at: dict[UUID, datetime] = field(default_factory=dict)
    noted: set[UUID] = field(default_factory=set)

    def forget(self, erasure_id: UUID) -> None:
        self.at.pop(erasure_id, None)
        self.noted.discard(erasure_id)


def finish(*, at: datetime, erasure: Erasure, tried: Tried | None = None) -> Erasure:
    """Do what no transaction takes back: register, files, indexes, keys. Safe to run twice; the sweep does it after a crash.

    Each is tried, whatever becomes of the others. What fails is logged by its code and leaves `finished_at` empty.
    """
    tried = tried or Tried()
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
            gallery_ids=[UUID(i) for i in erasure.galleries],
        )
    except Exception as failure:  # whatever hinders this one must not keep others from being erased
        if is_database_away(failure):
            raise
        left.append(code_of(failure))
    if left:
        tried.at[erasure.id] = at
        log.error("erasure.unfinished", erasure=str(erasure.id), codes=left)
        return erasure
    tried.forget(erasure.id)
    erasure.finished_at = at
    erasure.save(update_fields=("finished_at",))
    return erasure


def finish_erasures(*, at: datetime, limit: int = 100, tried: Tried | None = None) -> int:
    """Finish erasures that were cut off, all that are tried now; return how many.

    tried: kept by a caller that comes again and again. Raises ErasureUnfinished in the end if any is left unfinished.
    """
    tried = tried or Tried()
    waiting = Erasure.objects.filter(finished_at__isnull=True).order_by("erased_at")
    # first those never tried: the oldest may be waiting for a disk that is away
    rows = list(waiting.exclude(id__in=list(tried.at))[:limit])
    again = [i for i, when in tried.at.items() if at - when >= TRIED_AGAIN_AFTER]
    rows += waiting.filter(id__in=again)[: limit - len(rows)]
    finished = sum(finish(at=at, erasure=e, tried=tried).finished_at is not None for e in rows)
    left = set(waiting.filter(id__in=list(tried.at)).values_list("id", flat=True))
    for gone in tried.at.keys() - left:  # another process finished it
        tried.forget(gone)
    if left:
        raise ErasureUnfinished(f"{len(left)} erasure(s) unfinished; the log has their codes.")
    return finished
