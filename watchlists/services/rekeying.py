"""Make all keys anew when their rules change with a release: of entries, of their documents, of past travellers.

Until that is done screening is "not checked", for who is stored by older rules would not be found, and retro-screening waits.
It walks in steps, each its own transaction: what was interrupted goes on where it was. Old keys are never met by new
look-ups; those of names are taken out first, part by part of the table, for no index leads from an entry to its keys.
"""

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from watchlists.core.keys import DOCUMENT_KEY_VERSION, KEY_VERSION, document_key, key_parts
from watchlists.models import (
    EntryDocument,
    EntryKey,
    EntryName,
    EntrySearchForm,
    KeyRules,
    NameFrequencies,
    TravelerKey,
    TravelerSearchForm,
    VersionEntry,
    WatchlistEntry,
    WatchlistVersion,
)
from watchlists.services.exceptions import corrected_of, presented_of
from watchlists.services.index import index_entries, note_dropped_keys, store_frequencies
from watchlists.services.screening import identity_of, joined
from watchlists.services.travelers import remembered_of

ENTRIES_A_STEP, DOCUMENTS_A_STEP, TRAVELERS_A_STEP = 500, 5_000, 500
Progress = Callable[[str, int], None]

_DROP = (
    "DELETE FROM watchlists_entrykey k USING watchlists_entrysearchform f"
    " WHERE k.key >= %(first)s AND k.key < %(end)s AND f.entry_id = k.entry_id AND f.key_version <> %(names)s",
    "DELETE FROM watchlists_travelerkey k USING watchlists_travelersearchform f"
    " WHERE k.key >= %(first)s AND k.key < %(end)s AND f.screening_id = k.screening_id AND f.key_version <> %(names)s",
)
# an entry without names has keys of its documents alone
_DROP_DOCUMENTS = (
    "DELETE FROM watchlists_entrykey k WHERE k.key >= %(first)s AND k.key < %(end)s"
    " AND NOT EXISTS (SELECT FROM watchlists_entrysearchform f WHERE f.entry_id = k.entry_id)"
)


def continue_rekeying(*, budget_s: float | None, progress: Progress = lambda stage, count: None) -> int:
    """Walk on for so long (None: to the end), a step at least; return how many rows were done. Beside itself it does
    nothing twice.
    """
    begun = time.monotonic()
    done = 0
    while True:
        with transaction.atomic():
            rules = KeyRules.objects.select_for_update(skip_locked=True).first()
            if rules is None or _is_current(rules):
                break
            stage = KeyRules.Stage(rules.stage)
            count = _step(rules)
            rules.save()
        done += count
        progress(stage.label, count)
        if budget_s is not None and time.monotonic() - begun >= budget_s:
            break
    return done


def _is_current(rules: KeyRules) -> bool:
    return (rules.name_version, rules.document_version) == (KEY_VERSION, DOCUMENT_KEY_VERSION)


def _step(rules: KeyRules) -> int:
    """Do the next rows of a stage; return how many. The last step of the last stage ends it."""
    if (rules.next_name_version, rules.next_document_version) != (KEY_VERSION, DOCUMENT_KEY_VERSION):
        # another release since it began
        rules.next_name_version, rules.next_document_version = KEY_VERSION, DOCUMENT_KEY_VERSION
        rules.stage, rules.part, rules.after = KeyRules.Stage.DROPPING, 0, None
    step, most = _STEPS[KeyRules.Stage(rules.stage)]
    done = step(rules)
    # what comes in meanwhile is by the rules of this release: fewer than a whole step are the last ones
    if len(done) == most:
        rules.after = done[-1]
    elif rules.stage < max(KeyRules.Stage.values):
        rules.stage, rules.after = rules.stage + 1, None
    else:
        rules.name_version, rules.document_version = KEY_VERSION, DOCUMENT_KEY_VERSION
    return len(done)


