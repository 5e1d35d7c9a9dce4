"""Versions: who proposed what, how it differs, and the second person's decision."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Section, badge, show, show_time, words
from audit.admin.filters import ChoiceFilter
from audit.services import record_read
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.admin.marks import READERS, VERSION_TONES, names_of, without_silent
from watchlists.core.importers import FORMATS
from watchlists.models import Watchlist, WatchlistEntry, WatchlistVersion
from watchlists.queries import COMPARED_FIELDS, count_differences, difference_of
from watchlists.services import (
    ListRefused,
    activate_version,
    confirm_emergency,
    end_emergency,
    reject_version,
)

ROWS_A_PAGE = 50
NAMES_SHOWN = 3
CHANGES = {"added": "Added", "changed": "Changed", "removed": "Removed"}


def version_changes(version: WatchlistVersion) -> dict[str, int]:
    """Return how many entries a version added, removed, changed and kept against the one it was compared with."""
    if {"added", "removed", "changed", "kept"} <= version.counts.keys():
        return {name: version.counts[name] for name in ("added", "removed", "changed", "kept")}
    return count_differences(version=version, base_id=compared_with(version))


def compared_with(version: WatchlistVersion) -> UUID | None:
    """Return the version that another is compared with: its base, or for one without the one before."""
    if version.base_id is not None or version.kind != WatchlistVersion.Kind.FULL:
        return version.base_id
    before = WatchlistVersion.objects.filter(watchlist_id=version.watchlist_id, number=version.number - 1)
    return before.values_list("id", flat=True).first() if not version.counts else None


class WatchlistVersionFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "watchlist", queryset=Watchlist.objects.filter(is_test=False).order_by("name"), empty_label="Any"
    )
    state = ChoiceFilter("state", label="State", choices=WatchlistVersion.State.choices)
    kind = ChoiceFilter("kind", label="Kind", choices=WatchlistVersion.Kind.choices)


@admin.register(WatchlistVersion)
class WatchlistVersionAdmin(ActingAdmin):
    read_roles = READERS
    page_ordering = ("-proposed_at", "-id")
    filterset_class = WatchlistVersionFilter
    list_select_related = ("watchlist", "proposed_by", "approved_by")
    list_display = (
        "version",
        "state_mark",
        "kind",
        "entry_count",
        "difference",
        "proposed_by",
        "proposed_at",
        "approved_by",
    )
    list_note = "Emergency entries that wait for a second person: filter by the state Emergency."

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    @display(description="Version")
    def version(self, row: WatchlistVersion) -> str:
        return str(row)

    @display(description="State")
    def state_mark(self, row: WatchlistVersion) -> str:
        return badge(row.get_state_display(), VERSION_TONES[row.state])

    @display(description="Added, changed, removed")
    def difference(self, row: WatchlistVersion) -> str:
        counts = row.counts
        if "added" not in counts:
            return show("")
        return f"+{counts['added']:,} · {counts['changed']:,} · −{counts['removed']:,}"

    def sections(self, request: HttpRequest, row: WatchlistVersion) -> list[Section]:
        changes = version_changes(row)
        difference = reverse(f"{self.admin_site.name}:watchlists_watchlistversion_difference", args=(row.pk,))
        source = FORMATS.get(row.source_format)
        read = [
            Fact(words(name.removeprefix("read_")), f"{count:,}")
            for name, count in row.counts.items()
            if name not in changes and isinstance(count, int)
        ]
        return [
            Section(
                str(row),
                [
                    Fact("List", str(row.watchlist), self.link_to(request, Watchlist, row.watchlist_id)),
                    Fact("Kind", row.get_kind_display()),
                    Fact("State", self.state_mark(row)),
                    Fact("Entries", f"{row.entry_count:,}"),
                    Fact("In force", f"{show_time(row.effective_from)} to {show_time(row.effective_until)}"),
                    *([Fact("What it held", f"Pruned {show_time(row.pruned_at)}")] if row.pruned_at else []),
                ],
            ),
            Section(
                "Two persons",
                [
                    Fact("Proposed by", str(row.proposed_by)),
                    Fact("Proposed at", show_time(row.proposed_at)),
                    Fact("Decided by", show(row.approved_by and str(row.approved_by))),
                    Fact("Decided at", show_time(row.approved_at)),
                    Fact("Reason", show(row.decision_reason)),
                    Fact(
                        "Let in with fewer rows by", show(row.fall_accepted_by and str(row.fall_accepted_by))
                    ),
                ],
            ),
            Section(
                "Against the version in force then",
                [
                    Fact(words(name), f"{count:,}", f"{difference}?show={name}" if name in CHANGES else "")
                    for name, count in changes.items()
                ],
            ),
            Section(
                "Source",
                [
                    Fact("Format", source.title if source else show(row.source_format)),
                    Fact("File", show(row.source_name)),
                    Fact("Bytes", f"{row.source_bytes:,}" if row.source_bytes else show("")),
                    Fact("Made at its source", show_time(row.source_date)),
                    Fact("SHA-256", row.sha256),
                    Fact("Reference", show(row.reference)),
                    *read,
                ],
            ),
        ]

    def alarm(self, request: HttpRequest, row: WatchlistVersion) -> str:
        if row.state == "EMERGENCY":
            return f"In force by one person until {show_time(row.effective_until)}. A second person has to decide."
        if row.state == "PROPOSED" and row.fall_accepted_by_id:
            return "This version has over 20 % fewer entries than the one in force."
        return ""

    def acts(self, request: HttpRequest, row: WatchlistVersion) -> Sequence[Act]:
        own = row.proposed_by_id == request.actor.user_id
        blocked = "You proposed this: another person decides." if own else ""
        if row.state == "PROPOSED":
            if row.kind == WatchlistVersion.Kind.CHANGES and row.base_id != row.watchlist.active_version_id:
                stale = words_of("stale_proposal")
            else:
                stale = ""
            return (
                Act("activate", "Approve", "Put in force", "From this moment on, screenings search this version.",
                    reason="Remark", sign="check_circle", blocked=blocked or stale),
                Act("reject", "Reject", "Reject", "It is kept, and never searched.", main=False,
                    reason="Reason", reason_required=True, sign="cancel", blocked=blocked),
            )  # fmt: skip
        if row.state == "SUPERSEDED":
            blocked = blocked or (words_of("version_pruned") if row.pruned_at else "")
            note = f"Version {row.number} is searched again; the one in force is kept."
            return (
                Act("activate", "Roll back to this version", "Roll back", note, reason="Reason",
                    reason_required=True, sign="history", blocked=blocked),
            )  # fmt: skip
        if row.state == "EMERGENCY":
            return (
                Act("confirm", "Confirm", "Take into the list", "The entry stays, for as long as its author asked.",
                    reason="Remark", sign="check_circle", blocked=blocked),
                Act("end", "End", "End it now", "The entry stops to fire at once.", main=False, reason="Reason",
                    reason_required=True, sign="cancel", blocked=blocked),
            )  # fmt: skip
        return ()

    def perform(self, request: HttpRequest, row: WatchlistVersion, act: Act, given: Mapping[str, str]) -> str:
        if act.reason_required and not given["reason"]:
            raise Refused(words_of("reason_required"))
        service, told = {
            "activate": (activate_version, f"{row} is in force."),
            "reject": (reject_version, f"{row} is rejected."),
            "confirm": (confirm_emergency, "The entry is in the list."),
            "end": (end_emergency, "The entry has stopped to fire."),
        }[act.code]
        try:
            service(actor=request.actor, at=timezone.now(), version_id=row.id, reason=given["reason"])
        except ListRefused as refused:
            raise Refused(words_of(refused.code)) from None
        return told

    # what is different

    def get_urls(self) -> list[URLPattern]:
        difference = path(
            "<uuid:row_id>/difference/",
            self.guard(self.difference_view),
            name="watchlists_watchlistversion_difference",
        )
        return [difference, *super().get_urls()]

    @transaction.atomic
    def difference_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Show the entries that a version added, changed or removed, page by page, with the audit row of the look."""
        row = self.get_row(request, str(row_id))
        change = request.GET.get("show", "added")
        change = change if change in CHANGES else "added"
        base_id = compared_with(row)
        pruned = WatchlistVersion.objects.filter(id__in=(row.id, base_id), pruned_at__isnull=False).exists()
        silent = Q(action=WatchlistEntry.Action.SILENT)
        found = difference_of(version=row, base_id=base_id, change=change)
        entries = without_silent(found.none() if pruned else found, request.actor, silent)
        page = Paginator(
            entries.prefetch_related("names", "documents").order_by("source_id", "id"), ROWS_A_PAGE
        ).get_page(request.GET.get("page", "1"))
        record_read(
            actor=request.actor,
            at=timezone.now(),
            object_type="watchlist_entry",
            object_ids=[entry.id for entry in page],
            action="compared",
            detail={"version": str(row.id), "show": change},
            fields=("action", "changes", "names", "reason", "source_id"),
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"What {row} changed",
            "media": self.media,
            "version_url": reverse(
                f"{self.admin_site.name}:watchlists_watchlistversion_change", args=(row.pk,)
            ),
            "tabs": [(code, label, version_changes(row)[code]) for code, label in CHANGES.items()],
            "shown": change,
            "pruned": pruned,
            "rows": self.difference_rows(page, row, base_id, change),
            "page": page,
        }
        response = TemplateResponse(request, "admin/watchlists/difference.html", context)
        response.render()
        response["Cache-Control"] = "private, no-store"
        return response

    def difference_rows(
        self, page: Any, row: WatchlistVersion, base_id: UUID | None, change: str
    ) -> list[dict[str, Any]]:
        before: dict[str, WatchlistEntry] = {}
        if change == "changed":
            numbers = [entry.source_id for entry in page]
            old = WatchlistEntry.objects.filter(
                holdings__version_id=base_id, watchlist_id=row.watchlist_id, source_id__in=numbers
            ).prefetch_related("names", "documents")
            before = {entry.source_id: entry for entry in old}
        return [
            {
                "entry": entry,
                "names": names_of(entry, NAMES_SHOWN),
                "changes": entry_changes(before.get(entry.source_id), entry) if change == "changed" else (),
            }
            for entry in page
        ]


def entry_changes(old: WatchlistEntry | None, new: WatchlistEntry) -> list[tuple[str, Any, Any]]:
    """Return (field, before, after) of what two contents of an entry differ in."""
    if old is None:
        return []
    found = [
        (words(name), show(getattr(old, name)), show(getattr(new, name)))
        for name in COMPARED_FIELDS
        if getattr(old, name) != getattr(new, name)
    ]
    for name in ("names", "documents"):
        was = {str(thing) for thing in getattr(old, name).all()}
        now = {str(thing) for thing in getattr(new, name).all()}
        if was != now:
            found.append((words(name), show(sorted(was - now)), show(sorted(now - was))))
    return found
