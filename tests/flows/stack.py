"""The whole system as real processes, each of which a test may kill."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from deploy.launcher.application import Application, make_environment
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.postgres import PostgresServer
from deploy.launcher.processes import Child, Command
from deploy.launcher.valkey import ValkeyServer

SECRET_KEY = "of the tests only, and long enough to be taken for a key by every check"


@dataclass
class Stack:
    """PostgreSQL (durable), Valkey, both workers, the sweep and the web server on a folder of their own.

    As in production: the tables belong to one account, the processes work under another, looks are under row-level security.

    Not the database of pytest-django: processes outside the test cannot see what its transaction has not
    committed. kill_... ends a process as a crash does and returns; restart_... starts it and returns when it
    is ready.
    """

    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer
    web_port: int
    application: Application
    children: dict[str, Child] = field(default_factory=dict)

    @classmethod
    def prepare(cls) -> Self:
        """Choose folder and ports; nothing runs yet."""
        folder = Path(tempfile.mkdtemp(prefix="bmis-stack-"))
        folder.chmod(0o755)  # the unprivileged account of the servers passes through it
        postgres = PostgresServer(folder, folder / "logs" / "postgres.log")
        valkey = ValkeyServer(folder, folder / "logs" / "valkey.log")
        environment = make_environment(
            base=os.environ,
            data=folder,
            deployment="test",
            database_url=postgres.application_url,
            broker_url=valkey.url,
            secret_key=SECRET_KEY,
        )
        application = Application(
            checkout=CHECKOUT,
            data=folder,
            environment=environment | {"ROW_GUARD": "true"},
            owner_url=postgres.owner_url,
        )
        return cls(folder, postgres, valkey, pick_free_port(), application)

    @property
    def database_url(self) -> str:
        """Of the superuser, for what a test looks at; the processes have an account of their own."""
        return self.postgres.url

    @property
    def broker_url(self) -> str:
        return self.valkey.url

    @property
    def web_url(self) -> str:
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def worker_pid(self) -> int:
        """The main process of the worker of the queue inspection; its pool processes are its children."""
        return self.children["inspection"].pid

    def start(self) -> Self:
        """Start everything on a migrated and seeded database."""
        self.postgres.start()
        self.valkey.start()
        self.run_command("migrate", "--noinput")
        self.run_command("seed_demo")
        for name, command in self.make_commands().items():
            self.children[name] = Child(command).start()
        for child in self.children.values():
            child.wait_until_ready()
        return self

    def make_commands(self) -> dict[str, Command]:
        inspection, background = self.application.make_workers()
        return {
            "inspection": inspection,
            "background": background,
            "web": self.application.make_web(self.web_port),
            "sweep": self.application.make_sweep(),
        }

    def close(self) -> None:
        """Stop everything in the reverse order and remove the data."""
        for child in reversed(self.children.values()):
            child.stop()
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder)

    def run_command(self, *arguments: str) -> None:
        """Run a management command against this stack; AssertionError with its log when it fails."""
        child = Child(self.application.make_step(*arguments)).start()
        child.wait_until_stopped(grace_s=300)
        assert child.status == 0, f"{arguments[0]} ended with {child.status}\n{child.describe_log()}"

    def look_after(self) -> None:
        """Start again what has ended by itself, as the launcher does; to be called by the thread that started it."""
        for child in self.children.values():
            if not child.is_alive:
                child.start()

    def kill_worker(self) -> None:
        self.children["inspection"].kill()

    def restart_worker(self) -> None:
        self.restart("inspection")

    def kill_background_worker(self) -> None:
        self.children["background"].kill()

    def restart_background_worker(self) -> None:
        self.restart("background")

    def kill_web(self) -> None:
        self.children["web"].kill()

    def restart_web(self) -> None:
        self.restart("web")

    def restart(self, name: str) -> None:
        self.children[name].start().wait_until_ready()

    def kill_valkey(self) -> None:
        assert self.valkey.child is not None
        self.valkey.child.kill()

    def restart_valkey(self, *, empty: bool = False) -> None:
        """Start Valkey on the same port; empty: with nothing in it, as after the loss of its disk."""
        if empty:
            self.valkey.forget_everything()
        self.valkey.start()

    def kill_postgres(self) -> None:
        assert self.postgres.child is not None
        self.postgres.child.kill()

    def restart_postgres(self) -> None:
        self.postgres.start()
