"""Public keys of certificates and of the chip.

Sources: RFC 3279, RFC 4055, RFC 5480; Doc 9303-12 section 4.1.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ecdsa
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from travelers.core.chip.algorithms import RSA_ENCRYPTION, RSASSA_PSS
from travelers.core.chip.curves import Curve, explicit_curve, named_curve
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.tlv import INTEGER, NULL, OID, SEQUENCE, Node, bits, integer, oid, parse_der

EC_PUBLIC_KEY = "1.2.840.10045.2.1"
RSA_BITS = (1024, 8192)
EXPONENT_BITS = 256
SHORT_RSA_BITS = 2048
SHORT_EC_BITS = 224


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key to verify with. rsa, ec: OpenSSL's; slow: of the pure Python library, for curves that OpenSSL's binding lacks.

    Exactly one of the three is set. bits: of the modulus or the field. explicit: its curve was given by
    parameters.
    """

    bits: int
    rsa: rsa.RSAPublicKey | None = None
    ec: ec.EllipticCurvePublicKey | None = None
    slow: Any = None
    curve: Curve | None = None
    explicit: bool = False

    @property
    def is_short(self) -> bool:
        return self.bits < (SHORT_EC_BITS if self.curve else SHORT_RSA_BITS)

    @property
    def name(self) -> str:
        return self.curve.name if self.curve else f"rsa-{self.bits}"


def load_key(info: Node) -> PublicKey:
    """Return the key of a SubjectPublicKeyInfo.

    Raises Malformed: KEY, KEY_UNKNOWN, EC_PARAMETERS, EC_PARAMETERS_UNKNOWN, EC_POINT; Invalid:
    EC_PARAMETERS_MISMATCH, KEY_TOO_SHORT, KEY_TOO_LONG.
    """
    if info.tag != SEQUENCE or len(info.children) != 2 or info.children[0].tag != SEQUENCE:
        raise Malformed("KEY")
    algorithm, key = info.children
    if not 1 <= len(algorithm.children) <= 2:
        raise Malformed("KEY")
    name = oid(algorithm.children[0], "KEY")
    parameters = algorithm.children[1] if len(algorithm.children) == 2 else None
    if name == EC_PUBLIC_KEY:
        return _ec_key(parameters, bits(key, "KEY"))
    if name in (RSA_ENCRYPTION, RSASSA_PSS):
        if name == RSA_ENCRYPTION and parameters is not None and parameters.tag != NULL:
            raise Malformed("KEY")
        return _rsa_key(bits(key, "KEY"))
    raise Malformed("KEY_UNKNOWN")


def load_key_der(data: bytes) -> PublicKey:
    """Return the key of a SubjectPublicKeyInfo in DER. Raises as load_key and parse_der."""
    return load_key(parse_der(data))


def _rsa_key(data: bytes) -> PublicKey:
    node = parse_der(data, quirks=[])
    if node.tag != SEQUENCE or len(node.children) != 2:
        raise Malformed("KEY")
    # unsigned: keys of German chips from 2008 lack the zero octet before a modulus that begins with a one bit
    modulus = int.from_bytes(node.child(0, INTEGER, "KEY").content, "big")
    exponent = integer(node.children[1], "KEY")
    size = modulus.bit_length()
    if modulus <= 0 or exponent < 3 or not exponent & 1 or not modulus & 1:
        raise Malformed("KEY")
    if size < RSA_BITS[0]:
        raise Invalid("KEY_TOO_SHORT")
    if size > RSA_BITS[1] or exponent.bit_length() > EXPONENT_BITS:
        raise Invalid("KEY_TOO_LONG")
    try:
        return PublicKey(size, rsa=rsa.RSAPublicNumbers(exponent, modulus).public_key())
    except ValueError:
        raise Malformed("KEY") from None


def _ec_key(parameters: Node | None, point: bytes) -> PublicKey:
    if parameters is None:
        raise Malformed("EC_PARAMETERS")
    explicit = parameters.tag == SEQUENCE
    if explicit:
        curve = explicit_curve(parameters)
    elif parameters.tag == OID:
        curve = named_curve(oid(parameters))
    else:
        raise Malformed("EC_PARAMETERS")
    size = curve.p.bit_length()
    if point[:1] not in (b"\x02", b"\x03", b"\x04"):
        raise Malformed("EC_POINT")
    try:
        if curve.fast is not None:
            fast = ec.EllipticCurvePublicKey.from_encoded_point(curve.fast, point)
            return PublicKey(size, ec=fast, curve=curve, explicit=explicit)
        slow = ecdsa.VerifyingKey.from_string(point, curve=curve.slow)
    except (ValueError, ecdsa.errors.MalformedPointError):
        raise Malformed("EC_POINT") from None
    return PublicKey(size, slow=slow, curve=curve, explicit=explicit)
