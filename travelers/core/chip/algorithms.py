"""Which digest and signature algorithms are known, and their parameters.

Sources: RFC 3279, 4055, 5754, 5758; BSI TR-03111 section 5.2.1 for plain ECDSA; Doc 9303-12, section 4.1.6 for
what the PKI may use.
"""

from dataclasses import dataclass
from enum import StrEnum

from travelers.core.chip.errors import Malformed
from travelers.core.chip.tlv import NULL, OID, SEQUENCE, Node, integer, oid

DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
DIGEST_OCTETS = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


class Family(StrEnum):
    RSA_PKCS1 = "rsa-pkcs1"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"
    ECDSA_PLAIN = "ecdsa-plain"


RSA_ENCRYPTION = "1.2.840.113549.1.1.1"
RSASSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_SIGNATURES = {
    "1.2.840.113549.1.1.5": (Family.RSA_PKCS1, "sha1"),
    "1.2.840.113549.1.1.14": (Family.RSA_PKCS1, "sha224"),
    "1.2.840.113549.1.1.11": (Family.RSA_PKCS1, "sha256"),
    "1.2.840.113549.1.1.12": (Family.RSA_PKCS1, "sha384"),
    "1.2.840.113549.1.1.13": (Family.RSA_PKCS1, "sha512"),
    "1.2.840.10045.4.1": (Family.ECDSA, "sha1"),
    "1.2.840.10045.4.3.1": (Family.ECDSA, "sha224"),
    "1.2.840.10045.4.3.2": (Family.ECDSA, "sha256"),
    "1.2.840.10045.4.3.3": (Family.ECDSA, "sha384"),
    "1.2.840.10045.4.3.4": (Family.ECDSA, "sha512"),
    "0.4.0.127.0.7.1.1.4.1.1": (Family.ECDSA_PLAIN, "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": (Family.ECDSA_PLAIN, "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": (Family.ECDSA_PLAIN, "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": (Family.ECDSA_PLAIN, "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": (Family.ECDSA_PLAIN, "sha512"),
}


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """How something was signed. digest, mask_digest: "sha1" to "sha512"; the mask and the salt (octets) are of PSS only."""

    family: Family
    digest: str
    mask_digest: str = ""
    salt_length: int = 0

    @property
    def name(self) -> str:
        return f"{self.family}-{self.digest}"


def digest_algorithm(node: Node) -> str:
    """Return the digest that an AlgorithmIdentifier names.

    Parameters are NULL or absent (RFC 5754 section 2). Raises Malformed: ALGORITHM, ALGORITHM_UNKNOWN,
    ALGORITHM_PARAMETERS.
    """
    name, parameters = _split(node)
    if name not in DIGESTS:
        raise Malformed("ALGORITHM_UNKNOWN")
    if parameters is not None and parameters.tag != NULL:
        raise Malformed("ALGORITHM_PARAMETERS")
    return DIGESTS[name]


def signature_algorithm(node: Node, digest: str | None = None) -> SignatureAlgorithm:
    """Return the algorithm that an AlgorithmIdentifier names.

    digest: of the SignerInfo, which rsaEncryption leaves open; None in a certificate, where it is not allowed.
    A digest given that is not the algorithm's raises Malformed(DIGEST_MISMATCH). ECDSA with NULL parameters is
    taken as without, as in German passports of 2008. Raises Malformed: ALGORITHM, ALGORITHM_UNKNOWN,
    ALGORITHM_PARAMETERS, PSS_PARAMETERS.
    """
    name, parameters = _split(node)
    if name == RSASSA_PSS:
        found = _pss(parameters)
    elif name == RSA_ENCRYPTION and digest is not None:
        found = SignatureAlgorithm(Family.RSA_PKCS1, digest)
    elif name in _SIGNATURES:
        found = SignatureAlgorithm(*_SIGNATURES[name])
    else:
        raise Malformed("ALGORITHM_UNKNOWN")
    if name != RSASSA_PSS and parameters is not None and parameters.tag != NULL:
        raise Malformed("ALGORITHM_PARAMETERS")
    if digest is not None and found.digest != digest:
        raise Malformed("DIGEST_MISMATCH")
    return found


def _split(node: Node) -> tuple[str, Node | None]:
    if node.tag != SEQUENCE or not 1 <= len(node.children) <= 2 or node.children[0].tag != OID:
        raise Malformed("ALGORITHM")
    return oid(node.children[0]), node.children[1] if len(node.children) == 2 else None


def _pss(parameters: Node | None) -> SignatureAlgorithm:
    """Read RSASSA-PSS-params; what is absent has the default of RFC 4055 section 3.1."""
    if parameters is None or parameters.tag != SEQUENCE:
        raise Malformed("PSS_PARAMETERS")
    digest = mask_digest = "sha1"
    salt_length = 20
    previous = 0x9F
    for field in parameters.children:
        if field.tag <= previous or len(field.children) != 1:
            raise Malformed("PSS_PARAMETERS")
        previous = field.tag
        value = field.children[0]
        if field.tag == 0xA0:
            digest = digest_algorithm(value)
        elif field.tag == 0xA1:
            name, mask = _split(value)
            if name != _MGF1 or mask is None:
                raise Malformed("PSS_PARAMETERS")
            mask_digest = digest_algorithm(mask)
        elif field.tag == 0xA2:
            salt_length = integer(value)
        elif field.tag != 0xA3 or integer(value) != 1:
            raise Malformed("PSS_PARAMETERS")
    if not 0 <= salt_length <= 1024:
        raise Malformed("PSS_PARAMETERS")
    return SignatureAlgorithm(Family.RSA_PSS, digest, mask_digest, salt_length)
