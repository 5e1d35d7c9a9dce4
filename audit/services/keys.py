"""The key that signs the heads of the trail: a file outside the database, changed by a note that the old key signs."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from audit.core.notes import NoteInvalid, format_verifier_key, join_note, parse_verifier_keys, sign_note

OTHERS = 0o077
KEYS_FILE = "keys.txt"
ROTATIONS_FILE = "rotations.notes"
PRUNINGS_FILE = "prunings.notes"


class SealingKeyUnusable(RuntimeError):
    """The trail cannot be sealed. code: key_missing, key_open_to_others, key_unreadable, key_not_announced."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def load_sealing_key() -> Ed25519PrivateKey:
    """Return the key. Outside production a missing one is made. Raises SealingKeyUnusable."""
    path = settings.AUDIT_KEY_FILE
    if not settings.PRODUCTION and not path.exists():
        make_key_file(path)
    return read_key_file(path)


def make_key_file(path: Path) -> None:
    """Write a new key for its owner's eyes only; leave one alone that another process has just made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    key = Ed25519PrivateKey.generate()
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)  # whole or not at all, and never over another key
    except FileExistsError:
        pass
    finally:
        part.unlink()


def read_key_file(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 key of a PEM file. Raises SealingKeyUnusable."""
    try:
        if path.stat().st_mode & OTHERS:
            raise SealingKeyUnusable("key_open_to_others")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise SealingKeyUnusable("key_missing") from error
    except (OSError, ValueError, TypeError) as error:
        raise SealingKeyUnusable("key_unreadable") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SealingKeyUnusable("key_unreadable")
    return key


def announced_keys(folder: Path) -> dict[bytes, Ed25519PublicKey]:
    """Return the public keys that heads in this folder may be signed with; none where the folder has no such file."""
    try:
        return parse_verifier_keys((folder / KEYS_FILE).read_text().splitlines())
    except FileNotFoundError:
        return {}
    except NoteInvalid as error:
        raise SealingKeyUnusable("keys_file_unreadable") from error


def announce_key(key: Ed25519PrivateKey, folder: Path) -> None:
    """See to it that the outside knows the key. The very first is taken as it is; a later one comes by rotation only.

    Raises SealingKeyUnusable key_not_announced: somebody put another key in the place of the one that was rotated in.
    """
    line = format_verifier_key(settings.AUDIT_ORIGIN, key.public_key())
    path = folder / KEYS_FILE
    try:
        if line not in path.read_text().splitlines():
            raise SealingKeyUnusable("key_not_announced")
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        append_durably(path, f"{line}\n")


def rotate_key() -> str:
    """Replace the key by a new one, which the old one signs; return the new verifier key. The old private key is destroyed.

    Blocks that the old key signed stay valid: keys.txt keeps every public key. Raises SealingKeyUnusable.
    """
    path, folder = settings.AUDIT_KEY_FILE, settings.AUDIT_HEADS_DIR
    old = load_sealing_key()
    announce_key(old, folder)
    following = path.with_name(f"{path.name}.next")
    following.unlink(missing_ok=True)
    make_key_file(following)
    line = format_verifier_key(settings.AUDIT_ORIGIN, read_key_file(following).public_key())
    append_durably(
        folder / ROTATIONS_FILE,
        join_note(sign_note(f"next key\n{line}\n", name=settings.AUDIT_ORIGIN, key=old)),
    )
    append_durably(folder / KEYS_FILE, f"{line}\n")
    following.replace(path)
    return line


def append_durably(path: Path, text: str) -> None:
    """Add to a file, and return when it is on the disk."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
