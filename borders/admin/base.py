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
from borders.admin.evidence import gather, inspections_with_evidence, name_of
from borders.admin.filters import AGAINST
from borders.admin.marks import advice_mark, finding_marks, override_mark
from borders.models import Decision, Inspection, InspectionFinding

FAILING = InspectionFinding.objects.filter(AGAINST).exclude(severity="INFORM")
REPLAY_ROLES = frozenset({Role.SUPERVISOR})
# as the audit row of a look at the inspection's own page names them
FIELDS_OF_EVIDENCE = tuple(column.name for column in Inspection._meta.concrete_fields)


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
