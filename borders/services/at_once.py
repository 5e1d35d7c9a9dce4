"""Take an inspection without images through all its steps in one transaction: nothing in them takes long enough to be kept apart.

Whoever keys a document waits for the database alone, and most of that is statements and commits of which each step has its own.
What cannot be done so goes step by step (pipeline.py), where one check that breaks does not keep the others from the officer.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.queries.prepared import PreparedUpdate
from audit.services import one_act, record, store_rows
from biometrics.core.outcomes import Finding
from borders.core.checks import complete
from borders.core.pipeline import CHECKING_STEPS, Step, StepState
from borders.core.recommendation import recommend
from borders.core.rules import govern
from borders.models import Inspection, InspectionStep, OutboxMessage
from borders.services.advice import Round, columns_of, make_step
from borders.services.findings import findings_in_force, write_findings
from borders.services.messages import finish_messages
from borders.services.steps import PIPELINE, StepContext, StepInput, StepResult

# what the steps of an inspection without images find out
_USUAL = frozenset(
    (
        *("portrait_template", "chip_template", "screening"),
        *("advice", "reasons", "state", "ready_at", "leased_until"),
    )
)


class LeaseLost(RuntimeError):
    """Another worker, or a settlement, has taken the inspection over: nothing more may be written to it."""


def can_go_at_once(*, inspection: Inspection, current: Round) -> bool:
    """Tell whether all steps may share a transaction: the first try, nothing to look at, nobody of a party to wait for."""
    return (
        inspection.attempts == 1
        and not current.states
        and inspection.party_id is None
        and inspection.page_image_id is None
        and inspection.face_image_id is None
        and inspection.chip_id is None
        and inspection.seal is None
    )


def check_at_once(
    *,
    steps: Mapping[Step, Callable[[StepInput], StepResult]],
    context: StepContext,
    lease: datetime,
    clock: Callable[[], datetime],
) -> bool:
    """Run every step and recommend; all is stored, or nothing. True: the inspection is READY.

    steps: what to run for each of CHECKING_STEPS. lease: the value of `leased_until` that proves the claim. Raises LeaseLost, and
    whatever a step raises.
    """
    with one_act():
        return _check(steps, context, lease, clock)


_READY = PreparedUpdate(
    lambda id, lease, **columns: (
        Inspection.objects.filter(id=id, state=Inspection.State.PROCESSING, leased_until=lease),
        columns
        | {"portrait_template": None, "chip_template": None, "leased_until": None}
        | {"state": Inspection.State.READY},
    ),
    id=UUID,
    lease=datetime,
    screening_id=UUID,
    advice=str,
    reasons=list,
    ready_at=datetime,
)


def _conclude(inspection_id: UUID, lease: datetime, columns: Mapping[str, Any]) -> int:
    """Store what was found, if the claim holds; return the number of rows."""
    if columns.keys() == _USUAL and columns["portrait_template"] is None and columns["chip_template"] is None:
        return _READY.run(
            id=inspection_id,
            lease=lease,
            screening_id=columns["screening"].id,
            **{name: columns[name] for name in ("advice", "reasons", "ready_at")},
        )
    held = Inspection.objects.filter(id=inspection_id, state=Inspection.State.PROCESSING, leased_until=lease)
    return held.update(**columns)


def _check(
    steps: Mapping[Step, Callable[[StepInput], StepResult]],
    context: StepContext,
    lease: datetime,
    clock: Callable[[], datetime],
) -> bool:
    inspection, current = context.inspection, context.current
    rows: list[dict[str, Any]] = []
    found: list[tuple[Step, tuple[Finding, ...], Mapping[str, UUID]]] = []
    columns: dict[str, Any] = {}
    begun = time.perf_counter()

    def end_step(step: Step, at: datetime) -> None:
        nonlocal begun
        now = time.perf_counter()
        rows.append(
            make_step(
                inspection_id=inspection.id,
                step=step,
                round_number=current.number,
                state=StepState.DONE,
                code="",
                elapsed_ms=(now - begun) * 1e3,
                at=at,
            )
        )
        begun = now

    for step in CHECKING_STEPS:
        at = clock()
        result = steps[step](StepInput(context, at))
        found.append((step, govern(complete(step, result.findings), context.rules), result.comparisons))
        for name, value in result.columns.items():
            setattr(inspection, name, value)
        columns |= result.columns
        current.states[step] = StepState.DONE
        end_step(step, at)
    at = clock()
    write_findings(inspection_id=inspection.id, found=found, at=at, is_first=current.number == 1)
    in_force = (
        [finding for _, findings, _ in found for finding in findings]
        if current.number == 1
        else findings_in_force(inspection_id=inspection.id)
    )
    advice = recommend(in_force, current.done)
    columns |= columns_of(advice) | {"state": Inspection.State.READY, "ready_at": at, "leased_until": None}
    if not _conclude(inspection.id, lease, columns):
        raise LeaseLost
    end_step(Step.RECOMMEND, at)
    store_rows(InspectionStep, rows)
    finish_messages(topic=OutboxMessage.Topic.INSPECTION_RECEIVED, object_id=inspection.id, at=at)
    record(
        actor=PIPELINE,
        at=at,
        action="inspection.advised",
        object_type="inspection",
        object_id=inspection.id,
        fields=columns,
        detail={
            "round": current.number,
            "advice": advice.advice.value,
            "reasons": [r.code for r in advice.reasons],
            "steps": [step.value for step in CHECKING_STEPS],
            "findings": len(in_force),
        },
    )
    return True
