"""Keys that sign for a State of ours. Never real: from a seed, or made when they are needed."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ecdsa
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from borders.demo.pki import der
from travelers.core.chip.algorithms import DIGESTS, Family, SignatureAlgorithm
from travelers.core.chip.curves import CURVES, Curve
from travelers.core.chip.signatures import HASHES

_CURVE_OIDS = {curve.name: name for name, curve in CURVES.items()}
_DIGEST_OIDS = {digest: name for name, digest in DIGESTS.items()}
_RSA_OIDS = {
    "sha1": "1.2.840.113549.1.1.5",
    "sha224": "1.2.840.113549.1.1.14",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
_ECDSA_OIDS = {
    "sha1": "1.2.840.10045.4.1",
    "sha224": "1.2.840.10045.4.3.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
PLAIN_OIDS = {
    digest: f"0.4.0.127.0.7.1.1.4.1.{n}"
    for n, digest in enumerate(("sha1", "sha224", "sha256", "sha384", "sha512"), 1)
}


@dataclass(frozen=True)
class SigningKey:
    """A private key. algorithm: how it signs. private: of the RSA or EC library. explicit: write curve parameters out."""

    algorithm: SignatureAlgorithm
    private: Any
    curve: Curve | None = None
    explicit: bool = False
    compressed: bool = False

    def sign(self, message: bytes) -> bytes:
        digest = HASHES[self.algorithm.digest]
        if self.algorithm.family is Family.RSA_PKCS1:
            return self.private.sign(message, padding.PKCS1v15(), digest)
        if self.algorithm.family is Family.RSA_PSS:
            mask = padding.MGF1(HASHES[self.algorithm.mask_digest])
            return self.private.sign(message, padding.PSS(mask, self.algorithm.salt_length), digest)
        r, s = self._sign_ec(message)
        if self.algorithm.family is Family.ECDSA_PLAIN:
            size = self.curve.order_octets
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        return der.sequence(der.integer(r), der.integer(s))

    def _sign_ec(self, message: bytes) -> tuple[int, int]:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            chosen = ec.ECDSA(HASHES[self.algorithm.digest], deterministic_signing=True)
            return decode_dss_signature(self.private.sign(message, chosen))
        digest = hashlib.new(self.algorithm.digest, message).digest()
        return self.private.sign_digest_deterministic(
            digest,
            hashfunc=hashlib.sha256,
            sigencode=lambda r, s, order: (int(r), int(s)),
            allow_truncate=True,
        )

    @cached_property
    def point(self) -> bytes:
        """Return the encoded public point of an elliptic curve key."""
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            kind = PublicFormat.CompressedPoint if self.compressed else PublicFormat.UncompressedPoint
            return self.private.public_key().public_bytes(Encoding.X962, kind)
        return self.private.verifying_key.to_string("compressed" if self.compressed else "uncompressed")

    @cached_property
    def public_info(self) -> bytes:
        """Return the SubjectPublicKeyInfo in DER."""
        if self.curve is None:
            numbers = self.private.public_key().public_numbers()
            key = der.sequence(der.integer(numbers.n), der.integer(numbers.e))
            return der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()), der.bits(key))
        parameters = (
            explicit_parameters(self.curve) if self.explicit else der.oid(_CURVE_OIDS[self.curve.name])
        )
        return der.sequence(der.sequence(der.oid("1.2.840.10045.2.1"), parameters), der.bits(self.point))

    @property
    def key_identifier(self) -> bytes:
        return hashlib.sha1(self.public_info, usedforsecurity=False).digest()


def explicit_parameters(curve: Curve, **changed: Any) -> bytes:
    """Return a curve's domain parameters. changed: p, a, b, gx, gy, n, h to write instead; h=None leaves it out."""
    values = {name: getattr(curve, name) for name in ("p", "a", "b", "gx", "gy", "n", "h")} | changed
    size = curve.field_octets
    base = b"\x04" + values["gx"].to_bytes(size, "big") + values["gy"].to_bytes(size, "big")
    return der.sequence(
        der.integer(1),
        der.sequence(der.oid("1.2.840.10045.1.1"), der.integer(values["p"])),
        der.sequence(
            der.octets(values["a"].to_bytes(size, "big")), der.octets(values["b"].to_bytes(size, "big"))
        ),
        der.octets(base),
        der.integer(values["n"]),
        *([] if values["h"] is None else [der.integer(values["h"])]),
    )


def digest_info(digest: str) -> bytes:
    """Return the AlgorithmIdentifier of a digest."""
    return der.sequence(der.oid(_DIGEST_OIDS[digest]), der.null())


def algorithm_info(algorithm: SignatureAlgorithm) -> bytes:
    """Return the AlgorithmIdentifier of a signature algorithm."""
    if algorithm.family is Family.RSA_PKCS1:
        return der.sequence(der.oid(_RSA_OIDS[algorithm.digest]), der.null())
    if algorithm.family is Family.ECDSA:
        return der.sequence(der.oid(_ECDSA_OIDS[algorithm.digest]))
    if algorithm.family is Family.ECDSA_PLAIN:
        return der.sequence(der.oid(PLAIN_OIDS[algorithm.digest]))
    mask = der.sequence(der.oid("1.2.840.113549.1.1.8"), digest_info(algorithm.mask_digest))
    return der.sequence(
        der.oid("1.2.840.113549.1.1.10"),
        der.sequence(
            der.context(0, digest_info(algorithm.digest)),
            der.context(1, mask),
            der.context(2, der.integer(algorithm.salt_length)),
        ),
    )


def make_ec_key(
    curve_name: str,
    digest: str = "sha256",
    *,
    seed: bytes,
    plain: bool = False,
    explicit: bool = False,
    compressed: bool = False,
) -> SigningKey:
    """Return an elliptic curve key. curve_name: as in CURVES. seed: the same gives the same key."""
    curve = CURVES[_CURVE_OIDS[curve_name]]
    scalar = int.from_bytes(hashlib.shake_256(seed).digest(80), "big") % (curve.n - 1) + 1
    private: Any
    if curve.fast is not None:
        private = ec.derive_private_key(scalar, curve.fast)
    else:
        private = ecdsa.SigningKey.from_secret_exponent(scalar, curve=curve.slow)
    family = Family.ECDSA_PLAIN if plain else Family.ECDSA
    return SigningKey(SignatureAlgorithm(family, digest), private, curve, explicit, compressed)


def make_rsa_key(
    bits: int,
    digest: str = "sha256",
    *,
    salt_length: int | None = None,
    mask_digest: str = "",
    exponent: int = 65537,
) -> SigningKey:
    """Return a new RSA key. salt_length: octets, for RSASSA-PSS; None: PKCS #1 v1.5."""
    private = rsa.generate_private_key(exponent, bits)
    return SigningKey(rsa_algorithm(digest, salt_length, mask_digest), private)


def rsa_algorithm(digest: str, salt_length: int | None = None, mask_digest: str = "") -> SignatureAlgorithm:
    """Return PKCS #1 v1.5, or with a salt length RSASSA-PSS."""
    if salt_length is None:
        return SignatureAlgorithm(Family.RSA_PKCS1, digest)
    return SignatureAlgorithm(Family.RSA_PSS, digest, mask_digest or digest, salt_length)
