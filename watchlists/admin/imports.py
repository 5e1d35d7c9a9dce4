"""Imports: how far the one is that runs, and what was wrong with those before."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display

from audit.admin import (
    Fact,
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
from audit.core.actor import Role
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.admin.marks import READERS
from watchlists.core.importers import FORMATS
from watchlists.core.refusals import in_words
from watchlists.models import ImportRun, Watchlist, WatchlistVersion
from watchlists.services import ListRefused
from watchlists.services.uploads import accept_fall, propose_upload
from watchlists.tasks import send_upload

RELOAD_S = 3
ISSUES_SHOWN = 300
UNDER_WAY = (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
TONES = {
    "QUEUED": Tone.NOTE,
    "CHECKED": Tone.WARN,
    "RUNNING": Tone.NOTE,
    "DONE": Tone.GOOD,
    "REFUSED": Tone.BAD,
    "FAILED": Tone.BAD,
}
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
class ImportRunAdmin(ActingAdmin):
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
        if ImportRun.objects.filter(state__in=UNDER_WAY).exists():
            response["Refresh"] = str(RELOAD_S)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        context = getattr(response, "context_data", None)
        if context and context["original"].state in UNDER_WAY:
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
            Fact("Aim", row.get_aim_display()),
            version,
            Fact("Began", show_time(row.started_at)),
            Fact("By", str(row.started_by)),
        ]
        if row.code and row.state != ImportRun.State.DONE:
            facts.append(Fact("Why", in_words(row.code)))
        return [
            Section("Import", facts),
            *self.preview_sections(request, row),
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

    # of an uploaded file

    def preview_sections(self, request: HttpRequest, row: ImportRun) -> list[Section]:
        """Return what the file would change, to who uploaded it and to owners of lists: silent entries may be among it."""
        if row.started_by_id != request.actor.user_id and not request.actor.has(Role.LIST_OWNER):
            return []
        sections = []
        for change, title in (
            ("added", "Would be added"),
            ("changed", "Would be changed"),
            ("removed", "Would go"),
        ):
            found = [one for one in row.preview if one["change"] == change]
            count = row.counts.get(change, 0)
            if not found:
                continue
            note = f"The first {len(found):,} of {count:,}." if count > len(found) else ""
            if change == "changed":
                table = Table(
                    ("Number at source", "Names", "Field", "Before", "Now"),
                    [
                        (one["number"], one["names"], words(name), show(before), show(now))
                        for one in found
                        for name, before, now in one["fields"] or [("Order of names or documents", "", "")]
                    ],
                )
            else:
                table = Table(
                    ("Number at source", "Names"), [(one["number"], show(one["names"])) for one in found]
                )
            sections.append(Section(title, note=note, table=table))
        return sections

    def alarm(self, request: HttpRequest, row: ImportRun) -> str:
        fell = row.state == ImportRun.State.CHECKED and any(
            code == "rows_fell" for _, _, code, _ in row.errors
        )
        if fell:
            return "Over 20 % fewer rows than the version in force: a second person will have to let it in."
        return in_words(row.code) if row.state == ImportRun.State.REFUSED else ""

    def acts(self, request: HttpRequest, row: ImportRun) -> Sequence[Act]:
        if not row.uploaded:
            return ()
        own = row.started_by_id == request.actor.user_id
        gone = "" if row.parts.exists() else words_of("upload_gone")
        if row.state == ImportRun.State.CHECKED:
            return (
                Act("propose", "Propose this file", "Propose",
                    "It becomes a version that a second person approves; until then nothing in it is searched.",
                    sign="how_to_reg", blocked=gone or ("" if own else words_of("not_uploader"))),
            )  # fmt: skip
        if row.state == ImportRun.State.REFUSED and row.code == "rows_fell":
            return (
                Act("accept", "Let it in with fewer rows", "Let it in",
                    "You say as the second person that the source itself has become so much shorter.",
                    sign="rule", blocked=gone or (words_of("second_person_required") if own else "")),
            )  # fmt: skip
        return ()

    def perform(self, request: HttpRequest, row: ImportRun, act: Act, given: Mapping[str, str]) -> str:
        service = {"propose": propose_upload, "accept": accept_fall}[act.code]
        try:
            service(actor=request.actor, at=timezone.now(), run_id=row.id)
        except ListRefused as refused:
            raise Refused(words_of(refused.code)) from None
        transaction.on_commit(lambda: send_upload(row.id))
        return "The file is being imported."
