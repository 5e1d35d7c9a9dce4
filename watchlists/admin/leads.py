"""Leads: travellers of the past who may be persons listed since. For owners of lists; a lead stops nobody."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Table, Tone, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter, FromDayFilter
from audit.core.actor import Actor, Role
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.admin.hits import IN_COMPARISON, NAMES_SHOWN, SEXES, explanation_table
from watchlists.admin.marks import action_mark, dates_in_words, names_of
from watchlists.models import Hit, Lead, Watchlist, WatchlistEntry
from watchlists.services.exceptions import presented_of
from watchlists.services.retro import LeadRefused, close_lead


class LeadFilter(django_filters.FilterSet):
    since = FromDayFilter("found_at", label="From")
    state = ChoiceFilter("state", label="State", choices=Lead.State.choices)
    kind = ChoiceFilter("kind", label="Kind", choices=Hit.Kind.choices)
    watchlist = django_filters.ModelChoiceFilter(
        "entry__watchlist",
        queryset=lambda request: Watchlist.objects.filter(is_test=False).order_by("name"),
        label="List",
        empty_label="Any",
    )


@admin.register(Lead)
class LeadAdmin(AuditedModelAdmin, ActingAdmin):
    object_type = "lead"
    shown_beside = (
        *("screening.at", "screening.presented", "watchlist_entry.source_id", "watchlist_entry.action"),
        *(f"watchlist_entry.{name}" for name in IN_COMPARISON),
    )
    read_roles = frozenset({Role.LIST_OWNER})
    page_ordering = ("-found_at", "-id")
    filterset_class = LeadFilter
    list_select_related = ("entry__watchlist", "screening__reading", "closed_by")
    list_prefetch_related = ("entry__names",)
    list_display = ("found", "state_mark", "kind", "traveller", "crossed", "listed", "score_text")
    list_note = (
        "New and changed entries are compared with the travellers of the past year. Somebody who crossed then may be the person"
        " listed now: a lead for the owner of the list, which stops nobody."
    )

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        # what a national system asked has no port
        return rows.filter(Q(screening__port_id__in=actor.port_ids) | Q(screening__port_id__isnull=True))

    @display(description="Found")
    def found(self, row: Lead) -> str:
        return show_when(row.found_at)

    @display(description="State")
    def state_mark(self, row: Lead) -> str:
        return badge(row.get_state_display(), Tone.WARN if row.state == Lead.State.OPEN else Tone.QUIET)

    @display(description="Traveller")
    def traveller(self, row: Lead) -> str:
        presented = presented_of(row.screening)
        return (
            f"{presented.primary_identifier}, {presented.secondary_identifier}".strip(", ") or "document only"
        )

    @display(description="Screened")
    def crossed(self, row: Lead) -> str:
        return show_when(row.screening.at)

    @display(description="Entry")
    def listed(self, row: Lead) -> str:
        return f"{row.entry.watchlist}: {names_of(row.entry, 1)} ({row.entry.source_id})"

    @display(description="Score")
    def score_text(self, row: Lead) -> str:
        return "exact" if row.score is None else f"{row.score:.1f} bits"

    def sections(self, request: HttpRequest, row: Lead) -> list[Section]:
        presented, entry = presented_of(row.screening), row.entry
        document = f"{presented.issuing_state} {presented.document_number}".strip()
        inspection_model = next(
            (m for m in self.admin_site._registry if m._meta.label == "borders.Inspection"), None
        )
        inspection = (
            self.link_to(request, inspection_model, row.screening.inspection_id) if inspection_model else ""
        )
        facts = [
            Fact("State", self.state_mark(row)),
            Fact("Kind", row.get_kind_display()),
            Fact("Score", self.score_text(row)),
            Fact("Screened", show_time(row.screening.at)),
            Fact("Found", show_time(row.found_at)),
            Fact("Entry asks to", action_mark(entry)),
            Fact("Entry", self.listed(row), self.link_to(request, WatchlistEntry, row.entry_id)),
        ]
        if row.screening.inspection_id:
            facts.append(Fact("Inspection", "the whole evidence", inspection))
        if row.closed_at:
            facts += [
                Fact("Closed", f"{show_time(row.closed_at)} {row.closed_by}"),
                Fact("What came of it", row.closing_note),
            ]
        return [
            Section("Lead", facts),
            Section(
                "Traveller and entry",
                table=Table(
                    ("", "Traveller", "Entry"),
                    [
                        ("Name", self.traveller(row), names_of(entry, NAMES_SHOWN)),
                        ("Birth date", show(presented.birth_date), dates_in_words(entry)),
                        ("Sex", show(SEXES.get(presented.sex, presented.sex)), entry.get_sex_display()),
                        ("Nationality", show(presented.nationality), show(entry.nationalities)),
                        ("Document", show(document), show([str(d) for d in entry.documents.all()])),
                    ],
                ),
            ),
            Section("Why it is a lead", table=explanation_table(row.explanation)),
        ]

    def acts(self, request: HttpRequest, row: Lead) -> Sequence[Act]:
        if row.state != Lead.State.OPEN:
            return ()
        note = "Say what came of it: another person, passed on to a unit, nothing to be done."
        return (
            Act("close", "Close this lead", "Close it", note, reason="What came of it", reason_required=True),
        )

    def perform(self, request: HttpRequest, row: Lead, act: Act, given: Mapping[str, str]) -> str:
        try:
            close_lead(actor=request.actor, at=timezone.now(), lead_id=row.id, note=given["reason"])
        except LeadRefused as refused:
            raise Refused(words_of(refused.code)) from None
        return "The lead is closed."
