"""Enrol national systems, propose and approve their terms, and cut them off."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.core.times import MomentRefused, read_moment
from borders.management.acting import actor_named
from borders.models import Partner, PartnerProfile
from borders.services.partners import (
    APPROVERS,
    PROPOSERS,
    REVOKERS,
    PartnerRefused,
    Terms,
    approve_profile,
    enrol_partner,
    propose_profile,
    reject_profile,
    revoke_partner,
)

ROLES = {
    "enrol": PROPOSERS,
    "propose": PROPOSERS,
    "approve": APPROVERS,
    "reject": APPROVERS,
    "revoke": REVOKERS,
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        enrol = acts.add_parser(
            "enrol", help="make a system with its OAuth2 client; the secret is printed once"
        )
        enrol.add_argument("--code", required=True, help="capital letters and digits, e.g. POLICE")
        enrol.add_argument("--name", required=True)
        enrol.add_argument("--state", required=True, help="the State it belongs to, as in the MRZ")
        enrol.add_argument("--certificate", default="", help="SHA-256 of its client certificate (mutual TLS)")
        propose = acts.add_parser("propose", help="propose terms from a JSON file (docs/api.md)")
        propose.add_argument("code")
        propose.add_argument("terms", type=Path)
        for name in ("approve", "reject"):
            decide = acts.add_parser(name, help=f"{name} the terms that are proposed")
            decide.add_argument("code")
        revoke = acts.add_parser("revoke", help="cut a system off, at once and for good")
        revoke.add_argument("code")
        for name in ROLES:
            acts.choices[name].add_argument(
                "--as", dest="username", required=True, help="account of who acts"
            )
        acts.add_parser("list", help="print every system with its terms in force")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["act"] == "list":
            self.list_all()
            return
        actor = actor_named(options["username"], roles=ROLES[options["act"]], at=at)
        try:
            getattr(self, options["act"])(actor, at, options)
        except PartnerRefused as refusal:
            where = f" ({refusal.field})" if refusal.field else ""
            raise CommandError(f"refused: {refusal.code}{where}") from refusal
        except PermissionDenied as refusal:
            raise CommandError("refused: not allowed") from refusal

    def enrol(self, actor: Any, at: datetime, options: dict[str, Any]) -> None:
        _, client_id, secret = enrol_partner(
            actor=actor,
            at=at,
            code=options["code"],
            name=options["name"],
            state=options["state"],
            certificate_sha256=options["certificate"],
        )
        self.stdout.write(
            f"client_id     {client_id}\nclient_secret {secret}\nThe secret is not kept: hand it over now."
        )

    def propose(self, actor: Any, at: datetime, options: dict[str, Any]) -> None:
        terms = read_terms(options["terms"])
        profile = propose_profile(actor=actor, at=at, partner_id=self.find(options["code"]).id, terms=terms)
        self.stdout.write(f"Version {profile.version} proposed; another person approves it.")

    def approve(self, actor: Any, at: datetime, options: dict[str, Any]) -> None:
        profile = approve_profile(actor=actor, at=at, profile_id=self.find_proposed(options["code"]))
        self.stdout.write(f"Version {profile.version} is in force.")

    def reject(self, actor: Any, at: datetime, options: dict[str, Any]) -> None:
        profile = reject_profile(actor=actor, at=at, profile_id=self.find_proposed(options["code"]))
        self.stdout.write(f"Version {profile.version} is turned down.")

    def revoke(self, actor: Any, at: datetime, options: dict[str, Any]) -> None:
        revoke_partner(actor=actor, at=at, partner_id=self.find(options["code"]).id)
        self.stdout.write("Cut off.")

    def list_all(self) -> None:
        for partner in Partner.objects.order_by("code"):
            active = partner.profiles.filter(state=PartnerProfile.State.ACTIVE).first()
            terms = f"version {active.version} until {active.valid_until:%Y-%m-%d}" if active else "no terms"
            self.stdout.write(f"{partner.code:<20} {'revoked' if partner.revoked_at else terms}")

    def find(self, code: str) -> Partner:
        partner = Partner.objects.filter(code=code).first()
        if partner is None:
            raise PartnerRefused("unknown_partner", "code")
        return partner

    def find_proposed(self, code: str) -> Any:
        proposed = (
            self.find(code).profiles.filter(state=PartnerProfile.State.PROPOSED).order_by("version").first()
        )
        if proposed is None:
            raise PartnerRefused("not_proposed", "code")
        return proposed.id


def read_terms(path: Path) -> Terms:
    """Read terms from a JSON file. Raises CommandError naming the field at fault."""
    try:
        said = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CommandError(f"{path.name} cannot be read as JSON") from error
    if not isinstance(said, dict):
        raise CommandError(f"{path.name}: an object is expected")
    unknown = set(said) - set(Terms.__dataclass_fields__)
    if unknown:
        raise CommandError(f"{path.name}: unknown field {min(unknown)}")
    for name in ("valid_from", "valid_until"):
        try:
            said[name] = read_moment(said[name])
        except KeyError as error:
            raise CommandError(f"{path.name}: {name} is a time in ISO 8601 with its zone") from error
        except MomentRefused as refusal:
            if refusal.code == "offset_missing":
                raise CommandError(f"{path.name}: {name} needs a zone") from refusal
            raise CommandError(f"{path.name}: {name} is a time in ISO 8601 with its zone") from refusal
    for name in ("scopes", "ports", "countries", "lists"):
        if not all(isinstance(v, str) for v in said.setdefault(name, [])):
            raise CommandError(f"{path.name}: {name} is a list of strings")
        said[name] = tuple(said[name])
    try:
        return Terms(**said)
    except TypeError as error:
        raise CommandError(f"{path.name}: purpose and legal_basis are required") from error
