"""Retention classes: proposed by one person, approved by another, in force from then on."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from audit.core.actor import Actor, Role
from audit.services import record
from borders.core.retention import STARTS, Period, Periods, RetentionCode
from borders.models import RetentionClass

ROLES = (Role.DATA_PROTECTION,)


class RetentionRefused(ValueError):
    """Nothing was changed. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def periods_in_force() -> Periods:
    """Return the periods of the classes in force."""
    return {code: period for code, (period, _) in versions_in_force().items()}


def versions_in_force() -> dict[RetentionCode, tuple[Period, int]]:
    """Return period and version of each class in force. IMAGES is missing where images live as long as their record."""
    rows = RetentionClass.objects.filter(state=RetentionClass.State.ACTIVE)
    return {RetentionCode(r.code): (Period(r.years, r.months, r.days), r.version) for r in rows}


@transaction.atomic
def propose_retention(
    *,
    actor: Actor,
    at: datetime,
    code: str,
    years: int,
    months: int,
    days: int,
    legal_basis: str,
    reason: str,
) -> RetentionClass:
    """Propose another period. Raises RetentionRefused: code_unknown, period_empty, legal_basis_missing, reason_missing."""
    check_may_govern(actor)
    try:
        code = RetentionCode(code)
        Period(years, months, days)
    except ValueError as error:
        raise RetentionRefused("period_empty" if "period" in str(error) else "code_unknown") from None
    if not legal_basis.strip():
        raise RetentionRefused("legal_basis_missing")
    if not reason.strip():
        raise RetentionRefused("reason_missing")
    latest = RetentionClass.objects.filter(code=code).aggregate(latest=Max("version"))["latest"] or 0
    row = RetentionClass.objects.create(
        code=code,
        version=max(latest + 1, 2),
        years=years,
        months=months,
        days=days,
        start_event=STARTS[code],
        legal_basis=legal_basis.strip()[:200],
        reason=reason.strip()[:300],
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    _record(actor, at, row, "retention_class.proposed")
    return row


@transaction.atomic
def decide_retention(*, actor: Actor, at: datetime, retention_id: UUID, approve: bool) -> RetentionClass:
    """Approve or reject a proposal of somebody else. Raises RetentionRefused: proposal_unknown, own_proposal."""
    check_may_govern(actor)
    row = (
        RetentionClass.objects.select_for_update()
        .filter(id=retention_id, state=RetentionClass.State.PROPOSED)
        .first()
    )
    if row is None:
        raise RetentionRefused("proposal_unknown")
    if row.proposed_by_id == actor.user_id:
        raise RetentionRefused("own_proposal")
    if approve:
        RetentionClass.objects.filter(code=row.code, state=RetentionClass.State.ACTIVE).update(
            state=RetentionClass.State.RETIRED
        )
    row.state = RetentionClass.State.ACTIVE if approve else RetentionClass.State.REJECTED
    row.decided_by_id, row.decided_at = actor.user_id, at
    row.save(update_fields=("state", "decided_by", "decided_at"))
    _record(actor, at, row, "retention_class.approved" if approve else "retention_class.rejected")
    return row


def check_may_govern(actor: Actor) -> None:
    """Raise PermissionDenied for whoever is no data protection officer."""
    if actor.user_id is None or not actor.has(*ROLES):
        raise PermissionDenied


def _record(actor: Actor, at: datetime, row: RetentionClass, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="retention_class",
        object_id=row.id,
        detail={
            "code": row.code,
            "version": row.version,
            "years": row.years,
            "months": row.months,
            "days": row.days,
        },
    )
