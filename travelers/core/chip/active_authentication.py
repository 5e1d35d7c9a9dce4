"""Active authentication: the chip signs the booth's challenge with a key that never leaves it.

Sources: Doc 9303-11 section 6.1; ISO/IEC 9796-2 digital signature scheme 1 (RSA); BSI TR-03111 (plain ECDSA). A
copied chip has the public key of the original and not the private one.
"""

import hashlib
from dataclasses import dataclass

from travelers.core.chip.algorithms import Family, SignatureAlgorithm
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey
from travelers.core.chip.signatures import verify_signature

CHALLENGE_OCTETS = 8
MAX_RESPONSE_OCTETS = 1024
# trailers of ISO/IEC 9796-2: one octet stands for SHA-1, two name the hash (ISO/IEC 10118)
_TRAILERS = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}
_PLAIN = {
    "0.4.0.127.0.7.1.1.4.1.1": "sha1",
    "0.4.0.127.0.7.1.1.4.1.2": "sha224",
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
}


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationEvidence:
    """What the booth asked and the chip answered. challenge: 8 octets. response: the signature."""

    challenge: bytes
    response: bytes


def verify_response(key: PublicKey, evidence: ActiveAuthenticationEvidence, signature_oid: str) -> str:
    """Return the name of the algorithm if the chip holds the private key.

    key: of data group 15. signature_oid: of ActiveAuthenticationInfo in data group 14, "" without; an elliptic
    curve key needs it. Raises Malformed: CHALLENGE_LENGTH, RESPONSE_LENGTH, ALGORITHM_UNKNOWN; Invalid(CLONE).
    """
    if len(evidence.challenge) != CHALLENGE_OCTETS:
        raise Malformed("CHALLENGE_LENGTH")
    if not 0 < len(evidence.response) <= MAX_RESPONSE_OCTETS:
        raise Malformed("RESPONSE_LENGTH")
    if key.rsa is not None:
        return f"iso9796-2-{_verify_rsa(key, evidence)}"
    if signature_oid not in _PLAIN:
        raise Malformed("ALGORITHM_UNKNOWN")
    algorithm = SignatureAlgorithm(Family.ECDSA_PLAIN, _PLAIN[signature_oid])
    try:
        verify_signature(key, algorithm, evidence.response, evidence.challenge)
    except Invalid:
        raise Invalid("CLONE") from None
    return algorithm.name


def _verify_rsa(key: PublicKey, evidence: ActiveAuthenticationEvidence) -> str:
    """Open the signature, and compare the hash of the recovered and the known part of the message."""
    assert key.rsa is not None
    numbers = key.rsa.public_numbers()
    octets = (numbers.n.bit_length() + 7) // 8
    signature = int.from_bytes(evidence.response, "big")
    if len(evidence.response) != octets or signature >= numbers.n:
        raise Invalid("CLONE")
    opened = pow(signature, numbers.e, numbers.n)
    if opened & 0xF != 0xC:  # the signer takes the smaller of s and n - s
        opened = numbers.n - opened
    block = opened.to_bytes(octets, "big")
    if block[-1] == 0xBC:
        digest, trailer = "sha1", 1
    elif block[-1] == 0xCC and block[-2] in _TRAILERS:
        digest, trailer = _TRAILERS[block[-2]], 2
    else:
        raise Invalid("CLONE")
    size = hashlib.new(digest).digest_size
    end = len(block) - trailer - size
    start = _after_header(block)
    if start is None or end < start:
        raise Invalid("CLONE")
    recovered = block[start:end]
    if hashlib.new(digest, recovered + evidence.challenge).digest() != block[end : end + size]:
        raise Invalid("CLONE")
    return digest


def _after_header(block: bytes) -> int | None:
    """Return where the recovered message begins: after 6A, or after 6B BB … BA. None: another header."""
    if block[0] == 0x6A:
        return 1
    if block[0] != 0x6B:
        return None
    for index in range(1, len(block)):
        if block[index] == 0xBA:
            return index + 1
        if block[index] != 0xBB:
            return None
    return None
