"""Take an inspection through its steps: each in its own transaction, resumable, safe to run twice at the same
time.

The database decides who works: a worker claims by a conditional UPDATE and holds a lease that every stored
step renews. What a worker without the lease has computed is rolled back.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from audit.core.failures import code_of
from audit.queries.prepared import PreparedQuery, PreparedUpdate, prepared_statements
from audit.services import record
from borders.core.checks import complete, undetermined
from borders.core.pipeline import CHECKING_STEPS, Step, StepState
from borders.core.rules import govern
from borders.models import Inspection
from borders.queries import rules_in_force
from borders.services.advice import Round, conclude, open_round, write_step
from borders.services.at_once import LeaseLost, can_go_at_once, check_at_once
from borders.services.findings import write_findings
from borders.services.settlement import settle_inspection
from borders.services.steps import PIPELINE, STEPS, StepContext, StepInput, StepResult

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
FAILED_REASON = "step_failed"


class _Work:
    """One inspection claimed by this worker. lease: the value of `leased_until` that proves the claim."""

    def __init__(self, inspection: Inspection, current: Round, lease: datetime, clock: Clock):
        self.inspection = inspection
        self.current = current
        self.lease = lease
        self.clock = clock
        self.context = StepContext(inspection, current, rules=rules_in_force())


def process_inspection(*, inspection_id: UUID, clock: Clock) -> bool:
    """Take an inspection from where it stands to READY; return whether this call did.

    clock: returns the time, aware UTC. Returns False when there is nothing to do: finished, unknown, or
    another worker holds it. After MAX_ATTEMPTS claims it is settled with its open checks UNDETERMINED. A
    database that fails is let through: the lease lapses and the sweep finds the inspection again.
    """
    with prepared_statements():
        return _process(inspection_id, clock)


def process_claimed(*, inspection: Inspection, clock: Clock) -> bool:
    """As process_inspection, of an inspection that was opened with this caller's claim on it: as it was written, not read anew.

    A claim whose time is over is made anew, as everybody's.
    """
    lease = inspection.leased_until
    if lease is None or lease <= clock():
        return process_inspection(inspection_id=inspection.id, clock=clock)
    with prepared_statements():
        return _work_through(_Work(inspection, Round(1, {}), lease, clock))


def _process(inspection_id: UUID, clock: Clock) -> bool:
    work = _claim(inspection_id, clock)
    return work is not None and _work_through(work)


def _work_through(work: _Work) -> bool:
    inspection_id, clock = work.inspection.id, work.clock
    try:
        if can_go_at_once(inspection=work.inspection, current=work.current):
            try:
                return check_at_once(steps=STEPS, context=work.context, lease=work.lease, clock=clock)
            except (LeaseLost, OperationalError, InterfaceError):
                raise
            except (
                Exception
            ) as failure:  # nothing is stored: one step after the other, the one that breaks is found
                log.warning("pipeline.not_at_once", inspection_id=str(inspection_id), code=code_of(failure))
                work = _take_up(inspection_id, work.lease, clock)
        for step in CHECKING_STEPS:
            if step not in work.current.states:
                _run(work, step)
        return _recommend(work)
    except LeaseLost:
        log.info("pipeline.lease_lost", inspection_id=str(inspection_id))
        return False


_CLAIMED = PreparedQuery(
    lambda id: Inspection.objects.select_related(
        "port__country",
        "page_image__subject_key",
        "face_image__subject_key",
        "reading",
        "live_template",
        "portrait_template",
        "screening",
    ).filter(id=id),
    id=UUID,
)


def _free(at: datetime) -> Q:
    return Q(state=Inspection.State.RECEIVED) | Q(state=Inspection.State.PROCESSING, leased_until__lte=at)


_CLAIM = PreparedUpdate(
    lambda id, at, lease: (
        Inspection.objects.filter(_free(at), id=id, attempts__lt=settings.MAX_ATTEMPTS),
        {
            "state": Inspection.State.PROCESSING,
            "attempts": F("attempts") + 1,
            "leased_until": lease,
        },
    ),
    id=UUID,
    at=datetime,
    lease=datetime,
)


def _claim(inspection_id: UUID, clock: Clock) -> _Work | None:
    at = clock()
    lease = at + timedelta(seconds=settings.LEASE_S)
    if not _CLAIM.run(id=inspection_id, at=at, lease=lease):
        spent = Inspection.objects.filter(_free(at), id=inspection_id, attempts__gte=settings.MAX_ATTEMPTS)
        if spent.exists():
            settle_inspection(actor=PIPELINE, at=at, inspection_id=inspection_id)
        return None
    return _take_up(inspection_id, lease, clock)


def _take_up(inspection_id: UUID, lease: datetime, clock: Clock) -> _Work:
    inspection = _CLAIMED.all(id=inspection_id)[0]
    return _Work(inspection, open_round(inspection_id=inspection_id), lease, clock)


def _run(work: _Work, step: Step) -> None:
    """Run one step and store what it found; a step that raises is stored as failed, its checks as
    UNDETERMINED.
    """
    begun, at = time.perf_counter(), work.clock()
    try:
        with transaction.atomic():
            result = STEPS[step](StepInput(work.context, at))
            found = govern(complete(step, result.findings), work.context.rules)
            result = StepResult(found, result.columns, result.comparisons)
            lease = _store(work, step, StepState.DONE, "", begun, result)
    except (LeaseLost, OperationalError, InterfaceError):
        raise
    except Exception as failure:  # one check that breaks must not keep the others from the officer
        code = code_of(failure)
        log.warning("pipeline.step_failed", inspection_id=str(work.inspection.id), step=step.value, code=code)
        result = StepResult(govern(undetermined(step, FAILED_REASON), work.context.rules))
        with transaction.atomic():
            lease = _store(work, step, StepState.FAILED, code, begun, result)
        work.current.states[step] = StepState.FAILED
    else:
        work.current.states[step] = StepState.DONE
        for name, value in result.columns.items():
            setattr(work.inspection, name, value)
    work.lease = lease


def _store(
    work: _Work, step: Step, state: StepState, code: str, begun: float, result: StepResult
) -> datetime:
    """Write step, findings and columns, and renew the lease; return it. Raises LeaseLost."""
    at = work.clock()
    lease = at + timedelta(seconds=settings.LEASE_S)
    held = Inspection.objects.filter(
        id=work.inspection.id, state=Inspection.State.PROCESSING, leased_until=work.lease
    )
    if not held.update(leased_until=lease, **result.columns):
        raise LeaseLost
    write_step(
        inspection_id=work.inspection.id,
        step=step,
        round_number=work.current.number,
        state=state,
        code=code,
        elapsed_ms=(time.perf_counter() - begun) * 1e3,
        at=at,
    )
    write_findings(
        inspection_id=work.inspection.id, found=[(step, result.findings, result.comparisons)], at=at
    )
    record(
        actor=PIPELINE,
        at=at,
        action="inspection.step_stored",
        object_type="inspection",
        object_id=work.inspection.id,
        fields=result.columns,
        detail={"step": step.value, "state": state.value, "code": code, "findings": len(result.findings)},
    )
    return lease


@transaction.atomic
def _recommend(work: _Work) -> bool:
    begun = time.perf_counter()
    # the lock comes before the findings are read: a member of the same party may be renewing them right now
    held = Inspection.objects.select_for_update(no_key=True).filter(
        id=work.inspection.id, state=Inspection.State.PROCESSING, leased_until=work.lease
    )
    if not held.values_list("id", flat=True):
        raise LeaseLost
    return conclude(
        actor=PIPELINE,
        at=work.clock(),
        inspection=work.inspection,
        current=work.current,
        action="inspection.advised",
        begun=begun,
    )
