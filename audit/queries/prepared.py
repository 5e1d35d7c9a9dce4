"""Statements that are sent all day long: built once a thread, and planned once a connection.

Django builds the text of a query anew each time, and puts the values into it, so that PostgreSQL plans it each time too. At
a booth's request that is most of the work. Here a query keeps its text, and values travel apart from it.
"""

import contextlib
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from psycopg.types.json import Jsonb

from audit.queries.direct import direct_cursor

ASK_AFTER_S = 1.0
Row = TypeVar("Row", bound=Model)
# the connection of the block that prepares statements; None outside
_WITHIN: ContextVar[Any] = ContextVar("prepared_statements", default=None)


@contextlib.contextmanager
def prepared_statements() -> Iterator[None]:
    """Send what this thread asks of the database with its values apart from the statements.

    Such a statement becomes a prepared one after a few times, where the connection allows it (DATABASE_PREPARE_AFTER). Not for
    the lists of the desk: a plan that serves every filter serves none well. Errors, transactions and logs stay Django's.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    # only with the values in their places does Django log what was sent
    if _WITHIN.get() is not None or wrapper.queries_logged:
        yield
        return
    now = time.monotonic()
    # whether the connection still lives costs a statement: not asked of one that answered just now
    if wrapper.connection is not None and now - getattr(wrapper, "answered_at", -math.inf) < ASK_AFTER_S:
        wrapper.health_check_done = True
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    wrapper.answered_at = now
    raw = wrapper.connection
    before, raw.cursor_factory = raw.cursor_factory, ServerBindingCursor
    token = _WITHIN.set(wrapper)
    try:
        yield
    finally:
        _WITHIN.reset(token)
        raw.cursor_factory = before


def path_cursor() -> Any:
    """Return what sends the statements of a path: straight to the server within prepared_statements, else Django's cursor."""
    wrapper = _WITHIN.get()
    return (None if wrapper is None else direct_cursor(wrapper)) or connection.cursor()


class PreparedQuery(Generic[Row]):
    """A query of the ORM with named values left open: `build` is called once a thread, with stand-ins for the values.

    stand_ins: name -> UUID, str or datetime. Related objects by select_related and annotations are as Django's; nothing
    is prefetched, and a lock belongs into a transaction.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], **stand_ins: type):
        self.build, self.stand_ins = build, stand_ins
        self._local = threading.local()

    def all(self, **values: Any) -> list[Row]:
        """Return the rows for these values."""
        if not hasattr(self._local, "plan"):
            self._local.plan = _Plan(self.build, self.stand_ins)
        rows: list[Row] = self._local.plan.run(values)
        return rows

    def first(self, **values: Any) -> Row | None:
        """Return the first row, None of none."""
        return next(iter(self.all(**values)), None)


class PreparedUpdate(Generic[Row]):
    """A conditional update of the ORM with named values left open, as PreparedQuery.

    `build` returns the rows to change and the changes, column to value. A list stands in for a column of JSON.
    """

    def __init__(self, build: Callable[..., tuple[QuerySet[Row], dict[str, Any]]], **stand_ins: type):
        self.build, self.stand_ins = build, stand_ins
        self._local = threading.local()

    def run(self, **values: Any) -> int:
        """Change the rows; return how many there were."""
        if not hasattr(self._local, "text"):
            given = {name: _make_stand_in(kind) for name, kind in self.stand_ins.items()}
            rows, changes = self.build(**given)
            query = rows.query.chain(UpdateQuery)
            query.add_update_values(changes)
            statement, constants = query.get_compiler(connection=connection).as_sql()
            self._local.text = statement, _find_stand_ins(constants, given)
        statement, places = self._local.text
        with path_cursor() as cursor:
            cursor.execute(
                statement, [constant if name is None else _adapt(values[name]) for name, constant in places]
            )
            return int(cursor.rowcount)


def _find_stand_ins(constants: Sequence[Any], given: dict[str, Any]) -> list[tuple[str | None, Any]]:
    """Return for each value of a statement the name that it stands in for, or None and the constant."""
    names = {_mark_of(value): name for name, value in given.items()}
    places = [(names.get(_mark_of(value)), value) for value in constants]
    if set(names.values()) != {name for name, _ in places if name is not None}:
        raise ValueError("a value does not stand in the statement")
    return places


def _adapt(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, list) else value


def _mark_of(value: Any) -> Any:
    """Return what tells a stand-in from constants; None of what cannot be one."""
    if isinstance(value, Jsonb):
        value = value.obj
    if isinstance(value, list):
        return repr(value)
    return value if isinstance(value, (uuid.UUID, str, datetime)) else None


class _Plan:
    """The text of one query, where its values stand, and how its rows become objects."""

    def __init__(self, build: Callable[..., QuerySet[Any]], stand_ins: dict[str, type]):
        given = {name: _make_stand_in(kind) for name, kind in stand_ins.items()}
        compiler = build(**given).query.get_compiler(connection=connection)
        self.statement, values = compiler.as_sql()
        self.values = _find_stand_ins(values, given)
        self.converters = compiler.get_converters(
            [column for column, _, _ in compiler.select[: compiler.col_count]]
        )
        self.compiler = compiler
        klass = compiler.klass_info
        fields = klass["select_fields"]
        self.model, self.start, self.end = klass["model"], fields[0], fields[-1] + 1
        self.names = [column[0].target.attname for column in compiler.select[self.start : self.end]]
        self.populators = get_related_populators(klass, compiler.select, compiler.using)
        self.annotations = compiler.annotation_col_map or {}

    def run(self, given: dict[str, Any]) -> list[Any]:
        values = [constant if name is None else given[name] for name, constant in self.values]
        with path_cursor() as cursor:
            cursor.execute(self.statement, values)
            rows = cursor.fetchall()
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        return [self.make(row) for row in rows]

    def make(self, row: Any) -> Any:
        made = self.model.from_db("default", self.names, row[self.start : self.end])
        for populator in self.populators:
            populator.populate(row, made)
        for name, column in self.annotations.items():
            setattr(made, name, row[column])
        return made


def _make_stand_in(kind: type) -> Any:
    """Return a value that stands nowhere in a query by chance."""
    if kind is uuid.UUID:
        return uuid.uuid4()
    if kind is datetime:
        return datetime(1000, 1, 1, tzinfo=UTC) + timedelta(microseconds=uuid.uuid4().int % 10**15)
    if kind is str:
        return uuid.uuid4().hex
    if kind is list:
        return [uuid.uuid4().hex]
    raise TypeError(f"no stand-in for {kind.__name__}")
