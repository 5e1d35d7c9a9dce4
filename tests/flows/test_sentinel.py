"""Three Sentinels move the broker to its replica when the primary dies, and the application's sender finds it there."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import redis
from celery import Celery

from audit.services.broker import SendFailed
from borders import tasks
from deploy.celery import TRANSPORT_OPTIONS
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.valkey import PACKAGE

BINARY = next(iter(sorted(PACKAGE.glob("_binaries/*/valkey-server"))))
FOLDER = CHECKOUT / "deploy" / "valkey"
MASTER_NAME = "bmis"
PATIENCE_S = 30.0


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(LOOPBACK, self.port, socket_timeout=2)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def start(folder: Path, text: str, port: int, *arguments: str) -> Server:
    folder.mkdir()
    configuration = folder / "valkey.conf"
    configuration.write_text(text)
    with (folder / "log").open("wb") as log:
        command = [BINARY, configuration, *arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    server = Server(port, process)
    wait_until(lambda: bool(server.client.ping()), folder)
    return server


def wait_until(is_so, folder: Path) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        with contextlib.suppress(redis.RedisError, OSError):
            if is_so():
                return time.monotonic() - begun
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text()[-2000:] if (folder / "log").exists() else "not in time")


def configure(name: str, folder: Path, port: int, master_port: int) -> str:
    """Return a configuration of deploy/valkey for loopback; the passwords of users.acl are left out."""
    text = (FOLDER / name).read_text()
    for there, here in {
        "bind 10.0.0.21": f"bind {LOOPBACK}",
        "port 6379": f"port {port}",
        "port 26379": f"port {port}",
        "dir /var/lib/valkey": f"dir {folder}",
        "aclfile /etc/valkey/users.acl\n": "",
        f"monitor {MASTER_NAME} 10.0.0.21 6379": f"monitor {MASTER_NAME} {LOOPBACK} {master_port}",
    }.items():
        text = text.replace(there, here)
    return text


@dataclass
class Broker:
    folder: Path
    primary: Server
    replica: Server
    sentinels: list[Server]

    @property
    def url(self) -> str:
        return ";".join(f"sentinel://{LOOPBACK}:{sentinel.port}" for sentinel in self.sentinels)

    def is_complete(self) -> bool:
        """Tell whether the replica has caught up and every sentinel knows it and the other two."""
        seen = [sentinel.client.sentinel_master(MASTER_NAME) for sentinel in self.sentinels]
        is_linked = self.replica.client.info("replication")["master_link_status"] == "up"
        return is_linked and all((one["num-other-sentinels"], one["num-slaves"]) == (2, 1) for one in seen)

    def find_primary(self) -> int:
        """Return the port of the primary as the sentinels see it."""
        return int(
            self.sentinels[0].client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME)[1]
        )


@pytest.fixture
def broker(server_folder: Path) -> Iterator[Broker]:
    servers: list[Server] = []
    ports = [pick_free_port() for _ in range(5)]
    try:
        for number, port in enumerate(ports[:2]):
            folder = server_folder / f"valkey-{number}"
            further = ("--replicaof", LOOPBACK, str(ports[0])) if number else ()
            servers.append(start(folder, configure("valkey.conf", folder, port, ports[0]), port, *further))
        for number, port in enumerate(ports[2:]):
            folder = server_folder / f"sentinel-{number}"
            text = f"bind {LOOPBACK}\n{configure('sentinel.conf', folder, port, ports[0])}"
            servers.append(start(folder, text, port, "--sentinel"))
        found = Broker(server_folder, servers[0], servers[1], servers[2:])
        wait_until(found.is_complete, server_folder)
        yield found
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(server_folder, ignore_errors=True)
        server_folder.mkdir()


def make_application(url: str) -> Celery:
    application = Celery("bmis", broker=url, set_as_current=False)
    application.conf.broker_transport_options = TRANSPORT_OPTIONS | {"master_name": MASTER_NAME}
    return application


def count_tasks(server: Server) -> int:
    return int(server.client.llen("bmis:inspection"))


def test_tasks_go_to_the_replica_once_the_primary_is_dead_and_are_counted_there(broker, monkeypatch):
    application = make_application(broker.url)

    def send() -> bool:
        try:
            with application.connection_for_write() as connection:
                application.send_task(
                    "borders.tasks.process_inspection",
                    kwargs={"inspection_id": str(uuid4())},
                    queue="inspection",
                    connection=connection,
                    retry=False,
                )
        except Exception as error:  # kombu wraps what redis raises in classes of its own
            raise redis.RedisError(type(error).__name__) from error
        return True

    monkeypatch.setattr(tasks, "process_inspection", SimpleNamespace(app=application))
    assert tasks.queue_lengths(["inspection", "bulk"]) == {"inspection": 0, "bulk": 0}
    assert send()
    assert count_tasks(broker.primary) == 1
    assert tasks.queue_lengths(["inspection", "bulk"]) == {"inspection": 1, "bulk": 0}
    wait_until(lambda: count_tasks(broker.replica) == 1, broker.folder)
    broker.primary.stop()
    wait_until(lambda: broker.find_primary() == broker.replica.port, broker.folder)
    wait_until(send, broker.folder)
    assert count_tasks(broker.replica) == 2
    with application.connection_for_write() as connection:
        later = {"queue": "inspection", "priority": tasks.AFTER_INSPECTIONS, "connection": connection}
        application.send_task("borders.tasks.read_capture", **later)
    assert tasks.queue_lengths(["inspection"]) == {"inspection": 3}
    for sentinel in broker.sentinels:
        sentinel.stop()
    with pytest.raises(SendFailed):
        tasks.queue_lengths(["inspection"])
