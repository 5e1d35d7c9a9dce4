"""Lend each request a connection to the database, the one used latest first.

Django gives each thread its own. A web server has many threads, so that there is always one to say no, and whichever is free
takes the next request: each connection then learns anew what the others know, the plans of some sixty statements above all.
Here a process has as many connections as it has requests at work or asleep at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

_IDLE: list[Any] = []


@contextmanager
def lent_connection() -> Iterator[None]:
    """Let this thread work on a connection of the process within the block; off by setting SHARE_CONNECTIONS."""
    if not settings.SHARE_CONNECTIONS:
        yield
        return
    lent = _take()
    before = [each for each in connections.all(initialized_only=True) if each.alias == DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = lent
    try:
        # too old, or of a request that failed on it: a new one
        lent.close_if_unusable_or_obsolete()
        yield
    finally:
        if before:
            connections[DEFAULT_DB_ALIAS] = before[0]
        else:
            del connections[DEFAULT_DB_ALIAS]
        _give_back(lent)


def _take() -> Any:
    try:
        return _IDLE.pop()
    except IndexError:
        made = connections.create_connection(DEFAULT_DB_ALIAS)
        made.inc_thread_sharing()
        return made


def _give_back(lent: Any) -> None:
    # what a request should have ended must not be found by the next one: a transaction, a narrowed role
    if lent.in_atomic_block or getattr(lent, "bmis_guarded", False):
        lent.close()
        return
    _IDLE.append(lent)
