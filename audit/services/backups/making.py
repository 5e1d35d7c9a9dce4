"""Make a backup: the database first, the images after it, so that no row of the one lacks its file in the other.

    BACKUP_DIR/20261122T130000Z/base/          a whole cluster, with PostgreSQL's own manifest
                                images/        hard links to the former backup's where nothing changed
                                images.txt     SHA-256, size and name of each
                                manifest.json  when, which server, which piece of the log it needs next
    BACKUP_DIR/key-store, erasures.jsonl       the keys of subjects and the register of erasures, one copy each

Between two backups PostgreSQL hands each segment of its log to WAL_ARCHIVE_DIR, at least every five minutes. It does so only
while a file `enabled` lies there, which the first backup puts there: a log without a backup to start from is worth nothing.
"""

import contextlib
import hashlib
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.db import ProgrammingError, connection
from psycopg.errors import InsufficientPrivilege

from audit.core.actor import Actor
from audit.core.wal import SEGMENT_NAME
from audit.services.backups.archiving import NAME_FORMAT, enable_archive
from audit.services.backups.copying import copy_locked
from audit.services.backups.programs import ProgramFailed, connection_environment, run_program
from audit.services.trail import record

log = structlog.get_logger(__name__)

PART = ".part-"
CHUNK = 1 << 20
KEYS_COPY, REGISTER_COPY = "key-store", "erasures.jsonl"


class BackupFailed(RuntimeError):
    """No backup was made; what there was is untouched. code: stable."""

    def __init__(self, code: str, said: str = ""):
        super().__init__(f"{code}: {said}" if said else code)
        self.code = code


def backups() -> list[Path]:
    """Return the folders of finished backups, oldest first."""
    try:
        found = [p for p in settings.BACKUP_DIR.iterdir() if (p / "manifest.json").exists()]
    except FileNotFoundError:
        return []
    return sorted(p for p in found if not p.name.startswith(PART))


def newest_backup() -> Path | None:
    found = backups()
    return found[-1] if found else None


def make_backup(*, actor: Actor, at: datetime) -> Path:
    """Make one, forget the oldest beyond BACKUPS_KEPT, and return its folder. Raises BackupFailed."""
    former = newest_backup()
    final = settings.BACKUP_DIR / at.astimezone(UTC).strftime(NAME_FORMAT)
    part = final.with_name(PART + final.name)
    if final.exists():
        raise BackupFailed("exists_already")
    settings.BACKUP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in settings.BACKUP_DIR.glob(f"{PART}*"):
        shutil.rmtree(left)
    part.mkdir(mode=0o700)
    try:
        enable_archive()
        base = _copy_database(part / "base")
        images = copy_images(part, former)
        _write(part / "manifest.json", json.dumps({"made_at": at.isoformat(), **base, **images}, indent=1))
        part.rename(final)
    except ProgramFailed as error:
        raise BackupFailed(error.name, error.said) from error
    except OSError as error:
        raise BackupFailed("disk", error.strerror or "") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    copy_beside()
    _forget_old()
    if settings.BACKUP_AFTER:
        _take_away(final)
    record(
        actor=actor,
        at=at,
        action="backup.made",
        object_type="backup",
        object_id=final.name,
        detail={"images": images["image_count"], "next_segment": base["next_segment"]},
    )
    return final


def refresh_images(*, at: datetime) -> int:
    """Take the images that came since into the newest backup; return how many it has now. Raises BackupFailed.

    To be run as often as images may be lost: the archived log brings the rows of the last minutes, not their files.
    """
    newest = newest_backup()
    if newest is None:
        raise BackupFailed("no_backup")
    found = copy_images(newest, newest)
    path = newest / "manifest.json"
    _write(path, json.dumps(json.loads(path.read_text()) | found | {"images_at": at.isoformat()}, indent=1))
    copy_beside()
    return found["image_count"]


def _copy_database(folder: Path) -> dict[str, object]:
    run_program(
        "pg_basebackup",
        [
            *("--pgdata", str(folder), "--format", "plain", "--wal-method", "stream", "--checkpoint", "fast"),
            *("--manifest-checksums", "SHA256", "--no-password", "--label", "bmis"),
        ],
        connection_environment(),
    )
    run_program("pg_verifybackup", ["--quiet", str(folder)])
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), pg_walfile_name(pg_switch_wal())")
            version, ended_in = cursor.fetchone()
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        raise BackupFailed("account_may_not_switch_wal", "see the accounts in docs/access.md") from error
    return {
        "server_version": version,
        # what the backup needs for itself lies in base/pg_wal; the archive goes on from its last segment
        "next_segment": max(filter(SEGMENT_NAME.fullmatch, os.listdir(folder / "pg_wal")), default=ended_in),
        "base_manifest_sha256": sha256_of(folder / "backup_manifest"),
    }


