"""Emergency entries: one person puts one entry in force at once, for 24 hours; a second person looks at it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, system_actor
from audit.services import record
from watchlists.core.content import hash_content, read_content, write_content
from watchlists.core.proposals import ProposedEntry, check_proposed_entry
from watchlists.models import Watchlist, WatchlistVersion
from watchlists.services.lists import (
    ListRefused,
    Source,
    activate_version,
    change_state,
    check_can_manage,
    enrol_faces,
    lock_version,
    propose_staged,
)
from watchlists.services.staging import StagedRow, stage

LIVES = timedelta(hours=24)
EMERGENCY_PRIORITY = 1
SWEEP = system_actor("watchlists")


@transaction.atomic
def raise_emergency(
    *, actor: Actor, at: datetime, watchlist: Watchlist, entry: ProposedEntry
) -> WatchlistVersion:
    """Put one entry in force at once, besides the version in force, for LIVES; it waits for a second person meanwhile.

    Raises ProposalRefused, ListRefused: person_required, role_required.
    """
    check_can_manage(actor)
    ends_at = at + LIVES
    if entry.valid_until is not None:
        ends_at = min(ends_at, entry.valid_until)
    brief = replace(entry, valid_from=at, valid_until=ends_at, priority=EMERGENCY_PRIORITY)
    check_proposed_entry(entry, 0, at=at)
    check_proposed_entry(brief, 0)
    # what the second person confirms is the entry with the validity that was asked for: kept as the canonical source
    wanted = write_content(entry)
    content = write_content(brief)
    stage([StagedRow(1, brief.source_id, hash_content(content), content)])
    version = propose_staged(
        actor=actor,
        at=at,
        watchlist=watchlist,
        kind=WatchlistVersion.Kind.EMERGENCY,
        source=Source(hash_content(wanted)),
        fall_accepted_by=None,
        check_fall=False,
    )
    WatchlistVersion.objects.filter(id=version.id).update(counts=version.counts | {"wanted": wanted})
    change_state(
        version.id, source="PROPOSED", target="EMERGENCY", effective_from=at, effective_until=ends_at
    )
    version.refresh_from_db()
    enrol_faces(actor=actor, at=at, version=version)
    record(
        actor=actor,
        at=at,
        action="watchlist_version.emergency_raised",
        object_type="watchlist_version",
        object_id=version.id,
        detail={"watchlist": str(watchlist.id), "until": ends_at.isoformat()},
    )
    return version


@transaction.atomic
def confirm_emergency(*, actor: Actor, at: datetime, version_id: UUID, reason: str = "") -> WatchlistVersion:
    """Take an emergency entry into the list, for as long as its author asked: a new version, in force at once.

    Returns the new version, proposed by the author and approved by the actor. Raises ListRefused: role_required,
    unknown_version, second_person_required, not_proposed (ended already).
    """
    check_can_manage(actor)
    emergency = _locked_emergency(actor, version_id)
    if emergency.effective_until is not None and emergency.effective_until <= at:
        raise ListRefused("not_proposed")
    wanted = read_content(str(emergency.counts["wanted"]))
    content = write_content(wanted)
    stage([StagedRow(1, wanted.source_id, hash_content(content), content)])
    # the version is the author's proposal, which the actor approves
    author = Actor(
        label=actor.label,
        user_id=emergency.proposed_by_id,
        roles=actor.roles,
        port_ids=actor.port_ids,
        purpose=actor.purpose,
        origin=actor.origin,
    )
    version = propose_staged(
        actor=author,
        at=at,
        watchlist=emergency.watchlist,
        kind=WatchlistVersion.Kind.CHANGES,
        source=Source(emergency.sha256),
        fall_accepted_by=None,
    )
    activated = activate_version(actor=actor, at=at, version_id=version.id, reason=reason)
    _end(emergency, actor, at, "CONFIRMED", reason)
    return activated


@transaction.atomic
def end_emergency(*, actor: Actor, at: datetime, version_id: UUID, reason: str = "") -> WatchlistVersion:
    """End an emergency entry before its time. Raises ListRefused as confirm_emergency does."""
    check_can_manage(actor)
    emergency = _locked_emergency(actor, version_id)
    _end(emergency, actor, at, "REJECTED", reason)
    return emergency


def _locked_emergency(actor: Actor, version_id: UUID) -> WatchlistVersion:
    emergency = lock_version(version_id)
    if emergency.proposed_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    if emergency.state != "EMERGENCY":
        raise ListRefused("not_proposed")
    return emergency


def _end(emergency: WatchlistVersion, actor: Actor, at: datetime, target: str, reason: str) -> None:
    change_state(
        emergency.id,
        source="EMERGENCY",
        target=target,
        approved_by_id=actor.user_id,
        approved_at=at,
        effective_until=at,
        decision_reason=reason,
    )
    emergency.refresh_from_db()
    record(
        actor=actor,
        at=at,
        action=f"watchlist_version.emergency_{'confirmed' if target == 'CONFIRMED' else 'ended'}",
        object_type="watchlist_version",
        object_id=emergency.id,
        detail={"watchlist": str(emergency.watchlist_id)},
    )


@transaction.atomic
def lapse_emergencies(*, at: datetime) -> Sequence[UUID]:
    """Mark the emergency entries whose time is over; they have stopped to fire by their own validity. Return their ids."""
    over = WatchlistVersion.objects.filter(state="EMERGENCY", effective_until__lte=at)
    lapsed = list(over.select_for_update(skip_locked=True).values_list("id", "watchlist_id"))
    for version_id, watchlist_id in lapsed:
        change_state(version_id, source="EMERGENCY", target="LAPSED")
        record(
            actor=SWEEP,
            at=at,
            action="watchlist_version.emergency_lapsed",
            object_type="watchlist_version",
            object_id=version_id,
            detail={"watchlist": str(watchlist_id)},
        )
    return [version_id for version_id, _ in lapsed]
