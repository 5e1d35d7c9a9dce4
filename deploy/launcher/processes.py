"""One child process: how it is started, known to be ready, and stopped."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.launcher.failures import LaunchError
from deploy.launcher.identity import ProcessIdentity, end_group, read_start_ticks

LOG_TAIL_LINES = 15
PR_SET_PDEATHSIG = 1  # prctl(2)

# loaded before any fork: the child between fork and exec must not load libraries
C_LIBRARY = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def be_ready_at_once() -> bool:
    return True


def prepare_nothing() -> None:
    pass


@dataclass(frozen=True)
class Command:
    """What to run. marker: a part of the command line by which the process is known again after a crash.

    prepare runs before each start, so also before a restart. is_ready is asked until it says yes or
    ready_timeout_s is over. account: the user to run as when we are root. grace_s: seconds from stop_signal
    to SIGKILL. orphan_signal: what the kernel sends when the launcher dies; None: stop_signal. in_foreground:
    on the terminal and in our process group, instead of in its own with the log as its output.
    """

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    marker: str
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals | None = None
    grace_s: float = 10
    is_ready: Callable[[], bool] = be_ready_at_once
    ready_timeout_s: float = 60
    prepare: Callable[[], None] = prepare_nothing
    account: pwd.struct_passwd | None = None
    in_foreground: bool = False


def run_as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments of subprocess that drop root's rights for good, with no group left."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def stop_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what makes the kernel send the child its stop signal when the launcher dies by kill -9."""
    if C_LIBRARY is None:
        return None
    library, parent = C_LIBRARY, os.getpid()

    def ask_kernel() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return ask_kernel


@dataclass
class Child:
    """A running Command.

    Only the main thread may start one: the kernel ties the death signal to the thread.
    """

    command: Command
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    log_offset: int = field(default=0)

    def start(self) -> Child:
        """Start the process; it may not be ready yet."""
        command = self.command
        command.prepare()
        command.log.parent.mkdir(parents=True, exist_ok=True)
        with command.log.open("ab") as log:
            self.log_offset = log.tell()
            # files, never pipes: grandchildren inherit them, and a full pipe would stop a server
            self.process = subprocess.Popen(
                command.arguments,
                stdin=subprocess.DEVNULL,
                stdout=None if command.in_foreground else log,
                stderr=None if command.in_foreground else subprocess.STDOUT,
                cwd=command.folder,
                env=dict(command.environment),
                # Ctrl-C at the terminal is ours to pass on, in the right order
                start_new_session=not command.in_foreground,
                preexec_fn=stop_with_parent(command.orphan_signal or command.stop_signal),
                **run_as(command.account),
            )
        self.started_at = time.monotonic()
        return self

    @property
    def pid(self) -> int:
        if self.process is None:
            raise RuntimeError(f"{self.command.name} was not started")
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> int | None:
        """Return the exit status of an ended process, negative for the signal that ended it."""
        return self.process.returncode if self.process is not None else None

    @property
    def identity(self) -> ProcessIdentity | None:
        """Return what the next run needs to know this process again; None when it has already ended."""
        started = read_start_ticks(self.pid)
        return (
            None
            if started is None
            else ProcessIdentity(self.command.name, self.pid, started, self.command.marker)
        )

    def wait_until_ready(self, watch: Callable[[], None] = prepare_nothing) -> float:
        """Return the seconds it took to become ready; LaunchError with the end of its log when it does not.

        watch is called at every turn; what it raises ends the wait.
        """
        deadline = self.started_at + self.command.ready_timeout_s
        while True:
            watch()
            if not self.is_alive:
                raise LaunchError(
                    f"{self.command.name} ended at once (status {self.status}).\n{self.describe_log()}"
                )
            if self.command.is_ready():
                return time.monotonic() - self.started_at
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"{self.command.name} was not ready after {self.command.ready_timeout_s:.0f} s.\n"
                    + self.describe_log()
                )
            time.sleep(0.02)

    def ask_to_stop(self) -> None:
        if self.is_alive and self.process is not None:
            self.process.send_signal(self.command.stop_signal)

    def wait_until_stopped(self, grace_s: float) -> None:
        """Wait for the end, kill after the grace, and leave nothing of its group behind."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(grace_s, 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        end_group(self.pid)

    def stop(self) -> None:
        self.ask_to_stop()
        self.wait_until_stopped(self.command.grace_s)

    def kill(self) -> None:
        """End the process and its whole group at once, as a crash would."""
        end_group(self.pid)
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def read_log(self) -> str:
        """Return what this start wrote to its log."""
        try:
            with self.command.log.open("rb") as log:
                log.seek(self.log_offset)
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def describe_log(self) -> str:
        lines = self.read_log().splitlines()[-LOG_TAIL_LINES:]
        return "\n".join(
            [f"The end of {self.command.log}:", *(f"    {line}" for line in lines or ["(empty)"])]
        )
