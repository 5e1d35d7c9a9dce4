"""Files that are on disk before anything says that they are there."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes, *, replace: bool = False) -> None:
    """Write a file aside, make it durable, then give it its name. replace: a part left by a killed writer is in nobody's way."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    if replace:
        part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
