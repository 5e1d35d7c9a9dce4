"""What a staged file would change, entry by entry: the first few of each kind, before anything is stored."""

from typing import Any
from uuid import UUID

from django.db import connection

from watchlists.core.birth_date_texts import write_birth_date
from watchlists.core.content import read_content
from watchlists.core.proposals import ProposedEntry
from watchlists.models import WatchlistEntry

SHOWN_OF_EACH = 50
TEXT_MOST = 200

_STAGED = """
SELECT content, base_id FROM watchlist_staging
WHERE content <> '' AND (base_id IS NULL) = %s AND (base_id IS NULL OR base_id IS DISTINCT FROM entry_id)
ORDER BY source_id LIMIT %s
"""
_REMOVED_OF_LIST = """
SELECT m.entry_id FROM watchlists_versionentry m JOIN watchlists_watchlistentry e ON e.id = m.entry_id
WHERE m.version_id = %s AND NOT EXISTS (SELECT FROM watchlist_staging s WHERE s.base_id = m.entry_id)
ORDER BY e.source_id LIMIT %s
"""
_REMOVED_BY_CHANGES = """
SELECT base_id FROM watchlist_staging WHERE content = '' AND base_id IS NOT NULL ORDER BY source_id LIMIT %s
"""

Fields = dict[str, str]


def preview_of(*, base_id: UUID | None, whole: bool) -> list[dict[str, Any]]:
    """Return the first entries that the staged rows add, change and remove. Call after compare_with.

    whole: the staged rows are the list. Of each: change, number, names, and fields as (name, before, now) where changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAGED, [True, SHOWN_OF_EACH])
        added = [read_content(content) for content, _ in cursor.fetchall()]
        cursor.execute(_STAGED, [False, SHOWN_OF_EACH])
        changed = [(read_content(content), before) for content, before in cursor.fetchall()]
        if whole:
            cursor.execute(_REMOVED_OF_LIST, [base_id, SHOWN_OF_EACH])
        else:
            cursor.execute(_REMOVED_BY_CHANGES, [SHOWN_OF_EACH])
        removed = [entry_id for (entry_id,) in cursor.fetchall()]
    wanted = [*removed, *(entry_id for _, entry_id in changed)]
    stored = WatchlistEntry.objects.filter(id__in=wanted).prefetch_related(
        "names", "documents", "document_ranges"
    )
    before = {entry.id: (entry.source_id, _fields_of_row(entry)) for entry in stored}
    rows = [_row("added", entry.source_id, _fields_of(entry)) for entry in added]
    rows += [
        _row("changed", entry.source_id, _fields_of(entry), before[entry_id][1])
        for entry, entry_id in changed
        if entry_id in before
    ]
    rows += [_row("removed", *before[entry_id]) for entry_id in removed if entry_id in before]
    return rows


def _row(change: str, number: str, now: Fields, before: Fields | None = None) -> dict[str, Any]:
    differing = [] if before is None else [n for n in now if now[n] != before.get(n, "")]
    return {
        "change": change,
        "number": number,
        "names": now["names"],
        "fields": [[name, (before or {}).get(name, ""), now[name]] for name in differing],
    }


def _fields_of(entry: ProposedEntry) -> Fields:
    return _texts(
        names=[f"{name.primary_identifier}, {name.secondary_identifier}".strip(", ") for name in entry.names],
        birth_dates=[write_birth_date(born) for born in entry.birth_dates],
        birth_places=entry.birth_places,
        sex=[entry.sex],
        nationalities=entry.nationalities,
        documents=[f"{d.issuing_state} {d.document_number}" for d in entry.documents],
        document_ranges=[f"{r.issuing_state} {r.prefix} {r.first}-{r.latest}" for r in entry.document_ranges],
        asks_to=[entry.action.value],
        reason=[entry.reason],
        legal_basis=[entry.legal_basis],
        priority=[str(entry.priority)],
        listed_on=[entry.listed_on.isoformat() if entry.listed_on else ""],
        remarks=[entry.remarks],
    )


def _fields_of_row(entry: WatchlistEntry) -> Fields:
    return _texts(
        names=[str(name) for name in entry.names.all()],
        birth_dates=entry.birth_dates,
        birth_places=entry.birth_places,
        sex=[entry.sex],
        nationalities=entry.nationalities,
        documents=[f"{d.issuing_state} {d.document_number}" for d in entry.documents.all()],
        document_ranges=[
            f"{r.issuing_state} {r.prefix} {r.first}-{r.latest}" for r in entry.document_ranges.all()
        ],
        asks_to=[entry.action],
        reason=[entry.reason],
        legal_basis=[entry.legal_basis],
        priority=[str(entry.priority)],
        listed_on=[entry.listed_on.isoformat() if entry.listed_on else ""],
        remarks=[entry.remarks],
    )


def _texts(**fields: Any) -> Fields:
    """Return each field as one text, cut; the order of several values says nothing."""
    return {name: "; ".join(sorted(filter(None, values)))[:TEXT_MOST] for name, values in fields.items()}
