"""How old the part of PostgreSQL's log is that lies in no archive."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.services.backups import unarchived_since
from audit.services.backups.archiving import enable_archive
from borders.api import vitals
from deploy.launcher.postgres import make_archive_command

BACKUP_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEPT_AT = BACKUP_AT + timedelta(hours=1)


@pytest.fixture
def archive(settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR, settings.WAL_ARCHIVE_DIR = tmp_path / "backups", tmp_path / "wal"
    settings.WAL_ARCHIVE_DIR.mkdir()
    return settings.WAL_ARCHIVE_DIR


@pytest.fixture
def backup(settings, archive: Path) -> Path:
    newest = settings.BACKUP_DIR / "20261120T080000Z"
    newest.mkdir(parents=True)
    (newest / "manifest.json").touch()
    return newest


def hand_over(archive: Path, number: int, *, free_kib: int) -> int:
    """Run the archive command for a segment on a disk with so much left, as PostgreSQL does; return its exit status."""
    folder = archive.parent / "bin"
    folder.mkdir(exist_ok=True)
    df = folder / "df"
    df.write_text(f"#!/bin/sh\necho Filesystem blocks used free\necho disk 1 1 {free_kib} 1% /\n")
    df.chmod(0o755)
    segment = archive.parent / f"{number:024X}"
    segment.write_bytes(b"a segment")
    command = make_archive_command(archive).replace("%p", str(segment)).replace("%f", segment.name)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-c", command], env=environment, check=False).returncode


def keep(archive: Path, name: str, at: datetime) -> None:
    (archive / name).touch()
    os.utime(archive / name, (at.timestamp(), at.timestamp()))


def metric(name: str, at: datetime) -> float | None:
    values = [f.samples[0].value for f in vitals.backup(at) if f.name == name]
    return values[0] if values else None


def test_the_log_is_kept_up_to_its_newest_segment(archive: Path, backup: Path) -> None:
    keep(archive, f"{2:024X}.gz", KEPT_AT)
    keep(archive, f"{1:024X}.gz", BACKUP_AT)
    for other in ("00000002.history.gz", f".{3:024X}.part", f"{4:024X}.00000028.backup.gz", "enabled"):
        keep(archive, other, KEPT_AT + timedelta(hours=1))
    assert unarchived_since(newest=backup) == KEPT_AT
    assert metric("bmis_wal_unarchived_seconds", KEPT_AT + timedelta(seconds=90)) == 90


def test_a_backup_with_no_log_after_it_counts_from_its_beginning(archive: Path, backup: Path) -> None:
    assert unarchived_since(newest=backup) == BACKUP_AT
    keep(archive, f"{1:024X}.gz", BACKUP_AT - timedelta(days=1))
    assert unarchived_since(newest=backup) == BACKUP_AT


def test_an_archive_that_stops_for_want_of_room_grows_old_though_postgresql_sees_no_failure(
    archive: Path, backup: Path
) -> None:
    enable_archive()
    assert hand_over(archive, 1, free_kib=2 << 20) == 0
    keep(archive, f"{1:024X}.gz", KEPT_AT)
    assert hand_over(archive, 2, free_kib=(1 << 20) - 1) == 0
    assert hand_over(archive, 3, free_kib=2 << 20) == 0  # not before a backup asks again
    assert metric("bmis_wal_unarchived_seconds", KEPT_AT + timedelta(minutes=11)) == 660

    enable_archive()
    assert hand_over(archive, 4, free_kib=2 << 20) == 0
    assert unarchived_since(newest=backup) > KEPT_AT + timedelta(minutes=11)


def test_a_log_that_no_backup_wants_or_others_archive_has_no_age(archive: Path, settings) -> None:
    keep(archive, f"{1:024X}.gz", KEPT_AT)
    assert unarchived_since(newest=None) is None
    assert metric("bmis_wal_unarchived_seconds", KEPT_AT) is None
    settings.WAL_ARCHIVE_DIR = archive / "elsewhere"
    assert unarchived_since(newest=settings.BACKUP_DIR / "20261120T080000Z") is None


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_archive(
    archive: Path, backup: Path, monkeypatch
) -> None:
    def shut(_: object) -> list[str]:
        raise PermissionError

    keep(archive, f"{1:024X}.gz", KEPT_AT)
    monkeypatch.setattr(os, "listdir", shut)
    assert unarchived_since(newest=backup) == BACKUP_AT
