"""Retro-screening: entries that a version adds or changes, against travellers already screened.

It leaves leads for the owners of the list and stops nobody. It walks in steps, each its own transaction: what was
interrupted goes on after the latest entry that was done.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from audit.core.actor import Actor, Role
from audit.services import record
from watchlists.core.candidates import make_query, score_candidates
from watchlists.core.documents import match_document
from watchlists.core.indexing import decode_profile
from watchlists.core.keys import KEY_VERSION, document_key, query_keys_of_words
from watchlists.core.score import Profile, Score
from watchlists.core.thresholds import threshold_for
from watchlists.models import (
    EntryDocument,
    EntrySearchForm,
    Hit,
    Lead,
    RetroScreeningRun,
    Screening,
)
from watchlists.queries import get_list_thresholds, get_name_operating_point, new_entries
from watchlists.services.index import is_rekeying_due
from watchlists.services.search import load_statistics
from watchlists.services.travelers import REMEMBERED

ENTRIES_A_STEP = 200
TRAVELERS_MOST = 2_000
LEADS_MOST_AN_ENTRY = 50
NOTE_MAX = 200
Progress = Callable[[RetroScreeningRun], None]

_TRAVELERS = """
WITH asked AS MATERIALIZED (
    SELECT q.entry_id, found.screening_id
    FROM unnest(%(keys)s::bigint[], %(entries)s::uuid[]) AS q(key, entry_id)
    CROSS JOIN LATERAL (
        SELECT k.screening_id FROM watchlists_travelerkey k WHERE k.key = q.key LIMIT %(most)s
    ) AS found
)
SELECT a.entry_id, t.screening_id, t.form
FROM (SELECT DISTINCT entry_id, screening_id FROM asked) AS a
JOIN watchlists_travelersearchform t ON t.screening_id = a.screening_id
WHERE t.at >= %(since)s AND t.at < %(until)s AND t.key_version = %(key_version)s
"""
_DOCUMENTS = """
SELECT q.entry_id, t.screening_id
FROM unnest(%(keys)s::bigint[], %(entries)s::uuid[]) AS q(key, entry_id)
JOIN watchlists_travelersearchform t ON t.document_key = q.key
WHERE t.at >= %(since)s AND t.at < %(until)s
"""


class LeadRefused(ValueError):
    """The act on a lead cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def start_retro_screening(
    *, actor: Actor, at: datetime, version_id: UUID, base_id: UUID | None = None
) -> RetroScreeningRun:
    """Put the new and changed entries of a version in line; the sweep does the work. Safe to call again.

    base_id: the version before; None: all entries are new.
    """
    run, created = RetroScreeningRun.objects.get_or_create(
        version_id=version_id,
        state=RetroScreeningRun.State.RUNNING,
        defaults={"base_id": base_id, "since": at - REMEMBERED, "until": at, "total": 0, "started_at": at},
    )
    if created:
        record(
            actor=actor,
            at=at,
            action="retro_screening.started",
            object_type="retro_screening",
            object_id=run.id,
            detail={"version": str(version_id), "base": str(base_id) if base_id else None},
        )
    return run


def continue_retro_screening(
    *, clock: Callable[[], datetime], budget_s: float, progress: Progress = lambda run: None
) -> int:
    """Walk on for so long, oldest run first; return how many entries were done. Beside itself it does nothing twice.

    It waits while travellers have keys by older rules: they would not be found.
    """
    if is_rekeying_due():
        return 0
    deadline = time.monotonic() + budget_s
    done = 0
    while time.monotonic() < deadline:
        with transaction.atomic():
            run = (
                RetroScreeningRun.objects.select_for_update(skip_locked=True)
                .filter(state=RetroScreeningRun.State.RUNNING)
                .order_by("started_at", "id")
                .first()
            )
            if run is None:
                break
            done += _step(run, clock())
        progress(run)
    return done


def _step(run: RetroScreeningRun, at: datetime) -> int:
    """Do the next entries of a run; return how many. The last step ends it."""
    entries = new_entries(version=run.version, since_id=run.base_id).order_by("id")
    if run.after_entry is None and run.done == 0:
        run.total = entries.count()
    if run.after_entry is not None:
        entries = entries.filter(id__gt=run.after_entry)
    entry_ids = list(entries.values_list("id", flat=True)[:ENTRIES_A_STEP])
    if entry_ids:
        run.leads += _find_leads(run, entry_ids, at)
        run.done += len(entry_ids)
        run.after_entry = entry_ids[-1]
    if len(entry_ids) < ENTRIES_A_STEP:
        run.state, run.finished_at = RetroScreeningRun.State.DONE, at
    run.save(update_fields=("total", "leads", "done", "after_entry", "state", "finished_at"))
    return len(entry_ids)


def _find_leads(run: RetroScreeningRun, entry_ids: list[UUID], at: datetime) -> int:
    leads = [*_leads_by_name(run, entry_ids, at), *_leads_by_document(run, entry_ids, at)]
    before = Lead.objects.filter(run=run).count()
    Lead.objects.bulk_create(leads, ignore_conflicts=True)
    return Lead.objects.filter(run=run).count() - before


