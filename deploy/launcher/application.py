"""The commands of our own processes: workers, the sweep, and the web server."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.failures import LaunchError
from deploy.launcher.ports import LOOPBACK
from deploy.launcher.processes import Command

INSPECTION_PROCESSES = 2
WEB_WORKERS = 2
# a booth that waits for its checks holds one, asleep. More than REQUESTS_AT_WORK + REQUESTS_SLEEPING of the settings, so
# that there is always one to say no; each may hold a connection to the database
WEB_THREADS = 32
# a process that serves is never told the owner's address
OWNER_VARIABLES = ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE")
START_S = 180  # on a machine under load: imports, models and their first inference


@dataclass(frozen=True)
class Application:
    """environment: what every process of ours is started with, the URLs of both servers included.

    owner_url: of the database account that owns the tables, for commands that need it; no process that stays is told it.
    """

    checkout: Path
    data: Path
    environment: Mapping[str, str]
    owner_url: str = ""

    @property
    def step_environment(self) -> dict[str, str]:
        """What a command that a person or the launcher runs is started with; manage.py says which of them are the owner's."""
        return {**self.environment, **({"DATABASE_OWNER_URL": self.owner_url} if self.owner_url else {})}

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def log_level(self) -> str:
        return self.environment.get("LOG_LEVEL") or "INFO"

    def make_worker(self, name: str, queues: str, processes: int) -> Command:
        """Return a Celery worker.

        It is ready when it consumes and each of its processes has its engines warm.
        """
        ready = self.data / "ready" / name

        def forget_readiness() -> None:
            shutil.rmtree(ready, ignore_errors=True)
            ready.mkdir(parents=True)

        def is_ready() -> bool:
            if any(ready.glob("failed-*")):
                raise LaunchError(
                    f"Worker {name} could not load its engines: see {self.logs / f'worker-{name}.log'}. "
                    "`make install` builds the networks anew."
                )
            return (ready / "consumer").exists() and len(list(ready.glob("process-*"))) >= processes

        environment = {
            **self.environment,
            "BMIS_READY_DIR": str(ready),
            # SIGTERM lets running tasks go on for worker_soft_shutdown_timeout and hands back what is then
            # unfinished
            "REMAP_SIGTERM": "SIGQUIT",
            # as root Celery refuses to start because of pickle, which accept_content forbids here
            "C_FORCE_ROOT": "1",
            # each process has one core's worth of work; libraries that start a thread a core get in each
            # other's way
            "OMP_NUM_THREADS": "1",
        }
        return Command(
            name=f"Worker {name}",
            arguments=(
                *(sys.executable, "-m", "celery", "-A", "deploy.celery", "worker"),
                *("--hostname", f"{name}@%h", "--queues", queues, "--pool", "prefork"),
                *("--concurrency", str(processes), "--prefetch-multiplier", "1"),
                *("--without-gossip", "--without-mingle", "--loglevel", self.log_level),
            ),
            log=self.logs / f"worker-{name}.log",
            environment=environment,
            folder=self.checkout,
            marker=f"--hostname {name}@%h",
            # its orderly end hangs when the broker ends at the same moment, and its tasks stand being cut off
            orphan_signal=signal.SIGKILL,
            grace_s=30,
            is_ready=is_ready,
            ready_timeout_s=START_S,
            prepare=forget_readiness,
        )

    def make_workers(self) -> list[Command]:
        """The booth waits for the queue inspection, so nothing else may ever stand in its way."""
        return [
            self.make_worker("inspection", "inspection", INSPECTION_PROCESSES),
            self.make_worker("background", "normal,bulk,media", 1),
        ]

    def make_sweep(self) -> Command:
        """Return the sweep, a small process of its own, instead of Celery's beat.

        What beat sends goes through the broker, and the sweep is there for when the broker is down or empty:
        overdue inspections are settled all the same. It holds a lock in PostgreSQL, so a second one waits for
        the first.
        """
        return Command(
            name="Sweep",
            arguments=(sys.executable, str(self.checkout / "manage.py"), "sweep"),
            log=self.logs / "sweep.log",
            environment=self.environment,
            folder=self.checkout,
            marker=f"{self.checkout / 'manage.py'} sweep",
        )

    def make_web(self, port: int) -> Command:
        counters = self.data / "metrics"

        def make_folders() -> None:
            # counters of the processes before: added up, they would be of both
            shutil.rmtree(counters, ignore_errors=True)
            counters.mkdir()
            # empty in the demo, where files are found in the packages; WhiteNoise warns when there is none
            static = Path(self.environment.get("STATIC_ROOT") or self.data / "static")
            static.mkdir(parents=True, exist_ok=True)

        return Command(
            name="Web server",
            arguments=(
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "deploy.wsgi:application"),
                *("--host", LOOPBACK, "--port", str(port)),
                *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
                *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning"),
            ),
            log=self.logs / "web.log",
            environment={
                "CHECK_IN_WEB": "1",
                "SHARE_CONNECTIONS": "1",
                **self.environment,
                "PROMETHEUS_MULTIPROC_DIR": str(counters),
                "OMP_NUM_THREADS": "1",
            },
            folder=self.checkout,
            marker=f"--port {port}",
            grace_s=15,
            is_ready=lambda: is_healthy(port, self.health_headers),
            ready_timeout_s=START_S,
            prepare=make_folders,
        )

    @property
    def health_headers(self) -> dict[str, str]:
        """Return what a balancer would send: production answers to its own names only."""
        names = self.environment.get("ALLOWED_HOSTS", "").split(",")
        host = names[0].strip().removeprefix(".")
        return {"Host": host} if host and host != "*" else {}

    def make_step(self, *arguments: str, in_foreground: bool = False) -> Command:
        """Return a management command that runs to its end."""
        return Command(
            name=f"manage.py {arguments[0]}",
            arguments=(sys.executable, str(self.checkout / "manage.py"), *arguments),
            log=self.logs / f"{arguments[0]}.log",
            environment=self.step_environment,
            folder=self.checkout,
            marker=str(self.checkout / "manage.py"),
            in_foreground=in_foreground,
        )


def is_healthy(port: int, headers: Mapping[str, str], timeout_s: float = 5) -> bool:
    """Ask the web server on loopback whether it and its database answer."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        connection.request("GET", "/healthz/", headers=dict(headers))
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def make_environment(
    *,
    base: Mapping[str, str],
    data: Path,
    deployment: str,
    database_url: str,
    broker_url: str,
    secret_key: str,
) -> dict[str, str]:
    """Return the environment of our processes: the caller's, with what the launcher has decided."""
    kept = {name: value for name, value in base.items() if name not in OWNER_VARIABLES}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
        "DEPLOYMENT": deployment,
        "BMIS_DATA_DIR": str(data),
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "SECRET_KEY": secret_key,
        "PYTHONUNBUFFERED": "1",
        "PATH": base.get("PATH", os.defpath),
    }
