"""A new master key without a stop: it wraps what is new at once, data keys follow in batches, then the old one goes."""

from collections.abc import Callable
from datetime import datetime

from audit.core.actor import Actor
from audit.services import record
from biometrics.services.keys.master import MasterKeyError, add_master_key, remove_master_key
from biometrics.services.keys.store import count_by_master_key, count_slots, rewrap

BATCH = 2048

Progress = Callable[[int, int], None]


def begin_rotation(*, actor: Actor, at: datetime) -> str:
    """Make a new active master key; return its id. Running processes see it with the next key they make."""
    key_id = add_master_key().hex()
    record(actor=actor, at=at, action="master_key.added", object_type="master_key", object_id=key_id)
    return key_id


def rewrap_all(*, actor: Actor, at: datetime, progress: Progress) -> tuple[int, int]:
    """Bring every data key under the active master key; return how many were and how many cannot be opened.

    Safe to be stopped and begun again: what is under the active key is passed over. progress: slots done, slots in all.
    """
    done = failed = first = 0
    while first < (total := count_slots()):
        rewrapped, refused = rewrap(first=first, count=BATCH)
        done, failed, first = done + rewrapped, failed + refused, first + BATCH
        progress(min(first, total), total)
    record(
        actor=actor,
        at=at,
        action="data_keys.rewrapped",
        object_type="master_key",
        object_id="",
        detail={"count": done, "failed": failed},
    )
    return done, failed


def retire_master_key(*, actor: Actor, at: datetime, key_id: str) -> None:
    """Take a master key out of the file, if no data key needs it.

    Raises MasterKeyError: master_key_unknown, master_key_active, master_key_in_use.
    """
    try:
        octets = bytes.fromhex(key_id)
    except ValueError:
        raise MasterKeyError("master_key_unknown") from None
    if count_by_master_key().get(key_id.lower(), 0):
        raise MasterKeyError("master_key_in_use")
    remove_master_key(octets)
    record(
        actor=actor, at=at, action="master_key.retired", object_type="master_key", object_id=key_id.lower()
    )
