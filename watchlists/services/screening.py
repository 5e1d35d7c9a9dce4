"""Screen one traveller: by document, by name and birth date, by face; each search on its own, none of them
silently lost.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import psycopg.errors
import structlog
from django.db import connection, transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.outcomes import Check, Finding, Outcome
from biometrics.models import Comparison
from travelers.core.codes import normalise_code
from travelers.models import DocumentReading
from watchlists.core.birth_dates import birth_date_of
from watchlists.core.documents import DocumentMatch, match_document
from watchlists.core.keys import KEY_VERSION, document_key, query_keys
from watchlists.core.names import PersonName
from watchlists.core.score import Identity, most_bits, score_identity
from watchlists.core.screening import (
    SCREEN_DOCUMENT,
    SCREEN_FACE,
    SCREEN_NAME,
    Action,
    ShownHit,
    finding_not_checked,
    finding_nothing_to_search,
    finding_of_search,
    is_silent,
)
from watchlists.models import Hit, Screening, Watchlist
from watchlists.queries import (
    CANDIDATES_MOST,
    ActiveLists,
    entries_in_force,
    find_candidates,
    get_active_lists,
    get_listed_documents,
    get_listed_persons,
    get_name_operating_point,
)

STATEMENT_TIMEOUT_MS = 800
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """The screening as stored, and what the booth is told: one finding for each of SCREENING_CHECKS."""

    screening: Screening
    findings: tuple[Finding, ...]


class _Ended(Enum):
    DONE = "done"
    NOT_CHECKED = "not checked"
    NOTHING_TO_SEARCH = "nothing to search"


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry that agrees. match: as in ShownHit; score: bits or face score."""

    entry_id: UUID
    action: Action
    match: str
    explanation: list[dict[str, Any]]
    score: float | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Search:
    """How one search ended. reason: why it was not done, or not to its end."""

    ended: _Ended
    reason: str = ""
    found: tuple[_Found, ...] = ()
    candidate_count: int = 0


@transaction.atomic
def screen(
    *,
    actor: Actor,
    at: datetime,
    inspection_id: UUID,
    port_id: UUID,
    reading: DocumentReading | None,
    face: Comparison | None,
) -> ScreeningResult:
    """Look the traveller up in every active list and keep what was found; what could not be looked up is
    NOT_CHECKED.

    reading: the document or declaration; None or without a name: not checked by name. face: the answer of the
    watchlist gallery.
    """
    begun = time.perf_counter()
    lists = get_active_lists()
    with _statement_timeout(STATEMENT_TIMEOUT_MS):
        searches = {
            Hit.Kind.DOCUMENT: _guard(lambda: _search_documents(reading, lists, at)),
            Hit.Kind.NAME: _guard(lambda: _search_names(reading, lists, at)),
            Hit.Kind.FACE: _guard(lambda: _search_faces(face, lists, at)),
        }
    # without a face there is still a screening; without a name or number search there is none
    open_reasons = [
        searches[kind].reason
        for kind in (Hit.Kind.NAME, Hit.Kind.DOCUMENT)
        if searches[kind].ended is _Ended.NOT_CHECKED
    ]
    screening = Screening.objects.create(
        reading=reading,
        port_id=port_id,
        inspection_id=inspection_id,
        status=Screening.Status.NOT_CHECKED if open_reasons else Screening.Status.CHECKED,
        reason=open_reasons[0] if open_reasons else "",
        list_versions=lists.numbers,
        key_version=KEY_VERSION,
        candidate_count=sum(search.candidate_count for search in searches.values()),
        elapsed_ms=(time.perf_counter() - begun) * 1e3,
        at=at,
    )
    hits = [
        Hit(
            screening=screening,
            entry_id=found.entry_id,
            kind=kind,
            silent=is_silent(found.action),
            score=found.score,
            explanation=found.explanation,
            comparison=face if kind == Hit.Kind.FACE else None,
            found_at=at,
        )
        for kind, search in searches.items()
        for found in search.found
    ]
    Hit.objects.bulk_create(hits)
    record(
        actor=actor,
        at=at,
        action="screening.made",
        object_type="screening",
        object_id=screening.id,
        detail={"inspection": str(inspection_id), "status": screening.status, "reason": screening.reason},
    )
    ids = {(hit.kind, hit.entry_id): str(hit.id) for hit in hits}
    findings = tuple(
        _finding(check, searches[kind], lists, {e: i for (k, e), i in ids.items() if k == kind})
        for kind, check in (
            (Hit.Kind.DOCUMENT, SCREEN_DOCUMENT),
            (Hit.Kind.NAME, SCREEN_NAME),
            (Hit.Kind.FACE, SCREEN_FACE),
        )
    )
    return ScreeningResult(screening, findings)


def _finding(check: Check, search: _Search, lists: ActiveLists, hit_ids: dict[UUID, str]) -> Finding:
    if search.ended is _Ended.NOTHING_TO_SEARCH:
        return finding_nothing_to_search(check, search.reason, lists.numbers_by_name)
    shown = [
        ShownHit(hit_ids[found.entry_id], found.action, found.match, found.certain)
        for found in search.found
        if not is_silent(found.action)
    ]
    if search.ended is _Ended.NOT_CHECKED and not shown:
        return finding_not_checked(check, search.reason, lists.numbers_by_name)
    return finding_of_search(check, shown, lists.numbers_by_name)