def _leads_by_name(run: RetroScreeningRun, entry_ids: list[UUID], at: datetime) -> list[Lead]:
    point = get_name_operating_point()
    if point is None:
        return []
    own = get_list_thresholds().get(run.version.watchlist_id, point.threshold)
    threshold = threshold_for(run.version.entry_count, base_bits=own)
    forms = EntrySearchForm.objects.filter(entry_id__in=entry_ids).values_list("entry_id", "form")
    profiles = {entry_id: decode_profile(form) for entry_id, form in forms}
    keys = [(key, entry_id) for entry_id, profile in profiles.items() for key in _keys_of(profile)]
    travelers: dict[UUID, list[tuple[UUID, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _TRAVELERS,
            {
                "keys": [key for key, _ in keys],
                "entries": [entry_id for _, entry_id in keys],
                "since": run.since,
                "until": run.until,
                "key_version": KEY_VERSION,
                "most": TRAVELERS_MOST,
            },
        )
        for entry_id, screening_id, form in cursor:
            travelers.setdefault(entry_id, []).append((screening_id, form))
    statistics = load_statistics((run.version_id,))
    found: list[tuple[UUID, UUID, Score]] = []
    for entry_id, candidates in travelers.items():
        # evidence weighs the same from either side; the entry asks here
        query = make_query(profiles[entry_id], statistics)
        scored = score_candidates(query, candidates, threshold, most=LEADS_MOST_AN_ENTRY)
        found += [(entry_id, screening_id, score) for screening_id, score in scored]
    return [
        Lead(
            run=run,
            entry_id=entry_id,
            screening_id=screening_id,
            kind=Hit.Kind.NAME,
            score=score.bits,
            # listed and presented change places: the traveller is the one presented
            explanation=[
                {**asdict(piece), "presented": piece.listed, "listed": piece.presented}
                for piece in score.evidence
            ],
            found_at=at,
        )
        for entry_id, screening_id, score in found
    ]


def _keys_of(profile: Profile) -> set[int]:
    dates = profile.birth_dates or (None,)
    return {key for form in profile.forms for born in dates for key in query_keys_of_words(form.words, born)}


def _leads_by_document(run: RetroScreeningRun, entry_ids: list[UUID], at: datetime) -> list[Lead]:
    documents: dict[UUID, list[tuple[str, str]]] = {}
    rows = EntryDocument.objects.filter(entry_id__in=entry_ids).order_by("id")
    for entry_id, number, state in rows.values_list("entry_id", "document_number", "issuing_state"):
        documents.setdefault(entry_id, []).append((number, state))
    keys = [
        (key, entry_id)
        for entry_id, listed in documents.items()
        for number, _ in listed
        if (key := document_key(number)) is not None
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _DOCUMENTS,
            {
                "keys": [key for key, _ in keys],
                "entries": [entry_id for _, entry_id in keys],
                "since": run.since,
                "until": run.until,
            },
        )
        pairs = sorted(set(cursor.fetchall()))
    screenings = Screening.objects.select_related("reading").in_bulk({screening for _, screening in pairs})
    leads = []
    for entry_id, screening_id in pairs:
        screening = screenings[screening_id]
        number, state = (
            (screening.reading.document_number, screening.reading.issuing_state)
            if screening.reading
            else (
                screening.presented.get("document_number", ""),
                screening.presented.get("issuing_state", ""),
            )
        )
        for listed, listed_state in documents[entry_id]:
            match = match_document(
                document_number=number, issuing_state=state, listed_number=listed, listed_state=listed_state
            )
            if match is not None:
                evidence = {"about": "document", "rule": match.value, "presented": number, "listed": listed}
                leads.append(
                    Lead(
                        run=run,
                        entry_id=entry_id,
                        screening_id=screening_id,
                        kind=Hit.Kind.DOCUMENT,
                        explanation=[evidence],
                        found_at=at,
                    )
                )
                break
    return leads


@transaction.atomic
def close_lead(*, actor: Actor, at: datetime, lead_id: UUID, note: str) -> Lead:
    """Close a lead with a note. Raises LeadRefused: role_required, unknown_lead, note_required, note_too_long, closed."""
    if actor.user_id is None or not actor.has(Role.LIST_OWNER):
        raise LeadRefused("role_required")
    if not note.strip():
        raise LeadRefused("note_required")
    if len(note) > NOTE_MAX:
        raise LeadRefused("note_too_long")
    if not Lead.objects.filter(id=lead_id).exists():
        raise LeadRefused("unknown_lead")
    closed = Lead.objects.filter(id=lead_id, state=Lead.State.OPEN).update(
        state=Lead.State.CLOSED, closing_note=note, closed_by_id=actor.user_id, closed_at=at
    )
    if closed != 1:
        raise LeadRefused("closed")
    record(actor=actor, at=at, action="lead.closed", object_type="lead", object_id=lead_id, detail={})
    return Lead.objects.get(id=lead_id)
