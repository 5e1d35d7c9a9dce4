"""Store many rows of one table in one statement that is planned once: as one document, which the database takes apart.

Django's bulk_create prepares every value of every row by its field, and that is most of the work where an act stores some
seventy small rows. Here the caller gives every column, and the constraints of the table judge them.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models


def store_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column name; every column of the table, in every row alike. Raises ValueError for another set.

    Values: what JSON knows, UUIDs, dates and times. Columns of JSON take the value as it is.
    """
    if not rows:
        return
    statement, columns = _insert_of(model)
    for row in rows:
        if row.keys() != columns:
            raise ValueError(f"not the columns of {model._meta.db_table}: {sorted(row.keys() ^ columns)}")
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=_as_text)])


@functools.cache
def _insert_of(model: type[models.Model]) -> tuple[str, frozenset[str]]:
    fields = model._meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({names})'
        f" SELECT {names} FROM json_to_recordset(%s::json) AS given ({types})"
    )
    return statement, frozenset(field.column for field in fields)


def _as_text(value: object) -> str:
    if isinstance(value, (UUID, datetime, date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be stored so")
