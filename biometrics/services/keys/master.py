"""The master keys: one file outside the database, the active key first, then those that still open what is not rewrapped yet."""

import base64
import binascii
import contextlib
import os
import secrets
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from biometrics.core.envelope import KEY_BYTES, master_key_id

HEADER = "# master keys of the key store: the first is the active one. Never in a backup of the data; one copy in the safe.\n"


class MasterKeyError(RuntimeError):
    """The master keys cannot be used. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """All keys by their id; `active` wraps what is new."""

    active: bytes
    by_id: dict[bytes, bytes]

    def __repr__(self) -> str:
        return f"MasterKeys({len(self.by_id)})"


_known: tuple[tuple[int, int, int], MasterKeys] | None = None
_lock = threading.Lock()


def master_keys() -> MasterKeys:
    """Return the master keys as the file holds them now: a file that changed is read again, without a restart.

    Demo and tests make the file when there is none. Raises MasterKeyError: master_key_missing, master_key_exposed,
    master_key_malformed.
    """
    global _known
    path = Path(settings.MASTER_KEY_FILE)
    try:
        status = path.stat()
    except FileNotFoundError:
        if settings.PRODUCTION:
            raise MasterKeyError("master_key_missing") from None
        make_first(path)
        status = path.stat()
    identity = (status.st_ino, status.st_mtime_ns, status.st_size)
    with _lock:
        if _known is None or _known[0] != identity:
            _known = (identity, _read(path))
        return _known[1]


def make_first(path: Path) -> None:
    """Make the file with one key, mode 0600, unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    _write(part, [secrets.token_bytes(KEY_BYTES)])
    try:
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # fails where one stands already: no process ever replaces another's key
    finally:
        part.unlink()


def add_master_key() -> bytes:
    """Put a new active key before the others; return its id. Data keys follow by `rewrap`."""
    path = Path(settings.MASTER_KEY_FILE)
    known = master_keys()
    new = secrets.token_bytes(KEY_BYTES)
    others = [key for key in known.by_id.values() if key != known.active]
    _replace(path, [new, known.active, *others])
    return master_key_id(new)


def remove_master_key(key_id: bytes) -> None:
    """Take a key out of the file for good. Raises MasterKeyError: master_key_unknown, master_key_active."""
    known = master_keys()
    if key_id not in known.by_id:
        raise MasterKeyError("master_key_unknown")
    if key_id == master_key_id(known.active):
        raise MasterKeyError("master_key_active")
    _replace(
        Path(settings.MASTER_KEY_FILE),
        [
            known.active,
            *(key for key in known.by_id.values() if key not in (known.active, known.by_id[key_id])),
        ],
    )


def _read(path: Path) -> MasterKeys:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise MasterKeyError("master_key_exposed")
        lines = [
            line for line in file.read().decode("ascii", "replace").splitlines() if line and line[0] != "#"
        ]
    try:
        keys = [base64.b64decode(line.strip(), validate=True) for line in lines]
    except (binascii.Error, ValueError):
        raise MasterKeyError("master_key_malformed") from None
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise MasterKeyError("master_key_malformed")
    return MasterKeys(keys[0], {master_key_id(key): key for key in keys})


def _replace(path: Path, keys: list[bytes]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    _write(part, keys)
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write(path: Path, keys: list[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(HEADER + "".join(base64.b64encode(key).decode() + "\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
