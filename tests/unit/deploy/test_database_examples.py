"""The examples for PostgreSQL, Patroni and pgbouncer name the accounts that are told how to make, and no others."""

import re

import pytest

from deploy.launcher.accounts import APPLICATION, ERASER, OWNER, READER
from deploy.launcher.configuration import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
ACCESS = (CHECKOUT / "docs" / "access.md").read_text()
OPERATIONS = (CHECKOUT / "docs" / "operations.md").read_text()
EXAMPLES = (
    "postgresql/pg_hba.conf",
    "patroni/patroni.yml",
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
