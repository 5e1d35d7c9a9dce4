"""The demo accounts' passwords: random, made once, kept beside the data of this checkout and readable by its
owner alone.
"""

import json
import os
import secrets
from pathlib import Path

from borders.demo.places import STAFF

FILE_NAME = "demo-logins.json"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
GROUPS, GROUP_LENGTH = 4, 4


class LoginsMissing(LookupError):
    """There is no file of logins: the demo was not seeded on this data folder."""


def keep_logins(data_dir: Path) -> dict[str, str]:
    """Return the password of each demo account.

    Those that have none get one, and the file is written only then.
    """
    path = data_dir / FILE_NAME
    kept = _read(path) if path.exists() else {}
    passwords = {person.username: kept.get(person.username) or _make_password() for person in STAFF}
    if passwords != kept:
        _write(path, passwords)
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return passwords


def read_logins(data_dir: Path) -> dict[str, str]:
    """Return the password of each demo account. Raises LoginsMissing."""
    path = data_dir / FILE_NAME
    if not path.exists():
        raise LoginsMissing
    return _read(path)


def _read(path: Path) -> dict[str, str]:
    return {login["username"]: login["password"] for login in json.loads(path.read_text())}


def _write(path: Path, passwords: dict[str, str]) -> None:
    logins = [
        {
            "role": person.role.value,
            "username": person.username,
            "password": passwords[person.username],
            "where": person.where,
        }
        for person in STAFF
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    # 0600 from the first byte on: a mode set afterwards leaves a moment to read
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(logins, file, indent=1)
    part.replace(path)


def _make_password() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
