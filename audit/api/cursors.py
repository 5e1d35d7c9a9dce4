"""Cursors of national systems, sealed: the place of a row is its time and its id, which terms may leave out.

Bound to whom and for which list they were made, so that one system's cursor is worth nothing to another, and none can be made
by hand to search by time. After a change of SECRET_KEY a list is begun again.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.crypto import salted_hmac

NONCE_BYTES = 12
PLACE_BYTES = 80  # every place has this length: a time without a fraction is shorter


def seal_cursor(place: bytes, *, belonging: str) -> bytes:
    """Return a place that only we can read."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, place.ljust(PLACE_BYTES), belonging.encode())


def open_cursor(sealed: bytes, *, belonging: str) -> bytes:
    """Return the place in a cursor. Raises ValueError where it was not sealed by us for this belonging."""
    try:
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], belonging.encode()).rstrip()
    except InvalidTag:
        raise ValueError("a cursor of somebody else") from None


def _cipher() -> AESGCM:
    return AESGCM(salted_hmac("audit.api.cursors", "key", algorithm="sha256").digest())
