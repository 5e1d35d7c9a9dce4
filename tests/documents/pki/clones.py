"""What a genuine chip answers to active and chip authentication, and what a copy cannot."""

import hashlib

from borders.demo.pki import der
from borders.demo.pki.keys import SigningKey
from travelers.core.chip import ActiveAuthenticationEvidence, ChipAuthenticationEvidence
from travelers.core.chip.chip_authentication import _checksum, derive_key

CHALLENGE = bytes.fromhex("F173589974BF40C6")  # of the worked example of Doc 9303-11
_TRAILERS = {
    "sha1": b"\xbc",
    "sha224": b"\x38\xcc",
    "sha256": b"\x34\xcc",
    "sha384": b"\x36\xcc",
    "sha512": b"\x35\xcc",
}


def sign_9796(
    key: SigningKey, digest: str, challenge: bytes = CHALLENGE, recovered: bytes | None = None
) -> bytes:
    """Return the answer of a chip with an RSA key. Source: ISO/IEC 9796-2 scheme 1, Doc 9303-11 section 6.1.2.2."""
    numbers = key.private.private_numbers()
    octets = (numbers.public_numbers.n.bit_length() + 7) // 8
    trailer = _TRAILERS[digest]
    room = octets - 1 - hashlib.new(digest).digest_size - len(trailer)
    first = recovered if recovered is not None else hashlib.shake_128(b"RND.IC").digest(room)
    block = b"\x6a" + first + hashlib.new(digest, first + challenge).digest() + trailer
    assert len(block) == octets
    signature = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
    return signature.to_bytes(octets, "big")


def answer_active(
    key: SigningKey, digest: str = "sha256", challenge: bytes = CHALLENGE
) -> ActiveAuthenticationEvidence:
    """Return challenge and answer of a chip that holds a key."""
    response = key.sign(challenge) if key.curve else sign_9796(key, digest, challenge)
    return ActiveAuthenticationEvidence(challenge, response)


def agree(
    key: SigningKey,
    protocol: str = "0.4.0.127.0.7.2.2.3.2.2",
    terminal: int = 0x1234567890ABCDEF1234567890ABCDEF,
) -> ChipAuthenticationEvidence:
    """Return what the booth keeps of a chip authentication with a chip that holds an elliptic curve key.

    The chip's side is computed with the pure Python library, the other with OpenSSL.
    """
    curve = key.curve
    point = curve.slow.generator * terminal
    scalar = (
        key.private.private_numbers().private_value
        if hasattr(key.private, "private_numbers")
        else key.private.privkey.secret_multiplier
    )
    secret = int((point * scalar).x()).to_bytes(curve.field_octets, "big")
    octets = {"1": 16, "2": 16, "3": 24, "4": 32}[protocol.rsplit(".", 1)[1]]
    covered = der.tlv(0x87, b"\x01" + bytes(16)) + der.tlv(0x99, b"\x90\x00")
    cipher = "3des" if protocol.endswith(".1") else "aes"
    checksum = _checksum(cipher, derive_key(secret, 2, octets), 2, covered)
    return ChipAuthenticationEvidence(
        protocol, None, terminal.to_bytes(16, "big"), covered + der.tlv(0x8E, checksum)
    )
