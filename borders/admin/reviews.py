"""Overrides and refusals that wait for a second person, and what that person says."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import django_filters
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Tone, badge, show, show_time, show_when
from audit.admin.filters import ANY, ChoiceFilter, FromDayFilter, UntilDayFilter
from audit.admin.paging import Sort
from borders.admin.base import EvidenceAdmin, with_findings
from borders.admin.evidence import badge_of, name_of
from borders.admin.filters import ports_in_reach
from borders.admin.marks import decision_mark, span_words
from borders.admin.replay import replay_url
from borders.models import DecisionReview
from borders.services.reviews import ReviewRefused, review_decision

STATE_MARKS = {
    "WAITING": (Tone.WARN, "pending_actions"),
    "RIGHT": (Tone.GOOD, "check_circle"),
    "WRONG": (Tone.BAD, "flag"),
    "NEEDS_CORRECTION": (Tone.NOTE, "edit_note"),
}
CAUSE_MARKS = {"OVERRIDE": (Tone.WARN, "front_hand"), "REFUSAL": (Tone.BAD, "block")}
ANSWERS = (
    ("RIGHT", "Right", "The decision stands, and so does its reason."),
    (
        "WRONG",
        "Wrong",
        "It should have been decided otherwise. The officer is told, and the case is taken up.",
    ),
    ("NEEDS_CORRECTION", "Needs correction", "The decision may stand, but the record has to be corrected."),
)
REFUSALS = {
    "not_waiting": "Somebody has reviewed this decision already.",
    "own_decision": "Another person than the one who decided must review it.",
    "invalid": "Choose one of the answers.",
    "reason_required": "Give a reason.",
    "too_long": "The reason may have 500 characters.",
    "bad_characters": "The reason holds a character that cannot be kept.",
}


class DecisionReviewFilter(django_filters.FilterSet):
    show = ChoiceFilter(
        label="Show",
        method="find_shown",
        empty_label="Waiting",
        choices=(("overdue", "Overdue"), ("answered", "Reviewed"), ("all", "All")),
    )
    cause = ChoiceFilter("cause", label="Cause", choices=DecisionReview.Cause.choices)
    since = FromDayFilter("opened_at", label="Decided from")
    until = UntilDayFilter("opened_at", label="to")
    port = django_filters.ModelChoiceFilter("port", label="Port", queryset=ports_in_reach, empty_label=ANY)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("show") else rows.filter(state="WAITING")

    def find_shown(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "overdue":
            return rows.filter(state="WAITING", due_at__lt=timezone.now())
        return rows.exclude(state="WAITING") if value == "answered" else rows


@admin.register(DecisionReview)
class DecisionReviewAdmin(EvidenceAdmin):
    subject_lookup = "inspection__traveler_id"
    object_type = "decision_review"
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    page_ordering = ("due_at", "id")
    filterset_class = DecisionReviewFilter
    usual_sort = "Due"
    sorts = MappingProxyType({"opened": Sort("Decided, newest first", ("-opened_at", "-id"))})
    list_select_related = ("decision", "inspection__port", "inspection__reading", "decided_by__officer")
    list_prefetch_related = with_findings("inspection__")
    list_display = (
        "due",
        "state_sign",
        "cause_sign",
        "reason_given",
        "traveller",
        "port_code",
        "by",
        "findings_against",
    )
    list_note = "Overrides and refusals, the most pressing first. Whoever decided cannot review it."

    @display(description="Due")
    def due(self, row: DecisionReview) -> str:
        return show_when(row.due_at)

    @display(description="State")
    def state_sign(self, row: DecisionReview) -> str:
        if row.state == DecisionReview.State.WAITING and row.due_at < timezone.now():
            late = span_words(timezone.now() - row.due_at)
            return badge(f"Waiting, overdue by {late}", Tone.BAD, "alarm")
        return badge(row.get_state_display(), *STATE_MARKS[row.state])

    @display(description="Cause")
    def cause_sign(self, row: DecisionReview) -> str:
        return badge(row.get_cause_display(), *CAUSE_MARKS[row.cause])

    @display(description="Reason given")
    def reason_given(self, row: DecisionReview) -> str:
        return row.decision.reason

    @display(description="Traveller")
    def traveller(self, row: DecisionReview) -> str:
        return name_of(row.inspection.reading)

    @display(description="Port")
    def port_code(self, row: DecisionReview) -> str:
        return row.inspection.port.code

    @display(description="Decided by")
    def by(self, row: DecisionReview) -> str:
        return badge_of(row.decided_by)

    def own_facts(self, request: HttpRequest, row: DecisionReview) -> list[Fact]:
        decision = row.decision
        facts = [
            Fact("Review", self.state_sign(row)),
            Fact("Decided", decision_mark(decision)),
            Fact("Decided by", badge_of(row.decided_by)),
            Fact("Decided at", show_time(decision.decided_at)),
            Fact("Reason given", show(decision.reason)),
            Fact("What was seen", "as it stood then", replay_url(row.inspection_id, decision.decided_at)),
            Fact("Due", show_time(row.due_at)),
        ]
        if row.reviewed_by is not None:
            facts += [
                Fact("Reviewed by", f"{badge_of(row.reviewed_by)} {show_time(row.reviewed_at)}"),
                Fact("Because", row.reason),
            ]
        return facts

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        context = dict(super().detail_context(request, row))
        if row.state == DecisionReview.State.WAITING:
            context["review"] = {
                "answers": ANSWERS,
                "url": reverse("admin:borders_decisionreview_answer", args=(row.id,)),
                "is_mine": row.decided_by_id == request.actor.user_id,
            }
        return context

    def answer_view(self, request: HttpRequest, review_id: UUID) -> HttpResponse:
        """Take the review, and show the decision again with what came of it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(("POST",))
        row = self.get_row(request, str(review_id))
        try:
            review_decision(
                actor=request.actor,
                at=timezone.now(),
                review_id=row.pk,
                outcome=request.POST.get("outcome", ""),
                reason=request.POST.get("reason", ""),
            )
            messages.success(request, "The review is recorded.")
        except ReviewRefused as refusal:
            messages.error(request, REFUSALS[refusal.code])
        return HttpResponseRedirect(reverse("admin:borders_decisionreview_change", args=(row.pk,)))

    def get_urls(self) -> list[URLPattern]:
        answer = path(
            "<uuid:review_id>/answer/", self.guard(self.answer_view), name="borders_decisionreview_answer"
        )
        return [answer, *super().get_urls()]
