"""Chip authentication: a key agreement that only the holder of the private key of data group 14 can complete.

Sources: Doc 9303-11 sections 6.2 and 9.8 (secure messaging), BSI TR-03110-3 sections A.2 to A.4. The booth keeps
its ephemeral private key and the first answer under the new session keys; whether the chip could compute that
answer's checksum is computed again here. It counts only from a terminal that is itself trusted: whoever holds the
ephemeral key can compute the checksum too.
"""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from travelers.core.chip.data_groups import ChipAuthenticationKey, SecurityInfos, load_security_key
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.tlv import SEQUENCE, bits, elements, integer, parse_der

MAX_RESPONSE_OCTETS = 4096
MAX_PRIVATE_OCTETS = 1024
DH_BITS = (1024, 4096)
# cipher and key length in octets by the last arc of the protocol's identifier
_CIPHERS = {"1": ("3des", 16), "2": ("aes", 16), "3": ("aes", 24), "4": ("aes", 32)}


@dataclass(frozen=True, slots=True)
class ChipAuthenticationEvidence:
    """protocol: OID of ChipAuthenticationInfo. key_id: which key, None if there is one.

    terminal_private_key: the booth's ephemeral key, unsigned big-endian. counter: of the answer, 2 for the
    first. response: the first answer under the new keys, its data objects 87 or 85, 99, 8E without the status
    word after them.
    """

    protocol: str
    key_id: int | None
    terminal_private_key: bytes
    response: bytes
    counter: int = 2


def verify_agreement(infos: SecurityInfos, evidence: ChipAuthenticationEvidence) -> str:
    """Return the name of the protocol if the chip reached the same keys.

    Raises Malformed: PROTOCOL_UNKNOWN, PROTOCOL_NOT_LISTED, KEY_NOT_LISTED, EVIDENCE, DH_KEY, and as load_key;
    Invalid(CLONE).
    """
    stem, _, last = evidence.protocol.rpartition(".")
    is_ec = stem == "0.4.0.127.0.7.2.2.3.2"
    if last not in _CIPHERS or not (is_ec or stem == "0.4.0.127.0.7.2.2.3.1"):
        raise Malformed("PROTOCOL_UNKNOWN")
    if (evidence.protocol, evidence.key_id) not in infos.protocols:
        raise Malformed("PROTOCOL_NOT_LISTED")
    key = next((k for k in infos.keys if k.is_ec == is_ec and k.key_id == evidence.key_id), None)
    if key is None:
        raise Malformed("KEY_NOT_LISTED")
    if not 0 < len(evidence.terminal_private_key) <= MAX_PRIVATE_OCTETS or not 0 < evidence.counter < 1 << 32:
        raise Malformed("EVIDENCE")
    private = int.from_bytes(evidence.terminal_private_key, "big")
    secret = _agree_ec(key, private) if is_ec else _agree_dh(key, private)
    cipher, octets = _CIPHERS[last]
    covered, checksum = _covered(evidence.response)
    if _checksum(cipher, _mac_key(secret, octets), evidence.counter, covered) != checksum:
        raise Invalid("CLONE")
    name = "3des" if cipher == "3des" else f"aes-{octets * 8}"
    return f"{'ecdh' if is_ec else 'dh'}-{name}"


def derive_key(secret: bytes, purpose: int, octets: int) -> bytes:
    """Return a session key. purpose: 1 encryption, 2 checksum. Source: Doc 9303-11 section 9.7.1."""
    digest = hashlib.sha256 if octets > 16 else hashlib.sha1
    return digest(secret + purpose.to_bytes(4, "big")).digest()[:octets]


def _mac_key(secret: bytes, octets: int) -> bytes:
    return derive_key(secret, 2, octets)


def _agree_ec(key: ChipAuthenticationKey, private: int) -> bytes:
    public = load_security_key(key)
    curve = public.curve
    if curve is None or not 0 < private < curve.n:
        raise Malformed("EVIDENCE")
    if public.ec is not None and curve.fast is not None:
        return ec.derive_private_key(private, curve.fast).exchange(ec.ECDH(), public.ec)
    point = public.slow.pubkey.point * private
    return int(point.x()).to_bytes(curve.field_octets, "big")


def _agree_dh(key: ChipAuthenticationKey, private: int) -> bytes:
    """Agree on a secret over the group of the key; its parameters stand in the signed data group."""
    info = key.info
    if len(info.children) != 2 or info.children[0].tag != SEQUENCE or len(info.children[0].children) != 2:
        raise Malformed("DH_KEY")
    parameters = info.children[0].child(1, SEQUENCE, "DH_KEY").children
    if len(parameters) < 2:
        raise Malformed("DH_KEY")
    prime = integer(parameters[0], "DH_KEY")
    public = integer(parse_der(bits(info.children[1], "DH_KEY"), []), "DH_KEY")
    if not DH_BITS[0] <= prime.bit_length() <= DH_BITS[1] or not prime & 1 or not 1 < public < prime - 1:
        raise Malformed("DH_KEY")
    return pow(public, private, prime).to_bytes((prime.bit_length() + 7) // 8, "big")


def _covered(response: bytes) -> tuple[bytes, bytes]:
    """Return what the checksum covers, and the checksum."""
    if len(response) > MAX_RESPONSE_OCTETS:
        raise Malformed("EVIDENCE")
    found = elements(response, 0, len(response), 4)
    if not found or found[-1][0] != 0x8E or len(found[-1][1]) != 8 or 0x99 not in dict(found):
        raise Malformed("EVIDENCE")
    # the checksum's element is ten octets long: tag, length, eight
    return response[:-10], found[-1][1]


def _checksum(cipher: str, key: bytes, counter: int, covered: bytes) -> bytes:
    """Return the checksum of secure messaging over the counter and the padded objects."""
    block = 8 if cipher == "3des" else 16
    padded = covered + b"\x80"
    padded += bytes(-len(padded) % block)
    message = counter.to_bytes(block, "big") + padded
    if cipher == "aes":
        mac = CMAC(algorithms.AES(key))
        mac.update(message)
        return mac.finalize()[:8]
    return _retail_mac(key, message)


def _retail_mac(key: bytes, message: bytes) -> bytes:
    """Return the checksum of ISO/IEC 9797-1 algorithm 3 with DES; message: whole blocks of eight octets."""
    first, second = key[:8], key[8:16]
    encryptor = Cipher(TripleDES(first * 3), modes.CBC(bytes(8))).encryptor()
    value = (encryptor.update(message) + encryptor.finalize())[-8:]
    decryptor = Cipher(TripleDES(second * 3), modes.ECB()).decryptor()
    value = decryptor.update(value) + decryptor.finalize()
    last = Cipher(TripleDES(first * 3), modes.ECB()).encryptor()
    return last.update(value) + last.finalize()


__all__ = ["ChipAuthenticationEvidence", "derive_key", "verify_agreement"]
