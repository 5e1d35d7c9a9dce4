"""The key store: one file outside the database, a slot of 128 bytes for each subject's wrapped data key.

It lies outside so that a destroyed key is gone: pages of a table live on in base backups and the archived log, a slot is
overwritten where it lies, in the copies too. A slot is written once, rewrapped in place, destroyed once, and never used again.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from audit.services.backups import KEYS_COPY, copy_locked
from biometrics.core.envelope import (
    KEY_BYTES,
    NONCE_BYTES,
    SLOT_BYTES,
    SealBroken,
    Slot,
    SlotDamaged,
    destroyed_slot,
    master_key_id,
    read_slot,
    unwrap_key,
    wrap_key,
)
from biometrics.services.keys.master import master_keys

log = structlog.get_logger(__name__)

SLOTS_A_TIME = 4096
# what the backup calls its one copy of the store, in BACKUP_DIR
BACKUP_COPY = KEYS_COPY


class KeyDestroyed(LookupError):
    """The subject was erased: what its key sealed can never be read again."""

    code = "erased"


class KeyMissing(LookupError):
    """The key store and the database do not belong together, or the master key of this slot is not in the file."""

    code = "key_missing"


class KeysLeft(RuntimeError):
    """Keys that were to be destroyed are still in the store or in a copy of it."""

    code = "keys_left"


def write_new_key(*, subject: UUID) -> int:
    """Make a data key for a subject; return its slot, which is on disk."""
    octets = wrap_key(
        secrets.token_bytes(KEY_BYTES),
        master=master_keys().active,
        nonce=secrets.token_bytes(NONCE_BYTES),
        subject=subject,
    )
    with _open(Path(settings.KEY_STORE_FILE), make=True) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # a torn slot at the end belongs to nobody: its writer died before any row named it
        slot = -(-os.fstat(file).st_size // SLOT_BYTES)
        os.pwrite(file, octets, slot * SLOT_BYTES)
        fcntl.flock(file, fcntl.LOCK_UN)
        os.fdatasync(file)
    return slot


def read_key(slot: int, *, subject: UUID) -> bytes:
    """Return a data key, 32 bytes. Raises KeyDestroyed, KeyMissing."""
    found = _read(slot)
    if found.subject != subject:
        raise KeyMissing
    if found.is_destroyed:
        raise KeyDestroyed
    try:
        return unwrap_key(found, master=master_keys().by_id[found.master_key_id])
    except (KeyError, SealBroken):
        raise KeyMissing from None


def read_keys() -> "KeyReader":
    """Return a reader of many keys, which keeps the file open."""
    return KeyReader()


class KeyReader:
    """Reads data keys one after the other from one open file, for whole galleries."""

    def __init__(self) -> None:
        self._masters = master_keys().by_id
        self._file = -1

    def __enter__(self) -> "KeyReader":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)

    def read(self, slot: int, *, subject: UUID) -> bytes:
        """Return what `read_key` returns."""
        if self._file < 0:  # where nothing is sealed yet there is no store
            self._file = _open_to_read(Path(settings.KEY_STORE_FILE))
        found = _parse(os.pread(self._file, SLOT_BYTES, slot * SLOT_BYTES))
        if found.subject != subject:
            raise KeyMissing
        if found.is_destroyed:
            raise KeyDestroyed
        try:
            return unwrap_key(found, master=self._masters[found.master_key_id])
        except (KeyError, SealBroken):
            raise KeyMissing from None


def destroy_keys(slots: dict[int, UUID]) -> int:
    """Overwrite slots, here and in every copy at hand, and make that durable; return how many were still keys here.

    slots: slot to subject. A slot that is another subject's is left alone: the database was put back beside a newer store.
    Raises KeysLeft once every file was tried.
    """
    store = Path(settings.KEY_STORE_FILE)
    destroyed, failed = 0, 0
    for path in (store, *copies_named()) if slots else ():
        try:
            # a copy that this process may only read is brought level by whoever makes the next one
            if path != store and all(is_destroyed(slot, subject=s, path=path) for slot, s in slots.items()):
                continue
            count = _destroy_in(path, slots)
            destroyed += count if path == store else 0
        except OSError as failure:
            if path != store and isinstance(failure, (FileNotFoundError, NotADirectoryError)):
                continue
            failed += 1
            log.error("keys.left", file=str(path), errno=failure.errno)
    if failed:
        raise KeysLeft(f"{failed} file(s) of keys could not be written")
    return destroyed


def _destroy_in(path: Path, slots: dict[int, UUID]) -> int:
    destroyed = 0
    with _open(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for slot, subject in slots.items():
            with contextlib.suppress(KeyMissing):
                found = _parse(os.pread(file, SLOT_BYTES, slot * SLOT_BYTES))
                if found.subject == subject and not found.is_destroyed:
                    os.pwrite(file, destroyed_slot(subject), slot * SLOT_BYTES)
                    destroyed += 1
        os.fsync(file)
    return destroyed


def copies_named() -> list[Path]:
    """Return where copies of the store may lie: those of KEY_STORE_COPIES and the one of the backups."""
    copies = [*map(Path, settings.KEY_STORE_COPIES), Path(settings.BACKUP_DIR) / BACKUP_COPY]
    return list(dict.fromkeys(copies))


def copies_at_hand() -> list[Path]:
    """Return the copies of the store that can be reached."""
    return [path for path in copies_named() if path.is_file()]


def is_destroyed(slot: int, *, subject: UUID, path: Path | None = None) -> bool:
    """Tell whether a subject's key is gone from the store, or from a copy of it."""
    try:
        found = _read(slot, path)
    except KeyMissing:
        return True
    return found.is_destroyed or found.subject != subject


