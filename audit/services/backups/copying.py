"""Copy a file that others write to, whole and durably: under the lock of the file itself, in one generation."""

import fcntl
import os
import shutil
from pathlib import Path


def copy_locked(*, source: Path, to: Path) -> int:
    """Put a copy in the place of the one before, never beside it; return its size in octets. Raises OSError.

    The lock is the one that writers take (flock on the file), and is held until the copy stands under its name: whoever
    overwrites something in the source afterwards finds the new copy to overwrite it in.
    """
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = to.with_name(f"{to.name}.part")
    file = _open(source)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        copied = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(copied, "wb") as copy, open(file, "rb", closefd=False) as content:
            shutil.copyfileobj(content, copy)
            copy.flush()
            os.fsync(copy.fileno())
            size = copy.tell()
        part.replace(to)
        _sync(to.parent)
    finally:
        os.close(file)
    return size


def _open(source: Path) -> int:
    try:
        # a network's file system locks for writing only what is open for it
        return os.open(source, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:  # whoever makes backups may only read the keys
        return os.open(source, os.O_RDONLY | os.O_CLOEXEC)


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
