"""Read a file that is to become part of the trust store: which kind it is, and what of it may be trusted.

Source: Doc 9303-12 sections 8 and 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from travelers.core.chip.certificate import Certificate, is_signed_by, key_of
from travelers.core.chip.crl import Crl, is_crl_signed_by, parse_crl
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.master_list import (
    MasterList,
    find_root,
    parse_master_list,
    read_certificates,
    read_ldif,
    read_pem,
    verify_master_list,
)


@dataclass(frozen=True, slots=True)
class TrustImport:
    """kind: "master_list", "ldif", "certificate", "seal_signer" or "crl". refused: codes of what was left out.

    signer, root_sha256: of a master list, "" for the others.
    """

    kind: str
    certificates: tuple[Certificate, ...] = ()
    crls: tuple[Crl, ...] = ()
    seal_signers: tuple[Certificate, ...] = ()
    refused: tuple[str, ...] = ()
    signer: str = ""
    root_sha256: str = ""


def read_trust_file(
    content: bytes, *, roots: Sequence[Certificate], anchors: Sequence[Certificate]
) -> TrustImport:
    """Return what a file holds, verified as far as it can be.

    roots: pinned CSCAs to which a master list must chain. anchors: certificates in force, which sign CRLs and
    link certificates. Raises Malformed, Invalid: CRL_SIGNATURE_INVALID, LINK_NOT_ANCHORED, NOT_A_CSCA, NO_PINNED_ROOT,
    NOTHING_FOUND, and the codes of the parsers.
    """
    if b"-----BEGIN X509 CRL-----" in content:
        return _crls([parse_crl(der) for der in read_pem(content, "X509 CRL")], anchors)
    if b"-----BEGIN CERTIFICATE-----" in content:
        return _certificates(read_certificates(content), anchors)
    if content[:1] != b"\x30":
        return _ldif(content, roots, anchors)
    try:
        return _list(parse_master_list(content), roots)
    except Malformed as error:
        # a certificate and a CRL begin as a master list does
        for read in (_one_certificate, _one_crl):
            try:
                return read(content, anchors)
            except Malformed:
                continue
        raise error from None


def _one_certificate(content: bytes, anchors: Sequence[Certificate]) -> TrustImport:
    return _certificates(read_certificates(content), anchors)


def _one_crl(content: bytes, anchors: Sequence[Certificate]) -> TrustImport:
    return _crls([parse_crl(content)], anchors)


def _list(found: MasterList, roots: Sequence[Certificate]) -> TrustImport:
    verify_master_list(found)
    root = find_root(found, roots)
    return TrustImport(
        "master_list",
        found.certificates,
        refused=found.refused,
        signer=str(found.signed.signer.subject),
        root_sha256=root.sha256,
    )


def _certificates(found: Sequence[Certificate], anchors: Sequence[Certificate]) -> TrustImport:
    """Accept self-signed CSCAs, which two persons answer for, and link certificates of those in force."""
    if found and all(_is_seal_signer(c) and _is_issued(c, anchors) for c in found):
        return TrustImport("seal_signer", seal_signers=tuple(found))
    for certificate in found:
        if not _is_authority(certificate):
            # a document signer that an authority in force has signed must not become one itself
            raise Invalid("NOT_A_CSCA")
        signers = [key_of(certificate)] if certificate.is_self_issued else []
        signers += [key_of(a) for a in anchors if a.subject.canonical == certificate.issuer.canonical]
        if not any(is_signed_by(certificate, key) for key in signers):
            raise Invalid("LINK_NOT_ANCHORED")
    return TrustImport("certificate", tuple(found))


def _is_authority(certificate: Certificate) -> bool:
    constraints, usage = certificate.basic_constraints, certificate.key_usage
    if constraints is not None and constraints[0]:
        return usage is None or "keyCertSign" in usage
    return certificate.is_self_issued and usage is not None and "keyCertSign" in usage


def _is_seal_signer(certificate: Certificate) -> bool:
    """Tell whether a certificate is that of a seal signer: its name is two capitals. Source: Doc 9303-13 section 2.6."""
    common = [value for kind, value in certificate.subject.parts if kind == "2.5.4.3"]
    constraints = certificate.basic_constraints
    return (
        len(common) == 1
        and len(common[0]) == 2
        and common[0].isalnum()
        and certificate.key_usage == frozenset(("digitalSignature",))
        and not (constraints is not None and constraints[0])
    )


def _is_issued(certificate: Certificate, anchors: Sequence[Certificate]) -> bool:
    return any(
        is_signed_by(certificate, key_of(a))
        for a in anchors
        if a.subject.canonical == certificate.issuer.canonical
        and a.subject.country == certificate.subject.country
    )


def _crls(found: Sequence[Crl], anchors: Sequence[Certificate]) -> TrustImport:
    for crl in found:
        if not _is_anchored(crl, anchors):
            raise Invalid("CRL_SIGNATURE_INVALID")
    return TrustImport("crl", crls=tuple(found))


def _is_anchored(crl: Crl, anchors: Sequence[Certificate]) -> bool:
    for anchor in anchors:
        if anchor.subject.country == crl.issuer.country:
            try:
                if is_crl_signed_by(crl, key_of(anchor)):
                    return True
            except (Malformed, Invalid):
                continue
    return False


def _ldif(content: bytes, roots: Sequence[Certificate], anchors: Sequence[Certificate]) -> TrustImport:
    """Take every master list that chains to a root, and every CRL that a certificate then in force signed.

    Document signers in the file are no anchors and are left out; chips bring their own.
    """
    certificates: dict[bytes, Certificate] = {}
    refused: list[str] = []
    crls: list[Crl] = []
    signers: list[str] = []
    for kind, octets in read_ldif(content):
        try:
            if kind == "master_list":
                found = _list(parse_master_list(octets), roots)
                certificates |= {c.der: c for c in found.certificates}
                refused += found.refused
                signers.append(found.signer)
            elif kind == "crl":
                crls.append(parse_crl(octets))
            else:
                refused.append("NOT_A_CSCA")
        except (Malformed, Invalid) as error:
            refused.append(error.code)
    trusted = [*anchors, *certificates.values()]
    kept = [crl for crl in crls if _is_anchored(crl, trusted)]
    refused += ["CRL_SIGNATURE_INVALID"] * (len(crls) - len(kept))
    if not certificates and not kept:
        raise Invalid(refused[0] if refused else "NOTHING_FOUND")
    return TrustImport(
        "ldif",
        tuple(certificates.values()),
        tuple(kept),
        refused=tuple(refused),
        signer="; ".join(signers),
    )
