"""Take out what superseded versions held, when the list's own period for it is over.

A version itself stays for good, with who proposed and approved it: what goes is which entries it held, and the entries
that no version holds any more. Kept whatever their age: what a hit, a lead, an exception, a face or an audit row points
at, versions that are proposed or in force, those a proposal builds on, and the newest few for a roll-back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pgtrigger
from django.db import connection, transaction

from audit.core.actor import Actor
from audit.services import record
from audit.services.erasing import as_eraser
from watchlists.core.keys import KEY_PARTS, key_parts
from watchlists.models import NameFrequencies, VersionEntry, Watchlist, WatchlistVersion
from watchlists.services.index import note_dropped_keys
from watchlists.services.lists import ListRefused, check_can_manage

# entries and holdings of one transaction
BATCH = 20_000
# the version before the one in force stays in any case: a bad import must be undone within minutes
VERSIONS_MOST, DAYS_MOST = 1_000, 20_000
ENDED = ("SUPERSEDED", "REJECTED", "LAPSED", "CONFIRMED")
Progress = Callable[[str, int, int], None]

_APPEND_ONLY = (
    "watchlists.VersionEntry:version_entry_append_only",
    "watchlists.WatchlistEntry:watchlist_entry_append_only",
    "watchlists.EntryName:entry_name_append_only",
    "watchlists.EntryDocument:entry_document_append_only",
    "watchlists.EntryDocumentRange:entry_document_range_append_only",
)
# entries of a list that no version holds and nothing points at: list, after which id, versions that hold, how many
_LOOSE = """
SELECT e.id FROM watchlists_watchlistentry e
WHERE e.watchlist_id = %s AND e.id > %s
  AND NOT EXISTS (SELECT FROM watchlists_versionentry m WHERE m.version_id = ANY(%s) AND m.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM watchlists_hit h WHERE h.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM watchlists_lead l WHERE l.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM watchlists_matchexception x WHERE x.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM watchlists_entryface f WHERE f.entry_id = e.id)
  AND NOT EXISTS (SELECT FROM audit_auditentry a WHERE a.object_type = 'watchlist_entry' AND a.object_id = e.id::text)
ORDER BY e.id LIMIT %s
"""
_PARTS_OF_ENTRY = (
    "watchlists_entrysearchform",
    "watchlists_entryname",
    "watchlists_entrydocument",
    "watchlists_entrydocumentrange",
)
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out of a list, or would be. versions: their numbers. kept: entries that no version holds and
    something else points at.
    """

    watchlist: Watchlist
    versions: tuple[int, ...]
    holdings: int = 0
    entries: int = 0
    keys: int = 0
    kept: int = 0


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


@transaction.atomic
def set_retention(
    *,
    actor: Actor,
    at: datetime,
    watchlist_id: UUID,
    keep_days: int,
    keep_versions: int,
    approved_by: Actor,
) -> Watchlist:
    """Change how long ended versions of a list stay whole. approved_by: a second person.

    Raises ListRefused: person_required, role_required, second_person_required, bad_retention.
    """
    for person in (actor, approved_by):
        check_can_manage(person)
    if actor.user_id == approved_by.user_id:
        raise ListRefused("second_person_required")
    if not (0 <= keep_days <= DAYS_MOST and 1 <= keep_versions <= VERSIONS_MOST):
        raise ListRefused("bad_retention")
    watchlist = Watchlist.objects.select_for_update(of=("self",)).get(id=watchlist_id)
    before = {"keep_days": watchlist.keep_days, "keep_versions": watchlist.keep_versions}
    watchlist.keep_days, watchlist.keep_versions = keep_days, keep_versions
    watchlist.save(update_fields=("keep_days", "keep_versions"))
    record(
        actor=actor,
        at=at,
        action="watchlist.retention_set",
        object_type="watchlist",
        object_id=watchlist.id,
        detail={
            "before": before,
            "keep_days": keep_days,
            "keep_versions": keep_versions,
            "approved_by": approved_by.user_id,
        },
    )
    return watchlist


def find_prunable(*, watchlist: Watchlist, at: datetime) -> list[WatchlistVersion]:
    """Return the ended versions of a list whose time is over, oldest first."""
    versions = WatchlistVersion.objects.filter(watchlist=watchlist)
    spared = set(
        versions.filter(state="SUPERSEDED")
        .order_by("-effective_until", "-number")
        .values_list("id", flat=True)[: watchlist.keep_versions]
    )
    spared |= set(versions.filter(state="PROPOSED", base__isnull=False).values_list("base_id", flat=True))
    until = at - timedelta(days=watchlist.keep_days)
    return [
        version
        for version in versions.filter(state__in=ENDED, pruned_at__isnull=True).order_by("number")
        if version.id not in spared and _ended_at(version) <= until
    ]


def _ended_at(version: WatchlistVersion) -> datetime:
    return max(filter(None, (version.effective_until, version.approved_at, version.proposed_at)))