def copy_images(to: Path, former: Path | None) -> dict[str, object]:
    """Bring to/images level with the image store; return count, bytes and the hash of the list.

    Images never change under their name, so one of the same name and size in the former backup is linked, not copied.
    """
    known = read_image_list(former) if former else {}
    source, folder = settings.IMAGE_STORE_DIR, to / "images"
    folder.mkdir(exist_ok=True, mode=0o700)
    lines, total = [], 0
    for name, size in image_files(source):
        path = folder / name
        held = known.get(name)
        if held is None or held[1] != size or not _link(former, name, path):
            try:
                held = (_copy(source / name, path), size)
            except FileNotFoundError:
                continue  # erased since the folder was read
        lines.append(f"{held[0]} {size} {name}\n")
        total += size
    _write(to / "images.txt", "".join(sorted(lines)))
    return {
        "image_count": len(lines),
        "image_bytes": total,
        "image_list_sha256": sha256_of(to / "images.txt"),
    }


def image_files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield names, relative to the folder, and sizes of whole images."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if not name.endswith(".part"):
                path = Path(parent) / name
                with contextlib.suppress(FileNotFoundError):
                    yield str(path.relative_to(folder)), path.stat().st_size


def read_image_list(backup: Path) -> dict[str, tuple[str, int]]:
    """Return SHA-256 and size of each image of a backup by its name."""
    try:
        lines = (backup / "images.txt").read_text().splitlines()
    except FileNotFoundError:
        return {}
    split = (line.split(" ", 2) for line in lines)
    return {name: (digest, int(size)) for digest, size, name in split}


def _link(former: Path | None, name: str, path: Path) -> bool:
    if former is None:
        return False
    if path.exists():  # the newest backup is brought up to date
        return True
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.link(former / "images" / name, path)
    except OSError:
        return False
    return True


def _copy(source: Path, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    part = path.with_name(f"{path.name}.part")
    with source.open("rb") as original, part.open("wb") as copy:
        while chunk := original.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    part.replace(path)
    return digest.hexdigest()


def copy_beside() -> None:
    """Keep one copy of the subjects' keys and of the register of erasures beside the backups, where there are any.

    One generation: an older one would bring back what was erased. The master key that wraps the keys is in no backup.
    Raises BackupFailed.
    """
    try:
        for source, name in (
            (settings.KEY_STORE_FILE, KEYS_COPY),
            (settings.ERASURE_REGISTER_FILE, REGISTER_COPY),
        ):
            if Path(source).exists():
                copy_locked(source=Path(source), to=settings.BACKUP_DIR / name)
    except OSError as error:
        raise BackupFailed("disk", error.strerror or "") from error


def _forget_old() -> None:
    """Remove backups beyond the number that is kept, and the log before the oldest one that stays."""
    found = backups()
    for folder in found[: -settings.BACKUPS_KEPT]:
        shutil.rmtree(folder)
    kept = backups()
    if not kept or not settings.WAL_ARCHIVE_DIR.is_dir():
        return
    first = min(
        filter(SEGMENT_NAME.fullmatch, os.listdir(kept[0] / "base" / "pg_wal")),
        default=json.loads((kept[0] / "manifest.json").read_text())["next_segment"],
    )
    for path in settings.WAL_ARCHIVE_DIR.glob("*.gz"):
        if SEGMENT_NAME.fullmatch(path.name[:24]) and path.name[8:24] < first[8:]:
            path.unlink()


def _take_away(folder: Path) -> None:
    """Run BACKUP_AFTER with the backup and what a restore needs besides it; what is not there is left out."""
    things = {
        "{}": folder,
        "{keys}": settings.BACKUP_DIR / KEYS_COPY,
        "{register}": settings.BACKUP_DIR / REGISTER_COPY,
        "{log}": settings.WAL_ARCHIVE_DIR,
    }
    words = shlex.split(settings.BACKUP_AFTER)
    command = [str(things.get(word, word)) for word in words if word not in things or things[word].exists()]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BackupFailed("not_taken_away", type(error).__name__) from error


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
