"""Fill a database with years of crossings by SQL alone: people, documents, parties, crossings, stays, manifests.

Ids of rows that come with time are ordered by it, as UUIDv7 are, and indexes are built once the rows are there: ten million
crossings are written in minutes, and lie as they would after years.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.core.management import call_command
from django.db import connection
from rich.console import Console

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MONTHS, PORTS, EACH, FLIGHTS, SEATS = 24, 60, 7, 120, 180

NEUTRAL = {
    "character varying": "''",
    "text": "''",
    "jsonb": "'[]'",
    "boolean": "false",
    "smallint": "0",
    "integer": "0",
    "bigint": "0",
    "double precision": "0",
    "timestamp with time zone": "now()",
    "bytea": "''",
}
# no stricter than what they call, so that the planner puts them in line
FUNCTIONS = """
CREATE OR REPLACE FUNCTION made_id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT md5(kind::text || ':' || n::text)::uuid $$;
CREATE OR REPLACE FUNCTION timed_id(t timestamptz, seed text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT overlay(md5(seed) PLACING lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') FROM 1 FOR 12)::uuid $$;
"""
POSTS = """
CREATE TEMP TABLE post AS SELECT row_number() OVER (ORDER BY p.code) - 1 AS n, p.id AS port_id, b.id AS booth_id,
  (SELECT id FROM borders_officer) AS officer_id FROM borders_portofentry p JOIN borders_booth b ON b.port_id = p.id;
"""
# ids are made from the number, so that rows find one another without a join of millions
PEOPLE = """
INSERT INTO travelers_traveler (id, primary_identifier, secondary_identifier, birth_date, birth_date_raw, sex,
  nationality, created_at)
SELECT made_id(1, i), 'SURNAME' || (hashint8(i) % 40000), 'GIVEN' || (hashint8(i * 7) % 3000),
  date '2024-01-01' - (abs(hashint8(i * 3)) % 30000), '', 'F', 'FRA', timestamptz '2024-11-20'
FROM generate_series(1, {people}) i;
INSERT INTO travelers_traveldocument (id, traveler_id, document_code, issuing_state, document_number, expiry_date, created_at)
SELECT made_id(2, i), made_id(1, i), 'P', 'FRA', 'N' || lpad(i::text, 9, '0'), date '2030-01-01',
  timestamptz '{at}' - (abs(hashint8(i * 11)) % 700) * interval '1 day'
FROM generate_series(1, {people}) i;
INSERT INTO borders_travelparty (id, port_id, reference, opened_at)
SELECT made_id(3, i), (SELECT port_id FROM post WHERE n = i % {ports}), 'party-' || i, timestamptz '2025-01-01'
FROM generate_series(1, {people} / 10) i;
"""
# a quarter of all is at the first port
# crossing k belongs to traveller k % people; every tenth hundredth traveller is a commuter with ten times as many
CROSSINGS = """
INSERT INTO borders_crossing (id, occurred_at, received_at, direction, transport_mode, conveyance, purpose_of_travel,
  address_of_stay, port_id, booth_id, officer_id, inspection_id, traveler_id, document_id, party_id)
SELECT timed_id(t, '4:' || k), t, t, CASE WHEN (k / {people}) % 2 = 0 THEN 'ENTRY' ELSE 'EXIT' END, 'AIR',
  'UA' || abs(hashint8(k)) % 900, '', '', post.port_id, post.booth_id, post.officer_id, timed_id(t, '5:' || k), made_id(1, who),
  made_id(2, who), CASE WHEN who % 5 = 0 THEN made_id(3, 1 + (who / 5) % ({people} / 10)) END
FROM (SELECT k, CASE WHEN hashint8(k) % 50 = 0 THEN 1 + (k % {people}) % ({people} / 500) ELSE 1 + k % {people} END AS who,
  timestamptz '{at}' - (({all} - k)::float8 / {all} * {days}) * interval '1 day'
    - (abs(hashint8(k * 13)) % 86400) * interval '1 second' AS t,
  CASE WHEN abs(hashint8(k * 19)) % 4 = 0 THEN 0 ELSE abs(hashint8(k * 17)) % {ports} END AS n
  FROM generate_series({first}::bigint, {last}::bigint) k) c
JOIN post ON post.n = c.n;
"""
STAYS = """
INSERT INTO borders_stay (id, traveler_id, country_code, entry_id, entered_at, entry_port_id, anomaly, allowed_until)
SELECT gen_random_uuid(), made_id(1, i), 'UTO', made_id(6, i), timestamptz '{at}' - interval '20 days',
  (SELECT port_id FROM post WHERE n = 0), '', date '{at}' + 60
FROM generate_series(1, {people}, 4) i;
INSERT INTO borders_advancepassengermanifest (id, conveyance, port_id, direction, scheduled_at, carrier, sha256,
  received_at, passenger_count)
SELECT made_id(7, f), 'UA' || (300 + f), (SELECT port_id FROM post WHERE n = 0), 'EXIT',
  timestamptz '{at}' + f * interval '7 minutes', '', '', timestamptz '{at}', {seats}
FROM generate_series(1, {flights}) f;
INSERT INTO borders_manifestpassenger (id, manifest_id, document_number, issuing_state, primary_identifier,
  secondary_identifier, birth_date, nationality, sex, booking_reference)
SELECT gen_random_uuid(), made_id(7, f), 'N' || lpad((abs(hashint8(f * 1000 + s)) % {people})::text, 9, '0'), 'FRA',
  'SURNAME', '',
  date '2000-01-01' - s * 50, 'FRA', '', 'B' || s / 3 FROM generate_series(1, {flights}) f, generate_series(1, {seats}) s;
"""
CHUNK = 1_000_000
PEOPLE_TABLES = ("travelers_traveler", "travelers_traveldocument")


def fill(*, crossings: int, console: Console) -> float:
    """Make the tables and rows; return the seconds. A database that holds as many crossings already stays as it is."""
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    if count() >= crossings:
        return 0.0
    people = max(1000, crossings // EACH // 500 * 500)
    values = {
        "ports": PORTS, "people": people, "at": AT.isoformat(), "all": crossings, "days": MONTHS * 30,
        "flights": FLIGHTS, "seats": SEATS,
    }  # fmt: skip
    with connection.cursor() as cursor:
        # rows are right by making: foreign keys and append-only triggers rest while they are written
        cursor.execute(
            "SET session_replication_role = replica; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'"
        )
        _make_partitions(cursor)
        cursor.execute(FUNCTIONS)
        _make_posts(cursor)
        with indexes_later(cursor, PEOPLE_TABLES, console):
            cursor.execute(PEOPLE.format(**values))
            console.print(f"{people:,} travellers, {time.perf_counter() - begun:.0f} s")
        with indexes_later(cursor, ("borders_crossing",), console):
            for first in range(1, crossings + 1, CHUNK):
                last = min(first + CHUNK - 1, crossings)
                cursor.execute(CROSSINGS.format(**values, first=first, last=last))
                console.print(f"{last:,} crossings, {time.perf_counter() - begun:.0f} s")
        cursor.execute(STAYS.format(**values))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return time.perf_counter() - begun


def insert(cursor: Any, table: str, values: Mapping[str, str], source: str = "") -> None:
    """Insert rows; columns that must hold something and are not named get a neutral value. values: column to SQL expression."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    )
    filled = {name: NEUTRAL[kind] for name, kind in cursor.fetchall() if name not in values} | dict(values)
    cursor.execute(f"INSERT INTO {table} ({', '.join(filled)}) SELECT {', '.join(filled.values())} {source}")


def _make_posts(cursor: Any) -> None:
    """One country, its ports with a booth each, and an officer."""
    insert(cursor, "borders_country", {"code": "'UTO'", "name": "'Utopia'", "default_stay_days": "90"})
    port = {
        "id": "gen_random_uuid()", "country_id": "'UTO'", "code": "'UT' || lpad(i::text, 3, '0')",
        "name": "'Port ' || i", "kind": "'AIR'", "latitude": "50 + i % 20", "longitude": "i % 40",
    }  # fmt: skip
    insert(cursor, "borders_portofentry", port, f"FROM generate_series(0, {PORTS} - 1) i")
    booth = {"id": "gen_random_uuid()", "port_id": "id", "code": "'A1'", "active": "true"}
    insert(cursor, "borders_booth", booth, "FROM borders_portofentry")
    user = {"id": "1", "username": "'bench'", "password": "'!'", "is_active": "true"}
    insert(cursor, "auth_user", user)
    insert(cursor, "borders_officer", {"id": "gen_random_uuid()", "user_id": "1", "badge_number": "'B-1'"})
    cursor.execute(POSTS)


def _make_partitions(cursor: Any) -> None:
    months = [(AT.year * 12 + AT.month - 1 - back) for back in range(MONTHS + 1, -3, -1)]
    for month in months:
        start, end = (f"{m // 12}-{m % 12 + 1:02d}-01" for m in (month, month + 1))
        name = f"borders_crossing_{start[:4]}_{start[5:7]}"
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF borders_crossing FOR VALUES FROM ('{start}') TO ('{end}')"
        )


@contextmanager
def indexes_later(cursor: Any, tables: tuple[str, ...], console: Console) -> Iterator[None]:
    """Take away the indexes of tables, all but their primary keys, and build them when the rows are there: far faster."""
    begun = time.perf_counter()
    cursor.execute(
        "SELECT con.conname, con.conrelid::regclass::text, pg_get_constraintdef(con.oid) FROM pg_constraint con"
        " WHERE con.conrelid::regclass::text = ANY(%s) AND con.contype = 'u'",
        [list(tables)],
    )
    constraints = cursor.fetchall()
    for name, table, _ in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    written = time.perf_counter()
    for _, definition in indexes:
        # written ON ONLY, they would be made for no partition
        cursor.execute(definition.replace(" ON ONLY ", " ON "))
    for name, table, definition in constraints:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    now = time.perf_counter()
    console.print(
        f"  {', '.join(tables)}: {written - begun:.0f} s, then {len(indexes) + len(constraints)} indexes in"
        f" {now - written:.0f} s"
    )


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM borders_crossing")
        return int(cursor.fetchone()[0])


def sample_travelers(rng: np.random.Generator, wanted: int) -> list[UUID]:
    """Return documents at random; one in ten belongs to a commuter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM travelers_traveler")
        people = int(cursor.fetchone()[0])
        ordinary = rng.integers(1, people + 1, wanted - wanted // 10)
        commuters = rng.integers(1, max(2, people // 500), wanted // 10)
        numbers = [int(n) for n in (*ordinary, *commuters)]
        cursor.execute("SELECT made_id(2, n) FROM unnest(%s::bigint[]) n", [numbers])
        return [row[0] for row in cursor.fetchall()]


def print_plans(statements: list[str], console: Console) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            if statement.lstrip().upper().startswith("SELECT"):
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, SUMMARY ON) " + statement)
                console.print(statement[:160], markup=False)
                for (line,) in cursor.fetchall():
                    console.print("   " + line, markup=False)
