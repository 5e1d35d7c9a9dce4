"""What can go wrong before the system is up, each with an exit code and a message that says what to do."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    OK = 0
    OUTCOME_DIFFERS = 1  # of play_demo: a demo traveller ended otherwise than the seed expects
    REFUSED = 2
    ALREADY_RUNNING = 3
    PORT_IN_USE = 4
    DISK_FULL = 5
    NO_PERMISSION = 6
    WRONG_DATA_VERSION = 7
    DID_NOT_START = 8
    STEP_FAILED = 9
    NOT_RUNNING = 10
    INTERRUPTED = 130


class LaunchError(Exception):
    """A start that cannot go on. The message is for the person at the terminal."""

    def __init__(self, message: str, code: ExitCode = ExitCode.DID_NOT_START) -> None:
        super().__init__(message)
        self.code = code


class InterruptedStartError(LaunchError):
    """Ctrl-C or SIGTERM came before the system was up."""

    def __init__(self) -> None:
        super().__init__("Interrupted.", ExitCode.INTERRUPTED)
