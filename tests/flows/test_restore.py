"""A backup is put back to a moment of choice, on real servers; what is damaged or missing is reported before."""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from audit.services.backups import RestoreRefused, check_backup, restore_backup
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.postgres import PostgresServer

pytestmark = pytest.mark.flow


@dataclass
class Site:
    """A durable server with its archive, a migrated database, an image, and a backup of it all."""

    folder: Path
    server: PostgresServer

    def manage(self, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "DEPLOYMENT": "test",
            "BMIS_DATA_DIR": str(self.folder),
            "DATABASE_URL": url or self.server.owner_url,
        }
        command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)

    @property
    def backup(self) -> Path:
        return max(p for p in (self.folder / "backups").iterdir() if p.is_dir())

    def archived(self) -> list[Path]:
        return sorted((self.folder / "wal-archive").glob("0*.gz"))

    def write(self, code: str) -> datetime:
        """Write one row, close the segment of the log, and return the moment after it."""
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute("INSERT INTO auth_group (name) VALUES (%s)", [code])
            (moment,) = connection.execute("SELECT clock_timestamp()").fetchone()
            (name,) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        deadline = time.monotonic() + 60
        while not (self.folder / "wal-archive" / f"{name}.gz").exists():
            assert time.monotonic() < deadline, "the segment was not archived"
            time.sleep(0.05)
        return moment + timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def site() -> Generator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="bmis-restore-"))
    folder.chmod(0o755)
    (folder / "static").mkdir()
    server = PostgresServer(folder, folder / "postgres.log")
    server.start()
    made = Site(folder, server)
    try:
        migrated = made.manage("migrate", "--noinput", "-v0")
        assert migrated.returncode == 0, migrated.stderr
        (folder / "images" / "ab").mkdir(parents=True)
        (folder / "images" / "ab" / "first").write_bytes(b"a picture")
        done = made.manage("backup")
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        server.stop()
        shutil.rmtree(folder)


def groups_of(data: Path) -> set[str]:
    """Start a server on restored data, wait until it has replayed the log, and return the rows."""
    server = PostgresServer(data.parent, data.parent / "postgres.log", durable=False)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            return {row[0] for row in connection.execute("SELECT name FROM auth_group")}
    finally:
        server.stop()


@pytest.fixture
def elsewhere() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bmis-restored-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


OWNER = ("--owner", "nobody") if os.geteuid() == 0 else ()


def test_backup_comes_back_at_the_moment_asked_for_with_its_images(site, elsewhere):
    site.write("before")
    moment = site.write("until here")
    site.write("too late")
    (site.folder / "images" / "ab" / "second").write_bytes(b"another picture")
    assert site.manage("backup", "--images-only").returncode == 0
    data, images = elsewhere / "postgres", elsewhere / "images"
    done = site.manage(
        "restore_backup",
        "--data",
        str(data),
        "--images",
        str(images),
        "--time",
        moment.astimezone(UTC).isoformat(),
        *OWNER,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert groups_of(data) == {"before", "until here"}
    assert {p.name for p in (images / "ab").iterdir()} == {"first", "second"}


@pytest.fixture
def here(site, settings) -> Site:
    """The site, with this process's settings pointing at its backups: what needs no database is called, not started."""
    settings.BACKUP_DIR, settings.WAL_ARCHIVE_DIR = site.folder / "backups", site.folder / "wal-archive"
    return site


def test_missing_segment_is_named_and_nothing_is_put_back(here, elsewhere):
    for code in ("one", "two", "three"):
        here.write(code)
    lost = here.archived()[-2]
    kept = lost.read_bytes()
    lost.unlink()
    try:
        with pytest.raises(RestoreRefused, match="damaged") as refused:
            restore_backup(backup=here.backup, data=elsewhere / "p", images=elsewhere / "i", until=None)
    finally:
        lost.write_bytes(kept)
    assert [str(problem) for problem in refused.value.problems] == [
        f"wal_missing: {lost.name.removesuffix('.gz')}"
    ]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("part", ["database", "image", "log"])
def test_flipped_byte_is_named(here, part):
    here.write(f"flip {part}")
    path, said = {
        "database": (
            max((here.backup / "base" / "base").rglob("*"), key=lambda p: p.stat().st_size),
            "database_damaged",
        ),
        "image": (here.backup / "images" / "ab" / "first", "image_damaged: ab/first"),
        "log": (here.archived()[-1], f"wal_damaged: {here.archived()[-1].name.removesuffix('.gz')}"),
    }[part]
    kept = path.read_bytes()
    # the log is mostly zeros, and there a flipped bit may stand for the same zeros
    middle = 40 if part == "log" else len(kept) // 2
    path.write_bytes(kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :])
    try:
        problems = [str(problem) for problem in check_backup(here.backup)]
    finally:
        path.write_bytes(kept)
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_nothing_is_put_back_over_something(here, elsewhere):
    (elsewhere / "p").mkdir()
    (elsewhere / "p" / "precious").touch()
    with pytest.raises(RestoreRefused, match="not_empty"):
        restore_backup(backup=here.backup, data=elsewhere / "p", images=elsewhere / "i", until=None)
    assert [p.name for p in (elsewhere / "p").iterdir()] == ["precious"]


def test_log_from_before_the_oldest_backup_is_thrown_away(site):
    site.write("old")
    oldest = site.archived()[0]
    for _ in range(2):
        done = site.manage("backup")
        assert done.returncode == 0, done.stderr
    assert len([p for p in (site.folder / "backups").iterdir() if p.is_dir()]) == 2
    assert not oldest.exists()
    assert all(gzip.decompress(p.read_bytes()) for p in site.archived())


def test_account_that_may_not_make_backups_is_told_so_and_leaves_nothing(site):
    there = sorted(p.name for p in (site.folder / "backups").iterdir())
    refused = site.manage("backup", url=site.server.application_url)
    assert refused.returncode == 1
    assert "replication" in refused.stderr.lower()
    with psycopg.connect(site.server.url, autocommit=True) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM bmis_owner")
    try:
        refused = site.manage("backup")
    finally:
        with psycopg.connect(site.server.url, autocommit=True) as connection:
            connection.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO bmis_owner")
    assert refused.returncode == 1
    assert "account_may_not_switch_wal" in refused.stderr
    assert sorted(p.name for p in (site.folder / "backups").iterdir()) == there
