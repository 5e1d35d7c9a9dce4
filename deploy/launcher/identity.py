"""Who a pid is.

A number alone proves nothing: the kernel gives it to another process once the first is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that we started.

    started: its start time in clock ticks since boot; marker: a part of its command.
    """

    name: str
    pid: int
    started: int
    marker: str


def read_start_ticks(pid: int, proc: Path = PROC) -> int | None:
    """Return the start time of a live process in ticks since boot; None if there is none or a zombie."""
    try:
        text = (proc / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the command name before it may hold spaces and parentheses
    return None if fields[0] in "ZX" else int(fields[19])


def read_command(pid: int, proc: Path = PROC) -> str:
    """Return the command line of a process with spaces between the arguments; empty if it cannot be read."""
    try:
        return (
            (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return ""


def is_same_process(identity: ProcessIdentity, proc: Path = PROC) -> bool:
    """Tell whether a pid still is the recorded process: same start time, our marker in its command."""
    return read_start_ticks(identity.pid, proc) == identity.started and identity.marker in read_command(
        identity.pid, proc
    )


def end_process(identity: ProcessIdentity, stop_signal: signal.Signals, grace_s: float) -> bool:
    """Ask a recorded process to stop, then end its group; False if it was no longer ours to end."""
    if not is_same_process(identity):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(identity.pid, stop_signal)
    deadline = time.monotonic() + grace_s
    while is_same_process(identity) and time.monotonic() < deadline:
        time.sleep(0.05)
    end_group(identity.pid)
    return True


def end_group(leader: int) -> None:
    """Kill what is left of the process group that one of our children led."""
    if leader > 1 and leader != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
