"""Take referrals over and answer them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.outcomes import Route
from borders.models import Referral
from borders.services.access import PROTECTION_ROLES, SECOND_LINE_ROLES, officer_with

ANSWER_MAX = 500
ROLES_OF_ROUTE = {Route.SECOND_LINE: SECOND_LINE_ROLES, Route.PROTECTION: PROTECTION_ROLES}


class ReferralRefused(ValueError):
    """The act does not fit the referral.

    code: not_open, not_acknowledged, answer_required, too_long, bad_characters; field: or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@transaction.atomic
def acknowledge_referral(*, actor: Actor, at: datetime, referral_id: UUID) -> Referral:
    """Take an open referral over. Raises ReferralRefused, PermissionDenied, Referral.DoesNotExist."""
    referral = _reach(actor, at, referral_id)
    taken = Referral.objects.filter(id=referral.id, state=Referral.State.OPEN).update(
        state=Referral.State.ACKNOWLEDGED, acknowledged_by_id=actor.user_id, acknowledged_at=at
    )
    if not taken:
        raise ReferralRefused("not_open")
    return _recorded(actor, at, referral, "referral.acknowledged")


@transaction.atomic
def close_referral(*, actor: Actor, at: datetime, referral_id: UUID, answer: str) -> Referral:
    """Close an acknowledged referral with what came of it.

    Raises ReferralRefused, PermissionDenied, Referral.DoesNotExist.
    """
    referral = _reach(actor, at, referral_id)
    text = answer.strip()
    if not text:
        raise ReferralRefused("answer_required", "answer")
    if len(text) > ANSWER_MAX:
        raise ReferralRefused("too_long", "answer")
    if "\x00" in text:
        raise ReferralRefused("bad_characters", "answer")
    closed = Referral.objects.filter(id=referral.id, state=Referral.State.ACKNOWLEDGED).update(
        state=Referral.State.CLOSED, closed_at=at, answer=text
    )
    if not closed:
        raise ReferralRefused("not_acknowledged")
    return _recorded(actor, at, referral, "referral.closed")


def answer_by_decision(*, actor: Actor, at: datetime, inspection_id: UUID, answer: str) -> None:
    """Close the second line's referral with its decision, taken over first if nobody had; within the decision's transaction.

    answer: not empty, at most ANSWER_MAX characters. A protection referral is left to its service.
    """
    waiting = Referral.objects.filter(inspection_id=inspection_id, route=Route.SECOND_LINE)
    for referral in waiting.filter(state=Referral.State.OPEN):
        acknowledge_referral(actor=actor, at=at, referral_id=referral.id)
    for referral in waiting.filter(state=Referral.State.ACKNOWLEDGED):
        close_referral(actor=actor, at=at, referral_id=referral.id, answer=answer)


def _reach(actor: Actor, at: datetime, referral_id: UUID) -> Referral:
    referral = Referral.objects.select_related("inspection").get(id=referral_id)
    roles = ROLES_OF_ROUTE[Route(referral.route)]
    officer_with(actor=actor, port_id=referral.inspection.port_id, roles=roles, at=at)
    return referral


def _recorded(actor: Actor, at: datetime, referral: Referral, action: str) -> Referral:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="referral",
        object_id=referral.id,
        detail={"inspection": str(referral.inspection_id), "route": referral.route},
    )
    referral.refresh_from_db()
    return referral
