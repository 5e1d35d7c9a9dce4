"""The sealed trail as a file of JSON lines, for `deploy/verify_audit.py` and whoever may not reach the database."""

import json
import os
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.core.sealing import ROW_COLUMNS
from audit.models import AuditPruning
from audit.queries import count_sealed, format_time, lost_rows, rows_of_blocks, stored_blocks, unknown_rows
from audit.services.trail import record_read

BATCH_ROWS = 5000
UNKNOWN_KEPT = 10_000
# the order of the columns in a line, which is that of deploy/verify_audit.py
LINE_COLUMNS = (
    *("id", "kind", "action", "actor", "actor_label", "roles", "purpose", "origin", "port"),
    *("object_type", "object_id", "at", "fields", "detail"),
)
PLACES = [ROW_COLUMNS.index(name) for name in LINE_COLUMNS]


def export_trail(*, actor: Actor, at: datetime, path: Path) -> int:
    """Write what was removed lawfully, every block with its rows, one a line, and the ids of rows that are in none or are gone.

    Returns the number of blocks.

    Raises FileExistsError: an export is never written over another one.
    """
    record_read(
        actor=actor, at=at, object_type="audit_entry", object_ids=(), action="exported", fields=LINE_COLUMNS
    )
    with (
        transaction.atomic(),
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file,
    ):
        with connection.cursor() as cursor:
            if not connection.savepoint_ids:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        blocks = count_sealed()[0]
        statements = AuditPruning.objects.order_by("pruned_at", "id").values_list("note", flat=True)
        file.write(json.dumps({"prunings": list(statements)}, ensure_ascii=False) + "\n")
        for batch in stored_blocks(BATCH_ROWS):
            rows = iter(rows_of_blocks([stored[0] for stored in batch]))
            for _, *header, sealed_at, digest, note, leaves, ids in batch:
                stored = [*header, format_time(sealed_at), digest, note, bytes(leaves).hex(), ids]
                lines = [_line(next(rows)) for _ in ids]
                file.write(json.dumps({"block": stored, "rows": lines}, ensure_ascii=False) + "\n")
        unknown = [entry_id for _, entry_id in unknown_rows(UNKNOWN_KEPT)]
        file.write(json.dumps({"loose": unknown, "lost": lost_rows(UNKNOWN_KEPT)}) + "\n")
    return blocks


def _line(row: tuple[str | None, ...]) -> list[str | int | None] | None:
    if row[0] is None:
        return None
    values: list[str | int | None] = [row[place] for place in PLACES]
    account = values[LINE_COLUMNS.index("actor")]
    values[LINE_COLUMNS.index("actor")] = int(account) if account is not None else None
    return values
