"""Changes of accounts that wait for a second administrator."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter
from audit.core.actor import Actor
from borders.admin.accounts.officers import tell_code
from borders.admin.accounts.words import badge_number_of, words_of
from borders.models import AccountChange, Officer
from borders.services.accounts import ADMINISTRATORS, AccountRefused, decide_change, officers_in_reach
from watchlists.admin.acts import Act, ActingAdmin, Refused

TONES = {"PROPOSED": Tone.WARN, "APPROVED": Tone.GOOD, "REJECTED": Tone.QUIET}


class AccountChangeFilter(django_filters.FilterSet):
    state = ChoiceFilter("state", label="State", choices=AccountChange.State.choices)
    kind = ChoiceFilter("kind", label="What", choices=AccountChange.Kind.choices)


@admin.register(AccountChange)
class AccountChangeAdmin(AuditedModelAdmin, ActingAdmin):
    read_roles = ADMINISTRATORS
    object_type = "account_change"
    page_ordering = ("-proposed_at", "-id")
    usual_sort = "Proposed"
    filterset_class = AccountChangeFilter
    list_select_related = ("officer", "port", "country", "proposed_by__officer")
    list_display = ("proposed", "kind", "officer", "role", "place", "state_mark", "proposer")
    list_note = "What concerns administrators and data protection officers: proposed by one administrator, approved by another."
    detail_template = "admin/watchlists/acting.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.filter(officer__in=officers_in_reach(actor.port_ids))

    @display(description="Proposed")
    def proposed(self, row: AccountChange) -> str:
        return show_when(row.proposed_at)

    @display(description="Where")
    def place(self, row: AccountChange) -> str:
        return str(row.port or row.country or show(None))

    @display(description="State")
    def state_mark(self, row: AccountChange) -> str:
        return badge(row.get_state_display(), TONES[row.state])

    @display(description="Proposed by")
    def proposer(self, row: AccountChange) -> str:
        return badge_number_of(row.proposed_by)

    def sections(self, request: HttpRequest, row: AccountChange) -> list[Section]:
        facts = [
            Fact("What", row.get_kind_display()),
            Fact("Officer", str(row.officer), self.link_to(request, Officer, row.officer_id)),
            Fact("Role", show(row.get_role_display())),
            Fact("Where", self.place(row)),
            Fact("From", show_time(row.valid_from)),
            Fact("Until", show_time(row.valid_until)),
            Fact("Why", row.reason),
            Fact("State", self.state_mark(row)),
            Fact("Proposed", f"{self.proposer(row)} {show_time(row.proposed_at)}"),
            Fact(
                "Decided",
                f"{badge_number_of(row.decided_by)} {show_time(row.decided_at)}"
                if row.decided_by
                else show(None),
            ),
        ]
        return [Section("Change of an account", facts)]

    def acts(self, request: HttpRequest, row: AccountChange) -> Sequence[Act]:
        if row.state != AccountChange.State.PROPOSED:
            return ()
        own = ""
        if row.proposed_by_id == request.actor.user_id:
            own = words_of(AccountRefused("second_person_required"))
        return (
            Act(
                "approve",
                "Approve",
                "Approve and do it",
                "It is done at once, in your name too.",
                blocked=own,
            ),
            Act("reject", "Turn down", "Turn it down", main=False, sign="close"),
        )

    def perform(self, request: HttpRequest, row: AccountChange, act: Act, given: Mapping[str, str]) -> str:
        try:
            change, code = decide_change(
                actor=request.actor, at=timezone.now(), change_id=row.id, approve=act.code == "approve"
            )
        except AccountRefused as refusal:
            raise Refused(words_of(refusal)) from None
        if code:
            return tell_code(request, row.officer, code)
        return "Approved and done." if change.state == AccountChange.State.APPROVED else "Turned down."
