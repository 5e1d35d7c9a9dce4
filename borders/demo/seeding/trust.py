"""The trust store of the demo: Utopia's country signer and revocation list, proposed by one and activated by another."""

from datetime import datetime

from audit.core.actor import Actor
from borders.demo.chips import utopian_authority, utopian_revocation_list
from travelers.services.trust_store import activate_trust_store, get_trust_store, propose_trust_import


def seed_trust_store(*, proposer: Actor, approver: Actor, at: datetime) -> int:
    """Put in force what is missing; return how many versions that took."""
    store, _ = get_trust_store()
    csca, crl = utopian_authority(at.year).der, utopian_revocation_list(at.year)
    missing = [] if csca in {a.certificate.der for a in store.anchors} else [csca]
    if crl not in {c.der for c in store.crls}:
        missing.append(crl)
    for content in missing:
        version = propose_trust_import(
            actor=proposer, at=at, content=content, source="Passport Office of Utopia, by hand"
        )
        activate_trust_store(actor=approver, at=at, version_id=version.id)
    return len(missing)
