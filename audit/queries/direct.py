"""Send a prepared statement straight to libpq: what stands between Django and it costs more than the statement.

A cursor of psycopg waits by Python code, builds its query anew and is made for each statement: four fifths of the time that a
short statement takes in a booth's request. Values and rows are adapted by the same psycopg, with the connection's adapters, and
errors, transactions and reconnects stay Django's.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from psycopg import Connection, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus

Values = Sequence[Any] | Mapping[str, Any]
_ENDED = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
# statements of the code are fewer; those of other kinds of values (a number of two or of four bytes, none) come on top
MOST_PREPARED = 400
_PLACE = re.compile(r"%(?:%|s|\((\w+)\)s)")


class DirectCursor:
    """The few methods of a cursor that the statements of a path need, on one connection of psycopg.

    It is used again and again; the rows of a statement are gone with the next one.
    """

    def __init__(self, wrapper: Any, raw: Connection[Any]):
        self.wrapper, self.raw = wrapper, raw
        self.rowcount = -1
        self._adapter = Transformer(raw)
        self._kept = raw._prepared
        raw.prepared_max = MOST_PREPARED
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rows = []

    def execute(self, statement: str, values: Values = ()) -> None:
        self.wrapper.validate_no_broken_transaction()
        with self.wrapper.wrap_database_errors:
            self._execute(statement, values)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row; not the next one, when asked again."""
        return self._rows[0] if self._rows else None

    def _execute(self, statement: str, values: Values) -> None:
        query, order = _convert(statement)
        given = values if order is None else [values[name] for name in order]  # type: ignore[call-overload]
        self.rowcount, self._rows = -1, []
        pgconn, adapter = self.raw.pgconn, self._adapter
        if not self.raw.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            _check(pgconn.exec_(b"BEGIN"))
        parameters, types, formats = [], (), []
        if given:
            parameters = adapter.dump_sequence(given, _formats(len(given)))
            types, formats = adapter.types or (), adapter.formats
        name = self._kept._names.get((query, types)) or self._prepare(query, types)
        if name is None:
            result = _check(pgconn.exec_params(query, parameters, types, formats))
        else:
            result = _check(pgconn.exec_prepared(name, parameters, formats))
        self.rowcount = -1 if result.command_tuples is None else result.command_tuples
        if result.status == ExecStatus.TUPLES_OK:
            adapter.set_pgresult(result)
            self._rows = adapter.load_rows(0, result.ntuples, tuple)
            adapter.set_pgresult(None)

    def _prepare(self, query: bytes, types: tuple[int, ...]) -> bytes | None:
        """Prepare a statement, among those of psycopg: it throws all of them away after a rollback, and then these too."""
        kept = self._kept
        if len(kept._names) >= MOST_PREPARED:
            return None
        name = b"_pg3_%d" % kept._prepared_idx
        kept._prepared_idx += 1
        _check(self.raw.pgconn.prepare(name, query, types))
        kept._names[query, types] = name
        return name


def direct_cursor(wrapper: Any) -> DirectCursor | None:
    """Return the direct cursor of a connection of Django; None where statements must go the usual way.

    That is where Django logs or wraps them, where a pooler hands on transactions, and where a transaction is not a plain one.
    """
    if wrapper.queries_logged or wrapper.execute_wrappers:
        return None
    if wrapper.connection is None:
        wrapper.ensure_connection()
    raw = wrapper.connection
    kept: DirectCursor | None = getattr(wrapper, "direct_cursor", None)
    if kept is not None and kept.raw is raw:
        return kept
    if raw.prepare_threshold is None or raw.isolation_level is not None or raw.read_only is not None:
        return None
    wrapper.direct_cursor = made = DirectCursor(wrapper, raw)
    return made


def _check(result: Any) -> Any:
    """Return a result that is none of an error; raises psycopg's error for it."""
    if result.status not in _ENDED:
        raise errors.error_from_result(result)
    return result


@functools.cache
def _formats(count: int) -> list[PyFormat]:
    return [PyFormat.AUTO] * count


@functools.lru_cache(maxsize=1000)
def _convert(statement: str) -> tuple[bytes, tuple[str, ...] | None]:
    """Return a statement with the places of PostgreSQL ($1), and the names of its values in their order; None: by position."""
    names: dict[str, int] = {}
    count = 0

    def place(match: re.Match[str]) -> str:
        nonlocal count
        if match[0] == "%%":
            return "%"
        name = match[1]
        if name is None:
            count += 1
            return f"${count}"
        return f"${names.setdefault(name, len(names) + 1)}"

    text = _PLACE.sub(place, statement)
    if names and count:
        raise ValueError("values by name and by position")
    return text.encode(), tuple(names) if names else None
