"""What the environment asks of the launcher, read once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.failures import ExitCode, LaunchError

CHECKOUT = Path(__file__).resolve().parents[2]
DEPLOYMENTS = ("demo", "test", "production")
DEFAULT_WEB_PORT = 8000


@dataclass(frozen=True)
class Configuration:
    """checkout: the folder of manage.py.

    web_port None: the first free one from 8000. URLs None: an embedded server.
    """

    checkout: Path
    data: Path
    deployment: str
    database_url: str | None
    broker_url: str | None
    web_port: int | None
    secret_key: str | None
    database_owner_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], checkout: Path = CHECKOUT) -> Configuration:
        deployment = environment.get("DEPLOYMENT") or "demo"
        if deployment not in DEPLOYMENTS:
            raise LaunchError(
                f"DEPLOYMENT is {deployment!r}; it must be one of {', '.join(DEPLOYMENTS)}.", ExitCode.REFUSED
            )
        return cls(
            checkout=checkout,
            data=Path(environment.get("BMIS_DATA_DIR") or checkout / ".data").absolute(),
            deployment=deployment,
            database_url=environment.get("DATABASE_URL") or None,
            database_owner_url=environment.get("DATABASE_OWNER_URL") or None,
            broker_url=environment.get("BROKER_URL") or None,
            web_port=read_port(environment.get("WEB_PORT")),
            secret_key=environment.get("SECRET_KEY") or None,
        )

    def check_embedded_servers_are_allowed(self) -> None:
        """Refuse to stand in for the servers of a State: no TLS, no passwords, one machine, no replica."""
        if self.deployment != "production":
            return
        missing = [
            name
            for name, value in (
                ("DATABASE_URL", self.database_url),
                ("BROKER_URL", self.broker_url),
                ("SECRET_KEY", self.secret_key),
            )
            if value is None
        ]
        if missing:
            raise LaunchError(
                "DEPLOYMENT=production never starts the embedded PostgreSQL and Valkey, nor makes a secret "
                "key of its "
                f"own. Set {' and '.join(missing)} (see deploy/env.example), or leave DEPLOYMENT out for "
                "the demo.",
                ExitCode.REFUSED,
            )


def read_port(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise LaunchError(f"WEB_PORT is {text!r}; it must be a number from 1 to 65535.", ExitCode.REFUSED)
    return int(text)


def keep_secret_key(data: Path) -> str:
    """Return the demo's secret key, made on the first run and kept, so that sessions outlive a restart."""
    path = data / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if kept:
            return kept
        descriptor = os.open(
            path, os.O_WRONLY | os.O_TRUNC
        )  # a first run that died between making and writing it
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
    return key
