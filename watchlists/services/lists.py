"""Lists and their versions: one person proposes, another activates; activation swaps one pointer."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from psycopg import sql

from audit.core.actor import Actor, Role
from audit.models import new_id
from audit.services import record
from biometrics.services.galleries import enrol
from travelers.core.codes import normalise_code
from travelers.core.numbers import normalise_document_number
from watchlists.core.birth_dates import BirthDate
from watchlists.core.keys import KEY_VERSION, document_key, entry_keys
from watchlists.core.proposals import ProposalRefused, ProposedEntry, check_proposed_entry
from watchlists.core.states import VERSION_STATES
from watchlists.models import (
    EntryDocument,
    EntryFace,
    EntryKey,
    EntryName,
    Watchlist,
    WatchlistEntry,
    WatchlistVersion,
)

MANAGERS: tuple[Role, ...] = (Role.LIST_OWNER, Role.SUPERVISOR)
FACE_GALLERY = "watchlist"
ENTRIES_A_BATCH = 1000
ROWS_A_STATEMENT = 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ListRefused(ValueError):
    """The act on a list or version cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def create_watchlist(
    *, actor: Actor, at: datetime, name: str, kind: Watchlist.Kind, owner_unit: str, legal_basis: str
) -> Watchlist:
    """Create an empty list.

    Raises ListRefused: role_required, owner_required, legal_basis_required, name_taken.
    """
    _check_can_manage(actor)
    if not owner_unit.strip():
        raise ListRefused("owner_required")
    if not legal_basis.strip():
        raise ListRefused("legal_basis_required")
    if Watchlist.objects.filter(name=name).exists():
        raise ListRefused("name_taken")
    watchlist = Watchlist.objects.create(
        name=name, kind=kind, owner_unit=owner_unit, legal_basis=legal_basis, created_at=at
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
    _check_entries(entries)
    # the lock orders the numbers of versions proposed at the same time
    Watchlist.objects.select_for_update().get(id=watchlist.id)
    latest = watchlist.versions.aggregate(latest=Max("number"))["latest"] or 0
    version = WatchlistVersion.objects.create(
        watchlist=watchlist,
        number=latest + 1,
        sha256=sha256,
        entry_count=len(entries),
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    for start in range(0, len(entries), ENTRIES_A_BATCH):
        _store_entries(version, entries[start : start + ENTRIES_A_BATCH])
    record(
        actor=actor,
        at=at,
        action="watchlist_version.proposed",
        object_type="watchlist_version",
        object_id=version.id,
        detail={"watchlist": str(watchlist.id), "number": version.number, "entries": version.entry_count},
    )
    return version


def _check_entries(entries: Sequence[ProposedEntry]) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        check_proposed_entry(entry, index)
        if entry.source_id in seen:
            raise ProposalRefused("duplicate", index, "source_id")
        seen.add(entry.source_id)


def _store_entries(version: WatchlistVersion, batch: Sequence[ProposedEntry]) -> None:
    rows: list[WatchlistEntry] = []
    names: list[EntryName] = []
    documents: list[EntryDocument] = []
    faces: list[EntryFace] = []
    keys: list[tuple[UUID, int, UUID, int]] = []
    for proposed in batch:
        entry = WatchlistEntry(
            version=version,
            source_id=proposed.source_id,
            action=proposed.action.value,
            priority=proposed.priority,
            reason=proposed.reason,
            legal_basis=proposed.legal_basis,
            owner_unit=proposed.owner_unit,
            valid_from=proposed.valid_from,
            valid_until=proposed.valid_until,
            review_by=proposed.review_by,
            birth_date=proposed.birth_date,
            sex=proposed.sex,
            nationality=normalise_code(proposed.nationality),
        )
        rows.append(entry)
        names += [
            EntryName(
                entry=entry,
                primary_identifier=name.primary_identifier,
                secondary_identifier=name.secondary_identifier,
                alias=index > 0,
                quality=EntryName.Quality.LOW if name.low_quality else EntryName.Quality.GOOD,
            )
            for index, name in enumerate(proposed.names)
        ]
        documents += [
            EntryDocument(
                entry=entry,
                issuing_state=normalise_code(document.issuing_state),
                document_number=normalise_document_number(document.document_number),
            )
            for document in proposed.documents
        ]
        faces += [EntryFace(entry=entry, template_id=template_id) for template_id in proposed.faces]
        keys += [(new_id(), key, entry.id, KEY_VERSION) for key in sorted(_keys_of(proposed))]
    for model, made in (
        (WatchlistEntry, rows),
        (EntryName, names),
        (EntryDocument, documents),
        (EntryFace, faces),
    ):
        model.objects.bulk_create(made, batch_size=ROWS_A_STATEMENT)
    # nine keys an entry: rows this many go by COPY, several times as fast as by INSERT
    statement = sql.SQL("COPY {} (id, key, entry_id, key_version) FROM STDIN").format(
        sql.Identifier(EntryKey._meta.db_table)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for key in keys:
            copy.write_row(key)


def _keys_of(proposed: ProposedEntry) -> frozenset[int]:
    born = proposed.birth_date
    birth_date = BirthDate(born.year, born.month, born.day) if born else None
    numbers = {document_key(document.document_number) for document in proposed.documents}
    return entry_keys(proposed.names, birth_date) | {key for key in numbers if key is not None}


@transaction.atomic
def activate_version(*, actor: Actor, at: datetime, version_id: UUID) -> WatchlistVersion:
    """Make a proposed or superseded version the one that is searched: one pointer swap, seen by all at once.

    The faces of its entries are enrolled in the face gallery. Raises ListRefused: role_required,
    unknown_version, second_person_required, not_proposed.
    """
    _check_can_manage(actor)
    version = _lock_version(version_id)
    if version.proposed_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    if version.state not in VERSION_STATES.sources("ACTIVE"):
        raise ListRefused("not_proposed")
    watchlist = version.watchlist
    superseded = watchlist.active_version_id
    if superseded is not None:
        _change_state(superseded, source="ACTIVE", target="SUPERSEDED")
    _change_state(
        version.id, source=version.state, target="ACTIVE", approved_by_id=actor.user_id, approved_at=at
    )
    version.refresh_from_db()
    watchlist.active_version = version
    watchlist.save(update_fields=("active_version",))
    faces = EntryFace.objects.filter(entry__version=version).select_related("template").order_by("id")
    for face in faces:
        enrol(actor=actor, at=at, gallery=FACE_GALLERY, template=face.template, subject_id=face.entry_id)
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
        },
    )
    return version


@transaction.atomic
def reject_version(*, actor: Actor, at: datetime, version_id: UUID) -> WatchlistVersion:
    """Turn a proposed version down. Raises ListRefused as activate_version does."""
    _check_can_manage(actor)
    version = _lock_version(version_id)
    if version.proposed_by_id == actor.user_id:
        raise ListRefused("second_person_required")
    if version.state not in VERSION_STATES.sources("REJECTED"):
        raise ListRefused("not_proposed")
    _change_state(
        version.id, source=version.state, target="REJECTED", approved_by_id=actor.user_id, approved_at=at
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


def _check_can_manage(actor: Actor) -> None:
    if actor.user_id is None:
        raise ListRefused("person_required")
    if not actor.has(*MANAGERS):
        raise ListRefused("role_required")


def _lock_version(version_id: UUID) -> WatchlistVersion:
    """Return a version, its list locked, so that two activations of one list follow each other."""
    found = WatchlistVersion.objects.filter(id=version_id).values_list("watchlist_id", flat=True).first()
    if found is None:
        raise ListRefused("unknown_version")
    watchlist = Watchlist.objects.select_for_update().get(id=found)
    version = WatchlistVersion.objects.get(id=version_id)
    version.watchlist = watchlist
    return version


def _change_state(version_id: UUID, *, source: str, target: str, **values: object) -> None:
    changed = WatchlistVersion.objects.filter(id=version_id, state=source).update(state=target, **values)
    if changed != 1:
        raise ListRefused("not_proposed")
