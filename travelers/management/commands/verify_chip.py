"""`manage.py verify_chip DIR [--master-list FILE]`: verify the files of one chip and print what was found as JSON."""

import json
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.core.times import in_utc
from travelers.core.chip import (
    ChipFiles,
    ChipResult,
    Invalid,
    Malformed,
    MechanismResult,
    TrustStore,
    Verdict,
    build_trust_store,
    verify_chip,
)
from travelers.core.chip.certificate import Certificate
from travelers.core.chip.crl import Crl, parse_crl
from travelers.core.chip.master_list import (
    find_root,
    parse_master_list,
    read_certificates,
    read_pem,
    verify_master_list,
)
from travelers.management.chip_files import read_bounded, read_chip_files


class Command(BaseCommand):
    help = (
        "Verify the chip of an electronic document from its files (EF_SOD.bin, EF_COM.bin, DG1.bin, …, any subset) and "
        "print one JSON object: a result, a code, signer, algorithm and milliseconds for each mechanism. "
        "Needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--master-list", type=Path, metavar="FILE", help="trust anchors: a signed master list"
        )
        parser.add_argument(
            "--root",
            type=Path,
            metavar="CERT",
            help="pinned CSCA to which the list's signer must chain (DER or PEM)",
        )
        parser.add_argument(
            "--csca",
            type=Path,
            metavar="FILE",
            action="append",
            default=[],
            help="a further trust anchor (DER or PEM)",
        )
        parser.add_argument(
            "--crl", type=Path, metavar="FILE", action="append", default=[], help="a revocation list"
        )
        parser.add_argument(
            "--at",
            type=_read_time,
            metavar="TIME",
            help="verify as at this time, ISO 8601, UTC (default: now)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files = read_chip_files(options["folder"])
        trust, store = load_trust(
            master_list=options["master_list"],
            root=options["root"],
            cscas=options["csca"],
            crls=[*options["crl"], *sorted(options["folder"].glob("*.crl"))],
        )
        at = options["at"] or datetime.now(UTC)
        result = verify_chip(files, store, at=at, clock=time.perf_counter)
        self.stdout.write(json.dumps(as_json(files, result, trust, at), indent=2, ensure_ascii=False))


def load_trust(
    *, master_list: Path | None, root: Path | None, cscas: list[Path], crls: list[Path]
) -> tuple[dict[str, Any], TrustStore]:
    """Return what is said of the list, and the store made of it; a list that does not hold gives no anchor."""
    begun = time.perf_counter()
    found: list[Certificate] = []
    said: dict[str, Any] = {"result": Verdict.NOT_PRESENT, "code": "LIST_NOT_GIVEN", "signer": ""}
    if master_list is not None:
        content = read_bounded(master_list)
        said, found = _read_list(content, read_bounded(root) if root else None)
    try:
        for path in cscas:
            found.extend(read_certificates(read_bounded(path)))
        lists = [crl for path in crls for crl in _read_crls(read_bounded(path))]
    except Malformed as error:
        raise CommandError(f"A certificate or revocation list cannot be read: {error.code}.") from None
    store = build_trust_store(found, lists, version=said.pop("version", ""))
    said |= {
        "anchors": len(store.anchors),
        "usable": sum(anchor.key is not None for anchor in store.anchors),
        "countries": len(store.by_country),
        "crls": len(store.crls),
        "refused": [*said.pop("refused", ()), *store.refused_crls],
        "milliseconds": round((time.perf_counter() - begun) * 1e3, 2),
    }
    return said, store


def _read_list(content: bytes, root: bytes | None) -> tuple[dict[str, Any], list[Certificate]]:
    try:
        parsed = parse_master_list(content)
    except (Malformed, Invalid) as error:
        # a file of certificates is trusted as it is given, as a list without a pinned root is
        try:
            return {"result": Verdict.VALID, "code": "CERTIFICATES", "signer": ""}, list(
                read_certificates(content)
            )
        except Malformed:
            return {"result": Verdict.MALFORMED, "code": error.code, "signer": ""}, []
    signer = str(parsed.signed.signer.subject)
    said: dict[str, Any] = {"result": Verdict.VALID, "code": "OK", "signer": signer}
    said |= {"algorithm": parsed.signed.algorithm.name, "refused": parsed.refused}
    try:
        verify_master_list(parsed)
        if root is None:
            said["code"] = "ROOT_NOT_PINNED"
        else:
            find_root(parsed, read_certificates(root))
    except (Malformed, Invalid) as error:
        verdict = Verdict.INVALID if isinstance(error, Invalid) else Verdict.MALFORMED
        said |= {"result": verdict, "code": error.code}
        # without a pinned root the list is trusted because a person gave it, whoever signed it
        usable = root is None and error.code == "NOT_A_LIST_SIGNER"
        return said, list(parsed.certificates) if usable else []
    return said, list(parsed.certificates)


def _read_crls(content: bytes) -> list[Crl]:
    if b"-----BEGIN X509 CRL-----" in content:
        return [parse_crl(der) for der in read_pem(content, "X509 CRL")]
    return [parse_crl(content)]


def as_json(files: ChipFiles, result: ChipResult, trust: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the answer: codes and evidence, never what the groups hold."""
    summary = result.passive_authentication
    return {
        "passive_authentication": mechanism_as_json(summary) | {"mechanism": summary.mechanism},
        "mechanisms": {m.value: mechanism_as_json(r) for m, r in result.mechanisms.items()},
        "files": {
            "EF_SOD": files.sod is not None,
            "EF_COM": files.com is not None,
            "groups": [f"DG{n}" for n in result.groups_presented],
            "listed": None if result.groups_in_sod is None else [f"DG{n}" for n in result.groups_in_sod],
        },
        "master_list": trust,
        "verified_at": at.isoformat(),
        "milliseconds": round(result.elapsed_ms, 3),
    }


def mechanism_as_json(result: MechanismResult) -> dict[str, Any]:
    return {
        "result": result.result.value,
        "code": result.code,
        "signer": result.signer,
        "algorithm": result.algorithm,
        "milliseconds": round(result.elapsed_ms, 3),
        "detail": dict(result.detail),
    }


def _read_time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return in_utc(found.replace(tzinfo=UTC) if found.tzinfo is None else found)
