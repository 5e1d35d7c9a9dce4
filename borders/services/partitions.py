"""Keep the crossings table in partitions of one month each."""

import itertools
from datetime import UTC, date, datetime

from django.db import connection, transaction
from psycopg import sql

from audit.core.actor import Actor
from audit.services import record

PARENT = "borders_crossing"
DEFAULT = "borders_crossing_default"
# any constant number: two runs at once would both find a partition missing
ADVISORY_LOCK = 7_202_611_003


def month_starts(*, at: datetime, months_ahead: int) -> list[date]:
    """Return the first day of the month of `at`, of each month after it, and of the one after the last."""
    first = at.astimezone(UTC).date().replace(day=1)
    months = [first.year * 12 + first.month - 1 + n for n in range(months_ahead + 2)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


@transaction.atomic
def ensure_partitions(*, actor: Actor, at: datetime, months_ahead: int = 3) -> list[str]:
    """Make the partitions of this month and the next ones; return the names of those that were missing.

    Crossings that already lie in the default partition move along in the same transaction.
    """
    made = []
    starts = month_starts(at=at, months_ahead=months_ahead)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        for start, end in itertools.pairwise(starts):
            name = f"{PARENT}_{start:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                _make(cursor, name, start, end)
                made.append(name)
    if made:
        record(
            actor=actor,
            at=at,
            action="partitions.made",
            object_type="crossing_table",
            object_id="",
            detail={"partitions": made},
        )
    return made


def _make(cursor, name: str, start: date, end: date) -> None:
    """Make one partition.

    A row of its month in the default partition would forbid that, so those rows wait aside.
    """
    within = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (start, end)]
    names = {
        "parent": sql.Identifier(PARENT),
        "default": sql.Identifier(DEFAULT),
        "name": sql.Identifier(name),
        "start": sql.Literal(within[0].isoformat()),
        "end": sql.Literal(within[1].isoformat()),
    }
    cursor.execute(sql.SQL("LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE").format(**names))
    cursor.execute(
        sql.SQL(
            "SELECT EXISTS (SELECT FROM {default} WHERE occurred_at >= {start} AND occurred_at < {end})"
        ).format(**names)
    )
    occupied = cursor.fetchone()[0]
    create = "CREATE TABLE IF NOT EXISTS {name} PARTITION OF {parent} FOR VALUES FROM ({start}) TO ({end})"
    if not occupied:
        cursor.execute(sql.SQL(create).format(**names))
        return
    # detached, it is a table like any other: what moves out of it is not changed, so the append-only trigger
    # may rest
    for statement in (
        "ALTER TABLE {parent} DETACH PARTITION {default}",
        create,
        "INSERT INTO {name} SELECT * FROM {default} WHERE occurred_at >= {start} AND occurred_at < {end}",
        "ALTER TABLE {default} DISABLE TRIGGER USER",
        "DELETE FROM {default} WHERE occurred_at >= {start} AND occurred_at < {end}",
        "ALTER TABLE {default} ENABLE TRIGGER USER",
        "ALTER TABLE {parent} ATTACH PARTITION {default} DEFAULT",
    ):
        cursor.execute(sql.SQL(statement).format(**names))
