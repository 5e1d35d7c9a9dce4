"""An officer says that a picture is wrong: kept as what it is, and the traveller is taken anew."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.core.decision_rules import DecisionRefused, Verdict
from borders.models import CaptureFault, Decision
from borders.services.decisions import decide

REASON = "Wrong picture: {fault}"


@transaction.atomic
def tell_capture_fault(*, actor: Actor, at: datetime, inspection_id: UUID, fault: str) -> Decision:
    """Keep what is wrong with a picture and end the inspection without a crossing; whoever stands there is taken anew.

    A traveller for whom protection is asked is referred instead: nobody is let go of unseen. Raises DecisionRefused, and as
    decide.
    """
    if fault not in CaptureFault.Fault.values:
        raise DecisionRefused("invalid", "fault")
    # ended first: what refuses that leaves nothing behind
    decision = decide(
        actor=actor,
        at=at,
        inspection_id=inspection_id,
        outcome=Verdict.RETAKEN,
        wrong_picture=True,
        reason=REASON.format(fault=CaptureFault.Fault(fault).label.lower()),
    )
    told = CaptureFault.objects.create(
        inspection_id=inspection_id, fault=fault, told_by_id=actor.user_id, told_at=at
    )
    record(
        actor=actor,
        at=at,
        action="capture_fault.told",
        object_type="inspection",
        object_id=inspection_id,
        detail={"fault": told.fault},
    )
    return decision
