"""The desk for requests to correct a record: the queue with what is overdue, the request, its decision and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter
from borders.core.redress import (
    FIELD_WORDS,
    STATEMENT_MAX,
    CorrectionOutcome,
    CorrectionRefused,
    RecordType,
    Requester,
)
from borders.models import CorrectionRequest, RefusalNotice
from borders.services.redress import REDRESS_ROLES, decide_request, print_answer, receive_request
from borders.services.refusal_notices import NOTICE_ROLES
from watchlists.admin.acts import Act, ActingAdmin, Choice, Refused

READING = ("GET", "HEAD")
WORDS = {
    "record_unknown": "There is no such record at your ports.",
    "field_unknown": "This kind of record has no such field.",
    "bad_value": "The value does not fit the field: dates as YYYY-MM-DD, codes of letters.",
    "bad_date": "The day lies in the future.",
    "unchanged": "The record says so already.",
    "required": "This is needed.",
    "too_long": "This is too long.",
    "second_person_required": "Another person than the one who received the request must decide it.",
    "reason_required": "Give a reason: it stands in the answer to the person.",
    "not_received": "Somebody has decided this already.",
    "not_decided": "There is no answer before the decision.",
}


def words_of(refusal: CorrectionRefused) -> str:
    words = WORDS.get(refusal.code, refusal.code.replace("_", " "))
    return f"{refusal.field.replace('_', ' ').capitalize()}: {words}" if refusal.field else words


def _choices(kinds: Any) -> list[tuple[str, str]]:
    return [(kind.value, kind.value.capitalize()) for kind in kinds]


class ReceiveForm(forms.Form):
    """A request as it comes to the desk."""

    record_type = forms.ChoiceField(label="Kind of record", choices=_choices(RecordType))
    record_id = forms.UUIDField(label="Id of the record", help_text="From the page of the record")
    field = forms.ChoiceField(label="Field", choices=list(FIELD_WORDS.items()))
    asked_value = forms.CharField(
        label="What it should say", max_length=200, required=False, help_text="Dates as YYYY-MM-DD"
    )
    statement = forms.CharField(
        label="What the person says, and which proof was shown",
        max_length=STATEMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    requester = forms.ChoiceField(label="From", choices=_choices(Requester))
    language = forms.ChoiceField(label="Language of the answer", choices=settings.LANGUAGES)


class CorrectionRequestFilter(django_filters.FilterSet):
    state = ChoiceFilter("state", label="State", choices=CorrectionRequest.State.choices)
    overdue = ChoiceFilter(
        label="Answer", method="filter_overdue", choices=(("yes", "Overdue"), ("no", "Not overdue"))
    )
    record_type = ChoiceFilter("record_type", label="Record", choices=_choices(RecordType))

    def filter_overdue(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        late = Q(state=CorrectionRequest.State.RECEIVED, due_on__lt=timezone.now().date())
        return rows.filter(late) if value == "yes" else rows.exclude(late)


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(AuditedModelAdmin, ActingAdmin):
    object_type = "correction_request"
    shown_beside = ("record_correction.was", "record_correction.value")
    read_roles = REDRESS_ROLES
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    page_ordering = ("-received_at", "-id")
    filterset_class = CorrectionRequestFilter
    list_select_related = ("port", "received_by__officer", "decided_by__officer")
    list_display = ("received", "reference", "about", "requester", "answer_state", "due", "receiver")
    change_list_template = "admin/borders/correction_requests.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css", "borders/admin.css")}

    @display(description="Received")
    def received(self, row: CorrectionRequest) -> str:
        return show_when(row.received_at)

    @display(description="About")
    def about(self, row: CorrectionRequest) -> str:
        return f"{row.get_record_type_display()}: {FIELD_WORDS[row.field]}"

    @display(description="State")
    def answer_state(self, row: CorrectionRequest) -> str:
        if row.state == CorrectionRequest.State.GRANTED:
            return badge("Granted", Tone.GOOD)
        if row.state == CorrectionRequest.State.REFUSED:
            return badge("Refused", Tone.QUIET, "block")
        if row.due_on < timezone.now().date():
            return badge("Overdue", Tone.BAD, "schedule")
        return badge("To decide", Tone.NOTE, "pending")

    @display(description="Due")
    def due(self, row: CorrectionRequest) -> str:
        return show(row.due_on)

    @display(description="Received by")
    def receiver(self, row: CorrectionRequest) -> str:
        return row.received_by.officer.badge_number

    def sections(self, request: HttpRequest, row: CorrectionRequest) -> list[Section]:
        decided_by = row.decided_by.officer.badge_number if row.decided_by else None
        correction = getattr(row, "correction", None)
        return [
            Section(
                row.reference,
                [
                    Fact("State", self.answer_state(row)),
                    Fact("About", self.about(row)),
                    Fact("Record", str(row.record_id)),
                    Fact("Recorded", show(row.recorded_value)),
                    Fact("Asked for", show(row.asked_value)),
                    Fact("Statement and proof", row.statement),
                    Fact("From", row.get_requester_display()),
                    Fact("Received", f"{show_time(row.received_at)} by {self.receiver(row)}"),
                    Fact("Answer due", show(row.due_on)),
                ],
            ),
            Section(
                "Decision",
                [
                    Fact("Decided", show_time(row.decided_at)),
                    Fact("By", show(decided_by)),
                    Fact("Reason", show(row.reason)),
                    Fact(
                        "Changed",
                        f"{correction.was or '–'} → {correction.value or '–'}" if correction else show(None),
                    ),
                    Fact(
                        "Answer to the person",
                        "PDF" if row.decided_at else show(None),
                        self._url("answer", row.pk) if row.decided_at else "",
                    ),
                ],
            ),
        ]

    def acts(self, request: HttpRequest, row: CorrectionRequest) -> Sequence[Act]:
        if row.state != CorrectionRequest.State.RECEIVED:
            return ()
        own = row.received_by_id == request.user.pk
        return (
            Act(
                "decide",
                "Decide this request",
                "Decide",
                "A grant is written beside the record, which stays as it is. The reason stands in the answer to the person.",
                reason="Reason",
                reason_required=True,
                choices=(
                    Choice("GRANTED", "Grant", "The value asked for counts from now on"),
                    Choice("REFUSED", "Refuse", "The record stays as it is; the person may appeal"),
                ),
                blocked=WORDS["second_person_required"] if own else "",
            ),
        )

    def perform(
        self, request: HttpRequest, row: CorrectionRequest, act: Act, given: Mapping[str, str]
    ) -> str:
        try:
            decided = decide_request(
                actor=request.actor,
                at=timezone.now(),
                request_id=row.id,
                outcome=given["choice"],
                reason=given["reason"],
            )
        except CorrectionRefused as refusal:
            raise Refused(words_of(refusal)) from None
        granted = decided.state == CorrectionOutcome.GRANTED
        return (
            "Granted: the correction stands beside the record." if granted else "Refused. Print the answer."
        )

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("receive/", self.guard(self.receive_view), name="borders_correctionrequest_receive"),
            path(
                "<uuid:row_id>/answer/", self.guard(self.answer_view), name="borders_correctionrequest_answer"
            ),
        ]
        return [*own, *super().get_urls()]

    def receive_view(self, request: HttpRequest) -> HttpResponse:
        """Take a request: the form, then its page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ReceiveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                received = receive_request(actor=request.actor, at=timezone.now(), **form.cleaned_data)
            except CorrectionRefused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, words_of(refusal))
            else:
                messages.success(
                    request, f"Received as {received.reference}, to answer by {received.due_on}."
                )
                return HttpResponseRedirect(self._url("change", received.pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Receive a request to correct a record",
            "media": self.media,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/borders/receive_request.html", context, status=status)

    def answer_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Show the answer to the person as PDF."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        row = self.get_row(request, str(row_id))
        try:
            printed, content = print_answer(actor=request.actor, at=timezone.now(), request_id=row.pk)
        except CorrectionRefused as refusal:
            messages.error(request, words_of(refusal))
            return HttpResponseRedirect(self._url("change", row.pk))
        disposition = f'inline; filename="{printed.reference}.pdf"'
        return HttpResponse(
            content, content_type="application/pdf", headers={"Content-Disposition": disposition}
        )

    def _url(self, name: str, pk: Any) -> str:
        return reverse(f"{self.admin_site.name}:borders_correctionrequest_{name}", args=(pk,))


@admin.register(RefusalNotice)
class RefusalNoticeAdmin(AuditedModelAdmin):
    """The notices that refused travellers hold."""

    subject_lookup = "decision__inspection__traveler_id"
    object_type = "refusal_notice"
    read_roles = NOTICE_ROLES
    port_lookup = "decision__inspection__port_id__in"
    list_select_related = ("issued_by__officer", "decision__inspection__port")
    list_display = ("issued", "reference", "port", "grounds_named", "appeal_until", "issuer")

    @display(description="Issued")
    def issued(self, row: RefusalNotice) -> str:
        return show_when(row.issued_at)

    @display(description="Port")
    def port(self, row: RefusalNotice) -> str:
        return row.decision.inspection.port.code

    @display(description="Grounds")
    def grounds_named(self, row: RefusalNotice) -> str:
        return ", ".join(ground["code"] for ground in row.grounds)

    @display(description="Issued by")
    def issuer(self, row: RefusalNotice) -> str:
        return row.issued_by.officer.badge_number
