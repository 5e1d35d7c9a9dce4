"""Imports: how far the one is that runs, and what was wrong with those before."""

from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.decorators import display

from audit.admin import (
    Fact,
    ReadOnlyModelAdmin,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    show_when,
    words,
)
from audit.admin.filters import ChoiceFilter
from watchlists.admin.marks import READERS
from watchlists.core.importers import FORMATS
from watchlists.core.refusals import in_words
from watchlists.models import ImportRun, Watchlist, WatchlistVersion

RELOAD_S = 3
ISSUES_SHOWN = 300
TONES = {"RUNNING": Tone.NOTE, "DONE": Tone.GOOD, "REFUSED": Tone.BAD, "FAILED": Tone.BAD}
BAR = 120


class ImportRunFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "watchlist", queryset=Watchlist.objects.filter(is_test=False).order_by("name"), empty_label="Any"
    )
    state = ChoiceFilter("state", label="State", choices=ImportRun.State.choices)


def progress_bar(run: ImportRun) -> str:
    """Return how far an import is, as a bar and in words."""
    share = min(run.done / run.total, 1.0) if run.total else 0.0
    return format_html(
        '<svg class="bar" viewBox="0 0 {} 8" role="img" aria-label="{} percent"><rect class="track" width="{}" height="8"></rect>'
        '<rect class="done" width="{}" height="8"></rect></svg> {} {}&nbsp;%',
        BAR, round(100 * share), BAR, round(BAR * share), words(run.stage), round(100 * share),
    )  # fmt: skip


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    page_ordering = ("-started_at", "-id")
    filterset_class = ImportRunFilter
    list_select_related = ("watchlist", "started_by", "version")
    list_display = ("began", "watchlist", "source_name", "state_mark", "progress", "started_by")
    list_note = "A file is imported all or nothing: what is refused leaves the list as it was."

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if ImportRun.objects.filter(state=ImportRun.State.RUNNING).exists():
            response["Refresh"] = str(RELOAD_S)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        context = getattr(response, "context_data", None)
        if context and context["original"].state == ImportRun.State.RUNNING:
            response["Refresh"] = str(RELOAD_S)
        return response

    @display(description="Began")
    def began(self, row: ImportRun) -> str:
        return show_when(row.started_at)

    @display(description="State")
    def state_mark(self, row: ImportRun) -> str:
        return badge(row.get_state_display(), TONES[row.state])

    @display(description="How far")
    def progress(self, row: ImportRun) -> str:
        if row.state == ImportRun.State.RUNNING:
            return progress_bar(row)
        if row.version is not None:
            return f"Version {row.version.number}, {row.version.entry_count:,} entries"
        return words(row.code) if row.code else show("")

    def sections(self, request: HttpRequest, row: ImportRun) -> list[Section]:
        source = FORMATS.get(row.source_format)
        version = (
            Fact("Version", str(row.version), self.link_to(request, WatchlistVersion, row.version_id))
            if row.version
            else Fact("Version", "none")
        )
        facts = [
            Fact("List", str(row.watchlist), self.link_to(request, Watchlist, row.watchlist_id)),
            Fact("Format", source.title if source else row.source_format),
            Fact("File", row.source_name),
            Fact("SHA-256", show(row.source_sha256)),
            Fact("State", self.state_mark(row)),
            Fact("How far", progress_bar(row) if row.state == "RUNNING" else self.progress(row)),
            version,
            Fact("Began", show_time(row.started_at)),
            Fact("By", str(row.started_by)),
        ]
        if row.code and row.state != ImportRun.State.DONE:
            facts.append(Fact("Why", in_words(row.code)))
        return [
            Section("Import", facts),
            Section(
                "What the file held",
                [Fact(words(name.removeprefix("read_")), f"{count:,}") for name, count in row.counts.items()],
            ),
            Section(
                "Rows with something wrong",
                note="Malformed rows refuse a file, unless so many were allowed; notes tell of a field not understood.",
                table=Table(
                    ("Line", "Field", "What", "In words"),
                    [
                        (
                            line or "file",
                            field or "file",
                            code.replace("_", " ") + ("" if refuses else " (note)"),
                            in_words(code),
                        )
                        for line, field, code, refuses in row.errors[:ISSUES_SHOWN]
                    ],
                ),
            ),
        ]
