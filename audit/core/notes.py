"""Heads of streams as signed notes, the text form that transparency logs use (C2SP signed-note).

    bmis.example/audit/central
    20011
    PW5kZ…=
    block 317
    time 2026-11-22T13:00:00.000000Z

    — bmis.example/audit OTkxZ…=

First line: origin and stream. Then the number of rows, and the hash of the latest block. A signature line carries the first
four bytes of the key's id and an Ed25519 signature over the text above the empty line.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
KEY_ID_BYTES = 4
SIGNATURE_MARK = "\u2014 "  # an em dash and a space, as the format has it
NOTE_END = "="  # a line of its own between the notes of a file: no line of a note is only this


class NoteInvalid(ValueError):
    """The text is no note, or not one of a head. The message says what is wrong, never what the text held."""


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a stream: how many rows in how many blocks, and the hash of the latest one (64 hex digits)."""

    origin: str
    stream: str
    row_count: int
    block_number: int
    block_hash: str
    sealed_at: str


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which notes name a key. Source: C2SP signed-note, "Signatures"."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_BYTES]


def format_verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """Return a public key as one line: name+id+key. Source: C2SP signed-note, "Verifier keys"."""
    public = key.public_bytes_raw()
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def parse_verifier_keys(lines: Iterable[str]) -> dict[bytes, Ed25519PublicKey]:
    """Return the public keys of a file by their ids. Empty lines and those that begin with # do not count. Raises NoteInvalid."""
    keys = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition("+")
        digest, _, encoded = rest.partition("+")
        try:
            public = base64.b64decode(encoded, validate=True)
            if public[:1] != ED25519 or key_id(name, public[1:]).hex() != digest:
                raise NoteInvalid("a verifier key does not bear its own id")
            keys[bytes.fromhex(digest)] = Ed25519PublicKey.from_public_bytes(public[1:])
        except (binascii.Error, ValueError) as error:
            raise NoteInvalid("a line is no Ed25519 verifier key") from error
    return keys


def format_head(head: Head) -> str:
    """Return the text that is signed, ending in a line break."""
    digest = base64.b64encode(bytes.fromhex(head.block_hash)).decode()
    return (
        f"{head.origin}/{head.stream}\n{head.row_count}\n{digest}\n"
        f"block {head.block_number}\ntime {head.sealed_at}\n"
    )


def sign_note(text: str, *, name: str, key: Ed25519PrivateKey) -> str:
    """Return a text with its signature line. Raises NoteInvalid on a text that does not end in a line break."""
    if not text.endswith("\n"):
        raise NoteInvalid("a note ends in a line break")
    digest = key_id(name, key.public_key().public_bytes_raw())
    signed = base64.b64encode(digest + key.sign(text.encode())).decode()
    return f"{text}\n{SIGNATURE_MARK}{name} {signed}\n"


def parse_head(note: str) -> Head:
    """Return the head in a note, whoever signed it. Raises NoteInvalid."""
    lines = note.split("\n\n", 1)[0].split("\n")
    try:
        origin, _, stream = lines[0].rpartition("/")
        digest = base64.b64decode(lines[2], validate=True).hex()
        words = dict(line.split(" ", 1) for line in lines[3:])
        head = Head(origin, stream, int(lines[1]), int(words["block"]), digest, words["time"])
    except (IndexError, KeyError, ValueError, binascii.Error) as error:
        raise NoteInvalid("not the head of a stream") from error
    if format_head(head) != note.split("\n\n", 1)[0] + "\n":
        raise NoteInvalid("not the head of a stream")
    return head


def is_signed(note: str, keys: Mapping[bytes, Ed25519PublicKey]) -> bool:
    """Tell whether one of the keys signed the note. Signatures of others do not count for or against."""
    text, parted, signatures = note.partition("\n\n")
    for line in signatures.splitlines() if parted else ():
        try:
            signed = base64.b64decode(line.rpartition(" ")[2], validate=True)
            keys[signed[:KEY_ID_BYTES]].verify(signed[KEY_ID_BYTES:], text.encode() + b"\n")
        except (KeyError, InvalidSignature, ValueError):  # binascii.Error is one; so is text outside ASCII
            continue
        if line.startswith(SIGNATURE_MARK):
            return True
    return False


def split_notes(text: str) -> list[str]:
    """Return the notes of a file. A last one that was cut off in writing is left out."""
    parts = text.split(f"\n{NOTE_END}\n")
    return [f"{part.strip(chr(10))}\n" for part in parts[:-1] if part.strip()]


def join_note(note: str) -> str:
    """Return a note as it is appended to a file."""
    return f"{note.rstrip(chr(10))}\n{NOTE_END}\n"
