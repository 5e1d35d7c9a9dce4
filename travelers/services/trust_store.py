"""The trust store: imported by one person, activated by another, then held in memory by every worker."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from audit.core.actor import Actor
from audit.services import record
from travelers.core.chip import Invalid, Malformed, TrustStore, build_trust_store
from travelers.core.chip.certificate import Certificate, is_signed_by, key_of, parse_certificate
from travelers.core.chip.crl import Crl, parse_crl
from travelers.core.chip.trust_import import TrustImport, read_trust_file
from travelers.models import (
    RevocationList,
    TrustedCertificate,
    TrustStoreCertificate,
    TrustStoreRevocationList,
    TrustStoreVersion,
)

_NUMBER_LOCK = 930_312  # advisory: one proposal or activation at a time


class TrustImportRefused(ValueError):
    """The file cannot become part of the trust store. code: stable, as in travelers.core.chip."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TrustStoreRefused(ValueError):
    """The version cannot be activated or rejected: not_found, wrong_state, second_person_required."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Held:
    version_id: UUID | None
    store: TrustStore


@transaction.atomic
def propose_trust_import(
    *, actor: Actor, at: datetime, content: bytes, source: str, roots: Sequence[bytes] = ()
) -> TrustStoreVersion:
    """Propose the version in force with one file added: master list, LDIF of the PKD, CSCA or CRL.

    roots: pinned CSCAs in DER to which a master list must chain; certificates already in force count too.
    Nothing is taken away: old lists verify old documents. Raises TrustImportRefused.
    """
    _lock()
    base = TrustStoreVersion.objects.filter(state=TrustStoreVersion.State.ACTIVE).first()
    known = (
        [parse_certificate(bytes(c.der)) for c in base.certificates.filter(is_seal_signer=False)]
        if base
        else []
    )
    try:
        pinned = [parse_certificate(der) for der in roots]
        found = read_trust_file(content, roots=[*pinned, *known], anchors=known)
    except (Malformed, Invalid) as error:
        raise TrustImportRefused(error.code) from None
    new = {c.sha256: c for c in found.certificates}
    held = {c.sha256: c for c in known}
    crls = {hashlib.sha256(c.der).hexdigest(): c for c in found.crls}
    rows = _store_certificates([c for sha, c in new.items() if sha not in held], at)
    rows += _store_certificates(found.seal_signers, at, is_seal_signer=True)
    crl_rows = _store_crls(list(crls.values()), at)
    version = TrustStoreVersion.objects.create(
        number=(TrustStoreVersion.objects.aggregate(top=Max("number"))["top"] or 0) + 1,
        kind=found.kind,
        source=source[:120],
        sha256=hashlib.sha256(content).hexdigest(),
        signer=found.signer[:400],
        root_sha256=found.root_sha256,
        diff=_diff(held, new, found, len(crl_rows), base),
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    kept = list(base.certificates.values_list("id", flat=True)) if base else []
    TrustStoreCertificate.objects.bulk_create(
        TrustStoreCertificate(version=version, certificate_id=pk) for pk in {*kept, *(r.id for r in rows)}
    )
    TrustStoreRevocationList.objects.bulk_create(
        TrustStoreRevocationList(version=version, revocation_list_id=pk)
        for pk in _latest_crls(base, crl_rows)
    )
    record(
        actor=actor,
        at=at,
        action="trust_store.proposed",
        object_type="trust_store_version",
        object_id=version.id,
        detail={"number": version.number, "kind": version.kind, "sha256": version.sha256},
    )
    return version


@transaction.atomic
def activate_trust_store(*, actor: Actor, at: datetime, version_id: UUID) -> TrustStoreVersion:
    """Put a version in force, and the one before it out of force. Raises TrustStoreRefused (code).

    A superseded version may be activated again, by a person other than the one who proposed it.
    """
    _lock()
    version = _get_version(version_id)
    if version.state not in (TrustStoreVersion.State.PROPOSED, TrustStoreVersion.State.SUPERSEDED):
        raise TrustStoreRefused("wrong_state")
    if actor.user_id is None or actor.user_id == version.proposed_by_id:
        raise TrustStoreRefused("second_person_required")
    TrustStoreVersion.objects.filter(state=TrustStoreVersion.State.ACTIVE).update(
        state=TrustStoreVersion.State.SUPERSEDED
    )
    return _move(actor, at, version, TrustStoreVersion.State.ACTIVE, "trust_store.activated")


@transaction.atomic
def reject_trust_store(*, actor: Actor, at: datetime, version_id: UUID) -> TrustStoreVersion:
    """Reject a proposed version. Raises TrustStoreRefused (code)."""
    _lock()
    version = _get_version(version_id)
    if version.state != TrustStoreVersion.State.PROPOSED:
        raise TrustStoreRefused("wrong_state")
    if actor.user_id is None or actor.user_id == version.proposed_by_id:
        raise TrustStoreRefused("second_person_required")
    return _move(actor, at, version, TrustStoreVersion.State.REJECTED, "trust_store.rejected")


def get_trust_store() -> tuple[TrustStore, UUID | None]:
    """Return the store in force and the id of its version; it is built once a process and version."""
    version = (
        TrustStoreVersion.objects.filter(state=TrustStoreVersion.State.ACTIVE).only("id", "number").first()
    )
    version_id = version.id if version else None
    held = _held[0]
    if held is None or held.version_id != version_id:
        held = _held[0] = _Held(version_id, _build(version))
    return held.store, version_id


# replaced as a whole, so that a thread sees the old store or the new one
_held: list[_Held | None] = [None]


def _build(version: TrustStoreVersion | None) -> TrustStore:
    if version is None:
        return TrustStore()
    anchors, signers = [], []
    for row in version.certificates.order_by("id"):
        (signers if row.is_seal_signer else anchors).append(parse_certificate(bytes(row.der)))
    return build_trust_store(
        anchors,
        [parse_crl(bytes(c.der)) for c in version.revocation_lists.order_by("id")],
        version=str(version.number),
        seal_signers=signers,
    )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER_LOCK])


def _get_version(version_id: UUID) -> TrustStoreVersion:
    version = TrustStoreVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        raise TrustStoreRefused("not_found")
    return version


def _move(
    actor: Actor, at: datetime, version: TrustStoreVersion, state: str, action: str
) -> TrustStoreVersion:
    version.state = state
    version.approved_by_id = actor.user_id
    version.approved_at = at
    version.save(update_fields=("state", "approved_by", "approved_at"))
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="trust_store_version",
        object_id=version.id,
        detail={"number": version.number},
    )
    return version


def _store_certificates(
    certificates: Sequence[Certificate], at: datetime, *, is_seal_signer: bool = False
) -> list[TrustedCertificate]:
    TrustedCertificate.objects.bulk_create(
        [_certificate_row(certificate, at, is_seal_signer) for certificate in certificates],
        ignore_conflicts=True,
    )
    return list(TrustedCertificate.objects.filter(sha256__in=[c.sha256 for c in certificates]))


def _certificate_row(certificate: Certificate, at: datetime, is_seal_signer: bool) -> TrustedCertificate:
    refusal = key_name = ""
    is_link = not certificate.is_self_issued
    try:
        key = key_of(certificate)
        key_name = key.name
        is_link = not is_signed_by(certificate, key)
    except (Malformed, Invalid) as error:
        refusal = error.code
    return TrustedCertificate(
        sha256=certificate.sha256,
        der=certificate.der,
        country=certificate.subject.country[:2],
        subject=str(certificate.subject)[:400],
        issuer=str(certificate.issuer)[:400],
        is_seal_signer=is_seal_signer,
        is_link=is_link and not is_seal_signer,
        key_name=key_name,
        refusal=refusal,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        added_at=at,
    )


def _store_crls(crls: Sequence[Crl], at: datetime) -> list[RevocationList]:
    rows = [
        RevocationList(
            sha256=hashlib.sha256(crl.der).hexdigest(),
            der=crl.der,
            country=crl.issuer.country[:2],
            issuer=str(crl.issuer)[:400],
            this_update=crl.this_update,
            next_update=crl.next_update,
            revoked_count=len(crl.revoked),
            added_at=at,
        )
        for crl in crls
    ]
    RevocationList.objects.bulk_create(rows, ignore_conflicts=True)
    return list(RevocationList.objects.filter(sha256__in=[row.sha256 for row in rows]))


def _latest_crls(base: TrustStoreVersion | None, new: Sequence[RevocationList]) -> set[UUID]:
    """Return the newest list of each issuer, of those in force and those imported."""
    rows = [*(base.revocation_lists.all() if base else ()), *new]
    newest: dict[str, RevocationList] = {}
    for row in rows:
        if row.issuer not in newest or newest[row.issuer].this_update < row.this_update:
            newest[row.issuer] = row
    return {row.id for row in newest.values()}


def _diff(
    held: dict[str, Certificate],
    new: dict[str, Certificate],
    found: TrustImport,
    crls: int,
    base: TrustStoreVersion | None,
) -> dict[str, object]:
    added = [c for sha, c in new.items() if sha not in held]
    return {
        "against": base.number if base else None,
        "added": len(added),
        "already_held": len(new) - len(added),
        "held_and_not_in_the_file": len(held.keys() - new.keys()),
        "added_by_country": dict(sorted(Counter(c.subject.country for c in added).items())),
        "refused": dict(sorted(Counter(found.refused).items())),
        "revocation_lists": crls,
        "seal_signers": len(found.seal_signers),
        "fingerprints": sorted(c.sha256 for c in added) if len(added) <= 20 else [],
    }