def count_by_master_key() -> dict[str, int]:
    """Return how many data keys each master key wraps, by its id in hexadecimal."""
    counts: dict[str, int] = {key_id.hex(): 0 for key_id in master_keys().by_id}
    for _, found in _all_slots():
        if found is not None and not found.is_destroyed:
            counts[found.master_key_id.hex()] = counts.get(found.master_key_id.hex(), 0) + 1
    return counts


def count_slots() -> int:
    """Return how many slots the store has."""
    path = Path(settings.KEY_STORE_FILE)
    return path.stat().st_size // SLOT_BYTES if path.exists() else 0


def rewrap(*, first: int, count: int) -> tuple[int, int]:
    """Bring a run of slots under the active master key; return how many were rewrapped and how many could not be.

    Readers go on meanwhile: a slot is written in one piece and both master keys are in the file.
    """
    keys = master_keys()
    active_id = master_key_id(keys.active)
    done = failed = 0
    with _open(Path(settings.KEY_STORE_FILE)) as file:
        # destroying waits for this lock too: a key that is being rewrapped must not come back
        fcntl.flock(file, fcntl.LOCK_EX)
        octets = os.pread(file, count * SLOT_BYTES, first * SLOT_BYTES)
        for number in range(len(octets) // SLOT_BYTES):
            try:
                found = _parse(octets[number * SLOT_BYTES : (number + 1) * SLOT_BYTES])
                if found.is_destroyed or found.master_key_id == active_id:
                    continue
                data_key = unwrap_key(found, master=keys.by_id[found.master_key_id])
            except (KeyMissing, KeyError, SealBroken):
                failed += 1
                continue
            fresh = wrap_key(
                data_key, master=keys.active, nonce=secrets.token_bytes(NONCE_BYTES), subject=found.subject
            )
            os.pwrite(file, fresh, (first + number) * SLOT_BYTES)
            done += 1
        if done:
            os.fdatasync(file)
    return done, failed


def copy_key_store(*, to: Path) -> int:
    """Put a copy of the key store in the place of the one before, never beside it; return how many slots it holds.

    For backups: with one generation only, a key that is destroyed here is gone there with the next copy at the latest.
    """
    source = Path(settings.KEY_STORE_FILE)
    if not source.exists():
        with _open(source, make=True):
            pass
    return copy_locked(source=source, to=to) // SLOT_BYTES


def _read(slot: int, path: Path | None = None) -> Slot:
    file = _open_to_read(path or Path(settings.KEY_STORE_FILE))
    try:
        return _parse(os.pread(file, SLOT_BYTES, slot * SLOT_BYTES))
    finally:
        os.close(file)


def _open_to_read(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyMissing from None


def _parse(octets: bytes) -> Slot:
    try:
        return read_slot(octets)
    except SlotDamaged:
        raise KeyMissing from None


def _all_slots() -> Iterator[tuple[int, Slot | None]]:
    path = Path(settings.KEY_STORE_FILE)
    if not path.exists():
        return
    with path.open("rb") as file:
        slot = 0
        while piece := file.read(SLOTS_A_TIME * SLOT_BYTES):
            for start in range(0, len(piece) - SLOT_BYTES + 1, SLOT_BYTES):
                try:
                    yield slot, read_slot(piece[start : start + SLOT_BYTES])
                except SlotDamaged:
                    yield slot, None
                slot += 1


@contextlib.contextmanager
def _open(path: Path, *, make: bool = False) -> Iterator[int]:
    if make:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600)
    try:
        yield file
    finally:
        os.close(file)
