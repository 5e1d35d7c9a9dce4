"""Certificate revocation lists of the passport PKI: full lists, signed by the CSCA.

Sources: RFC 5280 section 5; Doc 9303-12 section 7.1.4. Delta and indirect lists do not exist here.
"""

from dataclasses import dataclass
from datetime import datetime

from travelers.core.chip.algorithms import SignatureAlgorithm, signature_algorithm
from travelers.core.chip.certificate import Name, read_name, read_time
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey
from travelers.core.chip.signatures import verify_signature
from travelers.core.chip.tlv import INTEGER, SEQUENCE, Node, Quirks, bits, integer, oid, parse_der

MAX_CRL_OCTETS = 8 * 1024 * 1024
MAX_ELEMENTS = 1_000_000
_DELTA = "2.5.29.27"
_ISSUING_POINT = "2.5.29.28"
_NUMBER = "2.5.29.20"


@dataclass(frozen=True, slots=True)
class Crl:
    """revoked: serial numbers. this_update, next_update: aware UTC. number: of the list, None without."""

    der: bytes
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    number: int | None
    revoked: frozenset[int]
    tbs: bytes
    algorithm: SignatureAlgorithm
    signature: bytes


def parse_crl(der: bytes) -> Crl:
    """Return a CRL. Raises Malformed: CRL, CRL_TOO_LARGE, CRL_EXTENSION (a critical one that is not known),
    and the codes of parse_der and signature_algorithm.
    """
    if len(der) > MAX_CRL_OCTETS:
        raise Malformed("CRL_TOO_LARGE")
    quirks: Quirks = []
    root = parse_der(der, quirks, MAX_ELEMENTS)
    if root.tag != SEQUENCE or len(root.children) != 3:
        raise Malformed("CRL")
    body, outer, signature = root.children
    fields = list(body.expect(SEQUENCE, "CRL").children)
    if fields and fields[0].tag == INTEGER and integer(fields.pop(0)) != 1:
        raise Malformed("CRL")
    if len(fields) < 3 or fields[0].raw != outer.raw:
        raise Malformed("CRL")
    issuer, this_update = read_name(fields[1]), read_time(fields[2])
    rest = fields[3:]
    next_update = read_time(rest.pop(0)) if rest and rest[0].tag in (0x17, 0x18) else None
    revoked = _revoked(rest.pop(0)) if rest and rest[0].tag == SEQUENCE else frozenset()
    number = _number(rest.pop(0)) if rest and rest[0].tag == 0xA0 else None
    if rest:
        raise Malformed("CRL")
    return Crl(
        der,
        issuer,
        this_update,
        next_update,
        number,
        revoked,
        body.raw,
        signature_algorithm(outer),
        bits(signature),
    )


def is_crl_signed_by(crl: Crl, key: PublicKey) -> bool:
    """Tell whether a key made the signature of a CRL."""
    try:
        verify_signature(key, crl.algorithm, crl.signature, crl.tbs)
    except Invalid:
        return False
    return True


def _revoked(node: Node) -> frozenset[int]:
    serials = set()
    for entry in node.children:
        if entry.tag != SEQUENCE or not 2 <= len(entry.children) <= 3:
            raise Malformed("CRL")
        serials.add(integer(entry.children[0], "CRL"))
        read_time(entry.children[1])
    return frozenset(serials)


def _number(node: Node) -> int | None:
    number = None
    if len(node.children) != 1:
        raise Malformed("CRL_EXTENSION")
    for extension in node.children[0].expect(SEQUENCE, "CRL_EXTENSION").children:
        if not 2 <= len(extension.children) <= 3:
            raise Malformed("CRL_EXTENSION")
        name = oid(extension.children[0], "CRL_EXTENSION")
        critical = len(extension.children) == 3 and extension.children[1].content != b"\x00"
        if name == _DELTA or (critical and name not in (_NUMBER, _ISSUING_POINT)):
            raise Malformed("CRL_EXTENSION")
        if name == _NUMBER:
            number = integer(parse_der(extension.children[-1].content), "CRL_EXTENSION")
    return number
