"""Cursors for the statements of every screening: planned once a connection instead of at every traveller."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor

from audit.queries.direct import direct_cursor


def prepared_cursor() -> Any:
    """Return a cursor of Django's connection that sends values apart from the statement.

    A statement sent so becomes a prepared one after a few times, where the connection allows it (DATABASE_PREPARE_AFTER);
    otherwise it is planned each time, with the same result. Errors, transactions and logs are those of Django's cursors.
    """
    if connection.queries_logged:
        return connection.cursor()  # only so does Django log what was sent
    direct = direct_cursor(connections[DEFAULT_DB_ALIAS])
    if direct is not None:
        return direct
    connection.ensure_connection()
    return connection.make_cursor(ServerBindingCursor(connection.connection))
