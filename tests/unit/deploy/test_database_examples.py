"""The examples for PostgreSQL, Patroni and pgbouncer name the accounts that are told how to make, and no others."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy.launcher.accounts import APPLICATION, ERASER, OWNER, READER
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.postgres import PACKAGE, make_archive_command

DEPLOY = CHECKOUT / "deploy"
ACCESS = (CHECKOUT / "docs" / "access.md").read_text()
OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text()
EXAMPLES = (
    "postgresql/pg_hba.conf",
    "patroni/patroni.yml",
    "postgresql/pg_hba-compose.conf",
    "pgbouncer/pgbouncer.ini",
    "env.example",
    "compose.yaml",
)
MADE = re.compile(r"CREATE ROLE (bmis_\w+)")
# schema of the galleries, and metrics
OTHERWISE = {"bmis_galleries"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_account_of_an_example_is_told_how_to_make(name):
    named = set(re.findall(r"\bbmis_[a-z]+\b", (DEPLOY / name).read_text())) - OTHERWISE
    assert named <= set(MADE.findall(ACCESS)) | set(MADE.findall(OPERATIONS))


@pytest.mark.parametrize(
    "text", [ACCESS, (DEPLOY / "postgresql" / "accounts.sh").read_text()], ids=["page", "script"]
)
def test_page_and_script_make_the_accounts_as_the_launcher_does(text):
    assert set(MADE.findall(text)) == {OWNER, APPLICATION, READER, ERASER}
    assert re.search(rf"CREATE ROLE {OWNER} LOGIN REPLICATION", text)
    assert re.search(rf"GRANT EXECUTE ON FUNCTION pg_switch_wal\(\) TO {OWNER}", text)
    application = re.search(rf"CREATE ROLE {APPLICATION} [^\n]*", text)[0]
    assert "NOINHERIT" in application
    assert "NOBYPASSRLS" in application
    assert f"IN ROLE {READER}, {ERASER}" in application


@pytest.mark.parametrize("name", EXAMPLES[:2])
def test_both_accounts_and_backups_are_let_in_by_tls_and_password_alone(name):
    text = re.sub(r"(?m)^#.*$", "", (DEPLOY / name).read_text())
    lines = [re.sub(r"\s+", " ", line) for line in text.splitlines()]
    for database, account in (("bmis", APPLICATION), ("bmis", OWNER), ("replication", OWNER)):
        found = [line for line in lines if f"{database} {account} " in line]
        assert len(found) == 1
        assert "hostssl" in found[0]
        assert "scram-sha-256" in found[0]
    assert not any(re.search(r"\b(trust|md5|password)$", line) for line in lines)
    # who only looks or erases signs in nowhere
    assert not any(account in line for line in lines for account in (READER, ERASER))


@pytest.fixture
def archive_command(tmp_path: Path) -> str:
    """What bmis.conf tells the server to run, as PostgreSQL itself reads the file."""
    (tmp_path / "cluster").mkdir()
    settings = (DEPLOY / "postgresql" / "bmis.conf").read_text()
    (tmp_path / "cluster" / "postgresql.conf").write_text(settings)
    said = subprocess.run(
        [PACKAGE / "pginstall" / "bin" / "postgres", "-C", "archive_command", "-D", tmp_path / "cluster"],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.rstrip("\n")


def archive(command: str, folder: Path, segment: Path, content: bytes) -> int:
    segment.write_bytes(content)
    ready = command.replace("/srv/backup/bmis-wal", str(folder))
    ready = ready.replace("%p", str(segment)).replace("%f", segment.name)
    # as PostgreSQL's own processes: nobody else reads what they write
    return subprocess.run(
        ["sh", "-c", f"umask 0077; {ready}"], env={"PATH": os.environ["PATH"]}, check=False
    ).returncode


def test_a_server_of_ones_own_archives_as_the_launchers_does(archive_command):
    place = re.search(r"^#WAL_ARCHIVE_DIR=(\S+)$", (DEPLOY / "env.example").read_text(), re.MULTILINE)[1]
    assert archive_command == f"umask 0027; {make_archive_command(Path(place))}"


def test_a_segment_is_archived_once_a_backup_wants_it_and_never_over_another(archive_command, tmp_path):
    folder, segment = tmp_path / "archive", tmp_path / "000000010000000000000001"
    folder.mkdir()
    kept = folder / f"{segment.name}.gz"
    assert archive(archive_command, folder, segment, b"before any backup") == 0
    assert not kept.exists()
    (folder / "enabled").touch()
    assert archive(archive_command, folder, segment, b"a segment") == 0
    assert gzip.decompress(kept.read_bytes()) == b"a segment"
    # backups are another account's, of the folder's group
    assert kept.stat().st_mode & 0o777 == 0o640
    assert archive(archive_command, folder, segment, b"a segment") == 0
    assert archive(archive_command, folder, segment, b"another one") != 0
    assert gzip.decompress(kept.read_bytes()) == b"a segment"


PATRONI = yaml.safe_load((DEPLOY / "patroni" / "patroni.yml").read_text())["postgresql"]


def test_the_superuser_of_patroni_comes_by_the_socket():
    assert "local all postgres peer" in PATRONI["pg_hba"]
    assert PATRONI["use_unix_socket"] is True
    assert PATRONI["authentication"]["superuser"] == {"username": "postgres"}


@pytest.mark.parametrize(("purpose", "database"), [("replication", "replication"), ("rewind", "postgres")])
def test_an_account_of_patroni_brings_what_it_is_asked_for(purpose, database):
    account = PATRONI["authentication"][purpose]
    let_in = [line.split() for line in PATRONI["pg_hba"] if f" {account['username']} " in line]
    assert [(line[0], line[1], line[4:]) for line in let_in] == [
        ("hostssl", database, ["scram-sha-256", "clientcert=verify-full"])
    ]
    assert account["sslmode"] == "verify-full"
    # verify-full: the certificate is made out to the account
    assert Path(account["sslcert"]).stem == Path(account["sslkey"]).stem == account["username"]
    # a password never stands here
    assert "password" not in account


def test_no_line_of_patroni_stands_behind_the_one_that_refuses():
    assert PATRONI["pg_hba"][-1].split() == ["host", "all", "all", "all", "reject"]


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_the_address_of_the_example_brings_what_pg_hba_asks_for(variable):
    address = re.search(rf"^#{variable}=(\S+)$", (DEPLOY / "env.example").read_text(), re.MULTILINE)[1]
    show = "import json, deploy.settings as s; print(json.dumps(s.DATABASES['default']))"
    said = subprocess.run(
        [sys.executable, "-c", show],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(said.stdout)
    asked = [
        line.split()
        for line in (DEPLOY / "postgresql" / "pg_hba.conf").read_text().splitlines()
        if re.match(rf"hostssl +{found['NAME']} +{found['USER']} ", line)
    ]
    assert [line[4:] for line in asked] == [["scram-sha-256", "clientcert=verify-ca"]]
    # what the address says of TLS is not lost among our own options
    options = found["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["options"].startswith("-c bmis.scope=all ")
    assert all(options[name].startswith("/etc/bmis/tls/") for name in ("sslrootcert", "sslcert", "sslkey"))
