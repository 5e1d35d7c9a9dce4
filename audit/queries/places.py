"""Which objects lie at which ports of entry. Posts stand above this package, and say it when they start (place_objects)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

_PLACED: dict[str, Callable[[frozenset[UUID]], QuerySet[Any]]] = {}


def place_objects(object_type: str, at_ports: Callable[[frozenset[UUID]], QuerySet[Any]]) -> None:
    """Say which objects of a kind lie at given ports of entry: rows with an id."""
    _PLACED[object_type] = at_ports


def objects_at(object_type: str, ports: frozenset[UUID]) -> QuerySet[Any]:
    """Return the objects of a kind that lie at some ports of entry. Raises KeyError for a kind of which nobody has said it."""
    return _PLACED[object_type](ports)
