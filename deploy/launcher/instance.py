"""The one running instance of a data folder: its lock, and what it has started."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.identity import ProcessIdentity, end_process

LEFTOVER_GRACE_S = 30


@dataclass
class Instance:
    """What a running launcher says about itself, for the second one and for the next one after a crash."""

    path: Path
    pid: int = field(default_factory=os.getpid)
    purpose: str = "run"
    database_url: str = ""
    database_owner_url: str = ""
    broker_url: str = ""
    web_url: str = ""
    children: list[ProcessIdentity] = field(default_factory=list)

    def write(self) -> None:
        """Write the record whole or not at all: the next start relies on it after any crash."""
        values = dataclasses.asdict(self)
        values.pop("path")
        part = self.path.with_suffix(".part")
        descriptor = os.open(
            part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )  # a given URL may hold a password
        with os.fdopen(descriptor, "w") as file:
            json.dump(values, file, indent=1)
        part.replace(self.path)

    @classmethod
    def read(cls, path: Path) -> Instance | None:
        """Return the record of the latest launcher; None when there is none that can be read."""
        try:
            values = json.loads(path.read_text())
            children = [ProcessIdentity(**child) for child in values.pop("children")]
            return cls(path=path, children=children, **values)
        except (OSError, ValueError, TypeError, KeyError):
            return None


def locate_record(data: Path) -> Path:
    return data / "launcher.json"


def describe_running(instance: Instance | None, data: Path) -> str:
    if instance is None:
        return f"The system of {data} is being started by another launcher."
    where = f", {instance.web_url}" if instance.web_url else ""
    return (
        f"Already running (pid {instance.pid}{where}). Stop it with Ctrl-C in its terminal or `kill "
        f"{instance.pid}`, "
        "or set BMIS_DATA_DIR to run a second one beside it."
    )


@contextlib.contextmanager
def hold_lock(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder; LaunchError when another launcher does.

    The kernel lets it go with the holder.
    """
    descriptor = os.open(data / "launcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = describe_running(Instance.read(locate_record(data)), data)
            raise LaunchError(message, ExitCode.ALREADY_RUNNING) from None
        yield
    finally:
        os.close(descriptor)


def is_locked(data: Path) -> bool:
    """Tell whether a launcher runs on this data folder."""
    try:
        with hold_lock(data):
            return False
    except LaunchError:
        return True
    except FileNotFoundError:
        return False


def end_leftovers(data: Path) -> list[str]:
    """Stop what an earlier launcher started and could not stop; return the names.

    Only while holding the lock.
    """
    earlier = Instance.read(locate_record(data))
    if earlier is None:
        return []
    ended = [
        child.name
        for child in reversed(earlier.children)
        if end_process(child, leftover_signal(child), LEFTOVER_GRACE_S)
    ]
    locate_record(data).unlink(missing_ok=True)
    return ended


def leftover_signal(child: ProcessIdentity) -> signal.Signals:
    # for PostgreSQL SIGTERM waits until every client has left by itself
    return signal.SIGINT if child.name == "PostgreSQL" else signal.SIGTERM
