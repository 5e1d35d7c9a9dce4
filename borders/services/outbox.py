"""The outbox: what is committed is handed to the broker as a hint, and found again until it is done."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from audit.core.actor import system_actor
from audit.services.broker import SendFailed
from audit.services.tending import do_alone
from borders.models import Inspection, OutboxMessage
from borders.services.messages import RESEND_AFTER_S
from borders.services.settlement import settle_inspection

log = structlog.get_logger(__name__)

SWEEP = system_actor("sweep")
RESEND_LIMIT_S = 60.0
SETTLE_AFTER_DEADLINE_S = 55.0
BATCH = 200

Send = Callable[[UUID], None]


class SettlementIncomplete(RuntimeError):
    """Inspections stay open although they should be settled: each stands in the log, by its id and what hindered it."""

    code = "settlement_incomplete"


def publish(*, inspection_id: UUID, send: Send) -> bool:
    """Hand a committed inspection to the workers; return whether the broker took it. A broker that is down
    raises nothing.

    send: takes the id, raises SendFailed. Called after the commit; the sweep finds what was not taken.
    """
    try:
        send(inspection_id)
    except SendFailed:
        log.warning("outbox.send_failed", inspection_id=str(inspection_id))
        return False
    return True


def publish_due(*, at: datetime, limit: int, send: Send, besides: Collection[UUID] = ()) -> int:
    """Send again what is due, not done, and held by no live worker; return how many the broker took. besides: not these.

    Rows are claimed by moving their next attempt, so that two sweeps never send the same one; the sending is
    outside the transaction, because a slow broker must not hold locks.
    """
    claimed = _claim_due(at, limit, besides)
    sent = 0
    for message in claimed:
        try:
            send(message.object_id)
        except SendFailed as failure:
            waiting = [m.id for m in claimed[sent:]]
            OutboxMessage.objects.filter(id__in=waiting).update(failure=failure.code)
            log.warning("outbox.send_failed", waiting=len(waiting))
            break
        sent += 1
    if sent:
        OutboxMessage.objects.filter(id__in=[m.id for m in claimed[:sent]]).update(
            published_at=at, failure=""
        )
    return sent


@transaction.atomic
def _claim_due(at: datetime, limit: int, besides: Collection[UUID]) -> list[OutboxMessage]:
    takeable = Inspection.objects.filter(
        Q(state=Inspection.State.RECEIVED) | Q(state=Inspection.State.PROCESSING, leased_until__lte=at)
    )
    due = list(
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(
            topic=OutboxMessage.Topic.INSPECTION_RECEIVED,
            next_attempt_at__lte=at,
            done_at__isnull=True,
            dead=False,
            object_id__in=takeable.values("id"),
        )
        .exclude(object_id__in=besides)
        .order_by("next_attempt_at")[:limit]
    )
    for message in due:
        wait_s = min(RESEND_AFTER_S * 2 ** min(message.attempts, 10), RESEND_LIMIT_S)
        message.attempts += 1
        message.next_attempt_at = at + timedelta(seconds=wait_s)
    OutboxMessage.objects.bulk_update(due, ("attempts", "next_attempt_at"))
    return due


def sweep(*, at: datetime, send: Send) -> dict[str, int]:
    """Let no inspection stay open for ever: settle those far past their deadline or out of attempts, send the
    others again.

    Returns {"settled": …, "sent": …}. Safe to run twice, and at the same time as another. Sends first: booths wait. Raises
    SettlementIncomplete when all the rest is done, where one cannot be settled.
    """
    # a live lease says that a worker is at it right now: its result is better than a settlement
    idle = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    too_old = Q(deadline_at__lte=at - timedelta(seconds=SETTLE_AFTER_DEADLINE_S))
    spent = Q(attempts__gte=settings.MAX_ATTEMPTS)
    unfinished = Inspection.objects.filter(state__in=(Inspection.State.RECEIVED, Inspection.State.PROCESSING))
    overdue = list(
        unfinished.filter(idle & (too_old | spent)).order_by("opened_at").values_list("id", flat=True)[:BATCH]
    )
    sent = publish_due(at=at, limit=BATCH, send=send, besides=overdue)
    settled = sum(
        do_alone(
            partial(settle_inspection, actor=SWEEP, at=at, inspection_id=inspection_id),
            duty="inspections",
            inspection_id=str(inspection_id),
        )
        for inspection_id in overdue
    )
    if settled < len(overdue):
        raise SettlementIncomplete
    return {"settled": settled, "sent": sent}
