"""The second line of defence: a look is made as a database role that sees no row out of the person's reach, whatever the query.

The role owns nothing, is no superuser, cannot change evidence, and reads by the policies of migration 0010. Acts (writes) are
done by services, which look across posts by design (a stay ends at another post than it began), and keep the process's own role.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg import sql

from audit.core.actor import Actor

LOOKING = ("GET", "HEAD")


def guard(*, actor: Actor) -> None:
    """Let this connection read as far as the actor reaches, and no farther, until `release`. Off by setting ROW_GUARD."""
    if settings.ROW_GUARD and not actor.everywhere:
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


def release() -> None:
    """Give the connection back its own role and reach. Safe to call when nothing was guarded."""
    if getattr(connection, "bmis_guarded", False):
        connection.bmis_guarded = False
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
                cursor.execute(
                    "SELECT set_config('bmis.scope', 'all', false), set_config('bmis.ports', '', false),"
                    " set_config('bmis.roles', '', false), set_config('bmis.countries', '', false)"
                )


@contextmanager
def guarded(*, actor: Actor) -> Iterator[None]:
    """Read as far as the actor reaches within the block."""
    guard(actor=actor)
    try:
        yield
    finally:
        release()


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


def grant_reader_role() -> None:
    """Make the role and give it what the application needs: nothing of evidence but to add to it. Run after every migration.

    Where the migrating account may make no roles, an administrator of the server has made this one before
    (docs/access.md); where it is missing altogether, the guard stays off and `manage.py check --deploy` says so.
    """
    name = settings.DATABASE_READER_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
        may_make = cursor.fetchone()[0]
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is None:
            if not may_make:
                return
            make = sql.SQL(
                "CREATE ROLE {} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION"
            )
            cursor.execute(make.format(sql.Identifier(name)))
        role = sql.Identifier(name)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}",
        ):
            cursor.execute(sql.SQL(statement).format(role=role))
        # a partition read by its own name would be read past the policy of the whole
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        for (partition,) in cursor.fetchall():
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(partition), role))
        for table in append_only_tables():
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}").format(
                    table=sql.Identifier(table), role=role
                )
            )
