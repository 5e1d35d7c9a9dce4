"""Reads of the trail and its seals, in the text form that is hashed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit.core.sealing import BlockHeader
from audit.models import AuditBlock, AuditEntry, WaitingEntry

# in the order of audit.core.sealing.ROW_COLUMNS; text, so that nothing is parsed only to be written again
ROW_SQL = """e.action, e.actor_id::text, e.actor_label,
 to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.detail::text, e.fields::text, e.id::text, e.kind,
 e.object_id, e.object_type, e.origin, e.port_id::text, e.purpose, e.roles"""
PRUNED = "audit.pruned"
BLOCK_FIELDS = ("stream", "number", "first_row", "row_count", "root", "previous_hash", "sealed_at")


def format_time(at: datetime) -> str:
    """Return a time as headers and rows have it: RFC 3339, UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def header_of(block: AuditBlock) -> BlockHeader:
    values = {name: getattr(block, name) for name in BLOCK_FIELDS}
    return BlockHeader(**values | {"sealed_at": format_time(block.sealed_at)})


def newest_block(stream: str) -> AuditBlock | None:
    """Return the latest block of a stream, without its rows' ids and hashes."""
    blocks = AuditBlock.objects.filter(stream=stream).defer("entry_ids", "leaf_hashes")
    return blocks.order_by("-number").first()


def newest_headers() -> dict[str, BlockHeader]:
    """Return the header of the latest block of every stream."""
    blocks = AuditBlock.objects.order_by("stream", "-number").distinct("stream")
    return {block.stream: header_of(block) for block in blocks.defer("entry_ids", "leaf_hashes", "note")}


def headers_at(places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], BlockHeader]:
    """Return the headers of some blocks by stream and number; a block that is not there is left out."""
    found = {}
    for stream, number in places:
        block = (
            AuditBlock.objects.filter(stream=stream, number=number)
            .defer("entry_ids", "leaf_hashes", "note")
            .first()
        )
        if block is not None:
            found[stream, number] = header_of(block)
    return found


def announced_prunings() -> set[str]:
    """Return the ids of the prunings that the trail tells of."""
    rows = AuditEntry.objects.filter(object_type="audit_pruning", action=PRUNED)
    return set(rows.values_list("object_id", flat=True))


def blocks_to_prune(before: datetime) -> Iterator[tuple[BlockHeader, list[UUID]]]:
    """Yield header and ids of rows of every block that was sealed before a moment and still has rows, by stream and number.

    The newest block of a stream stays: heads that are handed out go on from it.
    """
    newest = {stream: header.number for stream, header in newest_headers().items()}
    blocks = (
        AuditBlock.objects.filter(sealed_at__lt=before).exclude(entry_ids=[]).order_by("stream", "number")
    )
    for block in blocks.defer("leaf_hashes", "note").iterator(chunk_size=100):
        if block.number < newest[block.stream]:
            yield header_of(block), block.entry_ids


def blocks_after(stream: str, number: int, limit: int) -> list[AuditBlock]:
    blocks = AuditBlock.objects.filter(stream=stream, number__gt=number)
    return list(blocks.defer("entry_ids", "leaf_hashes").order_by("number")[:limit])


def count_sealed() -> tuple[int, int]:
    """Return how many blocks there are, and how many rows they say they hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(row_count), 0)::bigint FROM audit_auditblock")
        return cursor.fetchone()


def waiting_rows(limit: int) -> list[tuple[str, tuple[str | None, ...] | None]]:
    """Return the oldest rows that wait for their block: id, and the row, or None where it is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT w.entry_id::text, {ROW_SQL} FROM (SELECT entry_id FROM audit_waitingentry ORDER BY entry_id LIMIT %s) w"
            " LEFT JOIN audit_auditentry e ON e.id = w.entry_id ORDER BY w.entry_id",
            [limit],
        )
        return [(row[0], row[1:] if row[7] else None) for row in cursor.fetchall()]


def oldest_waiting_at() -> datetime | None:
    """Return the time of the oldest row that is in no block yet. Ids are UUIDv7, so the smallest is about the oldest."""
    first = WaitingEntry.objects.order_by("entry_id").values_list("entry_id", flat=True).first()
    return AuditEntry.objects.filter(id=first).values_list("at", flat=True).first() if first else None


def stored_blocks(batch_rows: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield blocks in batches of about so many rows: id, header fields, block_hash, note, leaf_hashes; by stream and number."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT id, stream, row_count FROM audit_auditblock ORDER BY stream COLLATE "C", number'
        )
        index = cursor.fetchall()
        start = 0
        while start < len(index):
            end, rows = start, 0
            while end < len(index) and (end == start or rows + index[end][2] <= batch_rows):
                rows += index[end][2]
                end += 1
            cursor.execute(
                "SELECT id, stream, number, first_row, row_count, root, previous_hash, sealed_at, block_hash, note,"
                " leaf_hashes, entry_ids::text[] FROM audit_auditblock WHERE id = ANY(%s)"
                ' ORDER BY stream COLLATE "C", number',
                [[row[0] for row in index[start:end]]],
            )
            yield cursor.fetchall()
            start = end


def rows_of_blocks(block_ids: list[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of some blocks in the order of stored_blocks and of their leaves; all None where a row is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ROW_SQL} FROM audit_auditblock b CROSS JOIN LATERAL unnest(b.entry_ids) WITH ORDINALITY o (id, place)"
            " LEFT JOIN audit_auditentry e ON e.id = o.id WHERE b.id = ANY(%s)"
            ' ORDER BY b.stream COLLATE "C", b.number, o.place',
            [block_ids],
        )
        return cursor.fetchall()


def count_entries_and_waiting() -> tuple[int, int]:
    """Return how many rows the trail has, and how many of them wait for their block."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM audit_auditentry), (SELECT count(*) FROM audit_waitingentry w"
            " JOIN audit_auditentry e ON e.id = w.entry_id)"
        )
        return cursor.fetchone()


def unknown_rows(limit: int) -> list[tuple[str, str]]:
    """Return rows (stream, id) that are in no block and wait for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            # EXCEPT sorts on disk where it must; NOT IN over a million ids would not
            "SELECT coalesce(e.port_id::text, 'central'), e.id::text FROM audit_auditentry e WHERE e.id IN ("
            "SELECT id FROM audit_auditentry EXCEPT (SELECT unnest(entry_ids) FROM audit_auditblock"
            " UNION ALL SELECT entry_id FROM audit_waitingentry)) ORDER BY 2 LIMIT %s",
            [limit],
        )
        return cursor.fetchall()


def lost_rows(limit: int) -> list[str]:
    """Return ids of rows that are gone though they were never sealed: they wait still, or a row that waits itself tells of them.

    Of those that a sealed row tells of, that row is read with its block.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id::text FROM audit_waitingentry w"
            " WHERE NOT EXISTS (SELECT FROM audit_auditentry e WHERE e.id = w.entry_id) UNION"
            " SELECT jsonb_array_elements_text(e.detail -> 'ids') FROM audit_waitingentry w"
            " JOIN audit_auditentry e ON e.id = w.entry_id WHERE e.action = 'audit.rows_lost' ORDER BY 1 LIMIT %s",
            [limit],
        )
        return [entry_id for (entry_id,) in cursor.fetchall()]
