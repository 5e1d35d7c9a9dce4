"""The launcher with real servers: what is committed outlives every way to die, and nothing keeps running."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.identity import read_start_ticks
from deploy.launcher.instance import Instance, locate_record
from deploy.launcher.postgres import PostgresServer
from deploy.launcher.valkey import ValkeyServer

LAUNCHER = (sys.executable, "-m", "deploy.launcher")
PRINT_URLS = (
    "import os; print(os.environ['DATABASE_OWNER_URL'], os.environ['BROKER_URL'], sep='\\n', flush=True)"
)
PRINT_AND_WAIT = f"import sys, time; {PRINT_URLS.removeprefix('import os; ')}; time.sleep(120)"


@pytest.fixture
def postgres(server_folder):
    server = PostgresServer(server_folder, server_folder / "postgres.log")
    yield server
    server.stop()


@pytest.fixture
def valkey(server_folder):
    server = ValkeyServer(server_folder, server_folder / "valkey.log")
    yield server
    server.stop()


@pytest.fixture
def environment(tmp_path):
    """The environment of a launcher of its own; tmp_path is private, so root needs a folder in /var/tmp."""
    given = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "BROKER_URL", "DEPLOYMENT", "WEB_PORT")
    }
    values = given | {"BMIS_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(CHECKOUT)}
    yield values
    assert launch(values, "clean").returncode == 0


def launch(environment, *arguments):
    return subprocess.run(
        [*LAUNCHER, *arguments],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextlib.contextmanager
def launch_and_wait(environment):
    """Run a launcher whose servers are up and whose command waits; yield its process and both addresses."""
    code = f"import os; {PRINT_AND_WAIT}"
    process = subprocess.Popen(
        [*LAUNCHER, "exec", "--", sys.executable, "-c", code],
        env=environment,
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip(), process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_until_gone(pids, seconds=30):
    deadline = time.monotonic() + seconds
    while alive := [pid for pid in pids if read_start_ticks(pid) is not None]:
        assert time.monotonic() < deadline, f"still running: {alive}"
        time.sleep(0.05)


def store(url, text):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def read_stored(url):
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text")]


def test_a_committed_row_is_found_after_kill_9_of_postgresql(postgres):
    postgres.start()
    store(postgres.url, "committed")

    postgres.child.kill()
    postgres.start()

    assert read_stored(postgres.url) == ["committed"]


def test_a_postmaster_that_outlived_its_launcher_is_stopped_and_its_data_are_taken_over(postgres):
    earlier = postgres.start()
    store(postgres.url, "committed")
    later = PostgresServer(postgres.folder, postgres.log)

    later.start()

    try:
        assert not earlier.is_alive
        assert read_stored(later.url) == ["committed"]
    finally:
        later.stop()


def test_a_lock_file_whose_pid_is_another_program_is_cleared(postgres):
    postgres.start()
    lock = postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    postgres.child.kill()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    postgres.start()

    assert read_start_ticks(postgres.child.pid) is not None


def test_a_cluster_whose_making_was_cut_off_is_made_anew(postgres):
    (postgres.folder / "postgres").mkdir()
    (postgres.folder / "postgres" / "half").touch()
    (postgres.folder / "postgres.begun").touch()

    postgres.start()
    store(postgres.url, "committed")

    assert read_stored(postgres.url) == ["committed"]


def test_data_of_another_version_are_refused_and_kept(postgres):
    postgres.prepare()
    (postgres.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(LaunchError, match="written by PostgreSQL 15") as refusal:
        postgres.start()

    assert refusal.value.code == ExitCode.WRONG_DATA_VERSION
    assert (postgres.data / "global").is_dir()


def test_names_outside_ascii_can_be_compared(postgres):
    postgres.start()

    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        row = connection.execute("SELECT similarity('Иванов', 'Иванова'), upper('ÿ')").fetchone()

    assert row[0] == pytest.approx(2 / 3, abs=0.01)
    assert row[1] == "Ÿ"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to drop")
def test_servers_started_by_root_do_not_run_as_root(postgres, valkey):
    for server in (postgres, valkey):
        status = Path(f"/proc/{server.start().pid}/status").read_text()

        assert "Uid:\t0" not in status


@pytest.mark.parametrize("make", [PostgresServer, ValkeyServer])
def test_a_port_that_is_taken_is_named(server_folder, make):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]

        with pytest.raises(LaunchError, match=f"Port {port} was taken") as refusal:
            make(server_folder, server_folder / "log", port=port).start()

    assert refusal.value.code == ExitCode.PORT_IN_USE


def test_the_broker_finds_its_queue_after_kill_9(valkey):
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("queue", "task")
    time.sleep(1.1)  # appendfsync everysec

    valkey.child.kill()
    valkey.start()

    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]


def test_a_damaged_file_of_the_broker_does_not_keep_it_from_starting(valkey):
    valkey.start()
    with redis.Redis.from_url(valkey.url) as client:
        client.rpush("queue", "task")
    valkey.stop()
    for file in (valkey.data / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"*3\r\n$5\r\nrpush\r\nnot a command at all\r\n" * 3)

    valkey.start()

    assert (valkey.data / "appendonlydir-damaged").is_dir()
    with redis.Redis.from_url(valkey.url) as client:
        assert client.lrange("queue", 0, -1) == []


def test_data_are_kept_between_two_launches_and_nothing_runs_after_them(environment, tmp_path):
    code = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_OWNER_URL']) as connection:\n"
        "    connection.execute('CREATE TABLE IF NOT EXISTS kept (text text)')\n"
        "    connection.execute(\"INSERT INTO kept VALUES ('row')\")\n"
        "    print(connection.execute('SELECT count(*) FROM kept').fetchone()[0])"
    )
    first = launch(environment, "exec", "--", sys.executable, "-c", code)
    second = launch(environment, "exec", "--", sys.executable, "-c", code)

    assert (first.stdout, second.stdout) == ("1\n", "2\n"), first.stderr + second.stderr
    assert not locate_record(tmp_path / "data").exists()


def test_the_status_of_the_command_is_passed_on(environment):
    assert launch(environment, "exec", "--", "sh", "-c", "exit 7").returncode == 7


def test_a_second_launcher_is_refused_while_the_first_runs(environment):
    with launch_and_wait(environment) as (process, _, _):
        second = launch(environment, "run", "--once")

    assert second.returncode == ExitCode.ALREADY_RUNNING
    assert f"Already running (pid {process.pid}" in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_orphan_is_left_however_the_launcher_ends(environment, tmp_path, number):
    with launch_and_wait(environment) as (process, database_url, _):
        children = Instance.read(locate_record(tmp_path / "data")).children
        store(database_url, "committed")

        process.send_signal(number)
        process.wait(timeout=60)

        wait_until_gone([child.pid for child in children])
    with launch_and_wait(environment) as (_, database_url, _):
        assert read_stored(database_url) == ["committed"]


def test_production_is_refused_before_anything_is_made(environment, tmp_path):
    refused = launch(environment | {"DEPLOYMENT": "production"}, "run")

    assert refused.returncode == 2
    assert "Set DATABASE_URL and BROKER_URL" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_given_replaces_that_server_only(environment):
    given = environment | {"BROKER_URL": "redis://127.0.0.1:1/5"}

    shown = launch(given, "exec", "--", sys.executable, "-c", PRINT_URLS)

    database_url, broker_url = shown.stdout.split()
    assert database_url.endswith("/bmis")
    assert broker_url == "redis://127.0.0.1:1/5"


def test_the_environment_of_nothing_running_is_an_error(environment):
    assert launch(environment, "shell-env").returncode == ExitCode.NOT_RUNNING
