"""Keep the projections that are searched: name frequencies of a version, and all of them when the rules of keys change."""

import json
from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

from watchlists.core.birth_date_texts import read_birth_date_text
from watchlists.core.indexing import index_entry
from watchlists.core.keys import KEY_VERSION, document_key, key_parts
from watchlists.core.names import PersonName
from watchlists.core.statistics import NameCounter
from watchlists.models import EntryKey, EntrySearchForm, NameFrequencies, WatchlistEntry, WatchlistVersion

# of a million persons, a name that fewer bear is as rare as any
RAREST_SHARE = 65_536
ENTRIES_A_BATCH = 1_000
Progress = Callable[[int, int], None]

_HOMES = """
SELECT f.nationality, count(*) FROM watchlists_entrysearchform f
JOIN watchlists_versionentry m ON m.entry_id = f.entry_id
WHERE m.version_id = %s GROUP BY 1
"""
_COUNTS = """
SELECT name, jsonb_object_agg(nationality, bearers)::text FROM (
    SELECT c.name, f.nationality, count(*) AS bearers FROM watchlists_entrysearchform f
    JOIN watchlists_versionentry m ON m.entry_id = f.entry_id
    CROSS JOIN LATERAL unnest(f.counted) AS c(name)
    WHERE m.version_id = %s GROUP BY 1, 2
) AS counted GROUP BY name HAVING sum(bearers) > %s
"""


@transaction.atomic
def store_frequencies(*, version_id: UUID) -> NameFrequencies:
    """Count the names of a version and keep how rare they are. Safe to do again."""
    with connection.cursor() as cursor:
        cursor.execute(_HOMES, [version_id])
        homes = dict(cursor.fetchall())
        people = sum(homes.values())
        cursor.execute(_COUNTS, [version_id, 1 + people // RAREST_SHARE])
        counts = {name: json.loads(bearers) for name, bearers in cursor.fetchall()}
    statistics = NameCounter.of_counts(homes, counts).statistics()
    return NameFrequencies.objects.update_or_create(
        version_id=version_id,
        defaults={
            "people": statistics.people,
            "rarities": {name: list(bits) for name, bits in statistics.rarities.items()},
            "key_version": KEY_VERSION,
        },
    )[0]


def reindex_entries(*, progress: Progress = lambda done, total: None) -> int:
    """Make keys and search forms anew for entries whose own are of other rules; return how many.

    In batches, each its own transaction: interrupted, it goes on where it was. Old keys are never met by new look-ups,
    so that an entry is not found until its batch is done; search forms say which are left.
    """
    due = WatchlistEntry.objects.filter(names__isnull=False).exclude(search_form__key_version=KEY_VERSION)
    if not due.exists():
        return 0
    _drop_old_keys()
    total = due.values("id").distinct().count()
    done = 0
    while True:
        entry_ids = list(due.order_by("id").values_list("id", flat=True).distinct()[:ENTRIES_A_BATCH])
        if not entry_ids:
            break
        _reindex(entry_ids)
        done += len(entry_ids)
        progress(done, total)
    if done:
        for version_id in (
            WatchlistVersion.objects.filter(holdings__isnull=False).values_list("id", flat=True).distinct()
        ):
            store_frequencies(version_id=version_id)
    return done


def _drop_old_keys() -> None:
    """Take out the keys of entries that are due, part by part of the table: no index leads from an entry to its keys."""
    for first, end in key_parts():
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM watchlists_entrykey k USING watchlists_entrysearchform f"
                " WHERE k.key >= %s AND k.key < %s AND f.entry_id = k.entry_id AND f.key_version <> %s",
                [first, end, KEY_VERSION],
            )


@transaction.atomic
def _reindex(entry_ids: list[UUID]) -> None:
    EntrySearchForm.objects.filter(entry_id__in=entry_ids).delete()
    keys: list[EntryKey] = []
    forms: list[EntrySearchForm] = []
    entries = WatchlistEntry.objects.filter(id__in=entry_ids).prefetch_related("names", "documents")
    for entry in entries:
        indexed = index_entry(
            names=[
                PersonName(name.primary_identifier, name.secondary_identifier, name.quality == "LOW")
                for name in entry.names.all()
            ],
            birth_dates=[date for text in entry.birth_dates if (date := read_birth_date_text(text))],
            sex=entry.sex,
            nationalities=entry.nationalities,
        )
        numbers = {document_key(document.document_number) for document in entry.documents.all()} - {None}
        keys += [EntryKey(key=key, entry_id=entry.id, born=indexed.born) for key in indexed.keys]
        keys += [EntryKey(key=key, entry_id=entry.id, born=0) for key in numbers if key is not None]
        forms.append(
            EntrySearchForm(
                entry_id=entry.id,
                form=indexed.search_form,
                counted=sorted(indexed.counted),
                nationality=entry.nationalities[0] if entry.nationalities else "",
                key_version=KEY_VERSION,
            )
        )
    EntryKey.objects.bulk_create(keys, batch_size=5_000, ignore_conflicts=True)
    EntrySearchForm.objects.bulk_create(forms, batch_size=1_000)
