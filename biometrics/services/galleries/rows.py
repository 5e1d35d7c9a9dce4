"""The rows of a gallery as arrays, changes between two of its versions: what every index is made from."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Q, QuerySet
from psycopg import sql

from biometrics.core.envelope import SEALED_OVERHEAD
from biometrics.core.gallery.sealed import UNLIMITED_FROM, UNLIMITED_UNTIL, record_dtype
from biometrics.models import Gallery, GalleryMember
from biometrics.services.galleries.sealed_file import Records
from biometrics.services.keys import read_keys
from biometrics.services.keys.store import KeyReader
from biometrics.services.vectors import model_of, open_with, sealed_bytes

ROWS_A_PIECE = 8192
# what PostgreSQL sends before the first row in its binary format: signature, flags, length of the extension
COPY_HEADER_BYTES = 19
NOBODY = UUID(int=0)

EVERYTHING = sql.SQL("")
STATEMENT = sql.SQL("""COPY (
SELECT m.id, m.subject_id, m.enrolled_version,
  coalesce((extract(epoch FROM m.valid_from) * 1000000)::bigint, {unlimited_from}),
  coalesce((extract(epoch FROM m.valid_until) * 1000000)::bigint, {unlimited_until}),
  coalesce(t.subject_key_id, {nobody}), t.image_id,
  CASE WHEN t.subject_key_id IS NULL THEN {unsealed} || t.vector ELSE t.vector END
FROM biometrics_gallerymember m JOIN biometrics_template t ON t.id = m.template_id
WHERE m.gallery_id = {gallery} AND m.enrolled_version > {after} AND m.enrolled_version <= {upto}
  AND (m.removed_version IS NULL OR m.removed_version > {upto})
  AND octet_length(t.vector) = CASE WHEN t.subject_key_id IS NULL THEN {vector_bytes} ELSE {sealed_bytes} END {page}
) TO STDOUT (FORMAT BINARY)""")


def members_between(*, gallery_id: UUID, after: int, upto: int) -> QuerySet[GalleryMember]:
    """Return the members enrolled after one version and still there at another."""
    return GalleryMember.objects.filter(
        Q(removed_version__isnull=True) | Q(removed_version__gt=upto),
        gallery_id=gallery_id,
        enrolled_version__gt=after,
        enrolled_version__lte=upto,
    )


def removed_between(*, gallery_id: UUID, after: int, upto: int) -> list[UUID]:
    """Return the members that were there at one version and not any more at another."""
    return list(
        GalleryMember.objects.filter(
            gallery_id=gallery_id,
            enrolled_version__lte=after,
            removed_version__gt=after,
            removed_version__lte=upto,
        ).values_list("id", flat=True)
    )


def page_records(
    *,
    gallery_id: UUID,
    after: int,
    upto: int,
    dimension: int,
    above: UUID | None = None,
    count: int = ROWS_A_PIECE,
) -> Iterator[Records]:
    """Yield the same as `copy_records` page by page in the order of members, so that the connection is free between pages.

    above: begin behind this member. count: members a page.
    """
    while True:
        page = list(
            copy_records(
                gallery_id=gallery_id,
                after=after,
                upto=upto,
                dimension=dimension,
                page=sql.SQL("AND m.id > {} ORDER BY m.id LIMIT {}").format(
                    sql.Literal(above or UUID(int=0)), sql.Literal(count)
                ),
            )
        )
        if not page:
            return
        records = np.concatenate(page)
        above = id_of_halves(records["member"][-1])
        yield records


def copy_records(
    *, gallery_id: UUID, after: int, upto: int, dimension: int, page: sql.Composable = EVERYTHING
) -> Iterator[Records]:
    """Yield the members enrolled after one version and still there at another, some thousands at a time, vectors opened.

    The connection is busy until the last was taken. Raises KeyDestroyed when one is erased meanwhile: ask again.
    """
    statement = STATEMENT.format(
        unlimited_from=sql.SQL(
            f"({UNLIMITED_FROM + 1}::bigint - 1)"
        ),  # the literal alone overflows before its sign
        unlimited_until=sql.Literal(UNLIMITED_UNTIL),
        gallery=sql.Literal(gallery_id),
        after=sql.Literal(after),
        upto=sql.Literal(upto),
        vector_bytes=sql.Literal(4 * dimension),
        sealed_bytes=sql.Literal(sealed_bytes(dimension)),
        nobody=sql.Literal(NOBODY),
        unsealed=sql.Literal(bytes(SEALED_OVERHEAD)),
        page=page,
    )
    wire = _wire_dtype(dimension)
    gallery = Gallery.objects.get(id=gallery_id)
    model = model_of(gallery.engine, gallery.engine_version)
    with read_keys() as keys, connection.cursor() as cursor, cursor.copy(statement) as copied:
        pending = bytearray()
        skip = COPY_HEADER_BYTES
        enough = ROWS_A_PIECE * wire.itemsize
        for message in copied:
            pending += message
            if len(pending) - skip >= enough:
                whole = (len(pending) - skip) // wire.itemsize * wire.itemsize
                yield _parse(bytes(pending[skip : skip + whole]), wire, dimension, keys, model)
                pending, skip = pending[skip + whole :], 0
        whole = max(0, len(pending) - skip) // wire.itemsize * wire.itemsize
        if whole:
            yield _parse(bytes(pending[skip : skip + whole]), wire, dimension, keys, model)


def ids_as_halves(ids: list[UUID]) -> npt.NDArray[np.uint64]:
    """Return ids as uint64 (n, 2), the upper half first."""
    return np.frombuffer(b"".join(i.bytes for i in ids), ">u8").reshape(-1, 2).astype("<u8")


def id_of_halves(halves: npt.NDArray[np.uint64]) -> UUID:
    return UUID(int=int(halves[0]) << 64 | int(halves[1]))


def _wire_dtype(dimension: int) -> np.dtype[np.void]:
    fields: list[tuple[str, str, tuple[int, ...]] | tuple[str, str]] = [("fields", ">i2")]
    columns = (
        ("member", ">u8", (2,), 16),
        ("subject", ">u8", (2,), 16),
        ("version", ">i8", (), 8),
        ("valid_from", ">i8", (), 8),
        ("valid_until", ">i8", (), 8),
        ("key", "u1", (16,), 16),
        ("image", "u1", (16,), 16),
        ("sealed", "u1", (sealed_bytes(dimension),), sealed_bytes(dimension)),
    )
    for name, kind, shape, _ in columns:
        fields += [(f"{name}_bytes", ">i4"), (name, kind, shape)]
    return np.dtype(fields)


def _parse(content: bytes, wire: np.dtype[np.void], dimension: int, keys: KeyReader, model: str) -> Records:
    rows = np.frombuffer(content, wire)
    records = np.zeros(len(rows), record_dtype(dimension))
    for name in ("member", "subject", "version", "valid_from", "valid_until"):
        records[name] = rows[name]
    for number, row in enumerate(rows):
        octets = row["sealed"].tobytes()
        if octets[0]:
            octets = open_with(
                keys,
                octets,
                key_id=UUID(bytes=row["key"].tobytes()),
                image_id=UUID(bytes=row["image"].tobytes()),
                model=model,
            )
        else:  # not sealed yet
            octets = octets[SEALED_OVERHEAD:]
        records["vector"][number] = np.frombuffer(octets, "<f4")
    return records
