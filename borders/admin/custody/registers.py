"""Registers: what may not be erased, what was erased, what will be, and to whom data were given."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time
from audit.admin.filters import ChoiceFilter, CodeFilter, FromDayFilter, UntilDayFilter
from audit.core.actor import Role
from borders.admin.accounts.words import badge_number_of
from borders.admin.custody.words import words_of
from borders.models import DataSubject, Disclosure, Erasure, ErasureRequest, LegalHold, OverstayNotice, Stay
from borders.services.custody import (
    ErasureRefused,
    RetentionRefused,
    carry_out_erasure,
    decide_erasure,
    lift_hold,
    see_overstay_notice,
)
from watchlists.admin.acts import Act, ActingAdmin, Refused

OFFICERS = frozenset({Role.DATA_PROTECTION})


@admin.register(LegalHold)
class LegalHoldAdmin(AuditedModelAdmin, ActingAdmin):
    read_roles = OFFICERS
    object_type = "legal_hold"
    page_ordering = ("-placed_at", "-id")
    list_display = ("authority", "reference", "state", "review_on", "placed_by", "placed_at")
    list_select_related: ClassVar = ("placed_by", "lifted_by")
    detail_template = "admin/watchlists/acting.html"

    @display(description="State")
    def state(self, row: LegalHold) -> str:
        if row.lifted_at:
            return badge("Lifted", Tone.QUIET)
        overdue = row.review_on <= timezone.now().date()
        return badge("Review overdue" if overdue else "In force", Tone.WARN if overdue else Tone.NOTE)

    def sections(self, request: HttpRequest, row: LegalHold) -> list[Section]:
        facts = [
            Fact("Authority", row.authority),
            Fact("Its file number", show(row.reference)),
            Fact("Why", row.reason),
            Fact("Subject", show(row.traveler_id), self.link_to(request, DataSubject, row.traveler_id)),
            Fact("Inspection", show(row.inspection_id)),
            Fact("State", self.state(row)),
            Fact("Review on", show(row.review_on)),
            Fact("Placed", f"{row.placed_by} {show_time(row.placed_at)}"),
            Fact("Lifted", f"{row.lifted_by} {show_time(row.lifted_at)}" if row.lifted_by else show("")),
        ]
        return [Section("Legal hold", facts)]

    def acts(self, request: HttpRequest, row: LegalHold) -> Sequence[Act]:
        if row.lifted_at:
            return ()
        own = words_of("own_hold") if row.placed_by_id == request.actor.user_id else ""
        note = "What is due is erased with the next sweep."
        return (Act("lift", "Lift the hold", "Lift", note, main=False, sign="lock_open", blocked=own),)

    def perform(self, request: HttpRequest, row: LegalHold, act: Act, given: Mapping[str, str]) -> str:
        try:
            lift_hold(actor=request.actor, at=timezone.now(), hold_id=row.id)
        except RetentionRefused as refusal:
            raise Refused(words_of(refusal.code)) from None
        return "The hold is lifted."


class ErasureFilter(django_filters.FilterSet):
    since = FromDayFilter("erased_at", label="From")
    until = UntilDayFilter("erased_at", label="To")
    ground = ChoiceFilter("ground", label="Ground", choices=Erasure.Ground.choices)
    subject = ChoiceFilter("subject", label="What", choices=Erasure.Subject.choices)


@admin.register(Erasure)
class ErasureAdmin(AuditedModelAdmin):
    read_roles = OFFICERS
    object_type = "erasure"
    page_ordering = ("-id",)
    filterset_class = ErasureFilter
    list_display = ("erased", "subject", "ground", "retention", "rows", "state")
    list_note = "Ids and counts only. manage.py prove_erasure looks for what may be left."

    @display(description="Erased")
    def erased(self, row: Erasure) -> str:
        return show_time(row.erased_at)

    @display(description="Rows")
    def rows(self, row: Erasure) -> int:
        return sum(row.counts.values())

    @display(description="State")
    def state(self, row: Erasure) -> str:
        return badge("Done", Tone.GOOD) if row.finished_at else badge("Keys and files to do", Tone.WARN)

    def sections(self, request: HttpRequest, row: Erasure) -> list[Section]:
        facts = [
            Fact("What", row.get_subject_display()),
            Fact("Id it had", row.subject_id),
            Fact("Ground", row.get_ground_display()),
            Fact("Class and version", show(row.retention)),
            Fact("File number", show(row.reason)),
            Fact("By", row.erased_by),
            Fact("Seconded by", show(row.seconded_by and str(row.seconded_by))),
            Fact("At", show_time(row.erased_at)),
            Fact("State", self.state(row)),
            Fact("Keys destroyed", len(row.keys)),
            Fact("Files removed", len(row.files)),
        ]
        counts = [Fact(label, count) for label, count in sorted(row.counts.items())]
        return [Section("Erasure", facts), Section("Rows by table", counts)]


REQUEST_TONES = {"PROPOSED": Tone.WARN, "APPROVED": Tone.NOTE, "REJECTED": Tone.QUIET, "DONE": Tone.GOOD}


class ErasureRequestFilter(django_filters.FilterSet):
    state = ChoiceFilter("state", label="State", choices=ErasureRequest.State.choices)
    ground = ChoiceFilter("ground", label="Ground", choices=ErasureRequest.Ground.choices)


@admin.register(ErasureRequest)
class ErasureRequestAdmin(AuditedModelAdmin, ActingAdmin):
    """Requests and orders to erase somebody: proposed by one officer, approved by another, then carried out."""

    read_roles = OFFICERS
    object_type = "erasure_request"
    page_ordering = ("-proposed_at", "-id")
    usual_sort = "Proposed"
    filterset_class = ErasureRequestFilter
    list_select_related: ClassVar = ("proposed_by__officer", "decided_by__officer")
    list_display = ("proposed", "ground", "reason", "state_mark", "proposer", "decider")
    detail_template = "admin/watchlists/acting.html"

    @display(description="Proposed")
    def proposed(self, row: ErasureRequest) -> str:
        return show_time(row.proposed_at)

    @display(description="State")
    def state_mark(self, row: ErasureRequest) -> str:
        return badge(row.get_state_display(), REQUEST_TONES[row.state])

    @display(description="Proposed by")
    def proposer(self, row: ErasureRequest) -> str:
        return badge_number_of(row.proposed_by)

    @display(description="Decided by")
    def decider(self, row: ErasureRequest) -> str:
        return badge_number_of(row.decided_by) if row.decided_by else show(None)

    def sections(self, request: HttpRequest, row: ErasureRequest) -> list[Section]:
        facts = [
            Fact("Subject", show(row.traveler_id), self.link_to(request, DataSubject, row.traveler_id)),
            Fact("Ground", row.get_ground_display()),
            Fact("File number", row.reason),
            Fact("State", self.state_mark(row)),
            Fact("Proposed", f"{self.proposer(row)} {show_time(row.proposed_at)}"),
            Fact("Decided", f"{self.decider(row)} {show_time(row.decided_at) if row.decided_at else ''}"),
            Fact("Erasure", show(row.erasure_id), self.link_to(request, Erasure, row.erasure_id)),
        ]
        return [Section("Request to erase", facts)]

    def acts(self, request: HttpRequest, row: ErasureRequest) -> Sequence[Act]:
        reject = Act("reject", "Turn down", "Turn it down", "Nobody is erased.", main=False, sign="close")
        if row.state == ErasureRequest.State.PROPOSED:
            own = words_of("own_request") if row.proposed_by_id == request.actor.user_id else ""
            note = "Nothing is erased yet: either of you does it then, or manage.py erase_subject, with its proof."
            return (Act("approve", "Approve", "Approve", note, blocked=own), reject)
        if row.state == ErasureRequest.State.APPROVED:
            note = "Rows, images, templates and keys. Nothing brings them back."
            return (Act("erase", "Erase this person", "Erase for good", note, sign="delete_forever"), reject)
        return ()

    def perform(self, request: HttpRequest, row: ErasureRequest, act: Act, given: Mapping[str, str]) -> str:
        who = {"actor": request.actor, "at": timezone.now(), "request_id": row.id}
        try:
            if act.code == "erase":
                if carry_out_erasure(**who).finished_at is None:
                    return "Rows are erased. Keys or files could not be written: the sweep goes on trying."
                return "Erased. The register of erasures shows what was done."
            decided = decide_erasure(**who, approve=act.code == "approve")
        except ErasureRefused as refusal:
            raise Refused(words_of(refusal.code)) from None
        return "Approved." if decided.state == ErasureRequest.State.APPROVED else "Turned down."


class DisclosureFilter(django_filters.FilterSet):
    since = FromDayFilter("given_at", label="From")
    until = UntilDayFilter("given_at", label="To")
    recipient = CodeFilter("recipient", label="System", max_length=20)
    purpose = CodeFilter("purpose", label="Purpose", max_length=40)
    subject = django_filters.UUIDFilter("traveler_id", label="Id of the subject")


@admin.register(Disclosure)
class DisclosureAdmin(AuditedModelAdmin):
    read_roles = OFFICERS
    object_type = "disclosure"
    page_ordering = ("-id",)
    filterset_class = DisclosureFilter
    list_display = ("given", "recipient", "purpose", "legal_basis", "reference", "given_by")
    list_note = (
        "One row for each person whose data a national system was shown, or that were taken out in a file."
    )

    @display(description="Given")
    def given(self, row: Disclosure) -> str:
        return show_time(row.given_at)


@admin.register(OverstayNotice)
class OverstayNoticeAdmin(AuditedModelAdmin, ActingAdmin):
    """Overstayers whose data will be erased within three months: the State may still act on them."""

    subject_lookup = "stay__traveler_id"
    read_roles = frozenset({Role.DATA_PROTECTION, Role.SUPERVISOR})
    object_type = "overstay_notice"
    shown_beside = ("stay.entered_at", "stay.entry_port", "stay.allowed_until")
    port_lookup = "stay__entry_port_id__in"
    page_ordering = ("due_at", "stay_id")
    list_display = ("due", "overstays_since", "port", "state")
    list_select_related: ClassVar = ("stay__entry_port", "seen_by")
    list_note = (
        "The data of these overstayers are erased on the day shown, unless a legal hold stands against it."
    )
    detail_template = "admin/watchlists/acting.html"

    def scope(self, rows: Any, actor: Any) -> Any:
        return rows if actor.has(Role.DATA_PROTECTION) else super().scope(rows, actor)

    @display(description="Erased on")
    def due(self, row: OverstayNotice) -> str:
        return show_time(row.due_at)

    @display(description="Stay ended")
    def overstays_since(self, row: OverstayNotice) -> str:
        return show(row.stay.allowed_until)

    @display(description="Entered at")
    def port(self, row: OverstayNotice) -> str:
        return show(row.stay.entry_port and str(row.stay.entry_port))

    @display(description="State")
    def state(self, row: OverstayNotice) -> str:
        return badge("Seen", Tone.QUIET) if row.seen_at else badge("New", Tone.WARN)

    def sections(self, request: HttpRequest, row: OverstayNotice) -> list[Section]:
        facts = [
            Fact("Erased on", show_time(row.due_at)),
            Fact("Stay", row.stay_id, self.link_to(request, Stay, row.stay_id)),
            Fact("Entered", f"{show_time(row.stay.entered_at)}, {self.port(row)}"),
            Fact("Stay ended", self.overstays_since(row)),
            Fact("Seen by", f"{row.seen_by} {show_time(row.seen_at)}" if row.seen_by else show("")),
        ]
        return [Section("Overstayer", facts)]

    def acts(self, request: HttpRequest, row: OverstayNotice) -> Sequence[Act]:
        return () if row.seen_at else (Act("see", "Seen", "Mark as seen", "It stays in the list."),)

    def perform(self, request: HttpRequest, row: OverstayNotice, act: Act, given: Mapping[str, str]) -> str:
        see_overstay_notice(actor=request.actor, at=timezone.now(), stay_id=row.stay_id)
        return "Marked as seen."
