"""Put a backup back: files into empty folders, and the log up to the moment that is asked for when the server starts."""

import os
import pwd
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from audit.services.backups.checking import Problem, check_backup


class RestoreRefused(RuntimeError):
    """Nothing was put back. code: not_empty, damaged, before_backup. problems: of a damaged backup."""

    def __init__(self, code: str, problems: list[Problem] | None = None):
        super().__init__(code)
        self.code, self.problems = code, problems or []


def restore_backup(
    *,
    backup: Path,
    data: Path,
    images: Path,
    until: datetime | None,
    owner: str = "",
    force: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Copy a backup into a data folder and an image folder, both empty or absent, ready for the server to be started on.

    until: the moment to which the log is replayed, aware; None: as far as it goes. owner: the account that PostgreSQL runs
    as, if it is another one. force: put back what can be, although something is missing or damaged. Raises RestoreRefused.
    """
    for folder in (data, images):
        if folder.exists() and any(folder.iterdir()):
            raise RestoreRefused("not_empty")
    progress("checking the backup and the log")
    problems = list(check_backup(backup))
    if problems and not force:
        raise RestoreRefused("damaged", problems)
    progress("copying the database")
    shutil.copytree(backup / "base", data, dirs_exist_ok=True)
    configure_recovery(data, until)
    progress("copying the images")
    shutil.copytree(backup / "images", images, dirs_exist_ok=True)
    data.chmod(0o700)
    if owner:
        account = pwd.getpwnam(owner)
        for parent, folders, files in os.walk(data):
            for name in (".", *folders, *files):
                os.chown(Path(parent) / name, account.pw_uid, account.pw_gid, follow_symlinks=False)


def configure_recovery(data: Path, until: datetime | None) -> None:
    """Have the server replay the archived log at its next start, and then be a primary of a new timeline."""
    archive = settings.WAL_ARCHIVE_DIR
    lines = [
        f'restore_command = \'test -f "{archive}/%f.gz" && gzip -dc "{archive}/%f.gz" > "%p"\'',
        "recovery_target_timeline = 'latest'",
        "recovery_target_action = 'promote'",
    ]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'")
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("\n# of the restore; manage.py restore_backup wrote these\n" + "\n".join(lines) + "\n")
    (data / "recovery.signal").touch()
