"""System checks: the account that a production system works under may not do what its guards forbid."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError, connection

HINT = "Make the accounts of docs/access.md, give DATABASE_URL that of the application, and run migrate as the owner."
ASKED = """SELECT rolsuper OR rolbypassrls OR rolcreaterole,
 coalesce((SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class
  WHERE oid = to_regclass('audit_auditentry')), false),
 coalesce(has_table_privilege(to_regclass('audit_auditentry'), 'UPDATE, DELETE, TRUNCATE'), false),
 ARRAY (SELECT wanted FROM unnest(%s::text[]) wanted WHERE NOT EXISTS (
  SELECT FROM pg_roles r WHERE r.rolname = wanted AND pg_has_role(current_user, r.oid, 'MEMBER'))),
 coalesce(current_setting('bmis.scope', true), '') = 'all'
 FROM pg_roles WHERE rolname = current_user"""


def check_accounts(**_: Any) -> list[CheckMessage]:
    """Return what the account of DATABASE_URL may too much, and which roles it lacks. Nothing while the database is away."""
    wanted = [settings.DATABASE_READER_ROLE] if settings.ROW_GUARD else []
    try:
        with connection.cursor() as cursor:
            cursor.execute(ASKED, [[*wanted, settings.DATABASE_ERASER_ROLE]])
            powerful, owns, changes, missing, sees = cursor.fetchone()
    except DatabaseError:
        return []
    found: list[CheckMessage] = []
    if powerful:
        text = "The application works as a superuser, or past row-level security, or makes roles."
        found.append(Error(text, hint=HINT, id="borders.E001"))
    elif owns or changes:
        text = "The application's account owns the audit trail or may change it."
        found.append(Error(text, hint=HINT, id="borders.E002"))
    for name in missing:
        found.append(Error(f"The account is no member of the role {name}.", hint=HINT, id="borders.E003"))
    if not sees:
        text = "Row-level security hides every row: bmis.scope did not reach the session, most likely because of a pooler."
        found.append(Error(text, hint="ALTER ROLE … IN DATABASE … SET, docs/access.md.", id="borders.E004"))
    return found
