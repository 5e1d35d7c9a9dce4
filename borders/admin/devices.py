"""Terminals of booths: which there are, when each was used, and the end of one at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Section, Tone, badge, show, show_time
from borders.models import BoothDevice
from borders.services.devices import ADMINISTRATORS, revoke_device
from watchlists.admin.acts import Act, ActingAdmin


@admin.register(BoothDevice)
class BoothDeviceAdmin(ActingAdmin):
    object_type = "device"
    read_roles = ADMINISTRATORS
    port_lookup = "booth__port_id__in"
    page_ordering = ("-invited_at", "-id")
    list_select_related = ("booth__port",)
    list_display = ("name", "booth", "standing", "used")
    list_note = (
        "Terminals are invited with `manage.py devices`; revoking one ends its session with the next request."
    )

    @display(description="Standing")
    def standing(self, row: BoothDevice) -> str:
        if row.revoked_at is not None:
            return badge("Revoked", Tone.BAD, "block")
        if row.enrolled_at is not None:
            return badge("Enrolled", Tone.GOOD)
        late = row.code_expires_at <= timezone.now()
        return badge("Never enrolled", Tone.QUIET) if late else badge("Invited", Tone.NOTE, "schedule")

    @display(description="Latest use")
    def used(self, row: BoothDevice) -> str:
        return show_time(row.used_at)

    def sections(self, request: HttpRequest, row: BoothDevice) -> list[Section]:
        facts = [
            Fact("Booth", str(row.booth)),
            Fact("Standing", self.standing(row)),
            Fact("Invited", f"{show_time(row.invited_at)} by {row.invited_by}"),
            Fact("Enrolled", show_time(row.enrolled_at)),
            Fact("Latest use", show_time(row.used_at)),
            Fact("Revoked", show_time(row.revoked_at) if row.revoked_at else show(None)),
        ]
        return [Section(row.name, facts)]

    def acts(self, request: HttpRequest, row: BoothDevice) -> Sequence[Act]:
        if row.revoked_at is not None:
            return ()
        note = "Whoever is signed in there is out with the next request. A terminal that returns is enrolled anew."
        return (Act("revoke", "Revoke", "Revoke this terminal", note, main=False, sign="block"),)

    def perform(self, request: HttpRequest, row: Any, act: Act, given: Mapping[str, str]) -> str:
        revoke_device(actor=self.actor_of(request), at=timezone.now(), device_id=row.id)
        return "The terminal is revoked."
