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

from audit.queries.prepared import path_cursor


def store(*rows: models.Model) -> None:
    """Insert new objects as save() would, all in one statement; nobody is told by a signal.

    They may refer to each other: that is checked at the end of the transaction.
    """
    statement, fields = _joint_insert_of(tuple(type(row) for row in rows))
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection)
        for row, own in zip(rows, fields, strict=True)
        for field in own
    ]
    with path_cursor() as cursor:
        cursor.execute(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def store_unless_known(row: models.Model, *, by: tuple[str, ...]) -> bool:
    """Insert a new object unless there is one with the same values in the fields `by`, which are unique; tell whether it was.

    Where another transaction is about to store the same, its end is waited for.
    """
    statement, own = _insert_unless_known(type(row), by)
    with path_cursor() as cursor:
        cursor.execute(
            statement, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in own]
        )
        is_stored = cursor.rowcount == 1
    if is_stored:
        row._state.adding, row._state.db = False, connection.alias
    return is_stored


@functools.cache
def _insert_unless_known(kind: type[models.Model], by: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    statement, (own,) = _joint_insert_of((kind,))
    columns = ", ".join(f'"{kind._meta.get_field(name).column}"' for name in by)
    return f"{statement} ON CONFLICT ({columns}) DO NOTHING", own


@functools.cache
def _joint_insert_of(kinds: tuple[type[models.Model], ...]) -> tuple[str, tuple[tuple[Any, ...], ...]]:
    fields = tuple(tuple(model._meta.concrete_fields) for model in kinds)
    inserts = []
    for model, own in zip(kinds, fields, strict=True):
        names = ", ".join(f'"{field.column}"' for field in own)
        places = ", ".join(["%s"] * len(own))
        inserts.append(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places})')
    before = ", ".join(f"one{number} AS ({insert})" for number, insert in enumerate(inserts[:-1]))
    return (f"WITH {before} " if before else "") + inserts[-1], fields


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
    with path_cursor() as cursor:
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
