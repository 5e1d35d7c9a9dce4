"""Find the entries in force that agree with a person or a document. Reads only; one statement for each question."""

import functools
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from travelers.core.codes import normalise_code
from watchlists.core.candidates import CANDIDATES_AT_A_TIME, Query, explain, make_query, within_threshold
from watchlists.core.document_ranges import split_number
from watchlists.core.documents import DocumentMatch, match_document
from watchlists.core.keys import KEY_VERSION, document_key, query_keys
from watchlists.core.score import Identity, Score, profile_of
from watchlists.core.screening import Action
from watchlists.core.statistics import NameStatistics, merge_statistics
from watchlists.core.thresholds import threshold_for
from watchlists.core.weights import BIRTH_DATE_BITS, NATIONALITY_EQUAL, SEX_EQUAL
from watchlists.models import NameFrequencies, Watchlist
from watchlists.queries.in_force import ActiveLists
from watchlists.queries.prepared import prepared_cursor

CANDIDATES_MOST = 3000
# of those that reach the threshold: entries of versions no longer in force are among them
REACHED_MOST, HITS_MOST = 1000, 50
SCORING_BUDGET_S = 0.4


class SearchTimeout(TimeoutError):
    """The candidates could not be scored in time: nothing may be said of this search."""

    code = "timeout"


class IndexOutdated(RuntimeError):
    """A version in force is stored by older rules, so its entries would not be met: `manage.py reindex_watchlists`."""

    code = "index_outdated"


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One entry at or above the threshold of its list."""

    entry_id: UUID
    version_id: UUID
    action: Action
    score: Score
    threshold: float


@dataclass(frozen=True, slots=True)
class PersonSearch:
    """candidates: entries found by key and in reach. keys_dropped: left out as too common."""

    found: tuple[FoundPerson, ...]
    candidates: int
    keys_dropped: int


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """One entry whose document agrees. match: of DocumentMatch."""

    entry_id: UUID
    version_id: UUID
    action: Action
    match: DocumentMatch
    listed: str


# the planner guesses badly for many keys at once; a lateral look-up is an index scan for each, whatever it guesses
_PERSONS = """
WITH asked AS MATERIALIZED (
    SELECT q.key, found.entry_id
    FROM unnest(%(keys)s::bigint[]) AS q(key)
    CROSS JOIN LATERAL (
        SELECT k.entry_id FROM watchlists_entrykey k WHERE k.key = q.key {born} LIMIT %(most)s + 1
    ) AS found
), counted AS MATERIALIZED (
    SELECT key, count(*) AS entries, sum(count(*)) OVER (ORDER BY count(*), key) AS running
    FROM asked GROUP BY key
), kept AS MATERIALIZED (
    SELECT DISTINCT a.entry_id FROM asked a JOIN counted c USING (key)
    WHERE c.running <= %(most)s OR c.running = c.entries
)
SELECT (SELECT count(*) FROM counted WHERE running > %(most)s AND running <> entries), (
    SELECT string_agg(f.entry_id::text || f.form, chr(10))
    FROM kept JOIN watchlists_entrysearchform f ON f.entry_id = kept.entry_id
)
"""
UUID_LENGTH = 36

# most candidates end before this question, which costs more than their whole score
_IN_FORCE = """
SELECT e.id, m.version_id, e.action
FROM unnest(%(entries)s::uuid[]) AS reached(entry_id)
JOIN watchlists_watchlistentry e
  ON e.id = reached.entry_id AND e.valid_from <= %(at)s AND e.valid_until > %(at)s AND e.owner_unit <> ''
JOIN watchlists_versionentry m ON m.entry_id = e.id AND m.version_id = ANY(%(versions)s)
"""

_DOCUMENTS = """
SELECT e.id, m.version_id, e.action, d.document_number, d.issuing_state, NULL
FROM watchlists_entrykey k
JOIN watchlists_entrydocument d ON d.entry_id = k.entry_id
JOIN watchlists_watchlistentry e
  ON e.id = k.entry_id AND e.valid_from <= %(at)s AND e.valid_until > %(at)s AND e.owner_unit <> ''
JOIN watchlists_versionentry m ON m.entry_id = e.id AND m.version_id = ANY(%(versions)s)
WHERE k.key = %(key)s
UNION ALL
SELECT e.id, m.version_id, e.action, r.prefix || lpad(r.first::text, r.width, '0'), r.issuing_state,
       r.prefix || lpad(r.latest::text, r.width, '0')
