"""The archive of PostgreSQL's write-ahead log, as a backup wants it: asked for, and looked at from outside the server."""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from audit.core.wal import SEGMENT_NAME

NAME_FORMAT = "%Y%m%dT%H%M%SZ"
ENABLED = "enabled"


def enable_archive() -> None:
    """Tell the server's archive_command to keep the log from now on."""
    with contextlib.suppress(FileNotFoundError):  # archived elsewhere, by other means
        (settings.WAL_ARCHIVE_DIR / ENABLED).touch()


def made_at(backup: Path) -> datetime:
    """Return when a backup was begun, by the name of its folder."""
    return datetime.strptime(backup.name, NAME_FORMAT).replace(tzinfo=UTC)


def unarchived_since(*, newest: Path | None) -> datetime | None:
    """Return since when the log lies in no archive, though the newest backup wants it.

    That is when the newest segment was kept, or the backup begun if none was since. None where there is no backup, or no folder:
    then the log is archived by other means. Read from the folder and not asked of the server: with less than a GiB left its
    archive_command ends well and keeps nothing, so that PostgreSQL believes all is archived. A folder that cannot be read
    counts as one without segments.
    """
    archive = Path(settings.WAL_ARCHIVE_DIR)
    if newest is None or not archive.is_dir():
        return None
    begun_at = made_at(newest)
    try:
        kept = [n for n in os.listdir(archive) if n.endswith(".gz") and SEGMENT_NAME.fullmatch(n[:-3])]
        # names rise with timeline and number: one look at a file, however many there are
        latest = (archive / max(kept)).stat().st_mtime if kept else 0.0
    except OSError:
        return begun_at
    return max(begun_at, datetime.fromtimestamp(latest, UTC))