def _drop(rules: KeyRules) -> list[UUID | None]:
    parts = key_parts()
    if rules.part >= len(parts):
        return []
    first, end = parts[rules.part]
    statements = _DROP + ((_DROP_DOCUMENTS,) if _are_documents_due(rules) else ())
    dropped = 0
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, {"first": first, "end": end, "names": KEY_VERSION})
            dropped += cursor.rowcount
    note_dropped_keys(dropped, part=rules.part, reason="rekeying")
    rules.part += 1
    return [None]


def _are_documents_due(rules: KeyRules) -> bool:
    return rules.document_version != DOCUMENT_KEY_VERSION


def _entries(rules: KeyRules) -> list[UUID]:
    due = WatchlistEntry.objects.filter(
        Exists(EntryName.objects.filter(entry_id=OuterRef("id"))),
        ~Exists(EntrySearchForm.objects.filter(entry_id=OuterRef("id"), key_version=KEY_VERSION)),
    )
    if rules.after is not None:
        due = due.filter(id__gt=rules.after)
    entry_ids = list(due.order_by("id").values_list("id", flat=True)[:ENTRIES_A_STEP])
    index_entries(entry_ids)
    return entry_ids


def _documents(rules: KeyRules) -> list[UUID]:
    if not _are_documents_due(rules):
        return []
    documents = EntryDocument.objects.order_by("id")
    if rules.after is not None:
        documents = documents.filter(id__gt=rules.after)
    rows = list(documents.values_list("id", "entry_id", "document_number")[:DOCUMENTS_A_STEP])
    EntryKey.objects.bulk_create(
        [
            EntryKey(key=key, entry_id=entry_id)
            for _, entry_id, number in rows
            if (key := document_key(number)) is not None
        ],
        ignore_conflicts=True,
    )
    return [document_id for document_id, _, _ in rows]


def _travelers(rules: KeyRules) -> list[UUID]:
    forms = TravelerSearchForm.objects.select_related("screening__reading").order_by("screening_id")
    if not _are_documents_due(rules):
        forms = forms.exclude(key_version=KEY_VERSION)
    if rules.after is not None:
        forms = forms.filter(screening_id__gt=rules.after)
    found = list(forms[:TRAVELERS_A_STEP])
    keys: list[TravelerKey] = []
    for form in found:
        screening = form.screening
        presented = presented_of(screening)
        truncated = bool(screening.reading and screening.reading.names_truncated)
        identity = identity_of(presented, screening.at, truncated)
        if (corrected := corrected_of(screening)) is not None:
            identity = joined(identity, identity_of(corrected, screening.at, False))
        kept = remembered_of(identity=identity, document_number=presented.document_number)
        form.form, form.born, form.document_key = kept["form"], kept["born"], kept["document"]
        form.key_version = KEY_VERSION
        keys += [TravelerKey(key=key, screening_id=screening.id, born=form.born) for key in kept["keys"]]
    fields = ("form", "born", "document_key", "key_version")
    TravelerSearchForm.objects.bulk_update(found, fields, batch_size=100)
    TravelerKey.objects.bulk_create(keys, batch_size=5_000, ignore_conflicts=True)
    return [form.screening_id for form in found]


def _frequencies(rules: KeyRules) -> list[UUID]:
    current = NameFrequencies.objects.filter(version_id=OuterRef("id"), key_version=KEY_VERSION)
    held = VersionEntry.objects.filter(version_id=OuterRef("id"))
    version = WatchlistVersion.objects.filter(~Exists(current), Exists(held)).first()
    if version is None:
        return []
    store_frequencies(version_id=version.id)
    return [version.id]


# what a stage does, and how many rows a whole step of it has
_STEPS: dict[KeyRules.Stage, tuple[Callable[[KeyRules], Sequence[UUID | None]], int]] = {
    KeyRules.Stage.DROPPING: (_drop, 1),
    KeyRules.Stage.ENTRIES: (_entries, ENTRIES_A_STEP),
    KeyRules.Stage.DOCUMENTS: (_documents, DOCUMENTS_A_STEP),
    KeyRules.Stage.TRAVELERS: (_travelers, TRAVELERS_A_STEP),
    KeyRules.Stage.FREQUENCIES: (_frequencies, 1),
}
