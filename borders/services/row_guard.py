"""The second line of defence: a look is made as a database role that sees no row out of the person's reach, whatever the query.

The role owns nothing, is no superuser, cannot change evidence, and reads by the policies of migrations 0010, 0028 and 0029. Acts
(writes) of persons are done by services, which look across posts by design (a stay ends at another post than it began), and keep
the process's own role. A national system is guarded in all that it asks, acts too: what it may send looks at no record.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from psycopg import sql
from psycopg.pq import TransactionStatus

from audit.core.actor import Actor
from audit.core.sharing import Sharing

LOOKING = ("GET", "HEAD")
# every setting of the policies, as a process has it
WIDE = {
    "bmis.scope": "all",
    "bmis.ports": "",
    "bmis.roles": "",
    "bmis.countries": "",
    "bmis.shared_ports": "",
    "bmis.shared_since": "",
    "bmis.shared_state": "",
    "bmis.shared_nationals": "",
}
SET = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS given (name, value)"


def guard(*, actor: Actor) -> None:
    """Let this connection read as far as the actor reaches, and no farther, until `release`. Off by setting ROW_GUARD."""
    if settings.ROW_GUARD and actor.sharing is not None:
        _guard_system(actor, actor.sharing)
    elif settings.ROW_GUARD and not actor.everywhere:
        # in the browser a person may hold one role here and another there; each page narrows this further
        posts = actor.posts or {(port, role) for port in actor.port_ids for role in actor.roles}
        ports = sorted({str(port) for port, _ in posts} | {str(port) for port in actor.port_ids})
        roles = sorted({role for _, role in posts})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('bmis.scope', '', false), set_config('bmis.ports', %s, false),"
                " set_config('bmis.roles', %s, false), set_config('bmis.countries', coalesce((SELECT"
                " string_agg(DISTINCT country_id, ',') FROM borders_portofentry WHERE id = ANY (%s::uuid[])), ''), false),"
                " set_config('role', %s, false)",
                [",".join(ports), ",".join(roles), ports, settings.DATABASE_READER_ROLE],
            )
        connection.bmis_guarded = True


def _guard_system(actor: Actor, sharing: Sharing) -> None:
    """As `guard`, by the terms of a national system. Ports of persons and roles stay empty: policies that do not name what is
    shared show it nothing. Countries of its terms are in `port_ids`, port by port.
    """
    reach = WIDE | {
        "bmis.scope": "",
        "bmis.shared_ports": ",".join(sorted(map(str, actor.port_ids))),
        "bmis.shared_since": sharing.since.isoformat() if sharing.since is not None else "",
        "bmis.shared_state": sharing.state,
        "bmis.shared_nationals": "only" if sharing.nationals_only else "",
        "role": settings.DATABASE_READER_ROLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(SET, [list(reach), list(reach.values())])
    connection.bmis_guarded = True


def release() -> None:
    """Give the connection back its own role and reach. Safe to call when nothing was guarded."""
    if getattr(connection, "bmis_guarded", False):
        connection.bmis_guarded = False
        if connection.connection is not None and not connection.connection.closed:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("RESET ROLE")
                    cursor.execute(SET, [list(WIDE), list(WIDE.values())])
            except (DatabaseError, InterfaceError):
                # it answers no more: nobody is to find it as it is
                connection.close()


@contextmanager
def guarded(*, actor: Actor) -> Iterator[None]:
    """Read as far as the actor reaches within the block."""
    guard(actor=actor)
    try:
        yield
    finally:
        release()


@contextmanager
def past_guard() -> Iterator[None]:
    """Ask past the guard within the block what a rule must know and the person is not shown, such as: is somebody protected?"""
    if not getattr(connection, "bmis_guarded", False):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bmis.scope', 'all', false)")
        try:
            yield
        finally:
            # a transaction that failed takes the setting back itself
            failed = connection.connection.info.transaction_status == TransactionStatus.INERROR
            if not failed and not connection.needs_rollback:
                cursor.execute("SELECT set_config('bmis.scope', '', false)")


def append_only_tables() -> list[str]:
    """Return the tables whose rows stay as they were written, as their triggers say."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if any(
            isinstance(t, pgtrigger.Protect)
            and set(str(t.operation).replace(" OR ", "|").split("|")) >= {"UPDATE", "DELETE"}
            for t in getattr(model._meta, "triggers", ())
        )
    )


