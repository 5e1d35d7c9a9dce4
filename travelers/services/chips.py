"""Chips: keep what a booth read, verify it, and say what was found."""

import hashlib
import time
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.envelope import Kind
from biometrics.core.images import ImageRefused
from biometrics.models import CapturedImage, SubjectKey
from biometrics.services.images import store_image
from biometrics.services.keys import open_for, seal_for, take_key
from travelers.core.chip import (
    ActiveAuthenticationEvidence,
    ChipAuthenticationEvidence,
    ChipFiles,
    ChipResult,
    Mechanism,
    MechanismResult,
    Verdict,
    verify_chip,
)
from travelers.models import ChipFile, ChipReading, ChipVerification
from travelers.services.trust_store import get_trust_store


@transaction.atomic
def store_chip(
    *, actor: Actor, at: datetime, files: ChipFiles, subject_key: SubjectKey | None = None
) -> ChipReading:
    """Keep the files of one chip as they were sent, sealed. subject_key: of the holder (take_key); None: of the chip alone."""
    chip = ChipReading(evidence=_evidence(files), read_at=at)
    key = subject_key or take_key(kind=SubjectKey.Kind.CHIP, subject_id=chip.id, at=at)
    chip.subject_key = key
    chip.save()
    rows = []
    for name, content in _named(files).items():
        row = ChipFile(chip=chip, name=name, sha256=hashlib.sha256(content).hexdigest())
        row.content = seal_for(content, key=key, kind=Kind.CHIP_FILE, item=row.id, purpose=name)
        rows.append(row)
    ChipFile.objects.bulk_create(rows)
    record(
        actor=actor,
        at=at,
        action="chip.stored",
        object_type="chip",
        object_id=chip.id,
        detail={"files": sorted(_named(files))},
    )
    return chip


@transaction.atomic
def verify_stored_chip(*, actor: Actor, at: datetime, chip: ChipReading) -> ChipVerification:
    """Verify a chip against the trust store in force, and keep what was found with its portrait."""
    store, version_id = get_trust_store()
    result = verify_chip(load_chip(chip=chip), store, at=at, clock=time.perf_counter)
    portrait, refusal = _keep_portrait(actor, at, result, chip.subject_key)
    row = ChipVerification.objects.create(
        chip=chip,
        trust_store_id=version_id,
        mechanisms={m.value: _as_json(r) for m, r in result.mechanisms.items()},
        groups_presented=list(result.groups_presented),
        groups_in_sod=None if result.groups_in_sod is None else list(result.groups_in_sod),
        groups_in_com=None if result.groups_in_com is None else list(result.groups_in_com),
        dg1_lines=list(result.dg1_lines),
        issue_date=result.issue_date,
        portrait=portrait,
        portrait_refusal=refusal,
        elapsed_ms=round(result.elapsed_ms, 3),
        verified_at=at,
    )
    summary = result.passive_authentication
    record(
        actor=actor,
        at=at,
        action="chip.verified",
        object_type="chip",
        object_id=chip.id,
        detail={"result": summary.result, "code": summary.code, "mechanism": summary.mechanism},
    )
    return row


def load_chip(*, chip: ChipReading) -> ChipFiles:
    """Return the files of a chip as they were sent."""
    files = {row.name: _open_file(chip, row) for row in chip.files.all()}
    active, agreement = chip.evidence.get("active_authentication"), chip.evidence.get("chip_authentication")
    return ChipFiles(
        files.get("EF_SOD"),
        files.get("EF_COM"),
        {int(name[2:]): content for name, content in files.items() if name.startswith("DG")},
        ActiveAuthenticationEvidence(bytes.fromhex(active["challenge"]), bytes.fromhex(active["response"]))
        if active
        else None,
        ChipAuthenticationEvidence(
            agreement["protocol"],
            agreement["key_id"],
            bytes.fromhex(agreement["terminal_private_key"]),
            bytes.fromhex(agreement["response"]),
            agreement["counter"],
        )
        if agreement
        else None,
    )


def _open_file(chip: ChipReading, row: ChipFile) -> bytes:
    if chip.subject_key_id is None:
        return bytes(row.content)
    return open_for(
        bytes(row.content), key_id=chip.subject_key_id, kind=Kind.CHIP_FILE, item=row.id, purpose=row.name
    )


def chip_result(*, verification: ChipVerification | None) -> ChipResult | None:
    """Return what was found in a chip, without its portrait; None if no chip was read."""
    if verification is None:
        return None
    return ChipResult(
        mechanisms=MappingProxyType(
            {
                Mechanism(name): _from_json(Mechanism(name), said)
                for name, said in verification.mechanisms.items()
            }
        ),
        groups_presented=tuple(verification.groups_presented),
        groups_in_sod=None if verification.groups_in_sod is None else tuple(verification.groups_in_sod),
        groups_in_com=None if verification.groups_in_com is None else tuple(verification.groups_in_com),
        dg1_lines=tuple(verification.dg1_lines),
        issue_date=verification.issue_date,
        elapsed_ms=verification.elapsed_ms,
    )


def is_portrait_authentic(*, verification: ChipVerification) -> bool:
    """Tell whether the portrait is the one that a document signer signed, known here or not."""
    mechanisms = verification.mechanisms
    hashes = mechanisms[Mechanism.HASHES]["detail"].get("groups", {})
    return mechanisms[Mechanism.SIGNATURE]["result"] == Verdict.VALID and hashes.get("DG2") == "OK"


def _keep_portrait(
    actor: Actor, at: datetime, result: ChipResult, subject_key: SubjectKey | None
) -> tuple[CapturedImage | None, str]:
    if result.portrait is None:
        return None, ""
    try:
        with transaction.atomic():
            kept = store_image(
                actor=actor,
                at=at,
                content=result.portrait.content,
                kind=CapturedImage.Kind.PORTRAIT,
                subject_key=subject_key,
            )
    except ImageRefused as refusal:
        return None, str(refusal.code)
    return kept, ""


def _named(files: ChipFiles) -> dict[str, bytes]:
    named = {"EF_SOD": files.sod, "EF_COM": files.com}
    named |= {f"DG{number}": content for number, content in files.groups.items()}
    return {name: content for name, content in named.items() if content is not None}


def _evidence(files: ChipFiles) -> dict[str, Any]:
    evidence: dict[str, Any] = {}
    if files.active_authentication is not None:
        active = files.active_authentication
        evidence["active_authentication"] = {
            "challenge": active.challenge.hex(),
            "response": active.response.hex(),
        }
    if files.chip_authentication is not None:
        agreement = files.chip_authentication
        evidence["chip_authentication"] = {
            "protocol": agreement.protocol,
            "key_id": agreement.key_id,
            "terminal_private_key": agreement.terminal_private_key.hex(),
            "response": agreement.response.hex(),
            "counter": agreement.counter,
        }
    return evidence


def _as_json(result: MechanismResult) -> dict[str, Any]:
    return {
        "result": result.result.value,
        "code": result.code,
        "signer": result.signer,
        "algorithm": result.algorithm,
        "milliseconds": round(result.elapsed_ms, 3),
        "detail": dict(result.detail),
    }


def _from_json(mechanism: Mechanism, said: dict[str, Any]) -> MechanismResult:
    return MechanismResult(
        mechanism,
        Verdict(said["result"]),
        said["code"],
        said["signer"],
        said["algorithm"],
        said["milliseconds"],
        said["detail"],
    )
