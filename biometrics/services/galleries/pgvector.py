"""pgvector: vectors in half precision and an HNSW index in PostgreSQL itself, one table a gallery."""

from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from pgvector import HalfVector
from psycopg import sql

from biometrics.core.faces import Metric
from biometrics.models import Gallery
from biometrics.services.galleries.indexes import Vector, to_microseconds
from biometrics.services.galleries.rows import id_of_halves
from biometrics.services.galleries.sealed_file import Records
from biometrics.services.galleries.shared import SharedBackend, to_ids

# Malkov and Yashunin 2020; the figures behind these three stand in docs/galleries.md
NEIGHBOURS = 16
BUILD_LIST = 100
SEARCH_LIST_MOST = 1000
SCHEMA = "bmis_galleries"
OPERATORS = {Metric.COSINE: ("halfvec_ip_ops", "<#>"), Metric.EUCLIDEAN: ("halfvec_l2_ops", "<->")}


class PgvectorStore:
    """One table `gallery_vectors_<id>`: a projection, so no migration makes it and dropping it loses nothing."""

    def __init__(self, gallery_id: UUID, *, metric: Metric, dimension: int) -> None:
        self._table = sql.Identifier(SCHEMA, f"gallery_vectors_{gallery_id.hex}")
        self._index = sql.Identifier(f"gallery_hnsw_{gallery_id.hex}")
        self._dimension = dimension
        self._operators, self._operator = OPERATORS[metric]

    def prepare(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            # the one place where the application's account may make tables
            cursor.execute("SELECT to_regnamespace(%s)", [SCHEMA])
            if cursor.fetchone()[0] is None:
                cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            cursor.execute(
                sql.SQL(
                    "CREATE TABLE IF NOT EXISTS {} (member_id uuid PRIMARY KEY, valid_from bigint NOT NULL, "
                    "valid_until bigint NOT NULL, vector halfvec({}) NOT NULL)"
                ).format(self._table, sql.Literal(self._dimension))
            )
            cursor.execute(
                sql.SQL(
                    "CREATE INDEX IF NOT EXISTS {} ON {} USING hnsw (vector {}) WITH (m = {}, ef_construction = {})"
                ).format(
                    self._index,
                    self._table,
                    sql.SQL(self._operators),
                    sql.Literal(NEIGHBOURS),
                    sql.Literal(BUILD_LIST),
                )
            )

    def discard(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self._table))

    def put(self, records: Records) -> None:
        self.drop([id_of_halves(member) for member in records["member"]])
        statement = sql.SQL("COPY {} (member_id, valid_from, valid_until, vector) FROM STDIN").format(
            self._table
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copied:
            for record in records:
                copied.write_row(
                    (
                        str(id_of_halves(record["member"])),
                        int(record["valid_from"]),
                        int(record["valid_until"]),
                        HalfVector(record["vector"].astype(np.float16)).to_text(),
                    )
                )

    def drop(self, members: list[UUID]) -> None:
        if members:
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("DELETE FROM {} WHERE member_id = ANY(%s)").format(self._table), (members,)
                )

    def nearest(self, probe: Vector, *, count: int, at: datetime) -> list[UUID]:
        statement = sql.SQL(
            "SELECT member_id FROM {} WHERE valid_from <= %s AND valid_until > %s "
            "ORDER BY vector {} %s::halfvec LIMIT %s"
        ).format(self._table, sql.SQL(self._operator))
        at_us = to_microseconds(at)
        wanted = HalfVector(np.asarray(probe, np.float16)).to_text()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SET LOCAL hnsw.ef_search = {}").format(sql.Literal(min(SEARCH_LIST_MOST, 2 * count)))
            )
            # what the validity leaves out is made up for by searching on
            cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            cursor.execute(statement, (at_us, at_us, wanted, count))
            return to_ids(row[0] for row in cursor.fetchall())


class PgvectorBackend(SharedBackend):
    """In the system's own database; needs the extension pgvector 0.8 or later there."""

    name = "pgvector"

    def make_store(self, gallery: Gallery, *, metric: Metric, dimension: int) -> PgvectorStore:
        return PgvectorStore(gallery.id, metric=metric, dimension=dimension)