def prune_watchlist(
    *,
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    dry_run: bool = False,
    progress: Progress = no_progress,
) -> Pruned:
    """Take out what the prunable versions of a list hold; with dry_run only count.

    In batches, each its own transaction: interrupted, the next call goes on. A version is marked first, so that nobody
    rolls back to one half gone. Raises ListRefused: person_required, role_required.
    """
    check_can_manage(actor)
    found = find_prunable(watchlist=watchlist, at=at)
    if dry_run:
        return _count(watchlist, found)
    for version in found:
        _mark(actor, at, version)
    marked = list(WatchlistVersion.objects.filter(watchlist=watchlist, pruned_at__isnull=False))
    holdings = _drop_holdings(watchlist, marked, progress)
    entries = _drop_entries(watchlist, progress)
    # keys go last: without its entry none of them finds anything, and an entry never stands without its keys
    keys = _drop_keys(progress) if entries or found else 0
    done = Pruned(
        watchlist, tuple(v.number for v in found), holdings, entries, keys, _count_loose(watchlist, kept=True)
    )
    if found or entries:
        record(
            actor=actor,
            at=at,
            action="watchlist.pruned",
            object_type="watchlist",
            object_id=watchlist.id,
            detail={
                "versions": [version.number for version in found],
                "holdings": holdings,
                "entries": entries,
                "keys": keys,
                "kept": done.kept,
                "keep_days": watchlist.keep_days,
                "keep_versions": watchlist.keep_versions,
            },
        )
    return done


@transaction.atomic
def _mark(actor: Actor, at: datetime, version: WatchlistVersion) -> None:
    Watchlist.objects.select_for_update().get(id=version.watchlist_id)
    marked = WatchlistVersion.objects.filter(id=version.id, state__in=ENDED, pruned_at__isnull=True)
    if marked.update(pruned_at=at):
        NameFrequencies.objects.filter(version_id=version.id).delete()
        record(
            actor=actor,
            at=at,
            action="watchlist_version.pruned",
            object_type="watchlist_version",
            object_id=version.id,
            detail={"number": version.number, "entries": version.entry_count},
        )


def _drop_holdings(watchlist: Watchlist, marked: list[WatchlistVersion], progress: Progress) -> int:
    waiting = [v for v in marked if VersionEntry.objects.filter(version_id=v.id).exists()]
    total, dropped = sum(version.entry_count for version in waiting), 0
    for version in waiting:
        while True:
            with (
                transaction.atomic(),
                pgtrigger.ignore(*_APPEND_ONLY),
                as_eraser(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "DELETE FROM watchlists_versionentry WHERE version_id = %s AND entry_id IN (SELECT entry_id"
                    " FROM watchlists_versionentry WHERE version_id = %s ORDER BY entry_id LIMIT %s)",
                    [version.id, version.id, BATCH],
                )
                gone = cursor.rowcount
            dropped += gone
            if not gone:
                break
            progress("holdings", min(dropped, total), total)
    return dropped


def _drop_entries(watchlist: Watchlist, progress: Progress) -> int:
    total, dropped = _count_loose(watchlist, kept=False), 0
    after = _NOBODY
    while total:
        with (
            transaction.atomic(),
            pgtrigger.ignore(*_APPEND_ONLY),
            as_eraser(),
            connection.cursor() as cursor,
        ):
            # whoever stores a version of this list shares known contents: not while they go
            Watchlist.objects.select_for_update().get(id=watchlist.id)
            cursor.execute(_LOOSE, [watchlist.id, after, _holding(watchlist), BATCH])
            loose = [entry_id for (entry_id,) in cursor.fetchall()]
            if not loose:
                break
            for table in _PARTS_OF_ENTRY:
                cursor.execute(f"DELETE FROM {table} WHERE entry_id = ANY(%s)", [loose])
            cursor.execute("DELETE FROM watchlists_watchlistentry WHERE id = ANY(%s)", [loose])
        after = loose[-1]
        dropped += len(loose)
        progress("entries", min(dropped, total), total)
    return dropped


def _drop_keys(progress: Progress) -> int:
    dropped = 0
    for part, (first, end) in enumerate(key_parts(), 1):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM watchlists_entrykey k WHERE k.key >= %s AND k.key < %s"
                " AND NOT EXISTS (SELECT FROM watchlists_watchlistentry e WHERE e.id = k.entry_id)",
                [first, end],
            )
            note_dropped_keys(cursor.rowcount, part=part, reason="pruning")
            dropped += cursor.rowcount
        progress("keys", part, KEY_PARTS)
    return dropped


def _holding(watchlist: Watchlist, *, without: tuple[UUID, ...] = ()) -> list[UUID]:
    versions = WatchlistVersion.objects.filter(watchlist=watchlist, pruned_at__isnull=True)
    return [version_id for version_id in versions.values_list("id", flat=True) if version_id not in without]


def _count(watchlist: Watchlist, found: list[WatchlistVersion]) -> Pruned:
    without = tuple(version.id for version in found)
    return Pruned(
        watchlist,
        tuple(version.number for version in found),
        VersionEntry.objects.filter(version_id__in=without).count(),
        _count_loose(watchlist, kept=False, without=without),
        0,
        _count_loose(watchlist, kept=True, without=without),
    )


def _count_loose(watchlist: Watchlist, *, kept: bool, without: tuple[UUID, ...] = ()) -> int:
    """Return how many entries no version holds: those that go, or those kept because something points at them."""
    held = _holding(watchlist, without=without)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_LOOSE}) AS loose", [watchlist.id, _NOBODY, held, None])
        (free,) = cursor.fetchone()
        if not kept:
            return int(free)
        cursor.execute(
            "SELECT count(*) FROM watchlists_watchlistentry e WHERE e.watchlist_id = %s AND NOT EXISTS"
            " (SELECT FROM watchlists_versionentry m WHERE m.version_id = ANY(%s) AND m.entry_id = e.id)",
            [watchlist.id, held],
        )
        (loose,) = cursor.fetchone()
    return int(loose) - int(free)