FROM watchlists_entrydocumentrange r
JOIN watchlists_watchlistentry e
  ON e.id = r.entry_id AND e.valid_from <= %(at)s AND e.valid_until > %(at)s AND e.owner_unit <> ''
JOIN watchlists_versionentry m ON m.entry_id = e.id AND m.version_id = ANY(%(versions)s)
WHERE int8range(r.first, r.latest, '[]') @> %(value)s::bigint AND r.prefix = %(prefix)s AND r.width = %(width)s
  AND (r.issuing_state = '' OR %(state)s = '' OR r.issuing_state = %(state)s)
LIMIT %(most)s
"""


def search_persons(
    *,
    traveler: Identity,
    lists: ActiveLists,
    base_bits: float,
    at: datetime,
) -> PersonSearch:
    """Return the entries of persons that reach the threshold of their list, best first.

    base_bits: threshold at 100,000 entries of lists without an operating point of their own.
    Raises SearchTimeout, and OperationalError where a statement took too long.
    """
    thresholds = {
        version_id: threshold_for(
            version.entry_count, base_bits=base_bits if version.own_bits is None else version.own_bits
        )
        for version_id, version in lists.searched.items()
        if version.kind == Watchlist.Kind.PERSON
    }
    query = make_query(profile_of(traveler), load_statistics(lists.version_ids))
    lowest = min(thresholds.values(), default=0.0)
    keys = sorted(query_keys(traveler.names, query.birth_date))
    rows, dropped = _fetch_candidates(query, keys, lowest)
    deadline = time.perf_counter() + SCORING_BUDGET_S
    best = within_threshold(query, _in_time(rows, deadline), lowest)[:REACHED_MOST]
    reached = [(UUID(entry_id), form) for _, entry_id, form in best]
    holders = _fetch_in_force([entry_id for entry_id, _ in reached], lists.version_ids, at)
    held = [(entry_id, form) for entry_id, form in reached if entry_id in holders][:HITS_MOST]
    found = []
    for entry_id, score in explain(query, held, lowest):
        for version_id, action in holders[entry_id]:
            # an entry with names may stand in a list of documents: it fires as on a list of persons of that size
            threshold = thresholds.get(version_id, lowest)
            if score.bits >= threshold:
                found.append(FoundPerson(entry_id, version_id, Action(action), score, threshold))
                break  # each entry once, though several versions hold it
    return PersonSearch(tuple(found), len(rows), dropped)


def _in_time(rows: list[str], deadline: float) -> Iterator[tuple[str, str]]:
    for start in range(0, len(rows), CANDIDATES_AT_A_TIME):
        if start and time.perf_counter() > deadline:
            raise SearchTimeout
        for row in rows[start : start + CANDIDATES_AT_A_TIME]:
            yield row[:UUID_LENGTH], row[UUID_LENGTH:]


def _fetch_candidates(query: Query, keys: list[int], threshold: float) -> tuple[list[str], int]:
    """Return the entries that share a key, in force or not, each as its id and its form in one text, and how many keys were
    left out.

    One text is sent for all: hundreds of rows cost more to send and read than to find, and most are looked at once.
    """
    condition, values = _born_condition(query, threshold)
    with prepared_cursor() as cursor:
        cursor.execute(_PERSONS.format(born=condition), {"keys": keys, "most": CANDIDATES_MOST, **values})
        dropped, found = cursor.fetchone()
    return found.split("\n") if found else [], dropped


def _fetch_in_force(
    entry_ids: list[UUID], version_ids: tuple[UUID, ...], at: datetime
) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return of these entries those that may fire: the versions in force that hold them, and what they ask for.

    Asked for nobody too: the time must not tell that somebody was found.
    """
    holders: dict[UUID, list[tuple[UUID, str]]] = {}
    with prepared_cursor() as cursor:
        # as one text: nobody and somebody are sent in the same words
        asked = "{" + ",".join(map(str, entry_ids)) + "}"
        cursor.execute(_IN_FORCE, {"entries": asked, "versions": list(version_ids), "at": at})
        for entry_id, version_id, action in cursor.fetchall():
            holders.setdefault(entry_id, []).append((version_id, action))
    return holders


