"""Inspections, decisions and referrals, each with the whole evidence; and the images behind it."""

from types import MappingProxyType
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Tone, badge, show, show_time, show_when
from audit.admin.filters import with_any_of
from audit.core.actor import Actor, Role
from biometrics.admin import face_response, image_response
from biometrics.core.outcomes import Route
from borders.admin.base import EVIDENCE_BESIDE, EvidenceAdmin, with_findings
from borders.admin.evidence import badge_of, inspections_with_evidence, name_of
from borders.admin.filters import DecisionFilter, InspectionFilter, ReferralFilter
from borders.admin.finding import FIND_LABEL, reference_term, travelling_on
from borders.admin.marks import (
    decision_mark,
    direction_mark,
    override_mark,
    referral_mark,
    route_mark,
    span_words,
    state_mark,
)
from borders.admin.replay import ReplayAdmin, replay_url
from borders.admin.sorts import (
    BY_ADVICE,
    BY_DIRECTION,
    BY_OPENING,
    BY_OUTCOME,
    BY_OVERRIDE,
    BY_PORT,
    BY_ROUTE,
    BY_STATE,
)
from borders.models import Decision, Inspection, Referral
from travelers.admin import document_term, readings_named

WAITING = ("RECEIVED", "PROCESSING", "READY")
DESK_AND_PROTECTION = frozenset({Role.SUPERVISOR, Role.PROTECTION})


@admin.register(Inspection)
class InspectionAdmin(ReplayAdmin):
    shown_beside = EVIDENCE_BESIDE
    subject_lookup = "traveler_id"
    read_roles = DESK_AND_PROTECTION
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    indexed_filters = frozenset({"since", "since_time", "until", "until_time", "port", "state", "advice"})
    page_ordering = ("-opened_at", "-id")
    filterset_class = InspectionFilter
    sorts = MappingProxyType(
        {"port": BY_PORT, "state": BY_STATE, "direction": BY_DIRECTION, "advice": BY_ADVICE}
    )
    list_select_related = ("port", "booth", "officer", "reading")
    list_prefetch_related = with_findings()
    list_display = (
        "opened",
        "state_sign",
        "age",
        "direction_sign",
        "place",
        "traveller",
        "badge_number",
        "advice_and_override",
        "findings_against",
    )

    def scope(self, rows: QuerySet[Inspection], actor: Actor) -> QuerySet[Inspection]:
        """A protection officer sees those that were referred to protection, and no others."""
        rows = super().scope(rows, actor)
        if actor.has(Role.SUPERVISOR):
            return rows
        return rows.filter(Exists(Referral.objects.filter(inspection=OuterRef("pk"), route=Route.PROTECTION)))

    def inspection_of(self, row: Inspection) -> Inspection:
        return row

    find_label = FIND_LABEL

    def find(self, term: str) -> Q:
        if (reference := reference_term(term)) is not None:
            return Q(id=reference)
        readings = with_any_of("reading_id", readings_named(term))
        return readings if not document_term(term) or readings_named(term).exists() else travelling_on(term)

    @display(description="Opened")
    def opened(self, row: Inspection) -> str:
        return show_when(row.opened_at)

    @display(description="State")
    def state_sign(self, row: Inspection) -> str:
        return state_mark(row)

    @display(description="Age")
    def age(self, row: Inspection) -> str:
        return span_words(timezone.now() - row.opened_at) if row.state in WAITING else ""

    @display(description="Direction")
    def direction_sign(self, row: Inspection) -> str:
        return direction_mark(row.direction)

    @display(description="Booth")
    def place(self, row: Inspection) -> str:
        return f"{row.port.code} {row.booth.code}"

    @display(description="Traveller")
    def traveller(self, row: Inspection) -> str:
        return name_of(row.reading)

    @display(description="Officer")
    def badge_number(self, row: Inspection) -> str:
        return row.officer.badge_number

    def get_urls(self) -> list[URLPattern]:
        image = path(
            "<uuid:inspection_id>/images/<slug:kind>/",
            self.guard(self.image_view),
            name="borders_inspection_image",
        )
        return [image, *super().get_urls()]

    @transaction.atomic
    def image_view(self, request: HttpRequest, inspection_id: UUID, kind: str) -> HttpResponse:
        """Show the page, the portrait on it or the live face, with the audit row of the look."""
        self.get_row(request, str(inspection_id))
        row = inspections_with_evidence().get(id=inspection_id)
        image = {"page": row.page_image, "portrait": row.page_image, "face": row.face_image}.get(kind)
        if image is None or (kind == "portrait" and row.portrait_template is None):
            raise Http404
        self.record_look(
            request,
            [row.pk],
            action="image_read",
            detail={"image": str(image.id), "kind": kind},
            fields=[kind],
        )
        return face_response(row.portrait_template) if kind == "portrait" else image_response(image)


