"""End a round of checks with its recommendation, and renew the recommendation when findings change
afterwards.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.core.actor import Actor
from audit.models import new_id
from audit.queries.prepared import PreparedQuery
from audit.services import record, store_rows
from borders.core.pipeline import Step, StepState
from borders.core.recommendation import Recommendation, recommend
from borders.models import Inspection, InspectionStep, OutboxMessage
from borders.services.findings import findings_in_force
from borders.services.messages import finish_messages

_STEPS = PreparedQuery(
    lambda inspection: InspectionStep.objects.filter(inspection_id=inspection).only("round", "step", "state"),
    inspection=UUID,
)


@dataclass(frozen=True, slots=True)
class Round:
    """One pass through the steps. number: from 1. states: the steps that have ended in it."""

    number: int
    states: dict[Step, StepState]

    @property
    def done(self) -> frozenset[Step]:
        return frozenset(step for step, state in self.states.items() if state is StepState.DONE)


def latest_round(*, inspection_id: UUID) -> Round:
    """Return the round that an inspection is in, or its latest once it is READY. RECOMMEND ends a round."""
    rows = _STEPS.all(inspection=inspection_id)
    number = max((row.round for row in rows), default=1)
    return Round(number, {Step(row.step): StepState(row.state) for row in rows if row.round == number})


def open_round(*, inspection_id: UUID) -> Round:
    """Return the round to work on: the latest one, or the next if RECOMMEND has ended that."""
    latest = latest_round(inspection_id=inspection_id)
    return Round(latest.number + 1, {}) if Step.RECOMMEND in latest.states else latest


def write_step(**values: Any) -> None:
    """Store one ended step; the values are those of make_step."""
    store_rows(InspectionStep, [make_step(**values)])


def make_step(
    *,
    inspection_id: UUID,
    step: Step,
    round_number: int,
    state: StepState,
    code: str,
    elapsed_ms: float,
    at: datetime,
) -> dict[str, Any]:
    """Return the row of an ended step."""
    return {
        "id": new_id(),
        "inspection_id": inspection_id,
        "step": step,
        "round": round_number,
        "state": state,
        "code": code[:40],
        "elapsed_ms": round(elapsed_ms, 3),
        "finished_at": at,
    }


def advise(*, inspection_id: UUID, steps_done: Collection[Step]) -> tuple[Recommendation, dict[str, Any]]:
    """Return the recommendation on the findings in force, and the columns of the inspection that hold it."""
    advice = recommend(findings_in_force(inspection_id=inspection_id), steps_done)
    return advice, columns_of(advice)


def columns_of(advice: Recommendation) -> dict[str, Any]:
    """Return the columns of the inspection that hold a recommendation."""
    reasons = [{"code": r.code, "outcome": r.outcome.value, "route": r.route.value} for r in advice.reasons]
    return {"advice": advice.advice.value, "reasons": reasons}


def conclude(
    *,
    actor: Actor,
    at: datetime,
    inspection: Inspection,
    current: Round,
    action: str,
    begun: float | None = None,
) -> bool:
    """End a round: recommendation, state READY, outbox done, audit. Return False, with nothing written, if it
    was ended already.

    begun: perf_counter at the start of the step, None when no worker recommends. Called inside a transaction
    that holds the row.
    """
    recommendation, columns = advise(inspection_id=inspection.id, steps_done=current.done)
    unfinished = (Inspection.State.RECEIVED, Inspection.State.PROCESSING)
    columns |= {"state": Inspection.State.READY, "ready_at": at, "leased_until": None}
    if not Inspection.objects.filter(id=inspection.id, state__in=unfinished).update(**columns):
        return False
    for name, value in columns.items():
        setattr(inspection, name, value)
    write_step(
        inspection_id=inspection.id,
        step=Step.RECOMMEND,
        round_number=current.number,
        state=StepState.DONE,
        code="",
        elapsed_ms=0.0 if begun is None else (time.perf_counter() - begun) * 1e3,
        at=at,
    )
    finish_messages(topic=OutboxMessage.Topic.INSPECTION_RECEIVED, object_id=inspection.id, at=at)
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="inspection",
        object_id=inspection.id,
        detail={
            "round": current.number,
            "advice": recommendation.advice.value,
            "reasons": [r.code for r in recommendation.reasons],
        },
    )
    return True


def renew_advice(*, inspection: Inspection) -> bool:
    """Recompute the advice of an inspection whose findings changed; return whether it changed.

    Its row must be locked.
    """
    current = latest_round(inspection_id=inspection.id)
    _, columns = advise(inspection_id=inspection.id, steps_done=current.done)
    if all(getattr(inspection, name) == value for name, value in columns.items()):
        return False
    Inspection.objects.filter(id=inspection.id).update(**columns)
    return True
