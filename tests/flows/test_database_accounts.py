"""The running system works under an account that cannot change evidence, and shows nobody a row out of reach: as one finds it."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.launcher.accounts import APPLICATION, OWNER, settle_accounts
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.identity import read_start_ticks
from deploy.launcher.postgres import DATABASE, PostgresServer
from tests.flows.stack import Stack

EVIDENCE = ("audit_auditentry", "audit_auditblock", "audit_headseen")


@pytest.fixture(scope="module")
def running_url(stack: Stack) -> str:
    """The address of the database as the web server itself was told it."""
    variables = Path(f"/proc/{stack.children['web'].pid}/environ").read_bytes().split(b"\0")
    told = dict(line.decode().split("=", 1) for line in variables if b"=" in line)
    assert "DATABASE_OWNER_URL" not in told
    return told["DATABASE_URL"]


@pytest.fixture
def session(running_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(running_url, options="-c bmis.scope=all") as connection:
        yield connection


def refused(session: psycopg.Connection, statement: str) -> str:
    """Return why the database refuses a statement, or fail."""
    with pytest.raises(psycopg.Error) as refusal, session.transaction():
        session.execute(statement)
    return str(refusal.value)


def test_no_process_that_serves_works_as_superuser_or_owner(
    stack: Stack, session: psycopg.Connection
) -> None:
    row = session.execute(
        "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit,"
        " (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace)"
        " FROM pg_roles r WHERE rolname = current_user"
    ).fetchone()
    assert row == (APPLICATION, False, False, False, False, False, 0)
    at_work = session.execute(
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = %s", [DATABASE]
    ).fetchall()
    assert at_work == [(APPLICATION,)]
    assert read_start_ticks(stack.children["sweep"].pid) is not None


@pytest.mark.parametrize(
    "table", [*EVIDENCE, "borders_crossing", "borders_decision", "biometrics_comparison"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_evidence_cannot_be_changed(session: psycopg.Connection, table: str, statement: str) -> None:
    assert "permission denied" in refused(session, statement.format(table))


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", EVIDENCE)
def test_the_role_of_erasures_cannot_change_the_trail_either(
    session: psycopg.Connection, table: str, statement: str
) -> None:
    session.execute("SET ROLE bmis_eraser")
    session.execute(
        "SELECT set_config('pgtrigger.ignore', '{audit_auditentry:audit_entry_append_only}', false)"
    )
    assert "permission denied" in refused(session, statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "DROP TRIGGER pgtrigger_audit_entry_append_only_e8f53 ON audit_auditentry",
        "SET session_replication_role = replica",
        "ALTER TABLE borders_crossing DISABLE ROW LEVEL SECURITY",
        "DROP POLICY bmis_reach ON borders_crossing",
        "CREATE OR REPLACE FUNCTION audit_announce_rows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE FUNCTION public.jsonb_build_object(text, bigint) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'",
        f"SET ROLE {OWNER}",
        "SET ROLE postgres",
        "ALTER ROLE bmis_app SUPERUSER",
        "CREATE ROLE another SUPERUSER",
        "COPY audit_auditentry TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
        "DELETE FROM django_migrations",
        "INSERT INTO audit_waitingentry (entry_id) VALUES (gen_random_uuid())",
        "UPDATE audit_waitingentry SET written_by = pg_current_xact_id()",
        "INSERT INTO audit_writenote (written_by, part, notes) VALUES (1, 1, '')",
        "UPDATE audit_writenote SET notes = ''",
        "DELETE FROM audit_writenote",
    ],
)
def test_no_way_around_is_open(session: psycopg.Connection, statement: str) -> None:
    assert re.search(
        "permission denied|must be owner|must be able to|only roles|must have", refused(session, statement)
    )


def test_no_right_can_be_given_to_oneself(session: psycopg.Connection) -> None:
    session.execute(
        "GRANT UPDATE, DELETE ON audit_auditentry TO bmis_app"
    )  # a warning only, and nothing granted
    held = "SELECT has_table_privilege('audit_auditentry', 'UPDATE'), has_table_privilege('audit_auditentry', 'DELETE')"
    assert session.execute(held).fetchone() == (False, False)


def test_nobody_reads_rows_of_another_port(session: psycopg.Connection, running_url: str) -> None:
    ports = dict(session.execute("SELECT code, id::text FROM borders_portofentry").fetchall())
    everywhere = session.execute("SELECT count(*) FROM borders_inspection").fetchone()
    there = dict(
        session.execute("SELECT port_id::text, count(*) FROM borders_inspection GROUP BY 1").fetchall()
    )
    assert everywhere is not None
    assert everywhere[0] > 0
    with psycopg.connect(running_url, options="-c bmis.scope=") as looking:
        # who neither is a process of the system nor reaches a port sees nothing
        assert looking.execute("SELECT count(*) FROM borders_inspection").fetchone() == (0,)
        looking.execute("SET ROLE bmis_reader")
        for port in ports.values():
            looking.execute(
                "SELECT set_config('bmis.ports', %s, false), set_config('bmis.roles', 'OFFICER', false)",
                [port],
            )
            assert looking.execute("SELECT DISTINCT port_id::text FROM borders_inspection").fetchall() == (
                [(port,)] if there.get(port) else []
            )
            assert looking.execute("SELECT count(*) FROM borders_protectioncase").fetchone() == (0,)
        for partition in ("borders_crossing_default",):
            assert "permission denied" in refused(looking, f"SELECT count(*) FROM {partition}")


def test_the_sweep_makes_partitions_though_it_owns_none(session: psycopg.Connection) -> None:
    made = session.execute("SELECT borders_make_partition('2099-05-17')").fetchone()
    assert made == ("borders_crossing_2099_05",)
    assert session.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'borders_crossing_2099_05'"
    ).fetchone() == (OWNER,)
    assert session.execute("SELECT count(*) FROM borders_crossing_2099_05").fetchone() == (0,)
    session.rollback()


def test_data_of_before_are_taken_along(server_folder: Path) -> None:
    """As earlier versions left it: one superuser owned and did everything."""
    server = PostgresServer(server_folder, server_folder / "postgres.log", durable=False)
    server.start()
    environment = os.environ | {"DEPLOYMENT": "test", "BMIS_DATA_DIR": str(server_folder)}
    try:
        with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {DATABASE} OWNER TO postgres")
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (id bigserial PRIMARY KEY, text text)")
            connection.execute("INSERT INTO kept (text) VALUES ('row')")
            connection.execute("CREATE FUNCTION said() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            connection.execute("CREATE TABLE gallery_vectors_00 (member_id uuid)")
        server.stop()
        server.start()
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("ALTER TABLE kept ADD COLUMN more text")
            connection.execute("INSERT INTO kept (text) VALUES ('and another')")
            connection.execute("CREATE OR REPLACE FUNCTION said() RETURNS int LANGUAGE sql AS 'SELECT 2'")
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (2,)
        with psycopg.connect(server.application_url) as connection:
            connection.execute("DROP TABLE bmis_galleries.gallery_vectors_00")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--noinput", "--verbosity", "0"],
            cwd=CHECKOUT,
            env=environment
            | {"DATABASE_URL": server.application_url, "DATABASE_OWNER_URL": server.owner_url},
            check=True,
        )
        with psycopg.connect(server.url) as connection:
            settle_accounts(connection, DATABASE)  # safe to repeat
    finally:
        server.stop()


class BareServer(PostgresServer):
    """As the image of a container leaves it: a database, and nobody but its administrator."""

    def make_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def test_the_accounts_of_a_server_of_ones_own_are_as_the_launcher_makes_them(server_folder: Path) -> None:
    held = (
        "SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreaterole, rolreplication,"
        " ARRAY (SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1)"
        " , ARRAY (SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase"
        "  WHERE s.setrole = r.oid AND d.datname = current_database() ORDER BY 1)"
        " FROM pg_roles r WHERE rolname LIKE 'bmis%' ORDER BY 1"
    )
    found = []
    for name, account in (("database-url", APPLICATION), ("database-owner-url", OWNER)):
        address = f"postgresql://{account}:{secrets.token_urlsafe(8)}@database/bmis"
        (server_folder / name).write_text(f"{address}\n")
    for kind in (PostgresServer, BareServer):
        folder = server_folder / kind.__name__
        folder.mkdir()
        server = kind(folder, server_folder / "postgres.log", durable=False)
        server.start()
        try:
            if kind is BareServer:
                made = subprocess.run(
                    [CHECKOUT / "deploy" / "postgresql" / "accounts.sh"],
                    env={
                        "PATH": f"{server.binaries}:{os.environ['PATH']}",
                        "SECRETS_DIR": str(server_folder),
                        "PGHOST": "127.0.0.1",
                        "PGPORT": str(server.port),
                    },
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert made.returncode == 0, made.stderr
            with psycopg.connect(server.url) as connection:
                found.append(connection.execute(held).fetchall())
        finally:
            server.stop()
    assert len(found[0]) == 4
    assert {name: settings for name, *_, settings in found[0] if settings} == {
        APPLICATION: ["bmis.scope=all", "plan_cache_mode=force_generic_plan"],
        OWNER: ["bmis.scope=all"],
    }
    assert found[0] == found[1]


def test_the_deployment_check_names_an_account_that_may_too_much(stack: Stack, running_url: str) -> None:
    def check(url: str) -> str:
        said = subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--tag", "security"],
            cwd=CHECKOUT,
            env=dict(stack.application.environment) | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        return said.stdout + said.stderr

    assert "borders.E00" not in check(running_url)
    assert "borders.E001" in check(stack.database_url)
    assert "borders.E002" in check(stack.postgres.owner_url)
