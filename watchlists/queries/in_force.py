"""What is in force when a traveller is screened: lists, thresholds, exceptions. One statement, asked every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.queries.prepared import prepared_cursor


@dataclass(frozen=True, slots=True)
class ActiveLists:
    """The lists in force: the versions to search, their numbers by list id and by list name, the kinds there are."""

    version_ids: tuple[UUID, ...]
    numbers: dict[str, int]
    numbers_by_name: dict[str, int]
    kinds: frozenset[str]
    searched: dict[UUID, "SearchedVersion"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchedVersion:
    """One version that is searched.

    entry_count: of the list in force, which its threshold follows. own_bits: of the list's own operating point.
    """

    watchlist_id: UUID
    number: int
    kind: str
    entry_count: int
    own_bits: float | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a screening rests on. base_bits: of the operating point of the name score, None where none is in force.

    exceptions: of this traveller with this document, (kind of hit, entry) -> exception. time_limit_before: the limit of
    statements that held until then.
    """

    lists: ActiveLists
    base_bits: float | None
    exceptions: dict[tuple[str, UUID], UUID]
    time_limit: str


# with each version in force the emergency entries that stand besides it
_LISTS = """
SELECT v.id, v.watchlist_id, v.number, w.kind, w.name, v.entry_count, v.state, (
    SELECT t.base_bits FROM watchlists_listthreshold t
    WHERE t.watchlist_id = w.id AND t.state = 'ACTIVE' AND t.score_version = %(score_version)s
)
FROM watchlists_watchlist w JOIN watchlists_watchlistversion v ON v.id = w.active_version_id
WHERE w.is_test = %(test)s
UNION ALL
SELECT v.id, v.watchlist_id, v.number, w.kind, w.name, v.entry_count, v.state, (
    SELECT t.base_bits FROM watchlists_listthreshold t
    WHERE t.watchlist_id = w.id AND t.state = 'ACTIVE' AND t.score_version = %(score_version)s
)
FROM watchlists_watchlistversion v JOIN watchlists_watchlist w ON w.id = v.watchlist_id
WHERE v.state = 'EMERGENCY' AND NOT w.is_test AND NOT %(test)s
ORDER BY 2, 1
"""

_GROUND = f"""
SELECT
    setting.before,
    set_config('statement_timeout', %(limit)s, true),
    (SELECT json_agg(json_build_array(one.a, one.b, one.c, one.d, one.e, one.f, one.g, one.h))
     FROM ({_LISTS}) AS one (a, b, c, d, e, f, g, h)),
    (SELECT p.threshold FROM biometrics_operatingpoint p
     WHERE p.purpose = 'NAME_SCREENING' AND p.engine = %(engine)s AND p.engine_version = %(score_version)s
       AND p.state = 'ACTIVE' LIMIT 1),
    (SELECT json_agg(json_build_array(x.kind, x.entry_id, x.id)) FROM watchlists_matchexception x
     WHERE x.presented_hash = %(presented)s AND x.ended_at IS NULL AND x.ends_at > %(at)s)
FROM (SELECT current_setting('statement_timeout') AS before OFFSET 0) AS setting
"""


def get_active_lists(*, test: bool = False) -> ActiveLists:
    """Return the lists that have an active version, and with it the emergency entries that stand besides it.

    test: the self-test lists instead, which are in no other answer.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_LISTS, {"test": test, "score_version": SCORE_VERSION})
        return _lists_of(cursor.fetchall())


def get_ground(*, presented_hash: str | None, at: datetime, time_limit_ms: int) -> Ground:
    """Return what a screening rests on, and limit each statement from here on.

    presented_hash: None without a document, to which no exception holds.
    """
    asked: dict[str, Any] = {
        "test": False,
        "score_version": SCORE_VERSION,
        "engine": SCORE_ENGINE,
        "presented": presented_hash or "",
        "at": at,
        "limit": str(time_limit_ms),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_GROUND, asked)
        before, _, rows, base_bits, exceptions = cursor.fetchone()
    return Ground(
        _lists_of([(UUID(row[0]), UUID(row[1]), *row[2:]) for row in rows or ()]),
        base_bits,
        {(kind, UUID(entry)): UUID(exception) for kind, entry, exception in exceptions or ()},
        before,
    )


def end_searches(*, savepoint: str | None, time_limit: str) -> None:
    """Release the savepoint of the searches and give statements the limit that held before.

    savepoint: of transaction.savepoint, None where there is none. time_limit: of Ground.
    """
    if savepoint:
        transaction.savepoint_commit(savepoint)
    with prepared_cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [time_limit])


def _lists_of(rows: Sequence[tuple[Any, ...]]) -> ActiveLists:
    emergency = "EMERGENCY"
    counts = {row[1]: row[5] for row in rows if row[6] != emergency}
    return ActiveLists(
        version_ids=tuple(row[0] for row in rows),
        numbers={str(row[1]): row[2] for row in rows if row[6] != emergency},
        numbers_by_name={row[4]: row[2] for row in rows if row[6] != emergency},
        kinds=frozenset(row[3] for row in rows),
        searched={
            row[0]: SearchedVersion(row[1], row[2], row[3], counts.get(row[1], 1), row[7]) for row in rows
        },
    )
