"""The second administrator: approves a change of an account, which is thereby done, or turns it down."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, Role
from borders.models import AccountChange
from borders.services.accounts.locks import note
from borders.services.accounts.opening import (
    carry_out_password,
    carry_out_reopening,
    carry_out_second_factor,
)
from borders.services.accounts.posts import assign
from borders.services.accounts.reach import AccountRefused, administrator, lock_officer, may_post


@transaction.atomic
def decide_change(*, actor: Actor, at: datetime, change_id: UUID, approve: bool) -> tuple[AccountChange, str]:
    """Approve a change that somebody else proposed, and do it; or turn it down. Return it, and the code of a new password.

    Raises AccountRefused: not_proposed, second_person_required, own_account, bad_period, and as give_post.
    """
    here = administrator(actor)
    change = AccountChange.objects.select_for_update(of=("self",)).filter(id=change_id).first()
    if change is None or change.state != AccountChange.State.PROPOSED:
        raise AccountRefused("not_proposed")
    officer = lock_officer(actor=actor, at=at, officer_id=change.officer_id)
    if approve and change.proposed_by_id == here.user_id:
        raise AccountRefused("second_person_required")
    change.state = AccountChange.State.APPROVED if approve else AccountChange.State.REJECTED
    change.decided_by_id, change.decided_at = here.user_id, at
    change.save(update_fields=("state", "decided_by", "decided_at"))
    word = "approved" if approve else "rejected"
    note(actor, at, officer, f"account_change.{word}", change=str(change.id), kind=change.kind)
    code = ""
    if approve:
        match change.kind:
            case AccountChange.Kind.PASSWORD:
                code = carry_out_password(actor, at, officer)
            case AccountChange.Kind.SECOND_FACTOR:
                carry_out_second_factor(actor, at, officer)
            case AccountChange.Kind.REOPENING:
                carry_out_reopening(actor, at, officer)
            case AccountChange.Kind.POST:
                _post(actor, here, at, change)
    return change, code


def _post(actor: Actor, here: Actor, at: datetime, change: AccountChange) -> None:
    if not may_post(here, change.port, change.country):
        raise AccountRefused("place_out_of_reach")
    begins = max(change.valid_from, at) if change.valid_from else at
    if change.valid_until is not None and change.valid_until <= begins:
        raise AccountRefused("bad_period")
    assign(
        actor=actor,
        at=at,
        officer=change.officer,
        port=change.port,
        country=change.country,
        role=Role(change.role),
        begins=begins,
        ends=change.valid_until,
    )
