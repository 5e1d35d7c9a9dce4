"""CMS SignedData as EF.SOD and master lists use it: one signer, DER signed attributes, nothing besides.

Sources: RFC 5652; Doc 9303-10 section 4.6.2 (EF.SOD), Doc 9303-12 section 8 (master lists).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from travelers.core.chip.algorithms import SignatureAlgorithm, digest_algorithm, signature_algorithm
from travelers.core.chip.certificate import Certificate, read_certificate, read_time
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey
from travelers.core.chip.signatures import verify_signature
from travelers.core.chip.tlv import (
    OCTET_STRING,
    OID,
    SEQUENCE,
    SET,
    Node,
    Quirks,
    integer,
    oid,
    parse_der,
)

SIGNED_DATA = "1.2.840.113549.1.7.2"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
MAX_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class SignedData:
    """A CMS message with its one signer.

    content: the octets that are signed. signer: the certificate that the signer identifier finds.
    others: certificates besides. attributes: the signed attributes as SET OF, which is what the signature covers.
    """

    content: bytes
    signer: Certificate
    others: tuple[Certificate, ...]
    digest: str
    algorithm: SignatureAlgorithm
    attributes: bytes
    message_digest: bytes
    signing_time: datetime | None
    signature: bytes


def parse_signed_data(data: bytes, content_type: str, max_nodes: int) -> SignedData:
    """Return the SignedData that data is. content_type: the eContentType that it must have.

    Raises Malformed: CMS_STRUCTURE, CMS_CONTENT_TYPE, CMS_VERSION, CONTENT_TYPE, DIGEST_ALGORITHMS, CRLS_PRESENT,
    CERTIFICATE_MISSING, TOO_MANY_CERTIFICATES, SIGNER_COUNT, SIGNER_VERSION, SIGNER_NOT_FOUND,
    SIGNED_ATTRIBUTES, SIGNED_ATTRIBUTES_NOT_DER, UNSIGNED_ATTRIBUTES, and the codes of parse_der,
    parse_certificate and algorithms; Invalid: CONTENT_TYPE_ATTRIBUTE.
    """
    code = "CMS_STRUCTURE"
    root, quirks = _parse(data, max_nodes)
    if root.tag != SEQUENCE or len(root.children) != 2 or root.children[1].tag != 0xA0:
        raise Malformed(code)
    if oid(root.child(0, OID, code)) != SIGNED_DATA:
        raise Malformed("CMS_CONTENT_TYPE")
    if len(root.children[1].children) != 1:
        raise Malformed(code)
    fields = root.children[1].child(0, SEQUENCE, code).children
    if len(fields) < 4:
        raise Malformed(code)
    # version 3: the content is not plain data, or a signer is named by key identifier (RFC 5652 section 5.1)
    if integer(fields[0], "CMS_VERSION") != 3:
        raise Malformed("CMS_VERSION")
    digests = {digest_algorithm(n) for n in fields[1].expect(SET, code).children}
    content = _content(fields[2].expect(SEQUENCE, code), content_type)
    certificates: list[Certificate] = []
    for field in fields[3:-1]:
        if field.tag == 0xA1:
            raise Malformed("CRLS_PRESENT")
        if field.tag != 0xA0 or certificates:
            raise Malformed(code)
        certificates = _certificates(field, quirks)
    if not certificates:
        raise Malformed("CERTIFICATE_MISSING")
    signers = fields[-1].expect(SET, code).children
    if len(signers) != 1:
        raise Malformed("SIGNER_COUNT")
    return _signed_data(signers[0], certificates, digests, content, content_type)


def verify_signed_data(signed: SignedData, key: PublicKey) -> None:
    """Return if the content is what the key signed. Raises Invalid: CONTENT_DIGEST_MISMATCH, SIGNATURE_INVALID,
    KEY_ALGORITHM_MISMATCH.
    """
    if hashlib.new(signed.digest, signed.content).digest() != signed.message_digest:
        raise Invalid("CONTENT_DIGEST_MISMATCH")
    verify_signature(key, signed.algorithm, signed.signature, signed.attributes)


def _parse(data: bytes, max_nodes: int) -> tuple[Node, Quirks]:
    """Parse strictly, except inside certificates, whose bytes their issuer's signature protects."""
    quirks: Quirks = []
    root = parse_der(data, quirks, max_nodes)
    begin = end = 0
    if quirks:
        try:
            certificates = root.children[1].children[0].children[3]
            begin, end = certificates.body, certificates.end
        except IndexError:
            raise Malformed("CMS_STRUCTURE") from None
    for code, position in quirks:
        if not begin <= position < end:
            raise Malformed(code)
    return root, quirks


