"""Lists, versions and entries, read only. Silent entries are shown to list owners alone."""

from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from audit.admin import (
    AuditedModelAdmin,
    Fact,
    ReadOnlyModelAdmin,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    words,
)
from audit.admin.filters import ChoiceFilter, CodeFilter
from audit.core.actor import Actor, Role
from travelers.admin import document_term, traveler_term
from watchlists.models import EntryName, Watchlist, WatchlistEntry, WatchlistVersion

READERS = frozenset({Role.SUPERVISOR, Role.LIST_OWNER})
VERSIONS_COMPARED = 10
NAMES_SHOWN = 20
VERSION_TONES = {"ACTIVE": Tone.GOOD, "PROPOSED": Tone.WARN, "SUPERSEDED": Tone.QUIET, "REJECTED": Tone.BAD}
ENTRY_FIELDS = (
    "action",
    "priority",
    "reason",
    "legal_basis",
    "valid_from",
    "valid_until",
    "sex",
    "nationality",
)


def version_changes(version: WatchlistVersion) -> dict[str, int]:
    """Return how many entries a version added, removed, changed and kept against the one before."""
    before = WatchlistEntry.objects.filter(
        version__watchlist_id=version.watchlist_id, version__number=version.number - 1
    )
    same_number = before.filter(source_id=OuterRef("source_id"))
    same = same_number.filter(**{name: OuterRef(name) for name in ENTRY_FIELDS})
    same_birth_date = Exists(same.filter(birth_date=OuterRef("birth_date")))
    both_without = Q(birth_date__isnull=True) & Exists(same.filter(birth_date__isnull=True))
    kept = version.entries.filter(same_birth_date | both_without).count()
    known = version.entries.filter(Exists(same_number)).count()
    removed = before.exclude(Exists(version.entries.filter(source_id=OuterRef("source_id")))).count()
    return {
        "added": version.entries.count() - known,
        "removed": removed,
        "changed": known - kept,
        "kept": kept,
    }


def without_silent(rows: QuerySet[Any], actor: Actor, silent: Q) -> QuerySet[Any]:
    """Leave out what is silent, unless the actor owns lists."""
    return rows if actor.has(Role.LIST_OWNER) else rows.exclude(silent)


@admin.register(Watchlist)
class WatchlistAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    page_ordering = ("name", "id")
    list_select_related = ("active_version",)
    list_display = ("name", "kind", "owner_unit", "legal_basis", "in_force")

    @display(description="In force")
    def in_force(self, row: Watchlist) -> str:
        if row.active_version is None:
            return badge("No version: not checked", Tone.WARN)
        return badge(f"Version {row.active_version.number}", Tone.GOOD)

    def sections(self, request: HttpRequest, row: Watchlist) -> list[Section]:
        versions = row.versions.select_related("proposed_by", "approved_by").order_by("-number")[
            :VERSIONS_COMPARED
        ]
        return [
            Section(
                row.name,
                [
                    Fact("Kind", row.get_kind_display()),
                    Fact("Owner", row.owner_unit),
                    Fact("Legal basis", row.legal_basis),
                    Fact("In force", self.in_force(row)),
                ],
            ),
            Section(
                "Versions",
                note="Counts against the version before. Each version was proposed by one person and approved by another.",
                table=Table(
                    ("Version", "State", "Entries", "Added", "Removed", "Changed", "Proposed", "Approved"),
                    [self.version_row(request, v) for v in versions],
                ),
            ),
        ]

    def version_row(self, request: HttpRequest, version: WatchlistVersion) -> tuple[Any, ...]:
        changes = version_changes(version)
        return (
            Fact("", f"{version.number}", self.link_to(request, WatchlistVersion, version.id)),
            badge(version.get_state_display(), VERSION_TONES[version.state]),
            version.entry_count,
            f"+{changes['added']}",
            f"−{changes['removed']}",
            changes["changed"],
            f"{show_time(version.proposed_at)} {version.proposed_by}",
            f"{show_time(version.approved_at)} {version.approved_by}" if version.approved_by else show(""),
        )


class WatchlistVersionFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "watchlist", queryset=Watchlist.objects.order_by("name"), empty_label="Any"
    )
    state = ChoiceFilter("state", label="State", choices=WatchlistVersion.State.choices)


