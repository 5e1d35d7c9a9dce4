"""The register of erasures outside the database: ids only, so that a restored backup is purged again of whom it brought back."""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from borders.models import Erasure


def note_erasure(erasure: Erasure) -> None:
    """Append an erasure to the register and make that durable. Twice the same is harmless."""
    path = Path(settings.ERASURE_REGISTER_FILE)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {
        "id": str(erasure.id),
        "at": erasure.erased_at.isoformat(),
        "subject": erasure.subject,
        "subject_id": str(erasure.subject_id),
        "inspections": erasure.inspections,
        "keys": erasure.keys,
        "files": erasure.files,
    }
    octets = (json.dumps(line) + "\n").encode()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        # a line that a crash tore must not swallow this one
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            octets = b"\n" + octets
        while octets:  # a disk that is nearly full takes a part
            octets = octets[os.write(descriptor, octets) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if not size:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_register(path: Path | None = None) -> Iterator[dict[str, Any]]:
    """Yield the erasures of the register, each once, the oldest first. A last line that is torn is passed over."""
    path = path or Path(settings.ERASURE_REGISTER_FILE)
    if not path.exists():
        return
    seen = set()
    with path.open() as file:
        for text in file:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if line["id"] not in seen:
                seen.add(line["id"])
                yield line
