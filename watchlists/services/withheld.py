"""Hits on silent entries: kept in the row of the screening that every traveller leaves, made hits by the sweep.

Writing a hit takes the time of a row with its keys and triggers, which a booth could measure. So the booth's transaction
writes the same rows for every traveller, and the hit is there a moment later: durable from the same commit on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from audit.core.actor import system_actor
from audit.services import record
from watchlists.models import Hit, Screening

SCREENINGS_A_SWEEP = 500
_FIELDS = ("kind", "score", "explanation", "threshold", "score_version", "list_version")


def withheld_of(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return silent hits, not stored yet, as Screening.withheld keeps them."""
    return [
        {
            "id": str(hit.id),
            "entry": str(hit.entry_id),
            "comparison": str(hit.comparison_id) if hit.comparison_id else None,
            **{name: getattr(hit, name) for name in _FIELDS},
        }
        for hit in hits
    ]


@transaction.atomic
def write_withheld_hits(
    *, screening_ids: Collection[UUID] | None = None, limit: int = SCREENINGS_A_SWEEP
) -> int:
    """Make hits of what screenings have withheld and nobody has written yet; return how many.

    screening_ids: of these alone. Safe to run twice, and beside itself.
    """
    due = Screening.objects.exclude(withheld=[]).exclude(
        Exists(Hit.objects.filter(screening_id=OuterRef("id"), silent=True))
    )
    if screening_ids is not None:
        due = due.filter(id__in=screening_ids)
    hits = [
        _hit(screening.id, screening.at, kept)
        for screening in due.order_by("at")[:limit]
        for kept in screening.withheld
    ]
    Hit.objects.bulk_create(hits, ignore_conflicts=True)
    for hit in hits:
        record(
            actor=system_actor("screening"),
            at=hit.found_at,
            action="hit.found",
            object_type="hit",
            object_id=hit.id,
            detail={"screening": str(hit.screening_id)},
        )
    return len(hits)


def _hit(screening_id: UUID, found_at: datetime, kept: dict[str, Any]) -> Hit:
    return Hit(
        id=UUID(kept["id"]),
        screening_id=screening_id,
        entry_id=UUID(kept["entry"]),
        comparison_id=UUID(kept["comparison"]) if kept["comparison"] else None,
        silent=True,
        found_at=found_at,
        **{name: kept[name] for name in _FIELDS},
    )
