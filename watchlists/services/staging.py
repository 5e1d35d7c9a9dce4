"""From staged rows to a stored version: what is new is stored with its keys, what is known is shared, both in one
transaction.

The staging table is the session's own and goes with its transaction: rows wait there, so that neither a file nor a
version is ever held in memory.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from uuid import UUID

from django.db import connection
from psycopg import sql

from audit.models import new_id
from watchlists.core.rows import COLUMNS, Holder, Rows, Stored, make_rows
from watchlists.models import WatchlistVersion
from watchlists.services.index import settle_key_rules

BATCH = 2_000
# below this many new entries, starting processes takes longer than it saves
WORTH_A_POOL = 20_000
WORKERS_MOST = 4
BATCHES_AHEAD = 4
DUPLICATES_SHOWN = 1_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class StagedRow:
    """One row to stage. line: where it came from. content: of write_content; "" for a deletion."""

    line: int
    source_id: str
    content_hash: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """How many entries a version adds, changes, removes and keeps against its base. total: that it will hold."""

    added: int
    changed: int
    removed: int
    kept: int
    total: int


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody how far it is."""


def stage(rows: Iterable[StagedRow]) -> int:
    """Fill the staging table with these rows alone; return how many. Call inside the transaction."""
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('client_min_messages', 'warning', true)")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.watchlist_staging")
        cursor.execute(
            "CREATE TEMPORARY TABLE watchlist_staging (line bigint NOT NULL, source_id text NOT NULL,"
            " content_hash text NOT NULL, content text NOT NULL, entry_id uuid, base_id uuid) ON COMMIT DROP"
        )
        with cursor.copy(
            "COPY watchlist_staging (line, source_id, content_hash, content) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row((row.line, row.source_id, row.content_hash, row.content))
                count += 1
        cursor.execute("ANALYZE watchlist_staging")
    return count


def find_duplicates() -> list[tuple[int, int]]:
    """Return (line, line of the first) of rows that name an entry again, by line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line, first FROM (SELECT line, min(line) OVER w AS first, row_number() OVER w AS place"
            " FROM watchlist_staging WINDOW w AS (PARTITION BY source_id ORDER BY line)) AS placed"
            " WHERE place > 1 ORDER BY line LIMIT %s",
            [DUPLICATES_SHOWN],
        )
        return list(cursor.fetchall())


def compare_with(*, watchlist_id: UUID, base_id: UUID | None, whole: bool) -> Difference:
    """Find for each staged row the entry with its content, and the entry of its name in the base; count.

    whole: the staged rows are the list; else they are changes to the base.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE watchlist_staging s SET entry_id = e.id FROM watchlists_watchlistentry e"
            " WHERE s.content <> '' AND e.watchlist_id = %s AND e.source_id = s.source_id"
            " AND e.content_hash = s.content_hash",
            [watchlist_id],
        )
        base_total = 0
        if base_id is not None:
            cursor.execute(
                "UPDATE watchlist_staging s SET base_id = e.id FROM watchlists_versionentry m"
                " JOIN watchlists_watchlistentry e ON e.id = m.entry_id"
                " WHERE m.version_id = %s AND e.source_id = s.source_id",
                [base_id],
            )
            cursor.execute("SELECT count(*) FROM watchlists_versionentry WHERE version_id = %s", [base_id])
            (base_total,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE content <> '' AND base_id IS NULL),"
            " count(*) FILTER (WHERE content <> '' AND base_id IS NOT NULL AND base_id IS DISTINCT FROM entry_id),"
            " count(*) FILTER (WHERE content = '' AND base_id IS NOT NULL),"
            " count(*) FILTER (WHERE content <> '' AND base_id = entry_id),"
            " count(*) FILTER (WHERE base_id IS NOT NULL) FROM watchlist_staging"
        )
        added, changed, deleted, kept, named = cursor.fetchone()
        cursor.execute("ANALYZE watchlist_staging")
    if whole:
        return Difference(added, changed, base_total - named, kept, added + changed + kept)
    untouched = base_total - named
    return Difference(added, changed, deleted, kept + untouched, added + changed + kept + untouched)


def store_staged(
    *,
    version: WatchlistVersion,
    at: datetime,
    whole: bool,
    workers: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Store the staged entries whose content is new, and what the version holds; return how many were new.

    workers: processes that make the rows; None: as many as there are processors.
    """
    settle_key_rules()
    review_by = (at + timedelta(days=version.watchlist.review_days)).date().isoformat()
    holder = Holder(version.id, version.watchlist_id, at, review_by)
    with connection.cursor() as cursor:
        # checked as rows come, not in a queue of millions at the end
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*) FROM watchlist_staging WHERE content <> '' AND entry_id IS NULL")
        (total,) = cursor.fetchone()
        progress("storing", 0, total)
        done = 0
        for size, rows in _made(holder, _batches(), total, workers):
            for table, text in rows.tables.items():
                names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
                with cursor.copy(statement) as copy:
                    copy.write(text)
            done += size
            progress("storing", done, total)
        cursor.execute(
            "INSERT INTO watchlists_versionentry (version_id, entry_id)"
            " SELECT %(version)s, entry_id FROM watchlist_staging WHERE entry_id IS NOT NULL"
            " UNION ALL SELECT %(version)s, id FROM watchlists_watchlistentry WHERE version_id = %(version)s",
            {"version": version.id},
        )
        if not whole and version.base_id is not None:
            cursor.execute(
                "INSERT INTO watchlists_versionentry (version_id, entry_id)"
                " SELECT %s, m.entry_id FROM watchlists_versionentry m WHERE m.version_id = %s"
                " AND NOT EXISTS (SELECT FROM watchlist_staging s WHERE s.base_id = m.entry_id)",
                [version.id, version.base_id],
            )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return int(total)


def _batches() -> Iterator[list[Stored]]:
    """Yield the staged rows whose content is nowhere yet, from a cursor on the server, each with a new id."""
    raw = connection.connection
    with raw.cursor(name="watchlist_staging_fresh") as fresh:
        fresh.execute(
            "SELECT content_hash, content FROM watchlist_staging"
            " WHERE content <> '' AND entry_id IS NULL ORDER BY line"
        )
        while found := fresh.fetchmany(BATCH):
            yield [Stored(new_id(), content_hash, content) for content_hash, content in found]


def _made(
    holder: Holder, batches: Iterator[list[Stored]], total: int, workers: int | None
) -> Iterator[tuple[int, Rows]]:
    """Yield (entries, rows) of each batch in order, made by several processes where there is much to do."""
    count = min(workers or os.cpu_count() or 1, WORKERS_MOST)
    if total < WORTH_A_POOL or count < 2:
        for batch in batches:
            yield len(batch), make_rows(holder, batch)
        return
    # spawned, not forked: the connection to the database is nothing to inherit
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        waiting: deque[tuple[int, Future[Rows]]] = deque()
        for batch in batches:
            waiting.append((len(batch), pool.submit(make_rows, holder, batch)))
            if len(waiting) >= count + BATCHES_AHEAD:
                size, made = waiting.popleft()
                yield size, made.result()
        while waiting:
            size, made = waiting.popleft()
            yield size, made.result()
