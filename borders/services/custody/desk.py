"""Small verbs of the data protection officer's desk."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor, Role
from audit.services import record
from borders.models import OverstayNotice, RetentionFile
from borders.services.custody.periods import RetentionRefused, check_may_govern
from travelers.models import Traveler

EXPORTS_KEPT = timedelta(hours=24)


@transaction.atomic
def mark_family(*, actor: Actor, at: datetime, traveler_id: UUID, family: bool, basis: str) -> RetentionFile:
    """Say whether Article 34 (4) applies to a traveller. Raises RetentionRefused: reason_missing, subject_unknown."""
    check_may_govern(actor)
    if not basis.strip():
        raise RetentionRefused("reason_missing")
    traveler = Traveler.objects.select_for_update(no_key=True).filter(id=traveler_id).first()
    if traveler is None:
        raise RetentionRefused("subject_unknown")
    mark, _ = RetentionFile.objects.update_or_create(
        traveler=traveler, defaults={"family": family, "family_basis": basis.strip()[:200], "updated_at": at}
    )
    record(
        actor=actor,
        at=at,
        action="retention_file.marked",
        object_type="traveler",
        object_id=traveler_id,
        detail={"family": family},
    )
    return mark


@transaction.atomic
def see_overstay_notice(*, actor: Actor, at: datetime, stay_id: UUID) -> None:
    """Note that somebody has seen that an overstayer's data will be erased."""
    if actor.user_id is None or not actor.has(Role.DATA_PROTECTION, Role.SUPERVISOR):
        raise PermissionDenied
    if OverstayNotice.objects.filter(stay_id=stay_id, seen_at__isnull=True).update(
        seen_at=at, seen_by=actor.user_id
    ):
        record(actor=actor, at=at, action="overstay.seen", object_type="overstay_notice", object_id=stay_id)


def remove_old_exports(*, at: datetime) -> int:
    """Remove the files for subjects that nobody has taken in a day; return how many."""
    if not settings.EXPORT_DIR.is_dir():
        return 0
    removed = 0
    for path in settings.EXPORT_DIR.glob("subject-*.zip"):
        try:
            if path.stat().st_mtime < (at - EXPORTS_KEPT).timestamp():
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # somebody has taken it since the folder was listed
    return removed
