"""Make the projections that are searched: name frequencies of a version, keys and search forms of entries."""

import json
from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from audit.core.actor import system_actor
from audit.services import record
from watchlists.core.birth_date_texts import read_birth_date_text
from watchlists.core.indexing import index_entry
from watchlists.core.keys import DOCUMENT_KEY_VERSION, KEY_VERSION, document_key
from watchlists.core.names import PersonName
from watchlists.core.statistics import NameCounter
from watchlists.models import EntryKey, EntrySearchForm, KeyRules, NameFrequencies, WatchlistEntry

# of a million persons, a name that fewer bear is as rare as any
RAREST_SHARE = 65_536

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
_SETTLE = """
INSERT INTO watchlists_keyrules
    (id, name_version, document_version, next_name_version, next_document_version, stage, part)
SELECT 1, oldest, %(documents)s, oldest, %(documents)s, 0, 0
FROM (SELECT COALESCE((SELECT min(key_version) FROM watchlists_travelersearchform), %(names)s)) AS found (oldest)
WHERE NOT EXISTS (SELECT FROM watchlists_keyrules)
ON CONFLICT DO NOTHING
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


def settle_key_rules() -> None:
    """Write down, where nothing says so yet, by which rules keys are made: those of this release, or of the oldest traveller
    screened before there was a list. Called before an entry's keys are stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"names": KEY_VERSION, "documents": DOCUMENT_KEY_VERSION})


def is_rekeying_due() -> bool:
    """Tell whether there are keys by other rules than those of this release."""
    return KeyRules.objects.exclude(name_version=KEY_VERSION, document_version=DOCUMENT_KEY_VERSION).exists()


def index_entries(entry_ids: Collection[UUID]) -> None:
    """Make search forms and keys of these entries by the rules of this release, in place of their forms."""
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


def note_dropped_keys(count: int, *, part: int, reason: str) -> None:
    """Write that keys of one part of their range were taken away, if any were: in the transaction that took them."""
    if count:
        record(
            actor=system_actor(reason),
            at=timezone.now(),
            action="search_keys.dropped",
            object_type="search_keys",
            object_id=part,
            detail={"count": count},
        )
