"""Operating points of lists of their own: one person proposes, another approves; the old ones stay."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from audit.core.actor import Actor, Role
from audit.services import record
from watchlists.core.score import SCORE_VERSION
from watchlists.models import ListThreshold, Watchlist

MANAGERS: tuple[Role, ...] = (Role.LIST_OWNER, Role.SUPERVISOR)
LEAST_BITS, MOST_BITS = 5.0, 60.0


class ThresholdRefused(ValueError):
    """The act on a threshold cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def propose_list_threshold(
    *, actor: Actor, at: datetime, watchlist_id: UUID, base_bits: float, target: str, provenance: str
) -> ListThreshold:
    """Propose the bits of a list at 100,000 entries.

    target: the error rate aimed at. provenance: the measurement it rests on. Raises ThresholdRefused:
    person_required, role_required, unknown_list, out_of_range, target_required, provenance_required.
    """
    _check_can_manage(actor)
    if not LEAST_BITS <= base_bits <= MOST_BITS:
        raise ThresholdRefused("out_of_range")
    if not target.strip():
        raise ThresholdRefused("target_required")
    if not provenance.strip():
        raise ThresholdRefused("provenance_required")
    # the lock orders the numbers of thresholds proposed at the same time
    watchlist = Watchlist.objects.select_for_update().filter(id=watchlist_id).first()
    if watchlist is None:
        raise ThresholdRefused("unknown_list")
    latest = watchlist.thresholds.filter(score_version=SCORE_VERSION).aggregate(n=Max("version"))["n"] or 0
    threshold = ListThreshold.objects.create(
        watchlist=watchlist,
        score_version=SCORE_VERSION,
        version=latest + 1,
        base_bits=base_bits,
        target=target[:200],
        provenance=provenance[:500],
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    _record(actor, at, threshold, "list_threshold.proposed")
    return threshold


@transaction.atomic
def approve_list_threshold(*, actor: Actor, at: datetime, threshold_id: UUID) -> ListThreshold:
    """Put a proposed threshold in force and retire the one before it.

    Raises ThresholdRefused: person_required, role_required, not_proposed, second_person_required.
    """
    threshold = _lock_proposed(actor, threshold_id)
    ListThreshold.objects.filter(
        watchlist_id=threshold.watchlist_id,
        score_version=threshold.score_version,
        state=ListThreshold.State.ACTIVE,
    ).update(state=ListThreshold.State.RETIRED)
    return _decide(actor, at, threshold, ListThreshold.State.ACTIVE, "list_threshold.approved")


@transaction.atomic
def reject_list_threshold(*, actor: Actor, at: datetime, threshold_id: UUID) -> ListThreshold:
    """Turn a proposed threshold down. Raises ThresholdRefused as approve_list_threshold does."""
    threshold = _lock_proposed(actor, threshold_id)
    return _decide(actor, at, threshold, ListThreshold.State.REJECTED, "list_threshold.rejected")


def _check_can_manage(actor: Actor) -> None:
    if actor.user_id is None:
        raise ThresholdRefused("person_required")
    if not actor.has(*MANAGERS):
        raise ThresholdRefused("role_required")


def _lock_proposed(actor: Actor, threshold_id: UUID) -> ListThreshold:
    _check_can_manage(actor)
    threshold = ListThreshold.objects.select_for_update().filter(id=threshold_id).first()
    if threshold is None or threshold.state != ListThreshold.State.PROPOSED:
        raise ThresholdRefused("not_proposed")
    if threshold.proposed_by_id == actor.user_id:
        raise ThresholdRefused("second_person_required")
    return threshold


def _decide(
    actor: Actor, at: datetime, threshold: ListThreshold, state: ListThreshold.State, action: str
) -> ListThreshold:
    threshold.state = state
    threshold.approved_by_id = actor.user_id
    threshold.approved_at = at
    threshold.save(update_fields=("state", "approved_by", "approved_at"))
    _record(actor, at, threshold, action)
    return threshold


def _record(actor: Actor, at: datetime, threshold: ListThreshold, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="list_threshold",
        object_id=threshold.id,
        detail={"watchlist": str(threshold.watchlist_id), "base_bits": threshold.base_bits},
    )
