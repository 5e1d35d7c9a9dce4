"""Changes to a list, entry by entry: put and deleted by a person or a system, proposed as one version."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.core.sharing import Scope
from watchlists.core.content import hash_content, write_content
from watchlists.core.proposals import ProposalRefused, ProposedEntry, check_proposed_entry
from watchlists.models import Watchlist, WatchlistVersion
from watchlists.services.lists import ListRefused, Source, check_can_manage, propose_staged
from watchlists.services.staging import StagedRow, compare_with, stage

ROWS_MOST = 10_000
_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,60}")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. result: ADDED, CHANGED, UNCHANGED, DELETED, ABSENT (nothing to delete), REFUSED."""

    index: int
    source_id: str
    result: str
    code: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class ChangesProposed:
    """version: None where nothing would change. repeated: the reference was known, and this is its version."""

    version: WatchlistVersion | None
    rows: tuple[RowResult, ...]
    repeated: bool = False


@transaction.atomic
def propose_changes(
    *,
    actor: Actor,
    at: datetime,
    watchlist: Watchlist,
    reference: str,
    puts: Sequence[ProposedEntry | ProposalRefused],
    deletions: Sequence[str] = (),
) -> ChangesProposed:
    """Propose entries to put and to delete, as one version on top of the one in force.

    reference: the sender's own, 1 to 60 letters, digits and . _ : -; sent again, it gives the same version. puts: rows
    that could not even be read come as the refusal. Rows that are refused are left out and answered; the others stand.
    Raises ListRefused: person_required, role_required, bad_reference, too_many_rows, reference_reused (known with
    other rows).
    """
    if not actor.may(Scope.LISTS_PROPOSE):
        check_can_manage(actor)
    if not _REFERENCE.fullmatch(reference):
        raise ListRefused("bad_reference")
    if len(puts) + len(deletions) > ROWS_MOST:
        raise ListRefused("too_many_rows")
    watchlist = Watchlist.objects.select_for_update(of=("self",)).get(id=watchlist.id)
    checked, refused = _check(puts, deletions, at)
    digest = _digest(checked, deletions)
    known = WatchlistVersion.objects.filter(watchlist=watchlist, reference=reference).first()
    if known is not None and known.sha256 != digest:
        raise ListRefused("reference_reused")
    stage(_rows(checked, deletions))
    base_id = known.base_id if known else watchlist.active_version_id
    difference = compare_with(watchlist_id=watchlist.id, base_id=base_id, whole=False)
    results = _results(refused, deletions, len(puts))
    if known is not None:
        return ChangesProposed(known, results, repeated=True)
    if not difference.added and not difference.changed and not difference.removed:
        return ChangesProposed(None, results)
    version = propose_staged(
        actor=actor,
        at=at,
        watchlist=watchlist,
        kind=WatchlistVersion.Kind.CHANGES,
        source=Source(digest, "changes", reference=reference, counts={"refused": len(refused)}),
        fall_accepted_by=None,
        difference=difference,
    )
    return ChangesProposed(version, results)


def _check(
    puts: Sequence[ProposedEntry | ProposalRefused], deletions: Sequence[str], at: datetime
) -> tuple[dict[int, ProposedEntry], dict[int, ProposalRefused]]:
    checked: dict[int, ProposedEntry] = {}
    refused: dict[int, ProposalRefused] = {}
    seen = set(deletions)
    for index, entry in enumerate(puts):
        if isinstance(entry, ProposalRefused):
            refused[index] = entry
            continue
        try:
            check_proposed_entry(entry, index, at=at)
            if entry.source_id in seen:
                raise ProposalRefused("duplicate", index, "source_id")
        except ProposalRefused as refusal:
            refused[index] = refusal
            continue
        seen.add(entry.source_id)
        checked[index] = entry
    return checked, refused


def _rows(checked: dict[int, ProposedEntry], deletions: Sequence[str]) -> Iterator[StagedRow]:
    for index, entry in checked.items():
        content = write_content(entry)
        yield StagedRow(index, entry.source_id, hash_content(content), content)
    for place, source_id in enumerate(dict.fromkeys(deletions)):
        yield StagedRow(ROWS_MOST + place, source_id)


def _digest(checked: dict[int, ProposedEntry], deletions: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for entry in checked.values():
        digest.update(write_content(entry).encode() + b"\n")
    for source_id in deletions:
        digest.update(b"-" + source_id.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _results(
    refused: dict[int, ProposalRefused], deletions: Sequence[str], puts: int
) -> tuple[RowResult, ...]:
    """Return what became of each row, from the staging table: rows put first, then deletions, each in its order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.line, s.source_id, s.content = '', s.base_id IS NOT NULL,"
            " s.base_id IS NOT DISTINCT FROM s.entry_id FROM watchlist_staging s"
        )
        found = {line: (source_id, gone, was, same) for line, source_id, gone, was, same in cursor.fetchall()}
    results = []
    for index in range(puts):
        if index in refused:
            refusal = refused[index]
            results.append(RowResult(index, "", "REFUSED", refusal.code, refusal.field))
            continue
        source_id, _, was, same = found[index]
        results.append(
            RowResult(index, source_id, "ADDED" if not was else "UNCHANGED" if same else "CHANGED")
        )
    for place, source_id in enumerate(dict.fromkeys(deletions)):
        _, _, was, _ = found[ROWS_MOST + place]
        results.append(RowResult(puts + place, source_id, "DELETED" if was else "ABSENT"))
    return tuple(results)
