"""What a line of the log may hold: ids, codes and durations. Never the text of an error, never an address with its query."""

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

FRAMES_KEPT = 12
# whose messages hold addresses or values that came from outside
TALKATIVE = ("django.request", "django.security", "django.server", "django.db", "granian.access")


def drop_error_texts(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its kinds and the places it came through.

    The database says in its errors what a row held, and a parser what it could not read: neither belongs in a log.
    """
    given = event.pop("exc_info", None)
    record = event.get("_record")
    if not given and record is not None:
        given, record.exc_info, record.exc_text = record.exc_info, None, None
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given if isinstance(given, BaseException) else None
    if error is not None:
        event["error"] = kinds_of(error)
        event["stack"] = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-FRAMES_KEPT:]
        ]
    return event


def kinds_of(error: BaseException) -> list[str]:
    """Return the names of an exception and of those behind it, outermost first."""
    kinds: list[str] = []
    at: BaseException | None = error
    while at is not None and len(kinds) < FRAMES_KEPT:
        kinds.append(type(at).__name__)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return kinds


def drop_foreign_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep of a talkative library's message only that it came, with the status where there is one."""
    record = event.get("_record")
    if record is not None and record.name.startswith(TALKATIVE):
        event["event"] = record.name
        status = getattr(record, "status_code", None)
        if status is not None:
            event["status"] = status
    return event
