"""National systems and their terms: who they are, what they may see, who proposed and who approved it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Section, Tone, badge, show, show_time, words
from audit.core.actor import Role
from borders.models import Partner, PartnerProfile
from borders.services.partners import (
    APPROVERS,
    REVOKERS,
    PartnerRefused,
    approve_profile,
    reject_profile,
    revoke_partner,
)
from watchlists.admin.acts import Act, ActingAdmin, Refused

READERS = frozenset({Role.INTEGRATOR, Role.DATA_PROTECTION, Role.ADMINISTRATOR})
TONES = {"PROPOSED": Tone.NOTE, "ACTIVE": Tone.GOOD, "RETIRED": Tone.QUIET, "REJECTED": Tone.QUIET}


@admin.register(Partner)
class PartnerAdmin(ActingAdmin):
    read_roles = READERS
    page_ordering = ("code", "id")
    list_display = ("code", "name", "state", "standing", "certificate")
    list_note = (
        "Systems are enrolled with `manage.py partners`; revoking one cuts it off with its next request."
    )

    @display(description="Standing")
    def standing(self, row: Partner) -> str:
        if row.revoked_at is not None:
            return badge("Revoked", Tone.BAD, "block")
        return badge("Enrolled", Tone.GOOD)

    @display(description="Certificate")
    def certificate(self, row: Partner) -> str:
        return "bound" if row.certificate_sha256 else show(None)

    def sections(self, request: HttpRequest, row: Partner) -> list[Section]:
        facts = [
            Fact("Name", row.name),
            Fact("State", row.state),
            Fact("Client id", row.application.client_id),
            Fact("Certificate (SHA-256)", show(row.certificate_sha256)),
            Fact("Enrolled", show_time(row.enrolled_at)),
            Fact("Standing", self.standing(row)),
            Fact("Revoked", show_time(row.revoked_at)),
        ]
        return [Section(row.code, facts)]

    def acts(self, request: HttpRequest, row: Partner) -> Sequence[Act]:
        if row.revoked_at is not None or not self.actor_of(request).has(*REVOKERS):
            return ()
        note = "Its tokens end at once. It cannot be taken back: a system that returns is enrolled anew."
        return (Act("revoke", "Revoke", "Cut this system off", note, main=False, sign="block"),)

    def perform(self, request: HttpRequest, row: Any, act: Act, given: Mapping[str, str]) -> str:
        revoke_partner(actor=self.actor_of(request), at=timezone.now(), partner_id=row.id)
        return "The system is cut off."


@admin.register(PartnerProfile)
class PartnerProfileAdmin(ActingAdmin):
    read_roles = READERS
    page_ordering = ("-proposed_at", "-id")
    list_select_related = ("partner",)
    list_display = ("partner", "version", "standing", "purpose", "until")

    @display(description="State")
    def standing(self, row: PartnerProfile) -> str:
        return badge(row.get_state_display(), TONES[row.state])

    @display(description="Until")
    def until(self, row: PartnerProfile) -> str:
        return show_time(row.valid_until)

    def sections(self, request: HttpRequest, row: PartnerProfile) -> list[Section]:
        shown = "; ".join(f"{words(kind)}: {', '.join(names)}" for kind, names in sorted(row.fields.items()))
        return [
            Section(
                "Terms",
                [
                    Fact("System", row.partner.code, self.link_to(request, Partner, row.partner_id)),
                    Fact("State", self.standing(row)),
                    Fact("Purpose", words(row.purpose)),
                    Fact("Legal basis", row.legal_basis),
                    Fact("Scopes", ", ".join(row.scopes)),
                    Fact("Fields", shown or show(None)),
                    Fact("Ports", ", ".join(row.ports) or show(None)),
                    Fact("Countries", ", ".join(row.countries) or show(None)),
                    Fact("Watchlists", ", ".join(row.lists) or show(None)),
                    Fact("Records of", f"the latest {row.days_back} days" if row.days_back else "any time"),
                    Fact("Persons", "nationals of its State only" if row.nationals_only else "all"),
                    Fact("Requests a minute", str(row.requests_per_minute)),
                    Fact("From", show_time(row.valid_from)),
                    Fact("Until", show_time(row.valid_until)),
                ],
            ),
            Section(
                "Who",
                [
                    Fact("Proposed", f"{row.proposed_by} {show_time(row.proposed_at)}"),
                    Fact(
                        "Decided",
                        f"{row.decided_by} {show_time(row.decided_at)}" if row.decided_by else show(None),
                    ),
                ],
            ),
        ]

    def acts(self, request: HttpRequest, row: PartnerProfile) -> Sequence[Act]:
        actor = self.actor_of(request)
        if row.state != PartnerProfile.State.PROPOSED or not actor.has(*APPROVERS):
            return ()
        own = "Another person than the proposer approves." if row.proposed_by_id == actor.user_id else ""
        return (
            Act(
                "approve",
                "Approve",
                "Put these terms in force",
                "They replace the terms before.",
                blocked=own,
            ),
            Act("reject", "Turn down", "Turn these terms down", main=False, sign="close"),
        )

    def perform(self, request: HttpRequest, row: Any, act: Act, given: Mapping[str, str]) -> str:
        service = approve_profile if act.code == "approve" else reject_profile
        try:
            service(actor=self.actor_of(request), at=timezone.now(), profile_id=row.id)
        except (PartnerRefused, PermissionDenied) as refusal:
            raise Refused(f"Not done: {words(str(refusal) or 'not allowed')}.") from refusal
        return "The terms are in force." if act.code == "approve" else "The terms are turned down."