def _born_condition(query: Query, threshold: float) -> tuple[str, dict[str, int | bool]]:
    """Return an SQL condition that leaves out birth dates with which the threshold cannot be reached.

    The twin of watchlists.core.candidates.within_reach, which says the same over arrays.
    """
    missing = threshold - query.most_name_bits - SEX_EQUAL - NATIONALITY_EQUAL - 0.1
    weights = BIRTH_DATE_BITS
    born = query.birth_date
    if born is None or born.number < 0 or weights["differs"] >= missing:
        return "", {}
    reach = {rule: bits >= missing for rule, bits in weights.items()}
    values: dict[str, int | bool] = {
        "unknown": missing <= 0.0,
        "year": born.year,
        "partly0": reach["year_equal_rest_unknown"],
        "partly1": reach["year_off_by_one_rest_unknown"],
        "partly2": reach["year_differs_rest_unknown"],
    }
    year_parts = "CASE abs(k.born / 10000 - %(year)s) WHEN 0 THEN %(partly0)s WHEN 1 THEN %(partly1)s ELSE %(partly2)s END"
    if born.month is None or born.day is None:
        return (
            f" AND CASE WHEN k.born = -1 THEN true WHEN k.born = 0 THEN %(unknown)s ELSE {year_parts} END",
            values,
        )
    values |= {
        "same": born.month * 100 + born.day,
        "turned": born.day * 100 + born.month,
        "swapped": reach["day_and_month_swapped"],
        "same_year": any(
            reach[rule] for rule in ("year_equal", "one_part_differs", "year_equal_first_of_january")
        ),
        "near_year": reach["year_off_by_one"],
        "other_year": reach["one_digit_of_year_differs"],
        "equal": reach["equal"],
    }
    return (
        " AND CASE WHEN k.born = -1 THEN true WHEN k.born = 0 THEN %(unknown)s"
        f" WHEN k.born %% 10000 = 0 THEN {year_parts}"
        " WHEN k.born / 10000 = %(year)s THEN CASE k.born %% 10000 WHEN %(same)s THEN %(equal)s"
        " WHEN %(turned)s THEN %(swapped)s OR %(same_year)s ELSE %(same_year)s END"
        " WHEN k.born %% 10000 = %(same)s THEN"
        " CASE abs(k.born / 10000 - %(year)s) WHEN 1 THEN %(near_year)s ELSE %(other_year)s END"
        " ELSE false END",
        values,
    )


def search_documents(
    *, document_number: str, issuing_state: str, lists: ActiveLists, at: datetime
) -> tuple[FoundDocument, ...]:
    """Return the entries whose document agrees: the same number, one easily misread for it, or inside a range.

    A number without letters or digits agrees with none. An entry is found once, by its most certain agreement.
    """
    key = document_key(document_number)
    if key is None or not lists.version_ids:
        return ()
    prefix, width, value = split_number(document_number) or ("", 0, -1)
    state = normalise_code(issuing_state)
    with prepared_cursor() as cursor:
        cursor.execute(
            _DOCUMENTS,
            {
                "key": key,
                "versions": list(lists.version_ids),
                "at": at,
                "prefix": prefix,
                "width": width,
                "value": value,
                "state": state,
                "most": CANDIDATES_MOST,
            },
        )
        rows = cursor.fetchall()
    best: dict[UUID, FoundDocument] = {}
    for entry_id, version_id, action, number, listed_state, latest in rows:
        match = (
            DocumentMatch.IN_RANGE
            if latest is not None
            else match_document(
                document_number=document_number,
                issuing_state=state,
                listed_number=number,
                listed_state=listed_state,
            )
        )
        if match is None or (entry_id in best and best[entry_id].match.is_certain):
            continue
        listed = number if latest is None else f"{number}–{latest}"
        best[entry_id] = FoundDocument(entry_id, version_id, Action(action), match, listed)
    return tuple(best.values())


def load_statistics(version_ids: Collection[UUID]) -> NameStatistics:
    """Return how rare names are in these versions together. A version never changes: kept for the process's life.

    Raises IndexOutdated.
    """
    return _load_merged(tuple(sorted(version_ids)))


@functools.lru_cache(maxsize=4)
def _load_merged(version_ids: tuple[UUID, ...]) -> NameStatistics:
    rows = NameFrequencies.objects.filter(version_id__in=version_ids).values_list(
        "people", "rarities", "key_version"
    )
    if any(key_version != KEY_VERSION for _, _, key_version in rows):
        raise IndexOutdated
    return merge_statistics(
        NameStatistics(people, {name: (bits[0], bits[1]) for name, bits in rarities.items()})
        for people, rarities, _ in rows
    )