def _content(info: Node, content_type: str) -> bytes:
    if not info.children or oid(info.children[0], "CONTENT_TYPE") != content_type:
        raise Malformed("CONTENT_TYPE")
    if len(info.children) != 2 or info.children[1].tag != 0xA0 or len(info.children[1].children) != 1:
        raise Malformed("CMS_STRUCTURE")
    return info.children[1].child(0, OCTET_STRING, "CMS_STRUCTURE").content


def _certificates(field: Node, quirks: Quirks) -> list[Certificate]:
    if len(field.children) > MAX_CERTIFICATES:
        raise Malformed("TOO_MANY_CERTIFICATES")
    return [
        read_certificate(child, [q for q in quirks if child.start <= q[1] < child.end])
        for child in field.children
    ]


def _signed_data(
    signer: Node, certificates: list[Certificate], digests: set[str], content: bytes, content_type: str
) -> SignedData:
    fields = signer.expect(SEQUENCE, "CMS_STRUCTURE").children
    if len(fields) == 7 and fields[6].tag == 0xA1:
        raise Malformed("UNSIGNED_ATTRIBUTES")
    if len(fields) != 6 or fields[3].tag != 0xA0:
        raise Malformed("SIGNED_ATTRIBUTES" if len(fields) == 5 else "CMS_STRUCTURE")
    version, identifier, digest_node, attributes, algorithm_node, signature = fields
    wanted = 3 if identifier.tag == 0x80 else 1
    if integer(version, "SIGNER_VERSION") != wanted:
        raise Malformed("SIGNER_VERSION")
    found = [c for c in certificates if _is_named(c, identifier)]
    if len(found) != 1:
        raise Malformed("SIGNER_NOT_FOUND")
    digest = digest_algorithm(digest_node)
    if digest not in digests:
        raise Malformed("DIGEST_ALGORITHMS")
    values = _attributes(attributes)
    if oid(_value(values, _CONTENT_TYPE).expect(OID, "SIGNED_ATTRIBUTES")) != content_type:
        raise Invalid("CONTENT_TYPE_ATTRIBUTE")
    time = read_time(_value(values, _SIGNING_TIME)) if _SIGNING_TIME in values else None
    return SignedData(
        content=content,
        signer=found[0],
        others=tuple(c for c in certificates if c is not found[0]),
        digest=digest,
        algorithm=signature_algorithm(algorithm_node, digest),
        # [0] IMPLICIT in the file, SET OF under the signature (RFC 5652 section 5.4)
        attributes=b"\x31" + attributes.raw[1:],
        message_digest=_value(values, _MESSAGE_DIGEST).expect(OCTET_STRING, "SIGNED_ATTRIBUTES").content,
        signing_time=time,
        signature=signature.expect(OCTET_STRING, "CMS_STRUCTURE").content,
    )


def _is_named(certificate: Certificate, identifier: Node) -> bool:
    """Tell whether a signer identifier names a certificate: by issuer and serial number, or by key identifier."""
    if identifier.tag == 0x80:
        return certificate.subject_key_identifier == identifier.content
    if identifier.tag != SEQUENCE or len(identifier.children) != 2:
        raise Malformed("CMS_STRUCTURE")
    issuer, serial = identifier.children
    return issuer.raw == certificate.issuer_der and integer(serial) == certificate.serial_number


def _attributes(node: Node) -> dict[str, Node]:
    """Return the one value of each signed attribute; they stand in the order of DER."""
    encoded = [child.raw for child in node.children]
    if encoded != sorted(encoded):
        raise Malformed("SIGNED_ATTRIBUTES_NOT_DER")
    values: dict[str, Node] = {}
    for child in node.children:
        if child.tag != SEQUENCE or len(child.children) != 2:
            raise Malformed("SIGNED_ATTRIBUTES")
        kind = oid(child.child(0, OID, "SIGNED_ATTRIBUTES"))
        members = child.child(1, SET, "SIGNED_ATTRIBUTES").children
        if kind in values or not members:
            raise Malformed("SIGNED_ATTRIBUTES")
        if kind in (_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME) and len(members) != 1:
            raise Malformed("SIGNED_ATTRIBUTES")
        values[kind] = members[0]
    return values


def _value(values: dict[str, Node], kind: str) -> Node:
    if kind not in values:
        raise Malformed("SIGNED_ATTRIBUTES")
    return values[kind]
