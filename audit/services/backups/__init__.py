"""Back up the database and the images together, check a backup, and put one back to a moment of choice."""

from audit.services.backups.archiving import made_at, unarchived_since
from audit.services.backups.checking import Problem, check_backup
from audit.services.backups.copying import copy_locked
from audit.services.backups.making import (
    KEYS_COPY,
    REGISTER_COPY,
    BackupFailed,
    make_backup,
    newest_backup,
    refresh_images,
)
from audit.services.backups.restoring import RestoreRefused, restore_backup

__all__ = [
    "KEYS_COPY",
    "REGISTER_COPY",
    "BackupFailed",
    "Problem",
    "RestoreRefused",
    "check_backup",
    "copy_locked",
    "made_at",
    "make_backup",
    "newest_backup",
    "refresh_images",
    "restore_backup",
    "unarchived_since",
]