@admin.register(WatchlistVersion)
class WatchlistVersionAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    page_ordering = ("-proposed_at", "-id")
    filterset_class = WatchlistVersionFilter
    list_select_related = ("watchlist", "proposed_by", "approved_by")
    list_display = (
        "version",
        "state_mark",
        "entry_count",
        "proposed_by",
        "proposed_at",
        "approved_by",
        "approved_at",
    )

    @display(description="Version")
    def version(self, row: WatchlistVersion) -> str:
        return str(row)

    @display(description="State")
    def state_mark(self, row: WatchlistVersion) -> str:
        return badge(row.get_state_display(), VERSION_TONES[row.state])

    def sections(self, request: HttpRequest, row: WatchlistVersion) -> list[Section]:
        changes = version_changes(row)
        return [
            Section(
                str(row),
                [
                    Fact("List", str(row.watchlist), self.link_to(request, Watchlist, row.watchlist_id)),
                    Fact("State", self.state_mark(row)),
                    Fact("Entries", row.entry_count),
                    Fact("SHA-256 of the source", row.sha256),
                ],
            ),
            Section(
                "Two persons",
                [
                    Fact("Proposed by", str(row.proposed_by)),
                    Fact("Proposed at", show_time(row.proposed_at)),
                    Fact("Approved by", show(row.approved_by and str(row.approved_by))),
                    Fact("Approved at", show_time(row.approved_at)),
                ],
            ),
            Section(
                "Against the version before", [Fact(words(name), count) for name, count in changes.items()]
            ),
        ]


class WatchlistEntryFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "version__watchlist", label="List", queryset=Watchlist.objects.order_by("name"), empty_label="Any"
    )
    force = ChoiceFilter(
        label="Version",
        method="filter_force",
        choices=(("now", "In force"), ("other", "Earlier or proposed")),
    )
    action = ChoiceFilter("action", label="Asks to", choices=WatchlistEntry.Action.choices)
    priority = ChoiceFilter("priority", label="Priority", choices=[(str(i), str(i)) for i in range(1, 6)])
    source_id = CodeFilter("source_id", label="Number at source", max_length=60)

    def filter_force(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        in_force = Q(version=F("version__watchlist__active_version"))
        return rows.filter(in_force) if value == "now" else rows.exclude(in_force)


@admin.register(WatchlistEntry)
class WatchlistEntryAdmin(AuditedModelAdmin):
    object_type = "watchlist_entry"
    read_roles = READERS
    page_ordering = ("-id",)
    filterset_class = WatchlistEntryFilter
    list_select_related = ("version__watchlist",)
    list_prefetch_related = ("names",)
    list_display = ("source_id", "who", "asks", "priority", "list_version", "valid_until_time")

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return without_silent(super().scope(rows, actor), actor, Q(action=WatchlistEntry.Action.SILENT))

    def find(self, term: str) -> Q:
        number = document_term(term)
        if number:
            return Q(documents__document_number=number)
        return Q(id__in=EntryName.objects.filter(traveler_term(term)).values("entry_id"))

    @display(description="Names")
    def who(self, row: WatchlistEntry) -> str:
        names = sorted(row.names.all(), key=lambda n: (n.alias, n.id))
        return " · ".join(str(n) for n in names[:3]) or "document only"

    @display(description="Asks to")
    def asks(self, row: WatchlistEntry) -> str:
        if row.action == WatchlistEntry.Action.SILENT:
            return badge(row.get_action_display(), Tone.NOTE, "visibility_off")
        if row.action == WatchlistEntry.Action.PROTECT:
            return badge(row.get_action_display(), Tone.WARN, "shield_person")
        return badge(row.get_action_display(), Tone.QUIET, "assignment")

    @display(description="Version")
    def list_version(self, row: WatchlistEntry) -> str:
        return str(row.version)

    @display(description="Valid until")
    def valid_until_time(self, row: WatchlistEntry) -> str:
        return show_time(row.valid_until)

    def sections(self, request: HttpRequest, row: WatchlistEntry) -> list[Section]:
        return [
            Section(
                f"Entry {row.source_id}",
                [
                    Fact("List", str(row.version), self.link_to(request, WatchlistVersion, row.version_id)),
                    Fact("Asks to", self.asks(row)),
                    Fact("Priority", f"{row.priority} (1 is highest)"),
                    Fact("Reason", row.reason),
                    Fact("Legal basis", row.legal_basis),
                    Fact("Owner", row.owner_unit),
                ],
            ),
            Section(
                "Who or what",
                [
                    Fact("Birth date", show(row.birth_date)),
                    Fact("Sex", row.get_sex_display()),
                    Fact("Nationality", show(row.nationality)),
                    Fact("Valid from", show_time(row.valid_from)),
                    Fact("Valid until", show_time(row.valid_until)),
                    Fact("Review by", show(row.review_by)),
                ],
            ),
            Section(
                "Names",
                table=Table(
                    ("Name", "Kind", "Quality"),
                    [
                        (str(n), "Alias" if n.alias else "Primary name", n.get_quality_display())
                        for n in row.names.order_by("alias", "id")[:NAMES_SHOWN]
                    ],
                ),
            ),
            Section(
                "Documents", table=Table(("Document",), [(str(d),) for d in row.documents.order_by("id")])
            ),
        ]
