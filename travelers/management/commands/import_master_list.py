"""`manage.py import_master_list FILE --root CERT --by USER`: propose a version of the trust store."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from travelers.core.chip import Malformed
from travelers.core.chip.master_list import read_certificates
from travelers.management.acting import actor_of
from travelers.management.chip_files import read_bounded
from travelers.services.trust_store import TrustImportRefused, propose_trust_import


class Command(BaseCommand):
    help = (
        "Propose a version of the trust store with one file added: a master list, an LDIF export of the PKD, a CSCA "
        "certificate or a revocation list. A second person puts it in force with activate_trust_store."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--root",
            type=Path,
            action="append",
            default=[],
            metavar="CERT",
            help="pinned CSCA, obtained by another way, to which a master list must chain (DER or PEM); "
            "certificates in force count too",
        )
        parser.add_argument("--by", metavar="USER", default="", help="user name of the person who proposes")
        parser.add_argument(
            "--source", default="", help="where the file came from (default: the file's name)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            roots = [c.der for path in options["root"] for c in read_certificates(read_bounded(path))]
        except Malformed as error:
            raise CommandError(f"The root certificate cannot be read: {error.code}.") from None
        try:
            version = propose_trust_import(
                actor=actor_of(options["by"]),
                at=timezone.now(),
                content=read_bounded(options["file"]),
                source=options["source"] or options["file"].name,
                roots=roots,
            )
        except TrustImportRefused as refusal:
            raise CommandError(f"The file is not accepted: {refusal.code}.") from None
        said = {
            "version": version.number,
            "state": version.state,
            "kind": version.kind,
            "signer": version.signer,
            "sha256": version.sha256,
            "root_sha256": version.root_sha256,
            "diff": version.diff,
        }
        self.stdout.write(json.dumps(said, indent=2, ensure_ascii=False))
        self.stderr.write(
            f"Proposed. A second person puts it in force: manage.py activate_trust_store {version.number} --by USER"
        )
