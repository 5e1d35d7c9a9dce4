"""Verify a seal offline: its signature, its signer, the signer's CSCA. Sources: Doc 9303-13, Doc 9303-12 section 7."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from travelers.core.chip.algorithms import Family, SignatureAlgorithm
from travelers.core.chip.certificate import Certificate, key_of
from travelers.core.chip.countries import alpha_2_of
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.result import Verdict
from travelers.core.chip.signatures import verify_signature
from travelers.core.chip.signer_rules import judge_revocation
from travelers.core.chip.trust import TrustStore, Unanchored, find_issuer
from travelers.core.seals.vds import Seal
from travelers.core.seals.vds_nc import NonConstrainedSeal


@dataclass(frozen=True, slots=True)
class SealResult:
    """result and code as for a chip. signer: subject of the certificate, "" if it was not found.

    signature: how the signature alone came out, also where the chain decides. algorithm: as in chip results.
    """

    result: Verdict
    code: str
    signer: str = ""
    algorithm: str = ""
    signature: Verdict = Verdict.NOT_PRESENT


def verify_seal(seal: Seal, signers: Sequence[Certificate], store: TrustStore, *, at: datetime) -> SealResult:
    """Return what is said of a compact seal.

    signers: certificates of seal signers at hand; the one that the header names by country, name and serial
    number is used. Codes: OK; NO_TRUST_ANCHOR SIGNER_NOT_HELD, and those of find_issuer; INVALID
    SIGNATURE_INVALID, COUNTRY_MISMATCH, DSC_SIGNATURE_INVALID, KEY_USAGE; EXPIRED
    SIGNER_NOT_VALID_AT_SIGNING; REVOKED DSC_REVOKED; MALFORMED as load_key.
    """
    signer = next((c for c in signers if _is_named(seal, c)), None)
    if signer is None:
        return SealResult(Verdict.NO_TRUST_ANCHOR, "SIGNER_NOT_HELD")
    try:
        key = key_of(signer)
        algorithm = SignatureAlgorithm(Family.ECDSA_PLAIN, _digest(key.bits))
    except Malformed as error:
        return SealResult(Verdict.MALFORMED, error.code, str(signer.subject))
    except Invalid as error:
        return SealResult(Verdict.INVALID, error.code, str(signer.subject))
    return _judge(
        seal.signed, seal.signature, algorithm, signer, seal.issuing_state, seal.signature_date, store, at
    )


def verify_vds_nc(seal: NonConstrainedSeal, store: TrustStore, *, at: datetime) -> SealResult:
    """Return what is said of a seal that carries its certificate. Codes as verify_seal; the time of signing is not
    in it, so the signer must be valid at.
    """
    return _judge(
        seal.signed,
        seal.signature,
        seal.algorithm,
        seal.certificate,
        seal.issuing_state,
        at.astimezone(UTC).date(),
        store,
        at,
    )


def _judge(
    signed: bytes,
    signature: bytes,
    algorithm: SignatureAlgorithm,
    signer: Certificate,
    issuing_state: str,
    signed_on: date,
    store: TrustStore,
    at: datetime,
) -> SealResult:
    name = str(signer.subject)

    def said(verdict: Verdict, code: str, own: Verdict = Verdict.VALID) -> SealResult:
        return SealResult(verdict, code, name, algorithm.name, own)

    try:
        verify_signature(key_of(signer), algorithm, signature, signed)
    except Malformed as error:
        return said(Verdict.MALFORMED, error.code, Verdict.MALFORMED)
    except Invalid as error:
        return said(Verdict.INVALID, error.code, Verdict.INVALID)
    try:
        anchor = find_issuer(store, signer)
    except Unanchored as error:
        return said(Verdict.NO_TRUST_ANCHOR, error.code)
    except Invalid as error:
        return said(Verdict.INVALID, error.code)
    country = signer.subject.country
    if anchor.certificate.subject.country != country or country not in alpha_2_of(issuing_state):
        return said(Verdict.INVALID, "COUNTRY_MISMATCH")
    usage, constraints = signer.key_usage, signer.basic_constraints
    if (usage is not None and "digitalSignature" not in usage) or (
        constraints is not None and constraints[0]
    ):
        return said(Verdict.INVALID, "KEY_USAGE")
    noon = datetime.combine(signed_on, time(12), UTC)
    if not signer.not_before.date() <= signed_on <= signer.not_after.date() or noon.date() > at.date():
        return said(Verdict.EXPIRED, "SIGNER_NOT_VALID_AT_SIGNING")
    revocation, code = judge_revocation(signer, store.crls_for(signer), at)
    if revocation is Verdict.REVOKED:
        return said(revocation, code)
    return said(Verdict.VALID, "OK")


def _is_named(seal: Seal, certificate: Certificate) -> bool:
    """Tell whether a header names a certificate: C and CN of its subject, and its serial number."""
    common = next((v for kind, v in certificate.subject.parts if kind == "2.5.4.3"), "")
    try:
        serial = int(seal.certificate_reference, 16)
    except ValueError:
        return False
    return (
        certificate.subject.country == seal.country
        and common.upper() == seal.signer
        and certificate.serial_number == serial
    )


def _digest(bits: int) -> str:
    """Return the hash that goes with a key's size. Source: Doc 9303-13 section 2.4, BSI TR-03116-2."""
    if bits <= 224:
        return "sha224"
    if bits <= 256:
        return "sha256"
    return "sha384" if bits <= 384 else "sha512"
