"""System checks: a production system whose keys or faces lie open does not start."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from biometrics.services.keys import MasterKeyError, master_keys

MEMORY_SYSTEMS = ("tmpfs", "ramfs")
ADVICE = {
    "master_key_missing": "Make one with: manage.py rotate_master_key --first. Or bring the file from the safe.",
    "master_key_exposed": "chmod 600, and replace the keys: others may have read them.",
    "master_key_malformed": "One key of 32 bytes in Base64 a line.",
}


def check_custody(**_: Any) -> list[CheckMessage]:
    """Return what is wrong with keys and galleries of a production system."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []
    try:
        master_keys()
    except MasterKeyError as error:
        found.append(Error(f"Master keys: {error.code}.", hint=ADVICE[error.code], id="biometrics.E001"))
    if settings.GALLERY_BACKEND == "exact":
        if not (
            settings.GALLERY_DISK_ENCRYPTED or file_system_of(Path(settings.GALLERY_DIR)) in MEMORY_SYSTEMS
        ):
            hint = "Put GALLERY_DIR on a tmpfs, or say GALLERY_DISK_ENCRYPTED=true if its disk is."
            found.append(
                Error("Galleries would lie in the clear on a disk.", hint=hint, id="biometrics.E002")
            )
    elif not settings.GALLERY_DISK_ENCRYPTED:
        hint = "Encrypt the disks of that server and its backups, then say GALLERY_DISK_ENCRYPTED=true."
        found.append(
            Error(f"{settings.GALLERY_BACKEND} keeps vectors in the clear.", hint=hint, id="biometrics.E003")
        )
    master, backups = Path(settings.MASTER_KEY_FILE).resolve(), Path(settings.BACKUP_DIR).resolve()
    if master.is_relative_to(backups) or master.is_relative_to(Path(settings.BMIS_DATA_DIR).resolve()):
        hint = "Who takes the data takes the key with them."
        found.append(
            Warning("The master keys lie with the data or in the backups.", hint=hint, id="biometrics.W001")
        )
    return found


def file_system_of(path: Path) -> str:
    """Return the kind of file system that a path lies, or would lie, on; "" where the system does not say."""
    while not path.exists():
        path = path.parent
    path = path.resolve()
    best, kind = -1, ""
    try:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return ""
    for line in mounts:
        _, place, system, *_ = line.split(" ")
        mounted = Path(place.encode().decode("unicode_escape"))
        if path.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, kind = len(mounted.parts), system
    return kind
