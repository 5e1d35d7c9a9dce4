"""Settle an inspection that no worker finished: what is not checked is said to be not checked, and an officer
can go on.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.core.actor import Actor
from borders.core.checks import undetermined
from borders.core.pipeline import CHECKING_STEPS, StepState
from borders.core.rules import govern
from borders.models import Inspection
from borders.queries import rules_in_force
from borders.services.advice import Round, conclude, open_round, write_step
from borders.services.findings import NO_COMPARISONS, write_findings

UNFINISHED = (Inspection.State.RECEIVED, Inspection.State.PROCESSING)


class InspectionNotReady(RuntimeError):
    """The checks are still running and the booth's deadline has not passed."""

    code = "inspection_not_ready"


@transaction.atomic
def settle_inspection(*, actor: Actor, at: datetime, inspection_id: UUID) -> Inspection:
    """Make an unfinished inspection READY with its open checks UNDETERMINED; one that is not unfinished is
    returned as it is.

    Allowed once the deadline has passed or the attempts are used up. Raises InspectionNotReady,
    Inspection.DoesNotExist.
    """
    inspection = Inspection.objects.select_for_update(no_key=True).get(id=inspection_id)
    if inspection.state not in UNFINISHED:
        return inspection
    idle = inspection.leased_until is None or inspection.leased_until <= at
    spent = idle and inspection.attempts >= settings.MAX_ATTEMPTS
    if at < inspection.deadline_at and not spent:
        raise InspectionNotReady
    reason = "attempts_exhausted" if spent else "not_checked_in_time"
    current = open_round(inspection_id=inspection.id)
    states = dict(current.states)
    rules = rules_in_force()
    for step in CHECKING_STEPS:
        if step in states:
            continue
        write_step(
            inspection_id=inspection.id,
            step=step,
            round_number=current.number,
            state=StepState.FAILED,
            code=reason,
            elapsed_ms=0.0,
            at=at,
        )
        write_findings(
            inspection_id=inspection.id,
            found=[(step, govern(undetermined(step, reason), rules), NO_COMPARISONS)],
            at=at,
        )
        states[step] = StepState.FAILED
    conclude(
        actor=actor,
        at=at,
        inspection=inspection,
        current=Round(current.number, states),
        action="inspection.settled",
    )
    return inspection
