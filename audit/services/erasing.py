"""The database role in which evidence may be blanked or removed: for the statements of an erasure, and for nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def as_eraser() -> Iterator[None]:
    """Make the statements of the block as the eraser's role, within the caller's transaction.

    Where this account is no member of it (one account for everything), the block runs as it is. An error inside rolls the
    transaction back, and the role with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('role') FROM pg_roles WHERE rolname = %s AND pg_has_role(current_user, oid, 'MEMBER')",
            [settings.DATABASE_ERASER_ROLE],
        )
        found = cursor.fetchone()
        if found:
            cursor.execute("SELECT set_config('role', %s, true)", [settings.DATABASE_ERASER_ROLE])
    yield
    if found:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', %s, true)", [found[0]])
