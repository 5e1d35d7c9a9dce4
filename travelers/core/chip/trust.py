"""The trust store: country signers, their keys resolved once, and the revocation lists that they signed.

Sources: Doc 9303-12 sections 5 and 7. Being in the store is the trust; a link certificate counts by its place in
the store, and that its issuer signed it is evidence besides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from travelers.core.chip.certificate import Certificate, Name, is_signed_by, key_of
from travelers.core.chip.crl import Crl, is_crl_signed_by
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted CSCA certificate. key: None where it cannot be used, and then refusal says why."""

    certificate: Certificate
    key: PublicKey | None
    key_identifier: bytes | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class TrustStore:
    """anchors: every CSCA, link certificates too. crls: only those whose signature an anchor of their country made.

    version: which list this is, "" for one without a version. refused_crls: codes of the others. seal_signers:
    certificates that sign visible digital seals; each is verified against the anchors when it is used.
    """

    anchors: tuple[Anchor, ...] = ()
    crls: tuple[Crl, ...] = ()
    version: str = ""
    refused_crls: tuple[str, ...] = ()
    by_country: Mapping[str, tuple[Anchor, ...]] = field(default_factory=lambda: MappingProxyType({}))
    by_key_identifier: Mapping[bytes, tuple[Anchor, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    seal_signers: tuple[Certificate, ...] = ()
    by_name: Mapping[tuple[tuple[str, str], ...], tuple[Anchor, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def candidates(self, certificate: Certificate) -> tuple[Anchor, ...]:
        """Return the anchors that may have issued a certificate, the likeliest first.

        By key identifier and by name; a certificate that names no key may be of any key of its country.
        """
        identifier = certificate.authority_key_identifier
        found = [
            *(self.by_key_identifier.get(identifier, ()) if identifier is not None else ()),
            *self.by_name.get(certificate.issuer.canonical, ()),
            *(self.of_country(certificate) if identifier is None else ()),
        ]
        return tuple({id(anchor): anchor for anchor in found}.values())

    def of_country(self, certificate: Certificate) -> tuple[Anchor, ...]:
        """Return the anchors of the State that a certificate claims."""
        return self.by_country.get(certificate.issuer.country or certificate.subject.country, ())

    def crls_for(self, certificate: Certificate) -> tuple[Crl, ...]:
        """Return the lists that speak of a certificate, the newest first.

        A list speaks of the certificates of its issuer's name; after a roll-over the new key signs it.
        """
        found = (c for c in self.crls if c.issuer.canonical == certificate.issuer.canonical)
        return tuple(sorted(found, key=lambda c: c.this_update, reverse=True))


def build_trust_store(
    certificates: Iterable[Certificate],
    crls: Iterable[Crl] = (),
    version: str = "",
    seal_signers: Iterable[Certificate] = (),
) -> TrustStore:
    """Return a store in which every key is loaded and every CRL verified. Nothing in it raises later."""
    anchors = tuple(_anchor(certificate) for certificate in certificates)
    by_country: dict[str, list[Anchor]] = {}
    by_identifier: dict[bytes, list[Anchor]] = {}
    by_name: dict[tuple[tuple[str, str], ...], list[Anchor]] = {}
    for anchor in anchors:
        by_country.setdefault(anchor.certificate.subject.country, []).append(anchor)
        by_name.setdefault(anchor.certificate.subject.canonical, []).append(anchor)
        if anchor.key_identifier is not None:
            by_identifier.setdefault(anchor.key_identifier, []).append(anchor)
    kept, refused = [], []
    for crl in crls:
        if any(_signed(crl, a) for a in by_country.get(crl.issuer.country, ())):
            kept.append(crl)
        else:
            refused.append("CRL_SIGNATURE_INVALID")
    return TrustStore(
        anchors,
        tuple(kept),
        version,
        tuple(refused),
        MappingProxyType({k: tuple(v) for k, v in by_country.items()}),
        MappingProxyType({k: tuple(v) for k, v in by_identifier.items()}),
        tuple(seal_signers),
        MappingProxyType({k: tuple(v) for k, v in by_name.items()}),
    )


def find_issuer(store: TrustStore, certificate: Certificate) -> Anchor:
    """Return the anchor whose key signed a certificate; of several, one that was valid when it was issued.

    Raises Unanchored: NO_CSCA_FOR_STATE, CSCA_UNKNOWN (the State is known, this key is not), CSCA_NOT_USABLE;
    Invalid(DSC_SIGNATURE_INVALID): the certificate names a key that is held, and that key did not sign it.
    """
    candidates = store.candidates(certificate)
    signers = [a for a in candidates if a.key is not None and is_signed_by(certificate, a.key)]
    if signers:
        return next((a for a in signers if is_valid_at(a.certificate, certificate.not_before)), signers[0])
    if not candidates and not store.of_country(certificate):
        raise Unanchored("NO_CSCA_FOR_STATE")
    if _is_named(certificate, candidates):
        raise Invalid("DSC_SIGNATURE_INVALID")
    if any(
        a.key is None and a.certificate.subject.canonical == certificate.issuer.canonical for a in candidates
    ):
        raise Unanchored("CSCA_NOT_USABLE")
    raise Unanchored("CSCA_UNKNOWN")


def find_link_issuer(store: TrustStore, link: Certificate) -> Name | None:
    """Return the name of the anchor with another key that signed a link certificate, None if it is not held."""
    for anchor in store.candidates(link):
        if anchor.key is not None and anchor.certificate.der != link.der and is_signed_by(link, anchor.key):
            return anchor.certificate.subject
    return None


def is_valid_at(certificate: Certificate, at: datetime) -> bool:
    """Tell whether a time lies within a certificate's validity."""
    return certificate.not_before <= at <= certificate.not_after


class Unanchored(LookupError):
    """No trusted key answers for a certificate; that is no sign of forgery. code: stable, upper case."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _anchor(certificate: Certificate) -> Anchor:
    try:
        identifier = certificate.subject_key_identifier
    except Malformed:
        identifier = None
    try:
        return Anchor(certificate, key_of(certificate), identifier)
    except (Malformed, Invalid) as error:
        return Anchor(certificate, None, identifier, error.code)


def _signed(crl: Crl, anchor: Anchor) -> bool:
    return anchor.key is not None and is_crl_signed_by(crl, anchor.key)


def _is_named(certificate: Certificate, candidates: tuple[Anchor, ...]) -> bool:
    """Tell whether a certificate names one of these anchors' keys: by identifier, or without one by name."""
    identifier = certificate.authority_key_identifier
    if identifier is not None:
        return any(a.key_identifier == identifier and a.key is not None for a in candidates)
    return any(
        a.key is not None and a.certificate.subject.canonical == certificate.issuer.canonical
        for a in candidates
    )
