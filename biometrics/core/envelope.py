"""Sealing at rest: content under a data key of one subject, data keys under a master key. AES-256-GCM (NIST SP 800-38D).

    sealed content  version 1 | slot 8 | nonce 12 | ciphertext n | tag 16          SEALED_OVERHEAD more than the content
    slot of a key   mark 4 | version 1 | master key id 8 | nonce 12 | subject key id 16 | wrapped key 48 | spare | crc 4

What a ciphertext belongs to (subject, kind, purpose, item, model) is authenticated with it: in another row it does not open.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEALED_VERSION = 1
_SEALED_HEAD = struct.Struct(">BQ")
SEALED_HEAD_BYTES = _SEALED_HEAD.size
SEALED_OVERHEAD = SEALED_HEAD_BYTES + NONCE_BYTES + TAG_BYTES
SLOT_BYTES = 128
MASTER_KEY_ID_BYTES = 8
_SLOT = struct.Struct(f">4sB{MASTER_KEY_ID_BYTES}s{NONCE_BYTES}s16s{KEY_BYTES + TAG_BYTES}s")
_USED, _DESTROYED = b"BKEY", b"GONE"
_SLOT_VERSION = 1


class Kind(StrEnum):
    """What is sealed."""

    IMAGE = "IMAGE"
    TEMPLATE = "TEMPLATE"
    CHIP_FILE = "CHIP_FILE"


class SealBroken(ValueError):
    """The bytes were changed, belong to something else, or the key is another one."""


class SlotDamaged(ValueError):
    """A slot of the key store is torn."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a sealed content belongs to. subject: id of the subject's key. item: id of the row. purpose: e.g. "inspection".

    model: engine and version of a template, "" for what no model made.
    """

    subject: UUID
    kind: Kind
    item: UUID
    purpose: str = ""
    model: str = ""

    def as_bytes(self) -> bytes:
        """Return the associated data: each part with its length before it, so that no two belongings are alike."""
        parts = (
            self.subject.bytes,
            self.kind.encode(),
            self.item.bytes,
            self.purpose.encode(),
            self.model.encode(),
        )
        return b"".join(struct.pack(">H", len(part)) + part for part in parts)


@dataclass(frozen=True, slots=True)
class Slot:
    """One record of the key store. wrapped: nonce and wrapped data key; empty once destroyed."""

    subject: UUID
    master_key_id: bytes
    nonce: bytes
    wrapped: bytes

    @property
    def is_destroyed(self) -> bool:
        return not self.wrapped


def seal(content: bytes, *, key: bytes, slot: int, nonce: bytes, belonging: Belonging) -> bytes:
    """Return content sealed under a data key.

    key: 32 bytes. slot: where the key lies, >= 0. nonce: 12 bytes, never used twice with one key.
    """
    head = _SEALED_HEAD.pack(SEALED_VERSION, slot)
    return head + nonce + AESGCM(key).encrypt(nonce, content, head + belonging.as_bytes())


def slot_of(sealed: bytes) -> int:
    """Return the slot whose key opens a sealed content. Raises SealBroken for what was never sealed."""
    if len(sealed) < SEALED_OVERHEAD or sealed[0] != SEALED_VERSION:
        raise SealBroken("not a sealed content")
    slot: int = _SEALED_HEAD.unpack_from(sealed)[1]
    return slot


def open_sealed(sealed: bytes, *, key: bytes, belonging: Belonging) -> bytes:
    """Return what was sealed. Raises SealBroken."""
    slot_of(sealed)
    head, rest = sealed[:SEALED_HEAD_BYTES], sealed[SEALED_HEAD_BYTES:]
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + belonging.as_bytes())
    except InvalidTag:
        raise SealBroken("changed, or of something else") from None


def master_key_id(master: bytes) -> bytes:
    """Return the id of a master key, 8 bytes: of its content, so that a file cannot name it wrongly."""
    return hashlib.sha256(b"bmis master key\0" + master).digest()[:MASTER_KEY_ID_BYTES]


def wrap_key(data_key: bytes, *, master: bytes, nonce: bytes, subject: UUID) -> bytes:
    """Return the slot, SLOT_BYTES long, that holds a data key under a master key. nonce: 12 bytes, fresh."""
    key_id = master_key_id(master)
    wrapped = AESGCM(master).encrypt(nonce, data_key, b"bmis data key\0" + subject.bytes)
    return _close(_SLOT.pack(_USED, _SLOT_VERSION, key_id, nonce, subject.bytes, wrapped))


def destroyed_slot(subject: UUID) -> bytes:
    """Return the slot that stands where a key was: it says whose it was, and nothing else."""
    return _close(
        _SLOT.pack(
            _DESTROYED, _SLOT_VERSION, bytes(8), bytes(12), subject.bytes, bytes(KEY_BYTES + TAG_BYTES)
        )
    )


def read_slot(octets: bytes) -> Slot:
    """Return a slot of the key store. Raises SlotDamaged."""
    if len(octets) != SLOT_BYTES or struct.unpack(">I", octets[-4:])[0] != zlib.crc32(octets[:-4]):
        raise SlotDamaged("torn")
    mark, version, key_id, nonce, subject, wrapped = _SLOT.unpack_from(octets)
    if mark not in (_USED, _DESTROYED) or version != _SLOT_VERSION:
        raise SlotDamaged("not a slot")
    return Slot(UUID(bytes=subject), key_id, nonce, b"" if mark == _DESTROYED else wrapped)


def unwrap_key(slot: Slot, *, master: bytes) -> bytes:
    """Return the data key of a slot, 32 bytes. Raises SealBroken for another master key or a changed slot."""
    try:
        return AESGCM(master).decrypt(slot.nonce, slot.wrapped, b"bmis data key\0" + slot.subject.bytes)
    except InvalidTag:
        raise SealBroken("another master key, or a changed slot") from None


def _close(head: bytes) -> bytes:
    body = head + bytes(SLOT_BYTES - 4 - len(head))
    return body + struct.pack(">I", zlib.crc32(body))
