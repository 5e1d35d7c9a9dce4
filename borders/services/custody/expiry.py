"""Erase what is due, in bounded rounds; and warn three months before of overstayers whose data will go."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from audit.core.actor import Actor
from audit.core.failures import code_of
from audit.services import record
from audit.services.tending import is_database_away
from borders.core.retention import RetentionCode, end_of_stay, notice_days
from borders.models import (
    AdvancePassengerManifest,
    Erasure,
    Inspection,
    ManifestPassenger,
    OverstayNotice,
    RetentionFile,
    Stay,
)
from borders.services.custody.due import Item, Versions, Walk, facts_of
from borders.services.custody.erasure import (
    ErasureRefused,
    erase_images,
    erase_inspections,
    erase_traveler,
    held,
)
from borders.services.custody.finishing import Tried
from borders.services.custody.periods import versions_in_force
from borders.services.custody.scope import inspections_of
from travelers.models import Traveler

log = structlog.get_logger(__name__)

BATCH = 200
MANIFESTS_AT_ONCE = 20
# of a round's time, for manifests and for notices together
SHARE = 0.5
FOREVER_S = 10.0 * 365 * 86_400


@dataclass(slots=True)
class Outcome:
    """by_class: what was, or would be, erased. held: kept back by a legal hold. unfinished: their rows are
    gone, the sweep goes on trying the rest. refused: by code. failed: by code, of the
    whole walk. more: not all was looked at.
    """

    by_class: Counter[str] = field(default_factory=Counter)
    held: int = 0
    unfinished: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    manifests: int = 0
    notices: int = 0
    more: bool = False
    oldest_due: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "erased": dict(sorted(self.by_class.items())),
            "held": self.held,
            "unfinished": self.unfinished,
            "refused": dict(sorted(self.refused.items())),
            "failed": dict(sorted(self.failed.items())),
            "manifests": self.manifests,
            "overstay_notices": self.notices,
            "more": self.more,
            "oldest_due": self.oldest_due.isoformat() if self.oldest_due else None,
        }


class RetentionFailed(RuntimeError):
    """Something that is due could not be erased; the log has its code. The rest was."""

    code = "retention_failed"


class RetentionIncomplete(LookupError):
    """A class of records has no period in force: nothing may be erased before two persons have set one."""

    code = "retention_incomplete"


def erase_expired(
    *,
    actor: Actor,
    at: datetime,
    limit: int = BATCH,
    budget_s: float = FOREVER_S,
    walk: Walk | None = None,
    tried: Tried | None = None,
    dry_run: bool = False,
    progress: Callable[[Item], None] = lambda _: None,
) -> Outcome:
    """Erase what is due, at most `limit` things, each in a transaction of its own. What is held or fails is passed over.

    budget_s: seconds after which nothing new is begun. walk: kept by a caller who comes again, so that the round goes on where
    the one before stopped; tried: likewise, so that it waits for no index. dry_run: say what would be erased, and change nothing.
    Raises RetentionIncomplete.
    """
    begun = time.monotonic()
    versions = versions_in_force()
    missing = set(RetentionCode) - {RetentionCode.IMAGES} - versions.keys()
    if missing:
        raise RetentionIncomplete(f"No period in force for {', '.join(sorted(missing))}.")
    walk = walk or Walk(at=at, versions=versions)
    if walk.versions != versions:
        walk.begin(versions)
    outcome = Outcome()
    soon, end = begun + SHARE * budget_s, begun + budget_s
    # what is kept for a day comes before what was kept for years
    outcome.manifests, more_manifests = _erase_manifests(actor, at, versions, limit, soon, dry_run=dry_run)
    outcome.notices, more_notices = _warn_of_overstayers(actor, at, versions, limit, soon, dry_run=dry_run)
    steps, erased = walk.steps(), 0
    while erased < limit and time.monotonic() < end and not walk.finished:
        item = next(steps, None)
        if item is None:
            continue
        if held_back(item):
            outcome.held += 1
            continue
        if not dry_run and not _try(actor, at, item, walk, outcome, tried):
            continue
        erased += 1
        outcome.by_class[f"{item.subject}:{item.due.code}"] += 1
        outcome.oldest_due = min(outcome.oldest_due or item.due.at, item.due.at)
        progress(item)
    outcome.failed = walk.failed
    outcome.more = not walk.finished or more_manifests or more_notices
    return outcome


def held_back(item: Item) -> bool:
    """Tell whether a legal hold keeps this from being erased."""
    travelers = (
        [item.subject_id] if item.subject in (Erasure.Subject.TRAVELER, Erasure.Subject.RECORD) else []
    )
    inspections = item.inspections or ((item.subject_id,) if not travelers else ())
    if item.subject == Erasure.Subject.TRAVELER:
        inspections = tuple(inspections_of(item.subject_id))
    owners = Inspection.objects.filter(id__in=inspections, traveler__isnull=False).values_list(
        "traveler_id", flat=True
    )
    return held(traveler_ids=[*travelers, *owners], inspection_ids=list(inspections))


def _try(actor: Actor, at: datetime, item: Item, walk: Walk, outcome: Outcome, tried: Tried | None) -> bool:
    """Erase one thing; return whether it is done. What hinders one must not keep the others."""
    try:
        erasure = _erase(actor, at, item, walk.versions, tried)
    except ErasureRefused as refusal:
        outcome.refused[refusal.code] += 1
        return False
    except Exception as failure:
        if is_database_away(failure):
            raise
        code = code_of(failure)
        walk.failed[code] += 1
        log.error(
            "retention.not_erased", code=code, subject=str(item.subject), subject_id=str(item.subject_id)
        )
        return False
    outcome.unfinished += erasure.finished_at is None
    return True


def _erase(actor: Actor, at: datetime, item: Item, versions: Versions, tried: Tried | None) -> Erasure:
    retention = f"{item.due.code}/{versions[item.due.code][1]}"
    if item.subject == Erasure.Subject.TRAVELER:
        return erase_traveler(
            actor=actor,
            at=at,
            traveler_id=item.subject_id,
            ground=Erasure.Ground.RETENTION,
            retention=retention,
            tried=tried,
        )
    if item.subject == Erasure.Subject.IMAGES:
        return erase_images(
            actor=actor, at=at, inspection_id=item.subject_id, retention=retention, tried=tried
        )
    _remember_latest(at, item)
    return erase_inspections(
        actor=actor,
        at=at,
        subject_id=item.subject_id,
        inspection_ids=item.inspections,
        retention=retention,
        tried=tried,
    )


@transaction.atomic
def _remember_latest(at: datetime, item: Item) -> None:
    """Keep what the file's period counts from, before the record that says so is gone."""
    traveler = Traveler.objects.select_for_update(no_key=True).filter(id=item.subject_id).first()
    if traveler is None:
        return
    person = facts_of(traveler)
    ends = [s.exited_at for s in person.stays if s.exited_at] + [
        o.refused_at for o in person.others if o.refused_at
    ]
    latest = max((*ends, *([person.latest_at] if person.latest_at else [])), default=None)
    RetentionFile.objects.update_or_create(
        traveler=traveler, defaults={"latest_at": latest, "updated_at": at}
    )


