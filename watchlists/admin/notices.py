"""The inbox of owners: hits on silent entries, which nobody else sees."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import django_filters
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Tone, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter, FromDayFilter
from audit.core.actor import Role
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.models import Hit, OwnerNotice
from watchlists.services.notices import NoticeUnknown, see_notice


class OwnerNoticeFilter(django_filters.FilterSet):
    since = FromDayFilter("created_at", label="From")
    seen = ChoiceFilter(label="Seen", method="filter_seen", choices=(("no", "Not yet"), ("yes", "Seen")))

    def filter_seen(self, rows, name: str, value: str):  # type: ignore[no-untyped-def]
        return rows.filter(seen_at__isnull=value == "no")


@admin.register(OwnerNotice)
class OwnerNoticeAdmin(AuditedModelAdmin, ActingAdmin):
    object_type = "owner_notice"
    shown_beside = ("hit.found_at", "watchlist_entry.source_id")
    read_roles = frozenset({Role.LIST_OWNER})
    port_lookup = "hit__screening__port_id__in"
    page_ordering = ("-created_at", "-id")
    filterset_class = OwnerNoticeFilter
    list_select_related = ("hit__entry__watchlist", "seen_by")
    list_display = ("told", "owner_unit", "entry", "kind", "seen")
    list_note = "Silent hits: seen here alone. The booth showed nothing, and the traveller went on."

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    @display(description="Told")
    def told(self, row: OwnerNotice) -> str:
        return show_when(row.created_at)

    @display(description="Entry")
    def entry(self, row: OwnerNotice) -> str:
        return f"{row.hit.entry.watchlist}: {row.hit.entry.source_id}"

    @display(description="Kind")
    def kind(self, row: OwnerNotice) -> str:
        return row.hit.get_kind_display()

    @display(description="Seen")
    def seen(self, row: OwnerNotice) -> str:
        return badge("Seen", Tone.GOOD) if row.seen_at else badge("Not yet", Tone.WARN)

    def sections(self, request: HttpRequest, row: OwnerNotice) -> list[Section]:
        return [
            Section(
                "Silent hit",
                [
                    Fact("Hit", "the whole evidence", self.link_to(request, Hit, row.hit_id)),
                    Fact("Entry", self.entry(row)),
                    Fact("Owner unit", row.owner_unit),
                    Fact("Found", show_time(row.hit.found_at)),
                    Fact("Told", show_time(row.created_at)),
                    Fact("Seen", show_time(row.seen_at)),
                    Fact("Seen by", show(row.seen_by and str(row.seen_by))),
                ],
            )
        ]

    def acts(self, request: HttpRequest, row: OwnerNotice) -> Sequence[Act]:
        if row.seen_at:
            return ()
        return (
            Act(
                "seen", "Take note", "I have seen it", "Nobody at the border learns of it.", sign="visibility"
            ),
        )

    def perform(self, request: HttpRequest, row: OwnerNotice, act: Act, given: Mapping[str, str]) -> str:
        try:
            see_notice(actor=request.actor, at=timezone.now(), notice_id=row.id)
        except NoticeUnknown as unknown:
            raise Refused(words_of(unknown.code)) from None
        return "Noted."
