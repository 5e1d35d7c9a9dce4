"""Screen one traveller: by document, by name and birth date, by face; each search on its own, none of them
silently lost.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import psycopg.errors
import structlog
from django.db import transaction

from audit.core.actor import Actor
from audit.services import one_act, record
from biometrics.core.outcomes import Check, Finding, Outcome
from biometrics.models import Comparison
from travelers.core.codes import normalise_code
from travelers.models import DocumentReading
from watchlists.core.birth_dates import BirthDate, birth_date_of
from watchlists.core.documents import DocumentMatch
from watchlists.core.exceptions import Presented, presented_hash
from watchlists.core.keys import KEY_VERSION, document_key
from watchlists.core.names import PersonName
from watchlists.core.score import SCORE_VERSION, Identity, profile_of
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
from watchlists.queries import ActiveLists, entries_in_force
from watchlists.queries.in_force import Ground, end_searches, get_ground
from watchlists.services.exceptions import CORRECTED, presented_of_reading
from watchlists.services.search import (
    FoundPerson,
    IndexOutdated,
    SearchTimeout,
    search_documents,
    search_persons,
)
from watchlists.services.storing import store_screening
from watchlists.services.travelers import remembered_of
from watchlists.services.withheld import withheld_of

STATEMENT_TIMEOUT_MS = 800
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """The screening as stored, and what the booth is told: one finding for each of SCREENING_CHECKS. hits: those stored with
    it, no silent one among them.
    """

    screening: Screening
    findings: tuple[Finding, ...]
    hits: tuple[Hit, ...] = ()


class _Ended(Enum):
    DONE = "done"
    NOT_CHECKED = "not checked"
    NOTHING_TO_SEARCH = "nothing to search"


@dataclass(frozen=True, slots=True)
class _Subject:
    """Who is looked up. readable: False where a document was there and could not be read."""

    presented: Presented
    identity: Identity | None
    readable: bool = True
    corrected: Presented | None = None
    identity_corrected: Identity | None = None

    @property
    def identities(self) -> tuple[Identity, ...]:
        return tuple(i for i in (self.identity, self.identity_corrected) if i is not None)

    @property
    def remembered(self) -> Identity | None:
        """Everything that entries listed later are compared with."""
        return joined(self.identity, self.identity_corrected)


@dataclass(frozen=True, slots=True)
class _Found:
    """One entry that agrees. match: as in ShownHit; score: bits or face score, threshold likewise."""

    entry_id: UUID
    action: Action
    match: str
    explanation: list[dict[str, Any]]
    score: float | None = None
    certain: bool = True
    version_id: UUID | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """How one search ended. reason: why it was not done, or not to its end."""

    ended: _Ended
    reason: str = ""
    found: tuple[_Found, ...] = ()
    candidate_count: int = 0
    keys_dropped: int = 0


@transaction.atomic(savepoint=False)
def screen(
    *,
    actor: Actor,
    at: datetime,
    inspection_id: UUID,
    port_id: UUID,
    reading: DocumentReading | None,
    face: Comparison | None,
    corrected: Presented | None = None,
) -> ScreeningResult:
    """Look the traveller up in every active list and keep what was found; what could not be looked up is
    NOT_CHECKED.

    reading: the document or declaration; None or without a name: not checked by name. face: the answer of the
    watchlist gallery. corrected: names and birth date as they were set right on request, looked up besides.
    """
    return _screen(
        actor=actor,
        at=at,
        subject=_subject_of_reading(reading, at, corrected),
        face=face,
        screening=Screening(
            reading=reading,
            port_id=port_id,
            inspection_id=inspection_id,
            presented={CORRECTED: asdict(corrected)} if corrected else {},
        ),
    )


@one_act()
def screen_presented(
    *,
    actor: Actor,
    at: datetime,
    presented: Presented,
    names_truncated: bool = False,
    port_id: UUID | None = None,
) -> ScreeningResult:
    """Look up a person or a document that a national system asks about. What was asked is kept with the answer."""
    return _screen(
        actor=actor,
        at=at,
        subject=_Subject(presented, identity_of(presented, at, names_truncated)),
        face=None,
        screening=Screening(port_id=port_id, presented=asdict(presented)),
    )


def _screen(
    *, actor: Actor, at: datetime, subject: _Subject, face: Comparison | None, screening: Screening
) -> ScreeningResult:
    begun = time.perf_counter()
    # exceptions are asked for whether or not something will be found: the time must not tell
    ground = get_ground(
        presented_hash=presented_hash(subject.presented, subject.corrected),
        at=at,
        time_limit_ms=STATEMENT_TIMEOUT_MS,
    )
    lists = ground.lists
    # one savepoint for all searches: only one that fails is rolled back to it
    savepoint = transaction.savepoint()
    searches = {
        Hit.Kind.DOCUMENT: _guard(savepoint, lambda: _search_documents(subject, ground, at)),
        Hit.Kind.NAME: _guard(savepoint, lambda: _search_names(subject, ground, at)),
        Hit.Kind.FACE: _NO_FACE
        if face is None
        else _guard(savepoint, lambda: _search_faces(face, lists, at)),
    }
    end_searches(savepoint=savepoint, time_limit=ground.time_limit)
    searches, excepted = _without_exceptions(searches, ground.exceptions)
    # without a face there is still a screening; without a name or number search there is none
    open_reasons = [
        searches[kind].reason
        for kind in (Hit.Kind.NAME, Hit.Kind.DOCUMENT)
        if searches[kind].ended is _Ended.NOT_CHECKED
    ]
    screening.status = Screening.Status.NOT_CHECKED if open_reasons else Screening.Status.CHECKED
    screening.reason = open_reasons[0] if open_reasons else ""
    screening.list_versions = lists.numbers
    screening.key_version = KEY_VERSION
    screening.candidate_count = sum(search.candidate_count for search in searches.values())
    screening.keys_dropped = sum(search.keys_dropped for search in searches.values())
    screening.excepted = excepted
    screening.at = at
    numbers = {version_id: version.number for version_id, version in lists.searched.items()}
    hits = [
        Hit(
            screening=screening,
            entry_id=found.entry_id,
            kind=kind,
            silent=is_silent(found.action),
            score=found.score,
            explanation=found.explanation,
            threshold=found.threshold,
            score_version=SCORE_VERSION if kind == Hit.Kind.NAME else "",
            list_version=numbers.get(found.version_id) if found.version_id else None,
            comparison=face if kind == Hit.Kind.FACE else None,
            found_at=at,
        )
        for kind, search in searches.items()
        for found in search.found
    ]
    # a row more for a silent hit could be measured at the booth: it is in the row that every screening writes
    screening.withheld = withheld_of([hit for hit in hits if hit.silent])
    remembered = remembered_of(identity=subject.remembered, document_number=subject.presented.document_number)
    screening.elapsed_ms = (time.perf_counter() - begun) * 1e3
    open_hits = tuple(hit for hit in hits if not hit.silent)
    store_screening(screening=screening, hits=open_hits, remembered=remembered)
    record(
        actor=actor,
        at=at,
        action="screening.made",
        object_type="screening",
        object_id=screening.id,
        detail={
            "inspection": str(screening.inspection_id or ""),
            "status": screening.status,
            "reason": screening.reason,
        },
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
    return ScreeningResult(screening, findings, open_hits)


def _subject_of_reading(
    reading: DocumentReading | None, at: datetime, corrected: Presented | None
) -> _Subject:
    if reading is None:
        return _Subject(Presented(), None, readable=False)
    presented = presented_of_reading(reading)
    readable = reading.status != DocumentReading.Status.UNREADABLE
    identity = identity_of(presented, at, reading.names_truncated)
    if identity is None or corrected is None:
        return _Subject(presented, identity, readable)
    # the document is still looked up as it stands: what it says may be what somebody is sought under
    return _Subject(presented, identity, readable, corrected, identity_of(corrected, at, False))


def joined(identity: Identity | None, corrected: Identity | None) -> Identity | None:
    """Return a person with the names and birth dates of the record as it was set right beside those presented."""
    if identity is None or corrected is None:
        return identity
    names = dict.fromkeys(identity.names + corrected.names)
    births = dict.fromkeys(identity.birth_dates + corrected.birth_dates)
    return replace(identity, names=tuple(names), birth_dates=tuple(births))


def identity_of(presented: Presented, at: datetime, names_truncated: bool) -> Identity | None:
    """Return the person presented, None without a name."""
    if not presented.primary_identifier.strip():
        return None
    text = presented.birth_date
    whole = date.fromisoformat(text) if len(text) == 10 else None
    born = birth_date_of(whole, text[2:4] + "0000" if len(text) == 4 else text, at=at)
    if whole is None and len(text) == 4 and text.isdigit():
        born = BirthDate(int(text))
    nationality = normalise_code(presented.nationality)
    return Identity(
        names=(PersonName(presented.primary_identifier, presented.secondary_identifier),),
        birth_dates=(born,) if born else (),
        sex=presented.sex,
        nationalities=(nationality,) if nationality else (),
        names_truncated=names_truncated,
    )


def _without_exceptions(
    searches: dict[Hit.Kind, _Search], exceptions: dict[tuple[str, UUID], UUID]
) -> tuple[dict[Hit.Kind, _Search], list[dict[str, str]]]:
    """Return the searches without what an exception leaves out, and what that was."""
    kept, excepted = {}, []
    for kind, search in searches.items():
        left_out = {one.entry_id for one in search.found if (kind, one.entry_id) in exceptions}
        kept[kind] = replace(search, found=tuple(one for one in search.found if one.entry_id not in left_out))
        excepted += [{"entry": str(i), "exception": str(exceptions[kind, i])} for i in left_out]
    return kept, excepted


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


def _guard(savepoint: str | None, search: Callable[[], _Search]) -> _Search:
    """Run one search; whatever goes wrong in it makes it "not checked", and only it."""
    try:
        return search()
    except Exception as error:
        # a search that raises must not take the others with it, and must never pass for "no hit"
        transaction.savepoint_rollback(savepoint)
        if isinstance(error, SearchTimeout) or isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            return _Search(_Ended.NOT_CHECKED, "timeout")
        if isinstance(error, IndexOutdated):
            return _Search(_Ended.NOT_CHECKED, error.code)
        log.error("screening_search_failed", error=type(error).__name__)
        return _Search(_Ended.NOT_CHECKED, "search_failed")


def _search_documents(subject: _Subject, ground: Ground, at: datetime) -> _Search:
    lists = ground.lists
    if not subject.readable:
        return _Search(_Ended.NOT_CHECKED, "no_reading")
    number = subject.presented.document_number
    if document_key(number) is None:
        return _Search(_Ended.NOTHING_TO_SEARCH, "no_document")
    if not lists.version_ids:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    if ground.documents_outdated:
        return _Search(_Ended.NOT_CHECKED, IndexOutdated.code)
    found = search_documents(
        document_number=number, issuing_state=subject.presented.issuing_state, lists=lists, at=at
    )
    return _Search(
        _Ended.DONE,
        found=tuple(
            _Found(
                one.entry_id,
                one.action,
                one.match.value,
                [{"about": "document", "rule": one.match.value, "presented": number, "listed": one.listed}],
                certain=one.match in (DocumentMatch.EXACT, DocumentMatch.IN_RANGE),
                version_id=one.version_id,
            )
            for one in found
        ),
        candidate_count=len(found),
    )


def _search_names(subject: _Subject, ground: Ground, at: datetime) -> _Search:
    if subject.identity is None:
        return _Search(_Ended.NOT_CHECKED, "no_identity")
    if Watchlist.Kind.PERSON not in ground.lists.kinds:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    if ground.base_bits is None:
        return _Search(_Ended.NOT_CHECKED, "no_operating_point")
    if not profile_of(subject.identity).forms:
        return _Search(_Ended.NOT_CHECKED, "no_identity")
    if ground.names_outdated:
        return _Search(_Ended.NOT_CHECKED, IndexOutdated.code)
    searches = [
        search_persons(traveler=one, lists=ground.lists, base_bits=ground.base_bits, at=at)
        for one in subject.identities
    ]
    best: dict[UUID, FoundPerson] = {}
    for one in (one for search in searches for one in search.found):
        if one.entry_id not in best or one.score.bits > best[one.entry_id].score.bits:
            best[one.entry_id] = one
    found = tuple(
        _Found(
            one.entry_id,
            one.action,
            "name",
            [asdict(piece) for piece in one.score.evidence],
            one.score.bits,
            version_id=one.version_id,
            threshold=one.threshold,
        )
        for one in best.values()
    )
    candidates, dropped = sum(s.candidates for s in searches), max(s.keys_dropped for s in searches)
    return _Search(_Ended.DONE, "", found, candidates, dropped)


_NOBODY = UUID(int=0)
_NO_FACE = _Search(_Ended.NOT_CHECKED, "no_face_comparison")


def _search_faces(face: Comparison, lists: ActiveLists, at: datetime) -> _Search:
    if face.outcome == Outcome.UNDETERMINED:
        return _NO_FACE
    if face.kind != Comparison.Kind.IDENTIFICATION:
        raise ValueError("a comparison 1:1 is no search of a gallery")
    if Watchlist.Kind.PERSON not in lists.kinds:
        return _Search(_Ended.NOT_CHECKED, "no_active_list")
    scores = {UUID(str(c["subject_id"])): float(c["score"]) for c in face.candidates}
    # the gallery keeps the faces of superseded versions, for a roll-back; only entries in force may fire.
    # Asked for nobody too: the time must not tell that a face was found
    asked = list(scores) or [_NOBODY]
    rows = entries_in_force(lists=lists, at=at).filter(id__in=asked)
    actions = rows.values_list("id", "action", "version_id")
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
            version_id=version_id,
        )
        for entry_id, action, version_id in actions
    )
    return _Search(_Ended.DONE, "", tuple(sorted(found, key=lambda hit: -(hit.score or 0.0))), len(scores))
