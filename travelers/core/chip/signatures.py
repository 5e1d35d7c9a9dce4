"""Verify one signature.

Sources: RFC 8017 (RSA), ANSI X9.62 and BSI TR-03111 (ECDSA); Doc 9303-12 section 4.1.6.
"""

import hashlib

import ecdsa
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from travelers.core.chip.algorithms import Family, SignatureAlgorithm
from travelers.core.chip.curves import Curve
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey
from travelers.core.chip.tlv import SEQUENCE, integer, parse_der

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def verify_signature(key: PublicKey, algorithm: SignatureAlgorithm, signature: bytes, message: bytes) -> None:
    """Return if the signature over the message is the key's.

    Raises Invalid: SIGNATURE_INVALID, KEY_ALGORITHM_MISMATCH.
    """
    wants_rsa = algorithm.family in (Family.RSA_PKCS1, Family.RSA_PSS)
    if wants_rsa != (key.rsa is not None):
        raise Invalid("KEY_ALGORITHM_MISMATCH")
    try:
        if key.rsa is not None:
            key.rsa.verify(signature, message, _padding(algorithm), HASHES[algorithm.digest])
        elif key.curve is not None:
            _verify_ecdsa(key, key.curve, algorithm, signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ecdsa.BadSignatureError, ValueError):
        raise Invalid("SIGNATURE_INVALID") from None


def _padding(algorithm: SignatureAlgorithm) -> padding.AsymmetricPadding:
    if algorithm.family is Family.RSA_PKCS1:
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(HASHES[algorithm.mask_digest]), algorithm.salt_length)


def _verify_ecdsa(
    key: PublicKey, curve: Curve, algorithm: SignatureAlgorithm, signature: bytes, message: bytes
) -> None:
    r, s = _numbers(curve, algorithm.family, signature)
    if not (0 < r < curve.n and 0 < s < curve.n):
        raise Malformed("SIGNATURE_INVALID")
    if key.ec is not None:
        key.ec.verify(encode_dss_signature(r, s), message, ec.ECDSA(HASHES[algorithm.digest]))
        return
    digest = hashlib.new(algorithm.digest, message).digest()
    size = curve.order_octets
    key.slow.verify_digest(
        r.to_bytes(size, "big") + s.to_bytes(size, "big"),
        digest,
        sigdecode=ecdsa.util.sigdecode_string,
        allow_truncate=True,
    )


def _numbers(curve: Curve, family: Family, signature: bytes) -> tuple[int, int]:
    """Return r and s, from DER or from two halves of the order's length."""
    if family is Family.ECDSA_PLAIN:
        if len(signature) != 2 * curve.order_octets:
            raise Malformed("SIGNATURE_INVALID")
        half = curve.order_octets
        return int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    node = parse_der(signature, max_nodes=3)
    if node.tag != SEQUENCE or len(node.children) != 2:
        raise Malformed("SIGNATURE_INVALID")
    return integer(node.children[0]), integer(node.children[1])
