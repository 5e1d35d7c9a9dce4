"""Seal what stays for minutes only: under a key that the master key gives, without a slot in the key store."""

import hashlib
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.core.envelope import MASTER_KEY_ID_BYTES, NONCE_BYTES, SealBroken, master_key_id
from biometrics.services.keys.master import master_keys


def seal_in_passing(content: bytes, *, item: UUID) -> bytes:
    """Return content sealed for the row `item`: master key id 8 | nonce 12 | ciphertext and tag. Raises MasterKeyError."""
    active = master_keys().active
    nonce = secrets.token_bytes(NONCE_BYTES)
    return master_key_id(active) + nonce + AESGCM(_key(active)).encrypt(nonce, content, item.bytes)


def open_in_passing(sealed: bytes, *, item: UUID) -> bytes:
    """Return what was sealed. Raises SealBroken, also when the master key has been retired meanwhile; MasterKeyError."""
    key_id, rest = sealed[:MASTER_KEY_ID_BYTES], sealed[MASTER_KEY_ID_BYTES:]
    master = master_keys().by_id.get(bytes(key_id))
    if master is None or len(rest) < NONCE_BYTES:
        raise SealBroken("sealed under no key that is known")
    try:
        return AESGCM(_key(master)).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], item.bytes)
    except InvalidTag:
        raise SealBroken("changed, or of something else") from None


def _key(master: bytes) -> bytes:
    return hashlib.sha256(b"bmis key for what stays for minutes\0" + master).digest()
