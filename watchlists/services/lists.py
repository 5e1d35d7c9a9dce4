"""Lists and their versions: one person proposes, another activates; activation swaps one pointer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from audit.core.actor import Actor, Role
from audit.services import record
from biometrics.models import GalleryMember
from biometrics.services.galleries import enrol
from watchlists.core.content import hash_content, write_content
from watchlists.core.proposals import ProposalRefused, ProposedEntry, check_proposed_entry
from watchlists.core.states import VERSION_STATES
from watchlists.models import EntryFace, Watchlist, WatchlistVersion
from watchlists.services.index import store_frequencies
from watchlists.services.retro import start_retro_screening
from watchlists.services.staging import (
    Difference,
    Progress,
    StagedRow,
    compare_with,
    no_progress,
    stage,
    store_staged,
)

MANAGERS: tuple[Role, ...] = (Role.LIST_OWNER, Role.SUPERVISOR)
FACE_GALLERY = "watchlist"
REASON_MAX = 200
# a file that has lost more than this share of its rows is more likely cut off than right
FALL_MOST = 0.2
FACES_AT_ONCE = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ListRefused(ValueError):
    """The act on a list or version cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Source:
    """Where the entries of a proposal come from. sha256: of the raw file or of the canonical entries."""

    sha256: str
    source_format: str = ""
    name: str = ""
    size: int = 0
    date: datetime | None = None
    reference: str = ""
    counts: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def create_watchlist(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: Watchlist.Kind,
    owner_unit: str,
    legal_basis: str,
    **defaults: object,
) -> Watchlist:
    """Create an empty list.

    defaults: action, priority, classification, review_days of imported entries; owner_state of documents; keep_versions,
    keep_days of ended versions. Raises ListRefused: role_required, person_required, owner_required,
    legal_basis_required, name_taken.
    """
    check_can_manage(actor)
    if not owner_unit.strip():
        raise ListRefused("owner_required")
    if not legal_basis.strip():
        raise ListRefused("legal_basis_required")
    if Watchlist.objects.filter(name=name).exists():
        raise ListRefused("name_taken")
    watchlist = Watchlist.objects.create(
        name=name, kind=kind, owner_unit=owner_unit, legal_basis=legal_basis, created_at=at, **defaults
    )
    record(
        actor=actor,
        at=at,
        action="watchlist.created",
        object_type="watchlist",
        object_id=watchlist.id,
        detail={"kind": watchlist.kind},
    )
    return watchlist


@transaction.atomic
def propose_version(
    *, actor: Actor, at: datetime, watchlist: Watchlist, entries: Sequence[ProposedEntry], sha256: str
) -> WatchlistVersion:
    """Store a new version of a list with its entries and keys; nothing is searched in it until it is
    activated.

    sha256: of the raw file or of the canonical entries, 64 lower-case hexadecimal digits.
    Raises ProposalRefused (code, index, field), ListRefused: person_required, bad_sha256.
    """
    if actor.user_id is None:
        raise ListRefused("person_required")
    if not _SHA256.fullmatch(sha256):
        raise ListRefused("bad_sha256")
    stage(_checked(entries, at))
    # whoever calls this has the whole list at hand: a fall is theirs to see, not that of a file cut off
    return propose_staged(
        actor=actor,
        at=at,
        watchlist=watchlist,
        source=Source(sha256),
        fall_accepted_by=None,
        check_fall=False,
    )


def _checked(entries: Sequence[ProposedEntry], at: datetime) -> Iterator[StagedRow]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        check_proposed_entry(entry, index, at=at)
        if entry.source_id in seen:
            raise ProposalRefused("duplicate", index, "source_id")
        seen.add(entry.source_id)
        content = write_content(entry)
        yield StagedRow(index, entry.source_id, hash_content(content), content)