def _erase_manifests(
    actor: Actor, at: datetime, versions: Versions, limit: int, end: float, *, dry_run: bool
) -> tuple[int, bool]:
    """Delete passengers of manifests whose time is over, the counts stay; return of how many, and whether there are more."""
    period, _ = versions[RetentionCode.MANIFEST]
    rows = AdvancePassengerManifest.objects.filter(
        Exists(ManifestPassenger.objects.filter(manifest=OuterRef("pk"))), scheduled_at__lte=period.before(at)
    ).order_by("scheduled_at", "id")
    done = 0
    while done < limit:
        size = min(limit - done, MANIFESTS_AT_ONCE)
        page = list(rows[done : done + size] if dry_run else rows[:size])
        due = [m.id for m in page if period.after(m.scheduled_at) <= at]
        if due and not dry_run:
            _delete_passengers(actor, at, due)
        done += len(due)
        if len(due) < size:
            return done, False
        if time.monotonic() >= end:
            break
    return done, True


@transaction.atomic
def _delete_passengers(actor: Actor, at: datetime, manifests: list[Any]) -> None:
    ManifestPassenger.objects.filter(manifest_id__in=manifests).delete()
    record(
        actor=actor,
        at=at,
        action="manifest_passengers.erased",
        object_type="manifest",
        object_id="",
        detail={"count": len(manifests)},
    )


def _warn_of_overstayers(
    actor: Actor, at: datetime, versions: Versions, limit: int, end: float, *, dry_run: bool
) -> tuple[int, bool]:
    """Notice the stays without an exit whose data will be erased in three months (Article 34 (3)).

    Return how many are new, and whether there are more.
    """
    period, _ = versions[RetentionCode.NO_EXIT]
    days = notice_days(period, at)
    if days is None:
        return 0, False
    rows = Stay.objects.filter(
        exit_id__isnull=True, allowed_until__range=days, erasure_notice__isnull=True
    ).order_by("allowed_until", "id")
    if dry_run:
        found = rows[:limit].count()
        return found, found == limit
    done = 0
    while done < limit:
        size = min(limit - done, BATCH)
        page = list(rows[:size])
        if page:
            _notice(
                actor,
                at,
                [
                    OverstayNotice(stay=s, due_at=period.after(end_of_stay(s.allowed_until)), noticed_at=at)
                    for s in page
                    if s.allowed_until
                ],
            )
        done += len(page)
        if len(page) < size:
            return done, False
        if time.monotonic() >= end:
            break
    return done, True


@transaction.atomic
def _notice(actor: Actor, at: datetime, notices: list[OverstayNotice]) -> None:
    OverstayNotice.objects.bulk_create(notices, ignore_conflicts=True)
    record(
        actor=actor,
        at=at,
        action="overstay.noticed",
        object_type="overstay_notice",
        object_id="",
        detail={"count": len(notices)},
    )


__all__ = ["Item", "Outcome", "RetentionFailed", "RetentionIncomplete", "Walk", "erase_expired"]
