"""Have overrides and refusals reviewed by a second person."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, Role
from audit.services import record, store
from borders.core.states import DECISION_REVIEW_STATES
from borders.models import Decision, DecisionReview, Inspection
from borders.services.access import officer_with

REVIEW_DUE = timedelta(hours=24)
REVIEWER_ROLES = frozenset({Role.SUPERVISOR})
REASON_MAX = 500


class ReviewRefused(ValueError):
    """The review cannot be given.

    code: not_waiting, own_decision, invalid, reason_required, too_long, bad_characters; field: or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


def open_review(*, actor: Actor, at: datetime, decision: Decision, inspection: Inspection) -> None:
    """Have a decision wait for its review, if it is an override or a refusal; within the transaction of the decision."""
    if decision.outcome == Decision.Outcome.REFUSED:
        cause = DecisionReview.Cause.REFUSAL
    elif decision.override:
        cause = DecisionReview.Cause.OVERRIDE
    else:
        return
    review = DecisionReview(
        decision=decision,
        inspection=inspection,
        port_id=inspection.port_id,
        cause=cause,
        decided_by_id=decision.decided_by_id,
        opened_at=at,
        due_at=at + REVIEW_DUE,
    )
    store(review)
    record(
        actor=actor,
        at=at,
        action="decision_review.opened",
        object_type="decision_review",
        object_id=review.id,
        detail={"inspection": str(inspection.id), "cause": cause.value},
    )


@transaction.atomic
def review_decision(
    *, actor: Actor, at: datetime, review_id: UUID, outcome: str, reason: str
) -> DecisionReview:
    """Say whether a decision was right. Raises ReviewRefused, PermissionDenied, DecisionReview.DoesNotExist."""
    review = DecisionReview.objects.select_for_update(of=("self",)).get(id=review_id)
    officer_with(actor=actor, port_id=review.port_id, roles=REVIEWER_ROLES, at=at)
    if review.decided_by_id == actor.user_id:
        raise ReviewRefused("own_decision")
    if not DECISION_REVIEW_STATES.allows(DecisionReview.State.WAITING, outcome):
        raise ReviewRefused("invalid", "outcome")
    text = reason.strip()
    if not text:
        raise ReviewRefused("reason_required", "reason")
    if len(text) > REASON_MAX:
        raise ReviewRefused("too_long", "reason")
    if "\x00" in text:
        raise ReviewRefused("bad_characters", "reason")
    if review.state != DecisionReview.State.WAITING:
        raise ReviewRefused("not_waiting")
    review.state, review.reason = outcome, text
    review.reviewed_by_id, review.reviewed_at = actor.user_id, at
    review.save(update_fields=("state", "reason", "reviewed_by", "reviewed_at"))
    record(
        actor=actor,
        at=at,
        action="decision_review.answered",
        object_type="decision_review",
        object_id=review.id,
        detail={"inspection": str(review.inspection_id), "cause": review.cause, "outcome": outcome},
    )
    return review
