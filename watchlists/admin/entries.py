"""Entries, read only. Silent entries are shown to list owners alone."""

from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Table, Tone, badge, show, show_time
from audit.admin.filters import ChoiceFilter, CodeFilter
from audit.core.actor import Actor
from travelers.admin import document_term, traveler_term
from watchlists.admin.marks import NAME_ORDER, READERS, action_mark, dates_in_words, names_of, without_silent
from watchlists.core.proposals import OPEN_ENDED_YEAR
from watchlists.models import EntryName, VersionEntry, Watchlist, WatchlistEntry, WatchlistVersion

NAMES_SHOWN = 60
NAMES_IN_LIST = 3
VERSIONS_SHOWN = 10


class WatchlistEntryFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "watchlist",
        label="List",
        queryset=Watchlist.objects.filter(is_test=False).order_by("name"),
        empty_label="Any",
    )
    force = ChoiceFilter(
        label="Version",
        method="filter_force",
        choices=(("now", "In force"), ("other", "Earlier or proposed")),
    )
    action = ChoiceFilter("action", label="Asks to", choices=WatchlistEntry.Action.choices)
    priority = ChoiceFilter("priority", label="Priority", choices=[(str(i), str(i)) for i in range(1, 6)])
    review = ChoiceFilter(
        label="Review", method="filter_review", choices=(("due", "Due"), ("later", "Later"))
    )
    source_id = CodeFilter("source_id", label="Number at source", max_length=60)

    def filter_force(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        held = VersionEntry.objects.filter(
            entry_id=OuterRef("id"), version_id=OuterRef("watchlist__active_version_id")
        )
        return rows.filter(Exists(held)) if value == "now" else rows.exclude(Exists(held))

    def filter_review(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        today = timezone.now().date()
        return rows.filter(review_by__lte=today) if value == "due" else rows.filter(review_by__gt=today)


@admin.register(WatchlistEntry)
class WatchlistEntryAdmin(AuditedModelAdmin):
    object_type = "watchlist_entry"
    shown_beside = ("names", "documents", "document_ranges")
    read_roles = READERS
    page_ordering = ("-id",)
    filterset_class = WatchlistEntryFilter
    list_select_related = ("watchlist",)
    list_prefetch_related = ("names",)
    list_display = ("source_id", "who", "asks", "priority", "listed_by", "validity", "review_by")

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return without_silent(super().scope(rows, actor), actor, Q(action=WatchlistEntry.Action.SILENT))

    def find(self, term: str) -> Q:
        number = document_term(term)
        if number:
            return Q(documents__document_number=number)
        return Q(id__in=EntryName.objects.filter(traveler_term(term)).values("entry_id"))

    @display(description="Names")
    def who(self, row: WatchlistEntry) -> str:
        return names_of(row, NAMES_IN_LIST)

    @display(description="Asks to")
    def asks(self, row: WatchlistEntry) -> str:
        return action_mark(row)

    @display(description="List")
    def listed_by(self, row: WatchlistEntry) -> str:
        return str(row.watchlist)

    @display(description="Valid")
    def validity(self, row: WatchlistEntry) -> str:
        now = timezone.now()
        if row.valid_until <= now:
            return badge("Expired", Tone.QUIET)
        if row.valid_from > now:
            return badge("Not yet", Tone.WARN)
        return valid_until_words(row)

    def sections(self, request: HttpRequest, row: WatchlistEntry) -> list[Section]:
        held = (
            WatchlistVersion.objects.filter(holdings__entry=row)
            .order_by("-number")
            .values_list("number", flat=True)[:VERSIONS_SHOWN]
        )
        overdue = row.review_by <= timezone.now().date()
        return [
            Section(
                f"Entry {row.source_id}",
                [
                    Fact("List", str(row.watchlist), self.link_to(request, Watchlist, row.watchlist_id)),
                    Fact("Held by versions", ", ".join(map(str, held)) or show("")),
                    Fact("Asks to", self.asks(row)),
                    Fact("Priority", f"{row.priority} (1 is highest)"),
                    Fact("Classification", row.get_classification_display()),
                    Fact("Reason", row.reason),
                    Fact("Legal basis", row.legal_basis),
                    Fact("Owner", row.owner_unit),
                ],
            ),
            Section(
                "Who or what",
                [
                    Fact("Birth date", dates_in_words(row)),
                    Fact("Birth place", show(" · ".join(row.birth_places))),
                    Fact("Sex", row.get_sex_display()),
                    Fact("Nationality", show(row.nationalities)),
                    Fact("Listed on", show(row.listed_on)),
                    Fact("Valid from", show_time(row.valid_from)),
                    Fact("Valid until", valid_until_words(row)),
                    Fact(
                        "Review by",
                        badge(f"{row.review_by}, overdue", Tone.WARN) if overdue else show(row.review_by),
                    ),
                ],
            ),
            Section(
                "Names",
                table=Table(
                    ("Name", "Kind", "Script", "Quality"),
                    [
                        (str(n), n.get_kind_display(), show(n.script), n.get_quality_display())
                        for n in sorted(row.names.all(), key=lambda n: (NAME_ORDER.get(n.kind, 3), n.id))[
                            :NAMES_SHOWN
                        ]
                    ],
                ),
            ),
            Section(
                "Documents",
                table=Table(
                    ("Document", "Kind", "Status"),
                    [
                        (str(d), d.get_kind_display(), show(d.get_status_display()))
                        for d in (*row.documents.order_by("id"), *row.document_ranges.order_by("id"))
                    ],
                ),
            ),
            *([Section("What else the source says", note=row.remarks)] if row.remarks else []),
        ]


def valid_until_words(row: WatchlistEntry) -> str:
    """Return until when an entry is valid."""
    if row.valid_until.year >= OPEN_ENDED_YEAR:
        return "until its source takes it off"
    return show_time(row.valid_until)
