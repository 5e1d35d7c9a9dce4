"""Keep a set of children alive, and stop them in the reverse order of their start."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from deploy.launcher.failures import InterruptedStartError, LaunchError
from deploy.launcher.identity import end_group
from deploy.launcher.instance import Instance
from deploy.launcher.processes import Child, Command

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 60.0  # a child that lived this long starts again with the first delay
POLL_S = 0.2


def next_delay(failures: int) -> float:
    """Return the seconds to wait before a start after so many failures in a row."""
    return float(min(FIRST_DELAY_S * 2 ** min(max(failures - 1, 0), 10), LONGEST_DELAY_S))


@dataclass
class Supervised:
    child: Child
    failures: int = 0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Single-threaded on purpose: the kernel's death signal is tied to the thread that starts a child."""

    instance: Instance
    say: Callable[[str], None]
    children: list[Supervised] = field(default_factory=list)
    stops_asked: int = 0

    def catch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note_stop)

    def note_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops_asked += 1

    @property
    def is_stopping(self) -> bool:
        return self.stops_asked > 0

    def check_not_stopping(self) -> None:
        if self.is_stopping:
            raise InterruptedStartError

    def adopt(self, child: Child) -> Child:
        """Take charge of a child that is already started, and record it for the start after a crash."""
        self.children.append(Supervised(child))
        self.record()
        return child

    def start(self, command: Command) -> Child:
        return self.adopt(Child(command).start())

    def wait_until_ready(self, child: Child) -> float:
        return child.wait_until_ready(watch=self.check_not_stopping)

    def record(self) -> None:
        identities = (supervised.child.identity for supervised in self.children if supervised.child.is_alive)
        self.instance.children = [identity for identity in identities if identity is not None]
        self.instance.write()

    def look_after(self) -> None:
        """Notice children that died, and start again those whose delay is over."""
        now = time.monotonic()
        for supervised in self.children:
            if supervised.restart_at is not None:
                if now >= supervised.restart_at:
                    self.restart(supervised)
            elif not supervised.child.is_alive:
                self.plan_restart(supervised, now)

    def plan_restart(self, supervised: Supervised, now: float) -> None:
        child = supervised.child
        end_group(child.pid)  # a worker's pool or a web server's workers may outlive their parent
        steady = now - child.started_at >= STEADY_AFTER_S
        supervised.failures = 1 if steady else supervised.failures + 1
        delay = next_delay(supervised.failures)
        supervised.restart_at = now + delay
        self.say(
            f"{child.command.name} ended (status {child.status}); starting it again in {delay:.1f} s. "
            f"Log: {child.command.log}"
        )

    def restart(self, supervised: Supervised) -> None:
        supervised.restart_at = None
        try:
            supervised.child.start()
        except (OSError, LaunchError) as error:
            self.say(f"{supervised.child.command.name} could not be started: {error}")
            supervised.failures += 1
            supervised.restart_at = time.monotonic() + next_delay(supervised.failures)
        self.record()

    def serve(self, until: Callable[[], bool] = lambda: False) -> None:
        """Look after the children until asked to stop, or until the condition holds."""
        while not self.is_stopping and not until():
            self.look_after()
            time.sleep(POLL_S)

    def run_to_end(self, command: Command) -> Child:
        """Run a command to its end while looking after the children; InterruptedStartError if stopped."""
        child = Child(command).start()
        try:
            self.serve(until=lambda: not child.is_alive)
        finally:
            child.stop()
        self.check_not_stopping()
        return child

    def stop_all(self) -> None:
        """Stop in reverse order with grace; a second Ctrl-C cuts that short, but not the database's."""
        for supervised in reversed(self.children):
            child = supervised.child
            if child.process is None:
                continue
            child.ask_to_stop()
            deadline = time.monotonic() + child.command.grace_s
            while child.is_alive and time.monotonic() < deadline:
                if self.stops_asked > 1 and child.command.name != "PostgreSQL":
                    break
                time.sleep(0.02)
            child.wait_until_stopped(grace_s=0)
        self.instance.path.unlink(missing_ok=True)
