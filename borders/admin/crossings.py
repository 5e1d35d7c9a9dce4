"""Crossings and stays."""

from types import MappingProxyType
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time, show_when
from audit.admin.filters import with_any_of
from audit.core.actor import Actor
from borders.admin.base import EvidenceAdmin, with_findings
from borders.admin.evidence import stay_words
from borders.admin.filters import CrossingFilter, StayFilter
from borders.admin.finding import FIND_LABEL, reference_term, travelling_on
from borders.admin.marks import direction_mark
from borders.admin.sorts import BY_DIRECTION, BY_PORT
from borders.models import Crossing, Inspection, Stay
from travelers.admin import document_term, travelers_named
from travelers.models import TravelDocument, Traveler


@admin.register(Crossing)
class CrossingAdmin(EvidenceAdmin):
    subject_lookup = "traveler_id"
    port_lookup = "port_id__in"
    port_columns = ("port_id",)
    ports_merged = 4  # each of them means one more scan to plan of every month's partition
    page_ordering = ("-occurred_at", "-id")
    filterset_class = CrossingFilter
    sorts = MappingProxyType({"port": BY_PORT, "direction": BY_DIRECTION})
    list_select_related = ("port", "traveler", "document", "officer", "inspection")
    list_prefetch_related = with_findings("inspection__")
    list_display = (
        "time",
        "direction_sign",
        "port_code",
        "traveller",
        "travel_document",
        "badge_number",
        "advice_sign",
        "override",
        "findings_against",
    )
    list_note = "Recorded crossings at your ports; nobody can change them. Times are UTC."

    find_label = FIND_LABEL

    def find(self, term: str) -> Q:
        if (reference := reference_term(term)) is not None:
            return Q(id=reference) | Q(inspection_id=reference)
        number = document_term(term)
        if number:
            held = TravelDocument.objects.filter(document_number=number)
            if not held.exists():
                return travelling_on(term)
            return with_any_of("document_id", held.values_list("id", flat=True))
        return with_any_of("traveler_id", travelers_named(term))

    @display(description="Time")
    def time(self, row: Crossing) -> str:
        return show_when(row.occurred_at)

    @display(description="Direction")
    def direction_sign(self, row: Crossing) -> str:
        return direction_mark(row.direction)

    @display(description="Port")
    def port_code(self, row: Crossing) -> str:
        return row.port.code

    @display(description="Traveller")
    def traveller(self, row: Crossing) -> str:
        return str(row.traveler)

    @display(description="Document")
    def travel_document(self, row: Crossing) -> str:
        return str(row.document) if row.document else "none"

    @display(description="Officer")
    def badge_number(self, row: Crossing) -> str:
        return row.officer.badge_number

    def own_facts(self, request: HttpRequest, row: Crossing) -> list[Fact]:
        return [
            Fact("Crossed", show_time(row.occurred_at)),
            Fact("Record received", show_time(row.received_at)),
            Fact("Inspection", "its own page", self.link_to(request, Inspection, row.inspection_id)),
        ]


@admin.register(Stay)
class StayAdmin(AuditedModelAdmin):
    """An entry with its exit; a stay belongs to the ports of both ends."""

    shown_beside = ("traveler.primary_identifier", "traveler.secondary_identifier")
    subject_lookup = "traveler_id"
    port_columns = ("entry_port_id", "exit_port_id")
    ports_merged = 16  # beyond, the rows of all ports in their order are found sooner
    indexed_filters = frozenset()
    page_ordering = ("-id",)
    orderings = MappingProxyType(
        {
            "show=closed": ("-exited_at", "-id"),
            "show=overstayed": ("-allowed_until", "-id"),
            "since": ("-entered_at", "-id"),
            "until": ("-entered_at", "-id"),
        }
    )
    filterset_class = StayFilter
    list_select_related = ("traveler", "entry_port", "exit_port")
    list_display = ("traveller", "country_code", "entered", "exited", "allowed", "state")

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return rows.filter(Q(entry_port_id__in=actor.port_ids) | Q(exit_port_id__in=actor.port_ids))

    def find(self, term: str) -> Q:
        number = document_term(term)
        if number:
            held = TravelDocument.objects.filter(document_number=number)
            return with_any_of("traveler_id", held.values_list("traveler_id", flat=True))
        return with_any_of("traveler_id", travelers_named(term))

    @display(description="Traveller")
    def traveller(self, row: Stay) -> str:
        return str(row.traveler)

    @display(description="Entered")
    def entered(self, row: Stay) -> str:
        return f"{show_time(row.entered_at)} {row.entry_port.code}" if row.entry_port else show(None)

    @display(description="Left")
    def exited(self, row: Stay) -> str:
        return f"{show_time(row.exited_at)} {row.exit_port.code}" if row.exit_port else show(None)

    @display(description="Allowed until")
    def allowed(self, row: Stay) -> str:
        return show(row.allowed_until) if row.allowed_until else "no limit"

    @display(description="State")
    def state(self, row: Stay) -> str:
        if row.anomaly:
            return badge(row.get_anomaly_display(), Tone.WARN, "link_off")
        latest = row.exited_at.date() if row.exited_at else timezone.now().date()
        if row.allowed_until and latest > row.allowed_until:
            return badge(f"Overstayed by {(latest - row.allowed_until).days} days", Tone.BAD, "event_busy")
        return badge("Left", Tone.GOOD, "logout") if row.exit_id else badge("Open", Tone.NOTE, "login")

    def sections(self, request: HttpRequest, row: Stay) -> list[Section]:
        ends = {
            c.id: c
            for c in Crossing.objects.filter(
                id__in=[i for i in (row.entry_id, row.exit_id) if i], port_id__in=request.actor.port_ids
            )
        }
        return [
            Section(
                f"Stay: {stay_words(row)}",
                [
                    Fact("Traveller", str(row.traveler), self.link_to(request, Traveler, row.traveler_id)),
                    Fact("Country", row.country_code),
                    Fact("State", self.state(row)),
                    Fact("Allowed until", self.allowed(row)),
                ],
            ),
            self._end(request, "Entry", row.entry_id, row.entered_at, row.entry_port, ends),
            self._end(request, "Exit", row.exit_id, row.exited_at, row.exit_port, ends),
        ]

    def _end(
        self,
        request: HttpRequest,
        title: str,
        crossing_id: Any,
        at: Any,
        port: Any,
        ends: dict[Any, Crossing],
    ) -> Section:
        if crossing_id is None:
            return Section(title, note="None recorded.")
        facts = [Fact("Time", show_time(at)), Fact("Port", str(port))]
        if crossing_id in ends:
            facts.append(Fact("Evidence", "of this crossing", self.link_to(request, Crossing, crossing_id)))
        else:
            facts.append(Fact("Evidence", "with the other port"))
        return Section(title, facts)
