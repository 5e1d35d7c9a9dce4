"""The accounts of the embedded database, as a State's own has them (docs/access.md): who owns, who works, who looks, who erases.

Made anew or brought up to date at each start, so that data of before there were accounts of their own are taken along.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

OWNER = "bmis_owner"  # owns every table; migrates, makes backups, prunes the trail
APPLICATION = "bmis_app"  # web, workers, sweep: owns nothing, changes no evidence
READER = "bmis_reader"  # what a look is made as, under row-level security
ERASER = "bmis_eraser"  # what the statements of an erasure are made as; cannot touch the trail either
GALLERY_SCHEMA = "bmis_galleries"  # tables of the pgvector gallery, which the application makes and drops

ATTRIBUTES = {
    OWNER: "LOGIN REPLICATION",
    # it holds what it was granted itself, and takes the others' rights by SET ROLE alone
    APPLICATION: "LOGIN NOINHERIT",
    READER: "NOLOGIN",
    ERASER: "NOLOGIN",
}
NO_MORE = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
EXTENSIONS = ("pg_trgm", "vector")
# what belongs to somebody else than the owner, without what came with an extension
FOREIGN_RELATIONS = """SELECT c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND pg_get_userbyid(c.relowner) <> %(owner)s
 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i'))"""
FOREIGN_ROUTINES = """SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
 AND pg_get_userbyid(p.proowner) <> %(owner)s
 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""


def settle_accounts(connection: psycopg.Connection, database: str) -> None:
    """Make the accounts, and give the database and all in it to its owner. connection: of a superuser, to that database."""
    names = {
        "owner": sql.Identifier(OWNER),
        "application": sql.Identifier(APPLICATION),
        "reader": sql.Identifier(READER),
        "eraser": sql.Identifier(ERASER),
        "database": sql.Identifier(database),
        "galleries": sql.Identifier(GALLERY_SCHEMA),
    }
    for name, attributes in ATTRIBUTES.items():
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
        verb = "ALTER" if known else "CREATE"
        connection.execute(sql.SQL(f"{verb} ROLE {{}} {NO_MORE} {attributes}").format(sql.Identifier(name)))
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    for statement in (
        "GRANT {reader}, {eraser} TO {application}",
        "ALTER DATABASE {database} OWNER TO {owner}",
        # as every process asks when it connects, and a pooler may not hand on; a look narrows it (borders/services/row_guard.py)
        "ALTER ROLE {application} IN DATABASE {database} SET bmis.scope = 'all'",
        "ALTER ROLE {application} IN DATABASE {database} SET plan_cache_mode = 'force_generic_plan'",
        "ALTER ROLE {owner} IN DATABASE {database} SET bmis.scope = 'all'",
        # a backup closes the segment of the log that it ended in
        "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {owner}",
        "CREATE SCHEMA IF NOT EXISTS {galleries}",
        "ALTER SCHEMA {galleries} OWNER TO {application}",
    ):
        connection.execute(sql.SQL(statement).format(**names))
    give_to_owner(connection)


def give_to_owner(connection: psycopg.Connection) -> None:
    """Give the owner what another account made, as the superuser did before there were accounts."""
    relations = connection.execute(FOREIGN_RELATIONS, {"owner": OWNER}).fetchall()
    for name, kind in relations:
        relation = sql.Identifier("public", name)
        if name.startswith("gallery_vectors_"):
            connection.execute(
                sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(relation, sql.Identifier(GALLERY_SCHEMA))
            )
            relation, owner = sql.Identifier(GALLERY_SCHEMA, name), APPLICATION
        else:
            owner = OWNER
        what = {"S": "SEQUENCE", "v": "VIEW", "m": "MATERIALIZED VIEW"}.get(kind, "TABLE")
        connection.execute(
            sql.SQL(f"ALTER {what} {{}} OWNER TO {{}}").format(relation, sql.Identifier(owner))
        )
    for (signature,) in connection.execute(FOREIGN_ROUTINES, {"owner": OWNER}).fetchall():
        # the signature is PostgreSQL's own quoting of it
        connection.execute(sql.SQL(f"ALTER ROUTINE {signature} OWNER TO {{}}").format(sql.Identifier(OWNER)))