@transaction.atomic
def propose_staged(
    *,
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    source: Source,
    fall_accepted_by: int | None,
    kind: WatchlistVersion.Kind = WatchlistVersion.Kind.FULL,
    check_fall: bool = True,
    difference: Difference | None = None,
    workers: int | None = None,
    progress: Progress = no_progress,
) -> WatchlistVersion:
    """Make a version of what is staged. Call in the transaction that staged it, after looking for duplicates.

    kind: FULL, the staged rows are the list; CHANGES, they change the version in force; EMERGENCY, they stand besides
    it. fall_accepted_by: a second person who lets in a file that has lost more than FALL_MOST of the rows in force.
    difference: what compare_with found, if it was asked already, with the list locked.
    Raises ListRefused: rows_fell, second_person_required.
    """
    progress("comparing", 0, 0)
    # the lock orders the numbers of versions proposed at the same time
    watchlist = Watchlist.objects.select_for_update().get(id=watchlist.id)
    base = watchlist.active_version
    base_id = base.id if base else None
    if kind == WatchlistVersion.Kind.EMERGENCY:
        base_id = None
    whole = kind != WatchlistVersion.Kind.CHANGES
    if difference is None:
        difference = compare_with(watchlist_id=watchlist.id, base_id=base_id, whole=whole)
    fell = (
        base is not None and whole and base_id is not None and has_fallen(base.entry_count, difference.total)
    )
    if fell and check_fall:
        if fall_accepted_by is None:
            raise ListRefused("rows_fell")
        if fall_accepted_by == actor.user_id:
            raise ListRefused("second_person_required")
    latest = watchlist.versions.aggregate(latest=Max("number"))["latest"] or 0
    version = WatchlistVersion.objects.create(
        watchlist=watchlist,
        number=latest + 1,
        kind=kind,
        base_id=base_id,
        sha256=source.sha256,
        source_format=source.source_format,
        source_name=source.name[:120],
        source_bytes=source.size,
        source_date=source.date,
        reference=source.reference,
        entry_count=difference.total,
        counts=source.counts | counts_of(difference),
        proposed_by_id=actor.user_id,
        proposed_at=at,
        fall_accepted_by_id=fall_accepted_by if fell and check_fall else None,
    )
    stored = store_staged(version=version, at=at, whole=whole, workers=workers, progress=progress)
    if watchlist.kind == Watchlist.Kind.PERSON and kind != WatchlistVersion.Kind.EMERGENCY:
        progress("counting names", 0, 0)
        store_frequencies(version_id=version.id)
    progress("stored", stored, stored)
    record(
        actor=actor,
        at=at,
        action="watchlist_version.proposed",
        object_type="watchlist_version",
        object_id=version.id,
        detail={
            "watchlist": str(watchlist.id),
            "number": version.number,
            "kind": version.kind,
            "entries": version.entry_count,
            "stored": stored,
            **({"fall_accepted_by": fall_accepted_by} if version.fall_accepted_by_id else {}),
        },
    )
    return version


def has_fallen(before: int, after: int) -> bool:
    """Tell whether a list has lost more than FALL_MOST of its rows."""
    return after < before * (1 - FALL_MOST)


def counts_of(difference: Difference) -> dict[str, int]:
    """Return a difference as the counts of a version."""
    return {
        "added": difference.added,
        "changed": difference.changed,
        "removed": difference.removed,
        "kept": difference.kept,
    }


@transaction.atomic
def activate_version(*, actor: Actor, at: datetime, version_id: UUID, reason: str = "") -> WatchlistVersion:
    """Make a proposed or superseded version the one that is searched: one pointer swap, seen by all at once.

    Rolling back is the same act on a superseded version. The faces of its entries are enrolled in the face gallery.
    Raises ListRefused: role_required, unknown_version, second_person_required, not_proposed, version_pruned (what it
    held is gone), stale_proposal (changes to a version that is no longer in force), reason_too_long.
    """
    check_can_manage(actor)
    version = lock_version(version_id)
    if version.proposed_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    if (
        version.state not in VERSION_STATES.sources("ACTIVE")
        or version.kind == WatchlistVersion.Kind.EMERGENCY
    ):
        raise ListRefused("not_proposed")
    watchlist = version.watchlist
    superseded = watchlist.active_version_id
    if version.pruned_at is not None:
        raise ListRefused("version_pruned")
    if (
        version.kind == WatchlistVersion.Kind.CHANGES
        and version.state == "PROPOSED"
        and version.base_id != superseded
    ):
        raise ListRefused("stale_proposal")
    _check_reason(reason)
    rolled_back = version.state == "SUPERSEDED"
    if superseded is not None:
        change_state(superseded, source="ACTIVE", target="SUPERSEDED", effective_until=at)
    change_state(
        version.id,
        source=version.state,
        target="ACTIVE",
        approved_by_id=actor.user_id,
        approved_at=at,
        effective_from=at,
        effective_until=None,
        decision_reason=reason,
    )
    version.refresh_from_db()
    watchlist.active_version = version
    watchlist.save(update_fields=("active_version",))
    enrol_faces(actor=actor, at=at, version=version)
    if not rolled_back and not watchlist.is_test:
        start_retro_screening(actor=actor, at=at, version_id=version.id, base_id=superseded)
    record(
        actor=actor,
        at=at,
        action="watchlist_version.activated",
        object_type="watchlist_version",
        object_id=version.id,
        detail={
            "watchlist": str(watchlist.id),
            "number": version.number,
            "superseded": str(superseded) if superseded else None,
            "rolled_back": rolled_back,
        },
    )
    return version


