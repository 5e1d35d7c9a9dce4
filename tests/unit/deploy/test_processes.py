import signal
import sys
import time

import pytest

from deploy.launcher.failures import LaunchError
from deploy.launcher.identity import read_start_ticks
from deploy.launcher.instance import Instance, locate_record
from deploy.launcher.processes import Child, Command
from deploy.launcher.supervisor import LONGEST_DELAY_S, Supervisor, next_delay

SLEEP = "import time; time.sleep(60)"
IGNORE = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(60)"
)
GRANDCHILD = (
    "import subprocess, sys, time; "
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); "
    "time.sleep(60)"
)


@pytest.fixture
def make_command(tmp_path):
    def make(code, **values):
        return Command(
            name="Sleeper",
            arguments=(sys.executable, "-c", code),
            log=tmp_path / "log",
            environment={},
            folder=tmp_path,
            marker="sleep",
            **values,
        )

    return make


@pytest.fixture
def supervisor(tmp_path):
    lines = []
    supervisor = Supervisor(Instance(locate_record(tmp_path)), lines.append)
    supervisor.lines = lines
    yield supervisor
    supervisor.stop_all()


def wait_for_log(child, seconds=10):
    deadline = time.monotonic() + seconds
    while not child.read_log().endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return child.read_log().strip()


def test_a_child_is_stopped_by_its_own_signal(make_command):
    child = Child(make_command(SLEEP, stop_signal=signal.SIGINT)).start()
    child.process.send_signal(signal.SIGCONT)

    child.stop()

    assert not child.is_alive


def test_a_child_that_ignores_its_signal_is_killed_after_the_grace(make_command):
    child = Child(make_command(IGNORE, grace_s=0.1)).start()
    wait_for_log(child)

    child.stop()

    assert child.status == -signal.SIGKILL


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_nothing_of_the_group_of_a_child_is_left(make_command, end):
    child = Child(make_command(GRANDCHILD)).start()
    grandchild = int(wait_for_log(child))

    getattr(child, end)()

    deadline = time.monotonic() + 5
    while read_start_ticks(grandchild) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_that_ends_before_it_is_ready_is_reported_with_its_log(make_command):
    child = Child(make_command("print('no such thing'); raise SystemExit(3)", is_ready=lambda: False)).start()

    with pytest.raises(LaunchError, match=r"status 3(.|\n)*no such thing"):
        child.wait_until_ready()


def test_a_child_that_is_never_ready_is_reported(make_command):
    child = Child(make_command(SLEEP, is_ready=lambda: False, ready_timeout_s=0.1)).start()

    with pytest.raises(LaunchError, match="not ready"):
        child.wait_until_ready()
    child.kill()


def test_the_log_of_an_earlier_start_is_kept_but_not_quoted(make_command):
    command = make_command("print('hello'); raise SystemExit(1)", is_ready=lambda: False)
    for _ in range(2):
        child = Child(command).start()
        child.process.wait()

    assert child.read_log() == "hello\n"
    assert command.log.read_text() == "hello\nhello\n"


def test_a_child_that_dies_is_announced_and_started_again(make_command, supervisor):
    child = supervisor.start(make_command(SLEEP))
    first = child.pid
    child.kill()

    supervisor.look_after()
    assert any("Sleeper ended (status -9)" in line for line in supervisor.lines)
    supervisor.children[0].restart_at = time.monotonic()
    supervisor.look_after()

    assert child.is_alive
    assert child.pid != first
    assert [identity.pid for identity in Instance.read(supervisor.instance.path).children] == [child.pid]


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0.5), (1, 0.5), (2, 1), (3, 2), (7, 30), (10_000, LONGEST_DELAY_S)]
)
def test_each_failure_in_a_row_doubles_the_delay_up_to_a_limit(failures, seconds):
    assert next_delay(failures) == seconds


def test_a_child_that_lived_long_starts_again_with_the_first_delay(make_command, supervisor):
    child = supervisor.start(make_command(SLEEP))
    supervised = supervisor.children[0]
    supervised.failures = 5
    child.started_at -= 3600
    child.kill()

    supervisor.look_after()

    assert supervised.failures == 1


def test_a_second_request_to_stop_cuts_the_grace_short(make_command, supervisor):
    child = supervisor.start(make_command(IGNORE, grace_s=60))
    wait_for_log(child)
    supervisor.note_stop(signal.SIGINT, None)
    supervisor.note_stop(signal.SIGINT, None)

    supervisor.stop_all()

    assert child.status == -signal.SIGKILL


def test_children_are_stopped_in_the_reverse_order(make_command, supervisor, tmp_path):
    ended = tmp_path / "ended"
    code = (
        "import signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (open({str(ended)!r}, 'a').write(sys.argv[1]), "
        "sys.exit()))\n"
        "print('up', flush=True)\ntime.sleep(60)"
    )
    for name in "ABC":
        command = make_command(code)
        named = Command(**vars(command) | {"arguments": (*command.arguments, name), "log": tmp_path / name})
        wait_for_log(supervisor.start(named))

    supervisor.stop_all()

    assert ended.read_text() == "CBA"
