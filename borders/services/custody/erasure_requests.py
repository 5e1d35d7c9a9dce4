"""Erasing on request or order takes two data protection officers, each by an act of their own: one proposes, one approves."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.core.actor import Actor
from audit.services import record
from borders.models import Erasure, ErasureRequest
from borders.services.custody.erasure import ErasureRefused, erase_traveler
from borders.services.custody.periods import check_may_govern
from borders.services.custody.scope import NOBODY_ID
from travelers.models import Traveler


@transaction.atomic
def propose_erasure(
    *, actor: Actor, at: datetime, traveler_id: UUID, ground: str, reason: str
) -> ErasureRequest:
    """Propose that a traveller be erased. reason: file number of the request or order; no names.

    Raises ErasureRefused: ground_unknown, reason_missing, traveler_unknown, proposed_already; PermissionDenied.
    """
    check_may_govern(actor)
    if ground not in ErasureRequest.Ground.values:
        raise ErasureRefused("ground_unknown")
    if not reason.strip():
        raise ErasureRefused("reason_missing")
    if not Traveler.objects.filter(id=traveler_id).exclude(id=NOBODY_ID).exists():
        raise ErasureRefused("traveler_unknown")
    try:
        with transaction.atomic():
            request = ErasureRequest.objects.create(
                traveler_id=traveler_id,
                ground=ground,
                reason=reason.strip()[:200],
                proposed_by_id=actor.user_id,
                proposed_at=at,
            )
    except IntegrityError:
        raise ErasureRefused("proposed_already") from None
    _note(actor, at, request, "erasure.proposed")
    return request


@transaction.atomic
def decide_erasure(*, actor: Actor, at: datetime, request_id: UUID, approve: bool) -> ErasureRequest:
    """Approve what another officer proposed; or turn it down, as long as it is not done.

    Raises ErasureRefused: not_proposed, own_request; PermissionDenied.
    """
    check_may_govern(actor)
    request = ErasureRequest.objects.select_for_update().filter(id=request_id).first()
    still = (ErasureRequest.State.PROPOSED,) if approve else ("PROPOSED", "APPROVED")
    if request is None or request.state not in still:
        raise ErasureRefused("not_proposed")
    if approve and request.proposed_by_id == actor.user_id:
        raise ErasureRefused("own_request")
    request.state = ErasureRequest.State.APPROVED if approve else ErasureRequest.State.REJECTED
    request.decided_by_id, request.decided_at = actor.user_id, at
    request.save(update_fields=("state", "decided_by", "decided_at"))
    _note(actor, at, request, "erasure.approved" if approve else "erasure.rejected")
    return request


def approved_request(*, traveler_id: UUID) -> ErasureRequest | None:
    """Return the approved request to erase a traveller that is not done yet."""
    return ErasureRequest.objects.filter(traveler_id=traveler_id, state=ErasureRequest.State.APPROVED).first()


def carry_out_erasure(*, actor: Actor, at: datetime, request_id: UUID) -> Erasure:
    """Erase whom a request is about, once two officers agree. Safe to run again after a crash.

    Raises ErasureRefused: not_approved, traveler_unknown, legal_hold, still_in_progress; PermissionDenied.
    """
    check_may_govern(actor)
    request = ErasureRequest.objects.filter(id=request_id, state=ErasureRequest.State.APPROVED).first()
    if request is None or request.decided_by_id is None:
        raise ErasureRefused("not_approved")
    # of the two who agreed, the one who does not carry it out
    second = request.proposed_by_id if request.decided_by_id == actor.user_id else request.decided_by_id
    done = Erasure.objects.filter(
        subject_id=request.traveler_id,
        subject=Erasure.Subject.TRAVELER,
        ground=request.ground,
        erased_at__gte=request.decided_at,
    ).first()
    erasure = done or erase_traveler(
        actor=actor,
        at=at,
        traveler_id=request.traveler_id,
        ground=request.ground,
        reason=request.reason,
        seconded_by_id=second,
    )
    with transaction.atomic():
        ErasureRequest.objects.filter(id=request.id, state=ErasureRequest.State.APPROVED).update(
            state=ErasureRequest.State.DONE, erasure_id=erasure.id
        )
        _note(actor, at, request, "erasure.carried_out")
    return erasure


def _note(actor: Actor, at: datetime, request: ErasureRequest, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="erasure_request",
        object_id=request.id,
        detail={"subject_id": str(request.traveler_id), "ground": request.ground},
    )
