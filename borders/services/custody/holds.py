"""Legal holds: what a court or authority demands to be kept, until another person lifts it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.models import Inspection, LegalHold
from borders.services.custody.periods import RetentionRefused, check_may_govern
from travelers.models import Traveler


@transaction.atomic
def place_hold(
    *,
    actor: Actor,
    at: datetime,
    traveler_id: UUID | None = None,
    inspection_id: UUID | None = None,
    reason: str,
    authority: str,
    review_on: date,
    reference: str = "",
) -> LegalHold:
    """Keep a traveller's data, or one inspection's, from being erased; in force at once.

    Raises RetentionRefused: subject_missing, subject_unknown, reason_missing, authority_missing, review_not_ahead.
    """
    check_may_govern(actor)
    if (traveler_id is None) == (inspection_id is None):
        raise RetentionRefused("subject_missing")
    if not reason.strip():
        raise RetentionRefused("reason_missing")
    if not authority.strip():
        raise RetentionRefused("authority_missing")
    if review_on <= at.date():
        raise RetentionRefused("review_not_ahead")
    # the lock keeps an erasure that has begun from passing by
    known: object = (
        Traveler.objects.select_for_update(no_key=True).filter(id=traveler_id).first()
        if traveler_id is not None
        else Inspection.objects.select_for_update(no_key=True)
        .filter(id=inspection_id, erased_at__isnull=True)
        .first()
    )
    if known is None:
        raise RetentionRefused("subject_unknown")
    hold = LegalHold.objects.create(
        traveler_id=traveler_id,
        inspection_id=inspection_id,
        reason=reason.strip()[:300],
        authority=authority.strip()[:120],
        reference=reference.strip()[:60],
        review_on=review_on,
        placed_by_id=actor.user_id,
        placed_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="legal_hold.placed",
        object_type="legal_hold",
        object_id=hold.id,
        detail={"traveler": str(traveler_id or ""), "inspection": str(inspection_id or "")},
    )
    return hold


@transaction.atomic
def lift_hold(*, actor: Actor, at: datetime, hold_id: UUID) -> LegalHold:
    """Lift a hold that somebody else placed. Raises RetentionRefused: hold_unknown, own_hold."""
    check_may_govern(actor)
    hold = LegalHold.objects.select_for_update().filter(id=hold_id, lifted_at__isnull=True).first()
    if hold is None:
        raise RetentionRefused("hold_unknown")
    if hold.placed_by_id == actor.user_id:
        raise RetentionRefused("own_hold")
    hold.lifted_by_id, hold.lifted_at = actor.user_id, at
    hold.save(update_fields=("lifted_by", "lifted_at"))
    record(actor=actor, at=at, action="legal_hold.lifted", object_type="legal_hold", object_id=hold.id)
    return hold
