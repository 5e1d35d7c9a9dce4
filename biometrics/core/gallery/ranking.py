"""From found templates to subjects: exact scores, each subject once, and when enough has been looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Found:
    """One enrolled template with its exact score, higher is more alike. version: of the gallery, when it was enrolled."""

    member_id: UUID
    subject_id: UUID
    version: int
    score: float


def best_subjects(found: Iterable[Found], *, limit: int, threshold: float | None = None) -> tuple[Found, ...]:
    """Return each subject once by its best template, best first, at most `limit`.

    Of equal scores the template enrolled first comes first. threshold: only scores at or above it; None for all.
    """
    ranked = sorted(found, key=lambda one: (-one.score, one.version, one.member_id))
    best: dict[UUID, Found] = {}
    for one in ranked:
        if threshold is not None and one.score < threshold:
            break
        if one.subject_id not in best:
            if len(best) >= limit:
                break
            best[one.subject_id] = one
    return tuple(best.values())


def is_settled(
    found: Iterable[Found], *, limit: int, frontier: float, threshold: float | None = None
) -> bool:
    """Tell whether nothing that was not looked at can still change the best subjects.

    found: every template looked at. frontier: no other template scores above it; -inf when there is no other.
    """
    if threshold is not None and frontier < threshold:
        return True
    above = {one.subject_id for one in found if one.score > frontier}
    return frontier == float("-inf") or len(above) >= limit
