"""How long rows of the audit trail are kept, and which must stay because of a legal hold."""

from collections.abc import Callable
from datetime import datetime

from django.apps import apps

from audit.core.actor import Actor
from audit.services.pruning import Pruned, PruningRefused, prune_trail
from borders.core.personal_data import ERASED
from borders.core.retention import Period, RetentionCode, trail_cutoff
from borders.models import LegalHold
from borders.services.custody.periods import versions_in_force
from borders.services.custody.scope import gather, inspections_of, rows_of


def prune_audit(
    *,
    actor: Actor,
    at: datetime,
    before: datetime | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Pruned:
    """Remove from the trail what is older than the periods in force ask for; earlier still where `before` says so.

    Raises PruningRefused (period_missing, too_young, not_the_owner), SealingKeyUnusable.
    """
    versions = versions_in_force()
    periods: dict[RetentionCode, Period] = {code: period for code, (period, _) in versions.items()}
    cutoff = trail_cutoff(periods, at)
    if cutoff is None:
        raise PruningRefused("period_missing")
    if before is not None and before > cutoff:
        raise PruningRefused("too_young")
    return prune_trail(
        actor=actor,
        at=at,
        before=before or cutoff,
        by=f"{RetentionCode.LOGS}-{versions[RetentionCode.LOGS][1]}",
        held=held_ids(),
        dry_run=dry_run,
        progress=progress,
    )


def held_ids() -> set[str]:
    """Return the ids of every row that a legal hold in force covers, and of the hold itself."""
    held = set()
    for hold in LegalHold.objects.filter(lifted_at__isnull=True):
        inspections = [hold.inspection_id] if hold.inspection_id else inspections_of(hold.traveler_id)
        gathered = gather(inspection_ids=inspections, traveler_id=hold.traveler_id)
        held.add(str(hold.id))
        held |= {str(row_id) for ids in gathered.ids.values() for row_id in ids}
        for label, table in ERASED.items():
            rows = rows_of(apps.get_model(label), table, gathered.ids[table.scope])
            held |= {str(row_id) for row_id in rows.values_list("pk", flat=True)}
    return held