@admin.register(Decision)
class DecisionAdmin(EvidenceAdmin):
    subject_lookup = "inspection__traveler_id"
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    indexed_filters = frozenset({"since", "since_time", "until", "until_time", "port", "line"})
    page_ordering = ("-decided_at", "-id")
    filterset_class = DecisionFilter
    sorts = MappingProxyType({"outcome": BY_OUTCOME, "override": BY_OVERRIDE})
    list_select_related = ("port", "inspection__reading", "decided_by__officer")
    list_prefetch_related = with_findings("inspection__")
    list_display = (
        "time",
        "line",
        "outcome_sign",
        "override_sign",
        "reason",
        "traveller",
        "port_code",
        "by",
        "findings_against",
    )

    @display(description="Time")
    def time(self, row: Decision) -> str:
        return show_when(row.decided_at)

    @display(description="Decided")
    def outcome_sign(self, row: Decision) -> str:
        return decision_mark(row)

    @display(description="Override")
    def override_sign(self, row: Decision) -> str:
        return override_mark(row.override)

    @display(description="Traveller")
    def traveller(self, row: Decision) -> str:
        return name_of(row.inspection.reading)

    @display(description="Port")
    def port_code(self, row: Decision) -> str:
        return row.port.code

    @display(description="By")
    def by(self, row: Decision) -> str:
        return badge_of(row.decided_by)

    def own_facts(self, request: HttpRequest, row: Decision) -> list[Fact]:
        return [
            Fact("Decided", show_time(row.decided_at)),
            Fact("Line", row.get_line_display()),
            Fact("Outcome", decision_mark(row)),
            Fact("Override", override_mark(row.override) or "No"),
            Fact("Reason", show(row.reason)),
            Fact("What was seen", "as it stood then", replay_url(row.inspection_id, row.decided_at)),
        ]


@admin.register(Referral)
class ReferralAdmin(EvidenceAdmin):
    subject_lookup = "inspection__traveler_id"
    read_roles = DESK_AND_PROTECTION
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    page_ordering = ("due_at", "id")
    filterset_class = ReferralFilter
    usual_sort = "Due"
    sorts = MappingProxyType({"opened": BY_OPENING, "route": BY_ROUTE})
    list_select_related = ("port", "inspection__reading", "acknowledged_by__officer")
    list_prefetch_related = with_findings("inspection__")
    list_display = (
        "due",
        "state_sign",
        "route_sign",
        "opened",
        "traveller",
        "port_code",
        "taken_by",
        "findings_against",
    )
    list_note = "Open referrals, the most pressing first."

    def scope(self, rows: QuerySet[Referral], actor: Actor) -> QuerySet[Referral]:
        rows = super().scope(rows, actor)
        return rows if actor.has(Role.SUPERVISOR) else rows.filter(route=Route.PROTECTION)

    @display(description="Due")
    def due(self, row: Referral) -> str:
        return show_when(row.due_at)

    @display(description="State")
    def state_sign(self, row: Referral) -> str:
        if row.state != Referral.State.CLOSED and row.due_at < timezone.now():
            late = span_words(timezone.now() - row.due_at)
            return badge(f"{row.get_state_display()}, overdue by {late}", Tone.BAD, "alarm")
        return referral_mark(row)

    @display(description="To")
    def route_sign(self, row: Referral) -> str:
        return route_mark(row.route)

    @display(description="Opened")
    def opened(self, row: Referral) -> str:
        return show_when(row.opened_at)

    @display(description="Traveller")
    def traveller(self, row: Referral) -> str:
        return name_of(row.inspection.reading)

    @display(description="Port")
    def port_code(self, row: Referral) -> str:
        return row.port.code

    @display(description="Taken by")
    def taken_by(self, row: Referral) -> str:
        return badge_of(row.acknowledged_by) if row.acknowledged_by else "nobody"

    def own_facts(self, request: HttpRequest, row: Referral) -> list[Fact]:
        return [
            Fact("Referred to", route_mark(row.route)),
            Fact("State", self.state_sign(row)),
            Fact("Because of", ", ".join(r["code"] for r in row.reasons) or "the officer's own judgement"),
            Fact("Opened", show_time(row.opened_at)),
            Fact("Due", show_time(row.due_at)),
            Fact(
                "Taken by",
                f"{self.taken_by(row)} {show_time(row.acknowledged_at) if row.acknowledged_at else ''}",
            ),
            Fact("Answer", show(row.answer)),
        ]
