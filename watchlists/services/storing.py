"""Store what a screening leaves behind in one statement, planned once a connection: the same one whatever was found."""

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from watchlists.core.keys import KEY_VERSION
from watchlists.models import Hit, Screening
from watchlists.queries.prepared import prepared_cursor

_STORE = """
WITH screening AS (
    INSERT INTO watchlists_screening ({screening_columns}) VALUES ({screening_values})
), hits AS (
    INSERT INTO watchlists_hit ({hit_columns})
    SELECT {hit_columns} FROM json_to_recordset(%(hits)s::json) AS given ({hit_types})
), form AS (
    INSERT INTO watchlists_travelersearchform (screening_id, form, born, document_key, key_version, at)
    SELECT %(id)s::uuid, %(form)s, %(born)s, %(document)s::bigint, %(key_version)s, %(at)s
    WHERE %(remembered)s::boolean
)
INSERT INTO watchlists_travelerkey (key, screening_id, born)
SELECT key, %(id)s::uuid, %(born)s FROM unnest(%(keys)s::bigint[]) AS asked(key)
"""


def store_screening(*, screening: Screening, hits: Sequence[Hit], remembered: Mapping[str, Any]) -> None:
    """Insert a new screening, its hits, and its traveller for later entries. remembered: of travelers.remembered_of."""
    values: dict[str, Any] = {
        field.column: field.get_db_prep_save(field.pre_save(screening, True), connection)
        for field in Screening._meta.concrete_fields
    }
    kept = [
        {field.column: getattr(hit, field.attname) for field in Hit._meta.concrete_fields} for hit in hits
    ]
    values |= {"hits": json.dumps(kept, default=_as_text), **remembered, "key_version": KEY_VERSION}
    with prepared_cursor() as cursor:
        cursor.execute(_statement(), values)
    for row in (screening, *hits):
        row._state.adding, row._state.db = False, connection.alias


@functools.cache
def _statement() -> str:
    own, of_hits = Screening._meta.concrete_fields, Hit._meta.concrete_fields
    return _STORE.format(
        screening_columns=_names(own),
        screening_values=", ".join(f"%({field.column})s" for field in own),
        hit_columns=_names(of_hits),
        hit_types=", ".join(f'"{field.column}" {field.db_type(connection)}' for field in of_hits),
    )


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _as_text(value: object) -> str:
    if isinstance(value, (UUID, datetime)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be stored so")