def _guard(search: Callable[[], _Search]) -> _Search:
    """Run one search in a savepoint; whatever goes wrong in it makes it "not checked", and only it."""
    try:
        with transaction.atomic():
            return search()
    except Exception as error:
        # a search that raises must not take the others with it, and must never pass for "no hit"
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            return _Search(_Ended.NOT_CHECKED, "timeout")
        log.error("screening_search_failed", error=type(error).__name__)
        return _Search(_Ended.NOT_CHECKED, "search_failed")


@contextmanager
def _statement_timeout(limit_ms: int) -> Iterator[None]:
    """Limit each statement inside.

    Left by an exception, the limit goes with the transaction that is rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(limit_ms)])
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


def _search_documents(reading: DocumentReading | None, lists: ActiveLists, at: datetime) -> _Search:
    if reading is None or reading.status == DocumentReading.Status.UNREADABLE:
        return _Search(_Ended.NOT_CHECKED, "no_reading")
    key = document_key(reading.document_number)
    if key is None:
        return _Search(_Ended.NOTHING_TO_SEARCH, "no_document")
    if not lists.version_ids:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    candidates = find_candidates(keys=(key,), lists=lists, at=at)
    best: dict[UUID, _Found] = {}
    for entry_id, action, number, state in get_listed_documents(candidates[:CANDIDATES_MOST]):
        match = match_document(
            document_number=reading.document_number,
            issuing_state=reading.issuing_state,
            listed_number=number,
            listed_state=state,
        )
        if match is None or (entry_id in best and best[entry_id].certain):
            continue
        certain = match is DocumentMatch.EXACT
        evidence = {
            "about": "document",
            "rule": match.value,
            "presented": reading.document_number,
            "listed": number,
        }
        best[entry_id] = _Found(entry_id, action, match.value, [evidence], certain=certain)
    return _bounded(candidates, tuple(best.values()))


def _search_names(reading: DocumentReading | None, lists: ActiveLists, at: datetime) -> _Search:
    if reading is None or not reading.primary_identifier:
        return _Search(_Ended.NOT_CHECKED, "no_identity")
    if Watchlist.Kind.PERSON not in lists.kinds:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    point = get_name_operating_point()
    if point is None:
        return _Search(_Ended.NOT_CHECKED, "no_operating_point")
    traveler = Identity(
        names=(PersonName(reading.primary_identifier, reading.secondary_identifier),),
        birth_date=birth_date_of(reading.birth_date, reading.birth_date_raw, at=at),
        sex=reading.sex,
        nationality=normalise_code(reading.nationality),
        names_truncated=reading.names_truncated,
    )
    keys = query_keys(traveler.names, traveler.birth_date)
    if not keys:
        return _Search(_Ended.NOT_CHECKED, "no_identity")
    candidates = find_candidates(keys=keys, lists=lists, at=at)
    found = []
    for person in get_listed_persons(candidates[:CANDIDATES_MOST]):
        if most_bits(traveler, person.identity) < point.threshold:
            continue
        score = score_identity(traveler, person.identity)
        if score.bits >= point.threshold:
            evidence = [asdict(piece) for piece in score.evidence]
            found.append(_Found(person.entry_id, person.action, "name", evidence, score.bits))
    found.sort(key=lambda hit: -(hit.score or 0.0))
    return _bounded(candidates, tuple(found))


def _search_faces(face: Comparison | None, lists: ActiveLists, at: datetime) -> _Search:
    if face is None or face.outcome == Outcome.UNDETERMINED:
        return _Search(_Ended.NOT_CHECKED, "no_face_comparison")
    if face.kind != Comparison.Kind.IDENTIFICATION:
        raise ValueError("a comparison 1:1 is no search of a gallery")
    if Watchlist.Kind.PERSON not in lists.kinds:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    scores = {UUID(str(c["subject_id"])): float(c["score"]) for c in face.candidates}
    # the gallery keeps the faces of superseded versions, for a roll-back; only entries in force may fire
    actions = entries_in_force(lists=lists, at=at).filter(id__in=list(scores)).values_list("id", "action")
    found = tuple(
        _Found(
            entry_id,
            Action(action),
            "face",
            [
                {
                    "about": "face",
                    "rule": "at_or_above_threshold",
                    "score": scores[entry_id],
                    "threshold": face.threshold,
                }
            ],
            scores[entry_id],
        )
        for entry_id, action in actions
    )
    return _Search(_Ended.DONE, "", tuple(sorted(found, key=lambda hit: -(hit.score or 0.0))), len(scores))


def _bounded(candidates: list[UUID], found: tuple[_Found, ...]) -> _Search:
    """Return a search that was done, or that stopped at the limit of candidates and so is not done."""
    if len(candidates) > CANDIDATES_MOST:
        return _Search(_Ended.NOT_CHECKED, "too_many_candidates", found, CANDIDATES_MOST)
    return _Search(_Ended.DONE, "", found, len(candidates))
