"""Exceptions that false matches have left, and their end."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter
from audit.core.actor import Actor
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.admin.marks import READERS, without_silent
from watchlists.models import Hit, MatchException, WatchlistEntry
from watchlists.services.exceptions import ExceptionRefused, end_exception


class MatchExceptionFilter(django_filters.FilterSet):
    now = ChoiceFilter(label="Holds", method="filter_now", choices=(("yes", "Now"), ("no", "No longer")))
    kind = ChoiceFilter("kind", label="Kind", choices=Hit.Kind.choices)

    def filter_now(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        holds = Q(ended_at__isnull=True, ends_at__gt=timezone.now())
        return rows.filter(holds) if value == "yes" else rows.exclude(holds)


@admin.register(MatchException)
class MatchExceptionAdmin(AuditedModelAdmin, ActingAdmin):
    object_type = "match_exception"
    shown_beside = ("watchlist_entry.source_id", "adjudication.reason", "adjudication.adjudicated_by")
    read_roles = READERS
    port_lookup = "adjudication__hit__screening__port_id__in"
    page_ordering = ("-created_at", "-id")
    filterset_class = MatchExceptionFilter
    list_select_related = ("entry__watchlist", "adjudication__adjudicated_by", "ended_by")
    list_display = ("made", "listed", "kind", "reason", "holds", "until")
    list_note = (
        "This traveller with this document is not that entry. Void by itself as soon as the document, the traveller's data or"
        " the entry changes."
    )

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return without_silent(
            super().scope(rows, actor), actor, Q(entry__action=WatchlistEntry.Action.SILENT)
        )

    @display(description="Made")
    def made(self, row: MatchException) -> str:
        return show_when(row.created_at)

    @display(description="Entry")
    def listed(self, row: MatchException) -> str:
        return f"{row.entry.watchlist}: {row.entry.source_id}"

    @display(description="Reason")
    def reason(self, row: MatchException) -> str:
        return row.adjudication.reason

    @display(description="Holds")
    def holds(self, row: MatchException) -> str:
        now = row.ended_at is None and row.ends_at > timezone.now()
        return badge("Now", Tone.GOOD) if now else badge("No longer", Tone.QUIET)

    @display(description="Until")
    def until(self, row: MatchException) -> str:
        return show_time(row.ended_at or row.ends_at)

    def sections(self, request: HttpRequest, row: MatchException) -> list[Section]:
        return [
            Section(
                "Exception",
                [
                    Fact(
                        "Left by the hit", "its evidence", self.link_to(request, Hit, row.adjudication.hit_id)
                    ),
                    Fact("Entry", self.listed(row), self.link_to(request, WatchlistEntry, row.entry_id)),
                    Fact("Kind", row.get_kind_display()),
                    Fact("Reason of the false match", row.adjudication.reason),
                    Fact("By", str(row.adjudication.adjudicated_by)),
                    Fact("Made", show_time(row.created_at)),
                    Fact("Ends", show_time(row.ends_at)),
                    Fact("Ended", show_time(row.ended_at)),
                    Fact("Ended by", show(row.ended_by and str(row.ended_by))),
                ],
            )
        ]

    def acts(self, request: HttpRequest, row: MatchException) -> Sequence[Act]:
        if row.ended_at or row.ends_at <= timezone.now():
            return ()
        note = "The traveller's next crossing raises the hit again."
        return (Act("end", "End this exception", "End it now", note, main=False, sign="undo"),)

    def perform(self, request: HttpRequest, row: MatchException, act: Act, given: Mapping[str, str]) -> str:
        try:
            end_exception(actor=request.actor, at=timezone.now(), exception_id=row.id)
        except ExceptionRefused as refused:
            raise Refused(words_of(refused.code)) from None
        return "The exception has ended."
