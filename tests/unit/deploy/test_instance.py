import signal
import subprocess
import sys
import time

import pytest

from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.identity import ProcessIdentity, read_command, read_start_ticks
from deploy.launcher.instance import Instance, end_leftovers, hold_lock, is_locked, locate_record


def test_a_second_launcher_is_told_pid_and_address_of_the_first(tmp_path):
    Instance(locate_record(tmp_path), pid=4711, web_url="http://127.0.0.1:8000").write()

    with hold_lock(tmp_path), pytest.raises(LaunchError) as refusal, hold_lock(tmp_path):
        pass

    assert refusal.value.code == ExitCode.ALREADY_RUNNING
    assert "pid 4711, http://127.0.0.1:8000" in str(refusal.value)


def test_the_lock_is_free_again_after_its_holder(tmp_path):
    with hold_lock(tmp_path):
        assert is_locked(tmp_path)

    assert not is_locked(tmp_path)


def test_a_data_folder_that_does_not_exist_is_not_locked(tmp_path):
    assert not is_locked(tmp_path / "missing")


def test_the_record_survives_writing_and_reading(tmp_path):
    instance = Instance(locate_record(tmp_path), children=[ProcessIdentity("Valkey", 7, 4711, "valkey")])
    instance.write()

    assert Instance.read(instance.path) == instance
    assert instance.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"children": [{"pid": 1}]}', '{"children": [], "new": 1}']
)
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path, text):
    locate_record(tmp_path).write_text(text)

    assert Instance.read(locate_record(tmp_path)) is None
    assert end_leftovers(tmp_path) == []


def test_what_a_killed_launcher_left_running_is_stopped_and_a_stranger_is_not(tmp_path):
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(command, start_new_session=True) as ours,
        subprocess.Popen(command, start_new_session=True) as stranger,
    ):
        try:
            while "sleep" not in read_command(ours.pid):  # for a moment after the start the kernel shows none
                time.sleep(0.01)
            started = read_start_ticks(ours.pid)
            assert started is not None
            children = [
                ProcessIdentity("Web server", ours.pid, started, "time.sleep"),
                ProcessIdentity("Beat", stranger.pid, 1, "time.sleep"),
            ]
            Instance(locate_record(tmp_path), children=children).write()

            assert end_leftovers(tmp_path) == ["Web server"]
            assert ours.wait(timeout=5) == -signal.SIGTERM
            assert stranger.poll() is None
            assert not locate_record(tmp_path).exists()
        finally:
            ours.kill()
            stranger.kill()
