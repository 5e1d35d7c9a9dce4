"""Invite, list and revoke the terminals of booths."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from borders.management.acting import actor_named
from borders.models import Booth, BoothDevice
from borders.services.devices import ADMINISTRATORS, DeviceRefused, invite_device, revoke_device


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        invite = acts.add_parser("invite", help="print an enrolment code for a terminal, good for an hour")
        invite.add_argument("--port", required=True, help="UN/LOCODE")
        invite.add_argument("--booth", required=True)
        invite.add_argument("--name", required=True, help="inventory number or the like")
        revoke = acts.add_parser("revoke", help="let a terminal in no more, at once")
        revoke.add_argument("device", help="its id")
        for act in (invite, revoke):
            act.add_argument("--as", dest="username", required=True, help="account of an administrator")
        acts.add_parser("list", help="print every terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["act"] == "list":
            for device in BoothDevice.objects.select_related("booth__port").order_by(
                "booth__port__code", "name"
            ):
                state = "revoked" if device.revoked_at else "enrolled" if device.enrolled_at else "invited"
                used = device.used_at.isoformat(timespec="seconds") if device.used_at else "never used"
                self.stdout.write(f"{device.id}  {device.booth}  {device.name}  {state}  {used}")
            return
        actor = actor_named(options["username"], roles=ADMINISTRATORS, at=at)
        try:
            if options["act"] == "revoke":
                revoke_device(actor=actor, at=at, device_id=options["device"])
                self.stdout.write("Revoked.")
                return
            booth = Booth.objects.filter(port__code=options["port"], code=options["booth"]).first()
            if booth is None:
                raise DeviceRefused("booth_unknown")
            device, code = invite_device(actor=actor, at=at, booth_id=booth.id, name=options["name"])
        except (DeviceRefused, PermissionDenied, ValidationError) as refusal:
            raise CommandError(f"refused: {getattr(refusal, 'code', 'not allowed')}") from refusal
        self.stdout.write(
            f"device {device.id}\ncode   {code}\nEnter the code at /booth/enrolment/ on the terminal within the hour."
        )