# as every account works: add to everything, change what is no evidence
WORKING = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
)
# what the triggers of the trail know of a transaction, and which rows they queued: theirs alone to write
TRIGGERS_OWN = (
    ("audit_writenote", "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"),
    ("audit_waitingentry", "REVOKE INSERT, UPDATE, TRUNCATE ON {table} FROM {role}"),
)


def grant_roles() -> None:
    """Give the roles of the application what they need: nothing of evidence but to add to it. Run after every migration.

    The reader sees no partition by its own name, past the policy of the whole; the eraser may change and remove evidence, but
    nothing of the audit trail. Where the migrating account may make no roles, an administrator of the server has made them
    before (docs/access.md); what is missing, `manage.py check --deploy` says.
    """
    reader, application, eraser = (
        settings.DATABASE_READER_ROLE,
        settings.DATABASE_APPLICATION_ROLE,
        settings.DATABASE_ERASER_ROLE,
    )
    with connection.cursor() as cursor:
        # migrated back, or not as far as the models are, some are not there
        there = set(connection.introspection.table_names(cursor))
        evidence = [table for table in append_only_tables() if table in there]
        trail = [table for table in evidence if table.startswith("audit_")]
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        partitions = [name for (name,) in cursor.fetchall()]
        present = _make_roles(cursor, (reader, application, eraser))
        for name in sorted(present):
            for statement in WORKING:
                _run(cursor, statement, name)
            for table in trail if name == eraser else evidence:
                _run(cursor, "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}", name, table)
            for table, statement in TRIGGERS_OWN:
                if table in there:
                    _run(cursor, statement, name, table)
            for table in partitions:
                _run(cursor, "REVOKE ALL ON {table} FROM {role}", name, table)
        if application in present:
            # the proof of an erasure looks through every table there is
            for table in partitions:
                _run(cursor, "GRANT SELECT ON {table} TO {role}", application, table)
            _run(
                cursor,
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
                application,
            )
            _run_function(cursor, "borders_make_partition(date)", application)
        for name in sorted(present & {reader, application}):
            _run_function(cursor, "borders_withheld(uuid,text)", name)
        if reader in present:
            _keep_for_looks(cursor, reader)


def _make_roles(cursor, names: tuple[str, ...]) -> set[str]:
    """Make the roles that are missing, where this account may; return those that are there."""
    cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    may_make = cursor.fetchone()[0]
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(names)])
    present = {name for (name,) in cursor.fetchall()}
    if may_make:
        for name in set(names) - present:
            make = "CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
            _run(cursor, make, name)
        return set(names)
    return present


def _keep_for_looks(cursor, reader: str) -> None:
    """Give the policies of what is shared with systems to the role of looks alone: others' statements need not carry them."""
    cursor.execute(
        "SELECT tablename FROM pg_policies WHERE policyname = 'bmis_shared' AND roles <> ARRAY[%s::name]",
        [reader],
    )
    for (table,) in cursor.fetchall():
        _run(cursor, "ALTER POLICY bmis_shared ON {table} TO {role}", reader, table)


def _run_function(cursor, function: str, role: str) -> None:
    """Let a role run a function; migrated back to before there was one, it is not there."""
    cursor.execute("SELECT to_regprocedure(%s)", [function])
    if cursor.fetchone()[0] is not None:
        _run(cursor, f"GRANT EXECUTE ON FUNCTION {function} TO {{role}}", role)


def _run(cursor, statement: str, role: str, table: str = "") -> None:
    cursor.execute(sql.SQL(statement).format(role=sql.Identifier(role), table=sql.Identifier(table or role)))
