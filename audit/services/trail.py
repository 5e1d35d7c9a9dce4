"""Write the audit trail. Called inside the transaction of the act: if the row cannot be written, the act fails."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.models import AuditEntry, new_id
from audit.services.storing import store_rows

READ_IDS_KEPT = 200
_GATHERED: ContextVar[list[dict[str, Any]] | None] = ContextVar("gathered_audit_entries", default=None)


@contextmanager
def gathered_trail() -> Iterator[None]:
    """Write the rows of the acts within in one statement at the end, inside the transaction of these acts.

    An act that raises leaves none: put it around what a savepoint may undo, too. The rows are those that would have been
    written one by one, in their order.
    """
    outer, rows = _GATHERED.get(), list[dict[str, Any]]()
    token = _GATHERED.set(rows)
    try:
        yield
    finally:
        _GATHERED.reset(token)
    if outer is not None:
        outer.extend(rows)
    elif rows:
        store_rows(AuditEntry, rows)


@contextmanager
def one_act() -> Iterator[None]:
    """Do an act in a transaction with its trail gathered; an act within another joins it, without a savepoint of its own.

    So what is raised in the inner one must leave the outer one too: it undoes both.
    """
    with transaction.atomic(savepoint=_GATHERED.get() is None), gathered_trail():
        yield


def _write(**values: Any) -> None:
    gathered = _GATHERED.get()
    if gathered is None:
        AuditEntry.objects.create(**values)
    else:
        gathered.append({"id": new_id(), **values})


def record(
    *,
    actor: Actor,
    at: datetime,
    action: str,
    object_type: str,
    object_id: UUID | str | int,
    detail: Mapping[str, Any] | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Write one row for a change. action: "<object>.<past participle>", e.g. "inspection.opened". detail: ids and codes only.

    fields: names of those that were changed, where the act alone does not say it.
    """
    _write(
        kind=AuditEntry.Kind.WRITE,
        **_who(actor, at),
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        fields=sorted(fields),
        detail=dict(detail or {}),
    )


def record_read(
    *,
    actor: Actor,
    at: datetime,
    object_type: str,
    object_ids: Iterable[UUID | str | int],
    fields: Iterable[str],
    action: str = "read",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a row for a look at personal data: one object by its id, several as a list of ids in the detail.

    More than a row names are named by several, in one act: each says how many there are in all and which part it is.
    fields: names of those that were shown.
    """
    ids = [str(i) for i in object_ids]
    columns = sorted(fields)
    parts = [ids[start : start + READ_IDS_KEPT] for start in range(0, len(ids), READ_IDS_KEPT)] or [[]]
    with one_act() if len(parts) > 1 else nullcontext():
        for number, part in enumerate(parts, 1):
            kept: dict[str, Any] = dict(detail or {})
            if len(ids) != 1:
                kept |= {"count": len(ids), "ids": part}
            if len(parts) > 1:
                kept |= {"part": number, "parts": len(parts)}
            _write(
                kind=AuditEntry.Kind.READ,
                **_who(actor, at),
                action=f"{object_type}.{action}",
                object_type=object_type,
                object_id=ids[0] if len(ids) == 1 else "",
                fields=columns,
                detail=kept,
            )


def _who(actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": actor.user_id,
        "actor_label": actor.label,
        "roles": ",".join(sorted(actor.roles)),
        "purpose": actor.purpose,
        "origin": actor.origin,
        "port_id": actor.post_id,
    }