def enrol_faces(*, actor: Actor, at: datetime, version: WatchlistVersion) -> None:
    """Enrol those faces of a version's entries that the gallery does not hold yet.

    Starts from the faces, which are few, and never from the entries of the version, which may be a million.
    """
    enrolled = GalleryMember.objects.filter(
        gallery__name=FACE_GALLERY,
        template_id=OuterRef("template_id"),
        subject_id=OuterRef("entry_id"),
        removed_version__isnull=True,
    )
    missing = EntryFace.objects.exclude(Exists(enrolled)).order_by("id")
    pairs = list(missing.values_list("id", "entry_id"))
    for start in range(0, len(pairs), FACES_AT_ONCE):
        entries = dict(pairs[start : start + FACES_AT_ONCE])
        held = version.holdings.filter(entry_id__in=list(entries.values())).values_list("entry_id", flat=True)
        wanted = set(held)
        faces = EntryFace.objects.filter(id__in=[face for face, entry in entries.items() if entry in wanted])
        for face in faces.select_related("template").order_by("id"):
            enrol(actor=actor, at=at, gallery=FACE_GALLERY, template=face.template, subject_id=face.entry_id)


@transaction.atomic
def reject_version(*, actor: Actor, at: datetime, version_id: UUID, reason: str = "") -> WatchlistVersion:
    """Turn a proposed version down. Raises ListRefused as activate_version does."""
    check_can_manage(actor)
    version = lock_version(version_id)
    if version.proposed_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    if version.state != "PROPOSED":
        raise ListRefused("not_proposed")
    _check_reason(reason)
    change_state(
        version.id,
        source=version.state,
        target="REJECTED",
        approved_by_id=actor.user_id,
        approved_at=at,
        decision_reason=reason,
    )
    version.refresh_from_db()
    record(
        actor=actor,
        at=at,
        action="watchlist_version.rejected",
        object_type="watchlist_version",
        object_id=version.id,
        detail={"watchlist": str(version.watchlist_id), "number": version.number},
    )
    return version


def _check_reason(reason: str) -> None:
    if len(reason) > REASON_MAX:
        raise ListRefused("reason_too_long")


def check_can_manage(actor: Actor) -> None:
    """Raise ListRefused (person_required, role_required) unless the actor may manage lists."""
    if actor.user_id is None:
        raise ListRefused("person_required")
    if not actor.has(*MANAGERS):
        raise ListRefused("role_required")


def lock_version(version_id: UUID) -> WatchlistVersion:
    """Return a version, its list locked, so that two acts on one list follow each other. Raises ListRefused."""
    found = WatchlistVersion.objects.filter(id=version_id).values_list("watchlist_id", flat=True).first()
    if found is None:
        raise ListRefused("unknown_version")
    watchlist = Watchlist.objects.select_for_update().get(id=found)
    version = WatchlistVersion.objects.get(id=version_id)
    version.watchlist = watchlist
    return version


def change_state(version_id: UUID, *, source: str, target: str, **values: object) -> None:
    """Change the state of a version from source. Raises ListRefused: not_proposed."""
    changed = WatchlistVersion.objects.filter(id=version_id, state=source).update(state=target, **values)
    if changed != 1:
        raise ListRefused("not_proposed")
