import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.launcher.identity import (
    ProcessIdentity,
    end_process,
    is_same_process,
    read_command,
    read_start_ticks,
)

SLEEPER = "import time; time.sleep(60)"


@pytest.fixture
def sleeper():
    process = subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)
    while "sleep" not in read_command(process.pid):  # for a moment after the start the kernel shows none
        time.sleep(0.01)
    yield process
    process.kill()
    process.wait()


def identify(process, **changes):
    values = {
        "name": "sleeper",
        "pid": process.pid,
        "started": read_start_ticks(process.pid),
        "marker": "sleep",
    }
    return ProcessIdentity(**values | changes)


def write_stat(proc: Path, name: str, state: str, started: int) -> Path:
    folder = proc / "7"
    folder.mkdir()
    fields = [state, *["0"] * 18, str(started), "0"]
    (folder / "stat").write_text(f"7 ({name}) {' '.join(fields)}\n")
    return proc


def test_a_live_process_is_known_again(sleeper):
    assert is_same_process(identify(sleeper))


@pytest.mark.parametrize("changes", [{"started": 1}, {"marker": "another program"}])
def test_a_pid_that_the_kernel_gave_to_another_process_is_not_ours(sleeper, changes):
    assert not is_same_process(identify(sleeper, **changes))


def test_a_process_that_is_not_ours_is_left_alone(sleeper):
    assert not end_process(identify(sleeper, started=1), signal.SIGTERM, grace_s=0)
    assert sleeper.poll() is None


def test_a_process_of_ours_is_ended(sleeper):
    assert end_process(identify(sleeper), signal.SIGTERM, grace_s=5)
    assert sleeper.wait(timeout=5) == -signal.SIGTERM


def test_a_process_that_ignores_the_signal_is_killed_after_the_grace(sleeper):
    assert end_process(identify(sleeper), signal.SIGCONT, grace_s=0.1)
    assert sleeper.wait(timeout=5) == -signal.SIGKILL


@pytest.mark.parametrize("name", ["postgres", "two words", "a) S 1 (b"])
def test_the_start_time_is_read_whatever_the_name_of_the_program(tmp_path, name):
    assert read_start_ticks(7, write_stat(tmp_path, name, "S", 4711)) == 4711


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_process_that_has_ended_and_was_not_collected_counts_as_gone(tmp_path, state):
    assert read_start_ticks(7, write_stat(tmp_path, "postgres", state, 4711)) is None


def test_an_unknown_pid_has_neither_start_time_nor_command(tmp_path):
    assert read_start_ticks(7, tmp_path) is None
    assert read_command(7, tmp_path) == ""
