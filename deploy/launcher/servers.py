"""The two servers behind the application: given by their addresses, or embedded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.launcher.configuration import Configuration
from deploy.launcher.places import check_disk_space, find_account, settle_server_folder
from deploy.launcher.postgres import PostgresServer
from deploy.launcher.supervisor import Supervisor
from deploy.launcher.valkey import ValkeyServer


def link_archive(data: Path, archive: Path) -> None:
    """Let the settings' default place for the archived log lead to where the server, of another account perhaps, puts it."""
    link = data / archive.name
    if link != archive and not link.exists():
        link.symlink_to(archive, target_is_directory=True)


@dataclass(frozen=True)
class ServerUrls:
    """database: of the application's account. owner: of the one that owns the tables; the same where there is only one."""

    database: str
    broker: str
    owner: str


def start_servers(
    configuration: Configuration, supervisor: Supervisor, say: Callable[[str], None]
) -> ServerUrls:
    """Start each server whose address is not given; return the addresses of both."""
    configuration.check_embedded_servers_are_allowed()
    database_url, broker_url = configuration.database_url, configuration.broker_url
    owner_url = configuration.database_owner_url or database_url
    watch = supervisor.check_not_stopping
    logs = configuration.data / "logs"
    if database_url is None or broker_url is None:
        account = find_account()
        folder = settle_server_folder(configuration.data, account)
        check_disk_space(folder)
    if database_url is None:
        postgres = PostgresServer(folder, logs / "postgres.log", account=account)
        supervisor.adopt(postgres.start(watch))
        say(f"PostgreSQL  port {postgres.port}, data in {postgres.data}")
        link_archive(configuration.data, postgres.archive)
        database_url, owner_url = postgres.application_url, postgres.owner_url
    else:
        say("PostgreSQL  as DATABASE_URL says")
    if broker_url is None:
        valkey = ValkeyServer(folder, logs / "valkey.log", account=account)
        supervisor.adopt(valkey.start(watch))
        say(f"Valkey      port {valkey.port}, data in {valkey.data}")
        broker_url = valkey.url
    else:
        say("Valkey      as BROKER_URL says")
    return ServerUrls(database_url, broker_url, owner_url or database_url)
