"""Master lists: CSCA certificates that one State has collected and signed; and the LDIF files of the ICAO PKD.

Source: Doc 9303-12 sections 8 and 9; RFC 2849 for LDIF. A list's own signature proves nothing unless its signer
chains to a CSCA whose fingerprint was obtained by another way.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from travelers.core.chip.certificate import (
    Certificate,
    is_signed_by,
    key_of,
    parse_certificate,
    read_certificate,
)
from travelers.core.chip.cms import SignedData, parse_signed_data, verify_signed_data
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.tlv import SEQUENCE, SET, Quirks, integer, parse_der

MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNER = "2.23.136.1.1.3"
MAX_LIST_OCTETS = 64 * 1024 * 1024
MAX_ELEMENTS = 2_000_000
MAX_LINE_OCTETS = 2 * MAX_LIST_OCTETS
_CHAIN_LENGTH = 4


@dataclass(frozen=True, slots=True)
class MasterList:
    """certificates: those that can be read, each once. refused: code of each that cannot."""

    signed: SignedData
    certificates: tuple[Certificate, ...]
    refused: tuple[str, ...]


def parse_master_list(data: bytes) -> MasterList:
    """Return a master list; nothing is verified. Raises Malformed: LIST_TOO_LARGE, LIST_STRUCTURE, LIST_VERSION,
    and as parse_signed_data.
    """
    if len(data) > MAX_LIST_OCTETS:
        raise Malformed("LIST_TOO_LARGE")
    signed = parse_signed_data(data, MASTER_LIST, MAX_ELEMENTS)
    quirks: Quirks = []
    root = parse_der(signed.content, quirks, MAX_ELEMENTS)
    if root.tag != SEQUENCE or len(root.children) != 2:
        raise Malformed("LIST_STRUCTURE")
    if integer(root.children[0], "LIST_VERSION") != 0:
        raise Malformed("LIST_VERSION")
    found: dict[bytes, Certificate] = {}
    refused = []
    for node in root.child(1, SET, "LIST_STRUCTURE").children:
        try:
            own = [q for q in quirks if node.start <= q[1] < node.end] if quirks else []
            found.setdefault(node.raw, read_certificate(node, own))
        except Malformed as error:
            refused.append(error.code)
    return MasterList(signed, tuple(found.values()), tuple(refused))


def verify_master_list(found: MasterList) -> None:
    """Return if the list's own signature holds and its signer may sign lists.

    Raises Invalid: CONTENT_DIGEST_MISMATCH, SIGNATURE_INVALID, KEY_ALGORITHM_MISMATCH, NOT_A_LIST_SIGNER;
    Malformed as load_key.
    """
    verify_signed_data(found.signed, key_of(found.signed.signer))
    if MASTER_LIST_SIGNER not in found.signed.signer.extended_key_usage:
        raise Invalid("NOT_A_LIST_SIGNER")


def find_root(found: MasterList, roots: Sequence[Certificate]) -> Certificate:
    """Return the pinned certificate to which the list's signer chains, over link certificates of the message.

    Raises Invalid(NO_PINNED_ROOT): no chain of at most four certificates leads to one of roots.
    """
    certificate = found.signed.signer
    helpers = list(found.signed.others)
    for _ in range(_CHAIN_LENGTH):
        for root in roots:
            if certificate.issuer.country == root.subject.country and is_signed_by(certificate, key_of(root)):
                return root
        parent = next((h for h in helpers if _is_parent(h, certificate)), None)
        if parent is None:
            break
        helpers.remove(parent)
        certificate = parent
    raise Invalid("NO_PINNED_ROOT")


def _is_parent(parent: Certificate, child: Certificate) -> bool:
    constraints = parent.basic_constraints
    if constraints is None or not constraints[0] or parent.subject.canonical != child.issuer.canonical:
        return False
    try:
        return is_signed_by(child, key_of(parent))
    except (Malformed, Invalid):
        return False


def read_certificates(data: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a file that is one DER certificate or any number in PEM. Raises as parse_certificate."""
    if b"-----BEGIN CERTIFICATE-----" not in data:
        return (parse_certificate(data),)
    return tuple(parse_certificate(der) for der in read_pem(data, "CERTIFICATE"))


def read_pem(data: bytes, label: str) -> Iterator[bytes]:
    """Yield the octets of each PEM block with a label. Raises Malformed(PEM)."""
    begin, end = f"-----BEGIN {label}-----".encode(), f"-----END {label}-----".encode()
    for block in data.split(begin)[1:]:
        body, closed, _ = block.partition(end)
        if not closed:
            raise Malformed("PEM")
        yield _base64(body, "PEM")


def read_ldif(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (kind, octets) of a PKD export: kind "master_list", "certificate" or "crl". Raises Malformed(LDIF).

    Other attributes are passed over, and addresses in them are never followed.
    """
    kinds = {
        b"pkdmasterlistcontent": "master_list",
        b"cscamasterlistdata": "master_list",
        b"usercertificate": "certificate",
        b"certificaterevocationlist": "crl",
    }
    if len(data) > MAX_LINE_OCTETS:
        raise Malformed("LIST_TOO_LARGE")
    # a line that begins with a space goes on with the one before (RFC 2849)
    for line in data.replace(b"\r\n", b"\n").replace(b"\n ", b"").split(b"\n"):
        name, colons, value = line.partition(b"::")
        kind = kinds.get(name.split(b";")[0].strip().lower())
        if colons and kind:
            yield kind, _base64(value, "LDIF")


def _base64(text: bytes, code: str) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(code) from None
