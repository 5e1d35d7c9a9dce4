"""Operating points: proposed by one person, approved by another, then the only threshold in force for their purpose."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.gallery.thresholds import threshold_for_size
from biometrics.models import OperatingPoint


class NoOperatingPoint(LookupError):
    """No approved threshold for this purpose and engine version: nothing may be decided on a score."""

    code = "no_operating_point"


class OperatingPointRefused(ValueError):
    """The proposal cannot be approved: unknown, not proposed any more, or approver and proposer are one person."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def get_operating_point(*, purpose: str, engine: str, engine_version: str) -> OperatingPoint:
    """Return the threshold in force. Raises NoOperatingPoint."""
    point = OperatingPoint.objects.filter(
        purpose=purpose, engine=engine, engine_version=engine_version, state=OperatingPoint.State.ACTIVE
    ).first()
    if point is None:
        raise NoOperatingPoint
    return point


def threshold_for(*, point: OperatingPoint, size: int) -> float:
    """Return the threshold of a point for a 1:N search among `size` templates.

    A point that knows where it was calibrated follows the size (biometrics.core.gallery.thresholds); any other stays as it is.
    """
    if point.calibrated_size is None or point.calibrated_fpir is None or point.score_spread is None:
        return point.threshold
    return threshold_for_size(
        threshold=point.threshold,
        size=max(1, size),
        calibrated_size=point.calibrated_size,
        fpir=point.calibrated_fpir,
        spread=point.score_spread,
    )


@transaction.atomic
def propose_operating_point(
    *,
    actor: Actor,
    at: datetime,
    purpose: str,
    engine: str,
    engine_version: str,
    threshold: float,
    target: str,
    provenance: str,
    calibrated_size: int | None = None,
    calibrated_fpir: float | None = None,
    score_spread: float | None = None,
) -> OperatingPoint:
    """Propose a threshold. target: the error rate aimed at. provenance: the measurement it rests on.

    calibrated_size, calibrated_fpir, score_spread: 1:N, all three or none; with them it follows the size of the gallery.
    """
    latest = (
        OperatingPoint.objects.filter(purpose=purpose, engine=engine, engine_version=engine_version)
        .order_by("-version")
        .values_list("version", flat=True)
        .first()
    )
    point = OperatingPoint.objects.create(
        purpose=purpose,
        engine=engine,
        engine_version=engine_version,
        threshold=threshold,
        target=target,
        provenance=provenance,
        calibrated_size=calibrated_size,
        calibrated_fpir=calibrated_fpir,
        score_spread=score_spread,
        version=(latest or 0) + 1,
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="operating_point.proposed",
        object_type="operating_point",
        object_id=point.id,
        detail={"purpose": purpose, "engine": engine, "threshold": threshold},
    )
    return point


@transaction.atomic
def approve_operating_point(*, actor: Actor, at: datetime, operating_point_id: UUID) -> OperatingPoint:
    """Put a proposed threshold in force and retire the one before it. Raises OperatingPointRefused (code)."""
    point = OperatingPoint.objects.select_for_update().filter(id=operating_point_id).first()
    if point is None or point.state != OperatingPoint.State.PROPOSED:
        raise OperatingPointRefused("not_proposed")
    if point.proposed_by_id == actor.user_id:
        raise OperatingPointRefused("second_person_required")
    OperatingPoint.objects.filter(
        purpose=point.purpose,
        engine=point.engine,
        engine_version=point.engine_version,
        state=OperatingPoint.State.ACTIVE,
    ).update(state=OperatingPoint.State.RETIRED)
    point.state = OperatingPoint.State.ACTIVE
    point.approved_by_id = actor.user_id
    point.approved_at = at
    point.save(update_fields=("state", "approved_by", "approved_at"))
    record(
        actor=actor,
        at=at,
        action="operating_point.approved",
        object_type="operating_point",
        object_id=point.id,
        detail={"purpose": point.purpose, "engine": point.engine, "threshold": point.threshold},
    )
    return point
