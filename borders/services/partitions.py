"""Keep the crossings table in partitions of one month each."""

from datetime import UTC, date, datetime

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.services import record

PARENT = "borders_crossing"
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
        for start in starts[:-1]:
            name = f"{PARENT}_{start:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                # by the owner of the tables, whose rights this account need not have
                cursor.execute("SELECT borders_make_partition(%s)", [start])
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
