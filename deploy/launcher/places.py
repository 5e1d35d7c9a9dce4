"""Where the servers' data and binaries lie, and who may reach them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.launcher.failures import ExitCode, LaunchError

UNPRIVILEGED = "nobody"
FALLBACK_PARENT = Path("/var/tmp")  # not /tmp: it outlives a reboot
POINTER = "servers-folder"
MEMORY = Path("/dev/shm")
GALLERY_ROOM = 1 << 30
MIB = 1024 * 1024
NEEDED_MIB = 500  # a new cluster is 40 MB, its first write-ahead log 16 MB, a demo's images some 20 MB


def find_account() -> pwd.struct_passwd | None:
    """Return the account the servers run as: PostgreSQL refuses to run as root. None: ourselves."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def can_reach(account: pwd.struct_passwd | None, path: Path) -> bool:
    """Tell whether the account may pass through every folder down to path and use path itself."""
    if account is None:
        return True
    for step in (path, *path.parents):
        status = step.stat()
        needed = 0o100 if status.st_uid == account.pw_uid else 0o001
        if not status.st_mode & needed:
            return False
    return True


def find_memory(
    limits: Sequence[Path] = (Path("/sys/fs/cgroup/memory.max"),),
) -> int:
    """Return the bytes of memory that this machine, or this container, has. limits: where a container is told."""
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for limit in limits:
        with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
            found.append(int(limit.read_text()))
    return min(found)


def find_package(name: str) -> Path:
    """Return the folder of an installed package without importing it and running its start-up code."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LaunchError(f"The package {name} is not installed. Run `make install`.")
    return Path(spec.origin).parent


def make_data_folder(data: Path) -> None:
    """Make the data folder, or say who must change what."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except PermissionError as error:
        owner = describe_owner(data)
        raise LaunchError(
            f"No permission to write in {data}{owner}. Run as its owner, give it to you (chown), or set "
            "BMIS_DATA_DIR to a folder of your own.",
            ExitCode.NO_PERMISSION,
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise LaunchError(
            f"{data} is not a folder. Set BMIS_DATA_DIR to a folder.", ExitCode.REFUSED
        ) from error


def describe_owner(path: Path) -> str:
    for step in (path, *path.parents):
        if step.exists():
            uid = step.stat().st_uid
            try:
                name = pwd.getpwuid(uid).pw_name
            except KeyError:
                name = f"user {uid}"
            return f" ({step} belongs to {name})"
    return ""


def check_disk_space(folder: Path, needed_mib: int = NEEDED_MIB) -> None:
    free_mib = shutil.disk_usage(folder).free // MIB
    if free_mib < needed_mib:
        raise disk_full(folder, f"{free_mib} MiB are free, {needed_mib} MiB are needed")


def disk_full(folder: Path, detail: str) -> LaunchError:
    return LaunchError(
        f"The disk of {folder} is full: {detail}. Make room, or set BMIS_DATA_DIR to a folder on another "
        "disk. "
        "Nothing that was recorded is lost: start again when there is room.",
        ExitCode.DISK_FULL,
    )


def settle_server_folder(data: Path, account: pwd.struct_passwd | None) -> Path:
    """Return the folder that holds the servers' data: the data folder itself, if the servers can reach it.

    A checkout below a private home (/root) is closed to the unprivileged account, and we open no folder of
    anybody. Then it is a folder of its own under /var/tmp, made once; the data folder keeps a pointer to it.
    """
    pointer = data / POINTER
    if pointer.exists():
        folder = Path(pointer.read_text().strip())
        if folder.is_dir() and folder.stat().st_uid == os.geteuid():
            return folder
    if can_reach(account, data):
        return data
    folder = Path(tempfile.mkdtemp(prefix="bmis-", dir=FALLBACK_PARENT))
    folder.chmod(0o755)
    (folder / "belongs-to").write_text(f"{data}\n")
    pointer.write_text(f"{folder}\n")
    return folder


def gallery_folder(data: Path) -> Path:
    """Return where the demo keeps its galleries: in memory where the system has room for that, else with its data.

    A gallery is faces in the clear (docs/data-protection.md), so no disk should see it.
    """
    try:
        room = os.statvfs(MEMORY)
        is_there = os.access(MEMORY, os.W_OK) and room.f_bavail * room.f_frsize >= GALLERY_ROOM
    except OSError:
        is_there = False
    name = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:12]
    return MEMORY / f"bmis-{os.geteuid()}-{name}" if is_there else data / "galleries"


def remove_data(data: Path) -> list[Path]:
    """Remove the data folder and the server folder it points to; return what was removed."""
    pointer = data / POINTER
    removed = []
    if pointer.exists():
        folder = Path(pointer.read_text().strip())
        if folder.parent == FALLBACK_PARENT and folder.name.startswith("bmis-") and folder.is_dir():
            shutil.rmtree(folder)
            removed.append(folder)
    if gallery_folder(data).is_dir():
        shutil.rmtree(gallery_folder(data))
    if data.is_dir():
        shutil.rmtree(data)
        removed.append(data)
    return removed


def own(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Make a private folder for the account that the servers run as; LaunchError when it is another's."""
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    uid = os.geteuid() if account is None else account.pw_uid
    if made and account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    elif folder.stat().st_uid != uid:
        raise LaunchError(
            f"No permission to use {folder}{describe_owner(folder)}: an earlier run was started by another "
            "user. "
            "Start as that one, or remove the data as that one (`make clean`).",
            ExitCode.NO_PERMISSION,
        )
    folder.chmod(0o700)


def copy_readable(source: Path, target: Path) -> None:
    """Copy a file or a folder whole or not at all, readable by everybody."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
    copy = part / source.name
    if source.is_dir():
        shutil.copytree(source, copy, symlinks=True)
    else:
        shutil.copy2(source, copy)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            # a checkout made under umask 077 is closed to others; the copy has to be open
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    copy.rename(target)
    part.rmdir()
