"""Notices to the owners of silent entries, written after the crossing: the booth waits for nothing, and shows nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, Role, system_actor
from audit.models import new_id
from audit.services import record
from watchlists.models import Hit, OwnerNotice
from watchlists.services.withheld import write_withheld_hits

NOTICES_A_SWEEP = 500


class NoticeUnknown(LookupError):
    """There is no such notice for this actor."""

    code = "notice_unknown"


@transaction.atomic
def write_due_notices(*, at: datetime, limit: int = NOTICES_A_SWEEP) -> int:
    """Write the silent hits that screenings have withheld, and the notices of those that have none; return how many
    notices. Safe to run twice, and beside itself.
    """
    write_withheld_hits()
    due = list(
        Hit.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(silent=True, notice__isnull=True)
        .order_by("found_at")
        .values_list("id", "entry__owner_unit")[:limit]
    )
    made = OwnerNotice.objects.bulk_create(
        [OwnerNotice(id=new_id(), hit_id=hit_id, owner_unit=unit, created_at=at) for hit_id, unit in due],
        ignore_conflicts=True,
    )
    for notice in made:
        record(
            actor=system_actor("sweep"),
            at=at,
            action="owner_notice.written",
            object_type="owner_notice",
            object_id=notice.id,
            detail={"hit": str(notice.hit_id)},
        )
    return len(made)


@transaction.atomic
def see_notice(*, actor: Actor, at: datetime, notice_id: UUID) -> OwnerNotice:
    """Keep that the owner has taken note. Raises NoticeUnknown."""
    notice = OwnerNotice.objects.filter(id=notice_id).first() if actor.has(Role.LIST_OWNER) else None
    if notice is None or actor.user_id is None:
        raise NoticeUnknown
    seen = OwnerNotice.objects.filter(id=notice.id, seen_at__isnull=True)
    if seen.update(seen_at=at, seen_by_id=actor.user_id):
        record(
            actor=actor,
            at=at,
            action="owner_notice.seen",
            object_type="owner_notice",
            object_id=notice.id,
            detail={"hit": str(notice.hit_id)},
        )
    notice.refresh_from_db()
    return notice
