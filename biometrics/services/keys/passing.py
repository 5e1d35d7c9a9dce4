"""Seal what stays for minutes only: under a random key of the day, which lies beside the key store and is destroyed the next day.

What was sealed lives on in the database's log and backups for longer; its key is in neither, and in no backup at all.
"""

import fcntl
import os
import secrets
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from biometrics.core.envelope import (
    KEY_BYTES,
    NONCE_BYTES,
    SLOT_BYTES,
    SealBroken,
    Slot,
    SlotDamaged,
    destroyed_slot,
    read_slot,
    unwrap_key,
    wrap_key,
)
from biometrics.services.keys.master import master_keys

DAY_BYTES = 4
# today's and yesterday's, for what was sealed before midnight
SLOTS = 2


def seal_in_passing(content: bytes, *, item: UUID, at: datetime) -> bytes:
    """Return content sealed for the row `item`: day 4 | nonce 12 | ciphertext and tag. Raises MasterKeyError."""
    day = at.date()
    nonce = secrets.token_bytes(NONCE_BYTES)
    named = day.toordinal().to_bytes(DAY_BYTES)
    return named + nonce + AESGCM(_make_key(day)).encrypt(nonce, content, item.bytes)


def open_in_passing(sealed: bytes, *, item: UUID) -> bytes:
    """Return what was sealed. Raises SealBroken, also when its day's key is destroyed; MasterKeyError."""
    named, nonce, rest = (
        sealed[:DAY_BYTES],
        sealed[DAY_BYTES:][:NONCE_BYTES],
        sealed[DAY_BYTES + NONCE_BYTES :],
    )
    key = _read_key(int.from_bytes(named)) if len(nonce) == NONCE_BYTES else None
    if key is None:
        raise SealBroken("sealed under no key that is known")
    try:
        return AESGCM(key).decrypt(nonce, rest, item.bytes)
    except InvalidTag:
        raise SealBroken("changed, or of something else") from None


def destroy_passing_keys(*, before: date) -> int:
    """Overwrite the keys of days before this one; return how many. Safe to run at any time, and cheap."""
    if not _path().exists():
        return 0
    old = [slot for slot in range(SLOTS) if (day := _day_in(slot)) is not None and day < before.toordinal()]
    if not old:
        return 0
    file = os.open(_path(), os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        for slot in old:
            if (day := _day_in(slot)) is not None and day < before.toordinal():
                os.pwrite(file, destroyed_slot(UUID(int=day)), slot * SLOT_BYTES)
        os.fsync(file)
    finally:
        os.close(file)
    return len(old)


def _path() -> Path:
    store = Path(settings.KEY_STORE_FILE)
    return store.with_name(f"{store.name}.day")


def _make_key(day: date) -> bytes:
    number = day.toordinal()
    if (key := _read_key(number)) is not None:
        return key
    _path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if (key := _read_key(number)) is not None:  # another process was first
            return key
        key = secrets.token_bytes(KEY_BYTES)
        octets = wrap_key(
            key,
            master=master_keys().active,
            nonce=secrets.token_bytes(NONCE_BYTES),
            subject=UUID(int=number),
        )
        # in the place of the one of two days ago
        os.pwrite(file, octets, number % SLOTS * SLOT_BYTES)
        os.fdatasync(file)
    finally:
        os.close(file)
    return key


def _read_key(number: int) -> bytes | None:
    found = _slot(number % SLOTS)
    if found is None or found.is_destroyed or found.subject.int != number:
        return None
    master = master_keys().by_id.get(found.master_key_id)
    try:
        return unwrap_key(found, master=master) if master is not None else None
    except SealBroken:
        return None


def _day_in(slot: int) -> int | None:
    found = _slot(slot)
    return None if found is None or found.is_destroyed else found.subject.int


def _slot(slot: int) -> Slot | None:
    try:
        with _path().open("rb") as file:
            return read_slot(os.pread(file.fileno(), SLOT_BYTES, slot * SLOT_BYTES))
    except (FileNotFoundError, SlotDamaged):
        return None
