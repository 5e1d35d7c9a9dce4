"""A protection case to which nobody answers: told to whoever answers for the service and for the desk, without unsealing it.

The message names no person and no circumstance. The supervisors of the port see a number, and whom to go to.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet

from audit.core.actor import Actor, Role
from audit.services import record
from borders.models import OutboxMessage, PostAssignment, ProtectionCase
from borders.services.row_guard import past_guard

# a case that nobody has turned to a service for; a service's own time runs from when it was asked
OPEN_FOR = timedelta(hours=1)
ESCALATED_A_SWEEP = 200


def silent_cases(*, at: datetime) -> QuerySet[ProtectionCase]:
    """Return the cases to which nobody answers: no service asked in OPEN_FOR, or one that let its second deadline pass."""
    each = ExpressionWrapper(
        F("service__minutes_to_acknowledge") * timedelta(minutes=1), output_field=DurationField()
    )
    return ProtectionCase.objects.filter(
        Q(state=ProtectionCase.State.OPEN, opened_at__lte=at - OPEN_FOR)
        | Q(state=ProtectionCase.State.REFERRED, due_at__lte=at - each),
        inspection__training=False,
    )


def count_silent_cases(*, port_ids: Collection[UUID], at: datetime) -> int:
    """Return how many cases at some ports nobody answers to: the number alone, for those who may not read them."""
    with past_guard():
        return silent_cases(at=at).filter(inspection__port_id__in=port_ids).count()


def escalate_cases(*, actor: Actor, at: datetime) -> int:
    """Have whoever answers for the service and the desk told of cases to which nobody answers, once for each silence."""
    untold = silent_cases(at=at).filter(
        Q(escalated_at__isnull=True)
        | Q(state=ProtectionCase.State.REFERRED, escalated_at__lt=F("referred_at"))
    )
    told = 0
    for case in untold.order_by("opened_at")[:ESCALATED_A_SWEEP]:
        with transaction.atomic():
            if not untold.filter(id=case.id).update(escalated_at=at):
                continue  # answered meanwhile
            OutboxMessage.objects.create(
                topic=OutboxMessage.Topic.SERVICE_SILENT,
                object_id=case.id,
                created_at=at,
                next_attempt_at=at,
            )
            record(
                actor=actor,
                at=at,
                action="protection_case.escalated",
                object_type="protection_case",
                object_id=case.id,
                detail={"state": case.state},
            )
            told += 1
    return told


def escalation_addresses(*, case: ProtectionCase, at: datetime) -> list[str]:
    """Return where a silence is told: whoever answers for the service, and the mail of everybody else at the port's desk."""
    found = [case.service.escalation_email] if case.service is not None else []
    here = Q(port_id=case.inspection.port_id) | Q(country__ports=case.inspection.port_id)
    held = PostAssignment.objects.filter(
        here,
        Q(valid_until__isnull=True) | Q(valid_until__gt=at),
        role=Role.PROTECTION,
        valid_from__lte=at,
        officer__user__is_active=True,
    )
    found += held.order_by("officer__badge_number").values_list("officer__user__email", flat=True)
    return list(dict.fromkeys(address for address in found if address))
