"""Elliptic curves: named ones, and explicit parameters, accepted only where every one is that of a named curve.

Sources: FIPS 186-4, RFC 5639, RFC 3279 section 2.3.5, Doc 9303-12 section 4.1.6.3. A parameter taken from the
certificate is never used to compute: whoever may choose the base point may forge (CVE-2020-0601).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import ecdsa
from cryptography.hazmat.primitives.asymmetric import ec

from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.tlv import BIT_STRING, OCTET_STRING, SEQUENCE, Node, integer, oid

_PRIME_FIELD = "1.2.840.10045.1.1"


@dataclass(frozen=True, slots=True)
class Curve:
    """A named curve y² = x³ + ax + b over the field of p elements.

    gx, gy: base point of order n; h: cofactor. fast: what OpenSSL calls it here, None if it is not offered;
    slow: the same curve in the pure Python library.
    """

    name: str
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int
    h: int
    fast: ec.EllipticCurve | None
    slow: Any

    @property
    def field_octets(self) -> int:
        return (self.p.bit_length() + 7) // 8

    @property
    def order_octets(self) -> int:
        return (self.n.bit_length() + 7) // 8


def _curve(name: str, slow: Any, fast: ec.EllipticCurve | None = None) -> Curve:
    p, g = slow.curve.p(), slow.generator
    return Curve(
        name, p, slow.curve.a() % p, slow.curve.b() % p, g.x(), g.y(), slow.order, 1, fast, slow
    )  # fmt: skip


_BRAINPOOL = "1.3.36.3.3.2.8.1.1."
# by object identifier; every one has cofactor 1
CURVES: Mapping[str, Curve] = MappingProxyType(
    {
        "1.2.840.10045.3.1.1": _curve("P-192", ecdsa.NIST192p, ec.SECP192R1()),
        "1.3.132.0.33": _curve("P-224", ecdsa.NIST224p, ec.SECP224R1()),
        "1.2.840.10045.3.1.7": _curve("P-256", ecdsa.NIST256p, ec.SECP256R1()),
        "1.3.132.0.34": _curve("P-384", ecdsa.NIST384p, ec.SECP384R1()),
        "1.3.132.0.35": _curve("P-521", ecdsa.NIST521p, ec.SECP521R1()),
        _BRAINPOOL + "1": _curve("brainpoolP160r1", ecdsa.BRAINPOOLP160r1),
        _BRAINPOOL + "2": _curve("brainpoolP160t1", ecdsa.BRAINPOOLP160t1),
        _BRAINPOOL + "3": _curve("brainpoolP192r1", ecdsa.BRAINPOOLP192r1),
        _BRAINPOOL + "4": _curve("brainpoolP192t1", ecdsa.BRAINPOOLP192t1),
        _BRAINPOOL + "5": _curve("brainpoolP224r1", ecdsa.BRAINPOOLP224r1),
        _BRAINPOOL + "6": _curve("brainpoolP224t1", ecdsa.BRAINPOOLP224t1),
        _BRAINPOOL + "7": _curve("brainpoolP256r1", ecdsa.BRAINPOOLP256r1, ec.BrainpoolP256R1()),
        _BRAINPOOL + "8": _curve("brainpoolP256t1", ecdsa.BRAINPOOLP256t1),
        _BRAINPOOL + "9": _curve("brainpoolP320r1", ecdsa.BRAINPOOLP320r1),
        _BRAINPOOL + "10": _curve("brainpoolP320t1", ecdsa.BRAINPOOLP320t1),
        _BRAINPOOL + "11": _curve("brainpoolP384r1", ecdsa.BRAINPOOLP384r1, ec.BrainpoolP384R1()),
        _BRAINPOOL + "12": _curve("brainpoolP384t1", ecdsa.BRAINPOOLP384t1),
        _BRAINPOOL + "13": _curve("brainpoolP512r1", ecdsa.BRAINPOOLP512r1, ec.BrainpoolP512R1()),
        _BRAINPOOL + "14": _curve("brainpoolP512t1", ecdsa.BRAINPOOLP512t1),
    }
)
_BY_FIELD: dict[int, list[Curve]] = {}
_BY_ORDER: dict[int, list[Curve]] = {}
for _known in CURVES.values():
    _BY_FIELD.setdefault(_known.p, []).append(_known)
    _BY_ORDER.setdefault(_known.n, []).append(_known)


def named_curve(name: str) -> Curve:
    """Return a curve by its object identifier. Raises Malformed(EC_PARAMETERS_UNKNOWN)."""
    if name not in CURVES:
        raise Malformed("EC_PARAMETERS_UNKNOWN")
    return CURVES[name]


def explicit_curve(node: Node) -> Curve:
    """Return the named curve whose p, a, b, G, n and h explicit parameters give.

    node: SpecifiedECDomain. The seed is not compared, it takes no part in computing; an absent cofactor is
    accepted, because p and n settle it. Raises Invalid(EC_PARAMETERS_MISMATCH) where field or order is that of
    a named curve and another parameter is not; Malformed: EC_PARAMETERS, EC_PARAMETERS_UNKNOWN.
    """
    code = "EC_PARAMETERS"
    if node.tag != SEQUENCE or not 5 <= len(node.children) <= 6:
        raise Malformed(code)
    version, field, equation, base, order = node.children[:5]
    if integer(version, code) not in (1, 2, 3):
        raise Malformed(code)
    if field.tag != SEQUENCE or len(field.children) != 2:
        raise Malformed(code)
    if oid(field.children[0], code) != _PRIME_FIELD:
        raise Malformed("EC_PARAMETERS_UNKNOWN")
    p, n = integer(field.children[1], code), integer(order, code)
    h = integer(node.children[5], code) if len(node.children) == 6 else 1
    if equation.tag != SEQUENCE or not 2 <= len(equation.children) <= 3:
        raise Malformed(code)
    a, b = (equation.child(i, OCTET_STRING, code).content for i in (0, 1))
    if len(equation.children) == 3:
        equation.child(2, BIT_STRING, code)
    point = base.expect(OCTET_STRING, code).content
    for curve in _BY_FIELD.get(p, ()):
        same_equation = int.from_bytes(a, "big") == curve.a and int.from_bytes(b, "big") == curve.b
        if same_equation and n == curve.n and h == curve.h and _is_base(point, curve):
            return curve
    if p in _BY_FIELD or n in _BY_ORDER:
        raise Invalid("EC_PARAMETERS_MISMATCH")
    raise Malformed("EC_PARAMETERS_UNKNOWN")


def _is_base(point: bytes, curve: Curve) -> bool:
    """Tell whether an encoded point, compressed or not, is the curve's base point."""
    size = curve.field_octets
    x = curve.gx.to_bytes(size, "big")
    if point[:1] == b"\x04":
        return point[1:] == x + curve.gy.to_bytes(size, "big")
    return point == bytes([2 + (curve.gy & 1)]) + x
