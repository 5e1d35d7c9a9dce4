"""The base of every page that shows the evidence of an inspection."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact
from audit.core.actor import Actor, Role
from borders.admin.evidence import gather, inspections_with_evidence, members_of, name_of
from borders.admin.filters import AGAINST
from borders.admin.marks import advice_mark, finding_marks, override_mark
from borders.admin.reading import FIELDS
from borders.models import Decision, Inspection, InspectionFinding

FAILING = InspectionFinding.objects.filter(AGAINST).exclude(severity="INFORM")
REPLAY_ROLES = frozenset({Role.SUPERVISOR})
# what the page of the evidence shows besides the inspection: the same of whoever has a silent hit
EVIDENCE_BESIDE = (
    *(f"reading.{name}" for name, _, _ in FIELDS),
    *("reading.lines", "reading.source", "reading.status", "reading.reason", "reading.check_digits"),
    *("traveler.primary_identifier", "traveler.secondary_identifier"),
    *("document.document_code", "document.issuing_state", "document.document_number"),
    *("chip.dg1_lines", "chip.issue_date", "chip.mechanisms", "comparison.score", "comparison.threshold"),
    *("finding.code", "finding.outcome", "finding.detail", "step.step", "step.state", "step.code"),
    *("screening.status", "screening.reason", "hit.found_at", "hit.kind", "hit.state"),
    *("watchlist_entry.source_id", "watchlist_entry.action"),
    *("decision.outcome", "decision.reason", "decision.decided_by", "decision.decided_at"),
    *("referral.route", "referral.state", "referral.opened_at", "referral.due_at", "referral.answer"),
    *(
        "crossing.occurred_at",
        "crossing.direction",
        "stay.entered_at",
        "stay.exited_at",
        "stay.allowed_until",
    ),
)
# as the audit row of a look at the inspection's own page names them
FIELDS_OF_EVIDENCE = (*(column.name for column in Inspection._meta.concrete_fields), *EVIDENCE_BESIDE)
FIELDS_OF_MEMBERS = ("birth_date", "opened_at", "primary_identifier", "secondary_identifier", "state")


def with_findings(path: str = "") -> tuple[Prefetch, Prefetch]:
    """Return what a list prefetches: findings against CLEAR and decisions. path: lookup from the row to its inspection."""
    return (
        Prefetch(f"{path}findings", queryset=FAILING, to_attr="failing"),
        Prefetch(f"{path}decisions", queryset=Decision.objects.order_by("decided_at"), to_attr="decided"),
    )


def may_replay(actor: Actor, port_id: UUID) -> bool:
    """Tell whether a person may look at how an inspection of that port once stood, and at who looked at it."""
    supervisor = actor.acting_as(REPLAY_ROLES)
    return supervisor.has(*REPLAY_ROLES) and supervisor.reaches(port_id)


class EvidenceAdmin(AuditedModelAdmin):
    """The detail page is the whole evidence; `inspection_id_of` says of which inspection."""

    detail_template = "admin/borders/evidence.html"

    class Media:
        css: ClassVar = {"all": ("audit/admin.css", "borders/admin.css")}

    def inspection_of(self, row: Any) -> Inspection:
        """Return the inspection behind a row of a list."""
        return row.inspection

    def own_facts(self, request: HttpRequest, row: Any) -> list[Fact]:
        """Return what stands above the evidence."""
        return []

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        inspection_id = row.id if isinstance(row, Inspection) else row.inspection_id
        inspection = inspections_with_evidence().get(id=inspection_id)
        if not isinstance(row, Inspection):
            # the trail of the inspection names everybody who saw its evidence, whichever way they came
            self.record_look(
                request,
                [inspection.id],
                object_type="inspection",
                detail={"by_way_of": self.opts.model_name},
                fields=FIELDS_OF_EVIDENCE,
            )
        members = members_of(inspection, request.actor).values_list("id", flat=True)
        if inspection.party_id is not None and (ids := list(members)):
            # the others of the group stand on the page by their names
            self.record_look(
                request,
                ids,
                object_type="inspection",
                action="listed",
                detail={"as": "group"},
                fields=FIELDS_OF_MEMBERS,
            )
        evidence = gather(
            inspection=inspection,
            actor=request.actor,
            link=lambda model, pk: self.link_to(request, model, pk),
        )
        may = may_replay(request.actor, inspection.port_id)
        return {
            "evidence": evidence,
            "who": name_of(inspection.reading),
            "advice": advice_mark(inspection.advice),
            "own_facts": self.own_facts(request, row),
            "replay_url": reverse("admin:borders_inspection_replay", args=(inspection.id,)) if may else "",
            "title": f"{inspection.get_direction_display()} at {inspection.port.name}",
        }

    @display(description="Advice")
    def advice_sign(self, row: Any) -> str:
        return advice_mark(self.inspection_of(row).advice)

    @display(description="Advice")
    def advice_and_override(self, row: Any) -> str:
        """For lists with little room: what the machine advised and, below it, that somebody decided otherwise."""
        return format_html("{} {}", self.advice_sign(row), self.override(row))

    @display(description="Override")
    def override(self, row: Any) -> str:
        return override_mark(any(d.override for d in self.inspection_of(row).decided))

    @display(description="Findings against")
    def findings_against(self, row: Any) -> str:
        return finding_marks(self.inspection_of(row).failing)
