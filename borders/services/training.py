"""Training runs: call a drawn traveller up, tie the inspection to it, compare the answer, and tell how it went."""

import statistics
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.core.training import REFERENCE_PREFIX, RUNS_SHOWN, Score
from borders.models import Booth, Inspection, TrainingRun
from borders.services.access import BORDER_ROLES, officer_with


@transaction.atomic
def start_run(
    *, actor: Actor, at: datetime, scene: str, right_outcome: str, right_codes: Iterable[str], listed: bool
) -> TrainingRun:
    """Call a drawn traveller up at a training post. Raises PermissionDenied anywhere else."""
    booth = Booth.objects.select_related("port").filter(id=actor.booth_id).first()
    if booth is None or not booth.port.training:
        raise PermissionDenied
    officer, _ = officer_with(actor=actor, port_id=booth.port_id, roles=BORDER_ROLES, at=at)
    run = TrainingRun.objects.create(
        officer=officer,
        port=booth.port,
        scene=scene,
        right_outcome=right_outcome,
        right_codes=sorted(right_codes),
        listed=listed,
        started_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="training_run.started",
        object_type="training_run",
        object_id=run.id,
        detail={"scene": scene},
    )
    return run


def reference_of(run: TrainingRun) -> str:
    """Return the client reference under which the inspection of a run is sent."""
    return f"{REFERENCE_PREFIX}{run.id.hex}"


def tie_run(*, inspection: Inspection) -> None:
    """Tie an inspection of a training post to the run that its reference names; one of the trainee's own pictures has none."""
    name = inspection.client_reference.removeprefix(REFERENCE_PREFIX)
    try:
        run_id = UUID(hex=name)
    except ValueError:
        return
    runs = TrainingRun.objects.filter(id=run_id, officer_id=inspection.officer_id, inspection__isnull=True)
    runs.update(inspection=inspection)


def finish_run(*, at: datetime, inspection: Inspection, outcome: str) -> None:
    """Keep the trainee's answer, in the transaction of the decision; the first one counts."""
    TrainingRun.objects.filter(inspection=inspection, finished_at__isnull=True).update(
        outcome=outcome, finished_at=at
    )


def find_run(*, inspection: Inspection) -> TrainingRun | None:
    """Return the run of an inspection at a training post."""
    return TrainingRun.objects.filter(inspection=inspection).first() if inspection.training else None


def runs_of(*, officer_id: UUID) -> tuple[list[TrainingRun], Score]:
    """Return a trainee's own latest answers, newest first, and how they went. Nobody else's are shown."""
    rows = TrainingRun.objects.filter(officer_id=officer_id, finished_at__isnull=False)
    runs = list(rows.order_by("-finished_at")[:RUNS_SHOWN])
    times = [run.seconds for run in runs if run.seconds is not None]
    median = statistics.median(times) if times else None
    return runs, Score(len(runs), sum(run.is_right for run in runs), median)
