"""Lists: what is in force, how well each one does, and what a person may propose for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, ReadOnlyModelAdmin, Section, Table, Tone, badge, show, show_time
from audit.admin.exporting import Cells
from audit.admin.paging import CursorChangeList
from audit.core.actor import Actor
from watchlists.admin.acts import words_of
from watchlists.admin.entry_form import EntryForm
from watchlists.admin.marks import NO_VERSION, READERS, VERSION_TONES, alerts_in_words, precision_in_words
from watchlists.admin.upload_form import UploadForm
from watchlists.core.importers import FORMATS
from watchlists.models import ImportRun, Watchlist, WatchlistVersion
from watchlists.queries import get_list_figures
from watchlists.services import ListRefused, ProposalRefused, propose_changes, raise_emergency
from watchlists.services.uploads import receive_upload
from watchlists.tasks import send_upload

VERSIONS_SHOWN = 20
RUNS_SHOWN = 10


def with_figures(rows: Iterable[Any], actor: Actor) -> list[Any]:
    """Return lists with `figures`: how each one does, as far as the actor may know it."""
    lists = list(rows)
    figures = get_list_figures(watchlist_ids=[row.id for row in lists], at=timezone.now(), actor=actor)
    for row in lists:
        row.figures = figures[row.id]
    return lists


@admin.register(Watchlist)
class WatchlistAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    page_ordering = ("name", "id")
    list_select_related = ("active_version",)
    list_display = (
        "name",
        "kind",
        "owner_unit",
        "in_force",
        "entries",
        "open_hits",
        "false_alerts",
        "precision",
    )
    list_note = (
        "False alarms a day are those of the last 30 days that the present threshold would raise again, hits not answered yet"
        " counted in proportion. Precision is the share of answered hits that were true, with its 95 % interval."
    )
    detail_template = "admin/watchlists/list_page.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            with_figures(response.context_data["cl"].result_list, self.actor_of(request))
        return response

    def export_rows(self, change_list: CursorChangeList, ids: Sequence[Any]) -> Iterator[Cells]:
        columns = self.export_columns(change_list)
        found = with_figures(self.with_relations(Watchlist.objects.filter(pk__in=ids)), change_list.actor)
        rows = {row.pk: row for row in found}
        yield from ([self._cell(name, rows[pk]) for name in columns] for pk in ids)

    @display(description="In force")
    def in_force(self, row: Watchlist) -> str:
        if row.active_version is None:
            return NO_VERSION
        return badge(f"Version {row.active_version.number}", Tone.GOOD)

    @display(description="Entries")
    def entries(self, row: Watchlist) -> str:
        return f"{row.active_version.entry_count:,}" if row.active_version else show("")

    @display(description="Open hits")
    def open_hits(self, row: Watchlist) -> str:
        return f"{row.figures.open_hits:,}"

    @display(description="False alarms a day")
    def false_alerts(self, row: Watchlist) -> str:
        return alerts_in_words(row.figures, short=True)

    @display(description="Precision so far")
    def precision(self, row: Watchlist) -> str:
        return precision_in_words(row.figures, short=True)

    def detail_context(self, request: HttpRequest, row: Any) -> Mapping[str, Any]:
        waiting = row.versions.filter(state__in=("PROPOSED", "EMERGENCY")).order_by("-number")
        versions = f"{self.admin_site.name}:watchlists_watchlistversion_change"
        return {
            **super().detail_context(request, row),
            "entry_url": reverse(f"{self.admin_site.name}:watchlists_watchlist_entry", args=(row.pk,)),
            "upload_url": reverse(f"{self.admin_site.name}:watchlists_watchlist_upload", args=(row.pk,)),
            "waiting": [(v, reverse(versions, args=(v.pk,))) for v in waiting[:VERSIONS_SHOWN]],
        }

    def sections(self, request: HttpRequest, row: Watchlist) -> list[Section]:
        figures = with_figures([row], self.actor_of(request))[0].figures
        versions = row.versions.select_related("proposed_by", "approved_by").order_by("-number")
        runs = row.imports.select_related("started_by").order_by("-started_at")
        return [
            Section(
                row.name,
                [
                    Fact("Kind", row.get_kind_display()),
                    Fact("Owner", row.owner_unit),
                    Fact("Legal basis", row.legal_basis),
                    Fact("In force", self.in_force(row)),
                    Fact("Entries in force", self.entries(row)),
                    Fact("Imported entries ask to", row.action.replace("_", " ").capitalize()),
                    Fact(
                        "Ended versions stay whole",
                        f"{row.keep_days:,} days, and the newest {row.keep_versions} in any case",
                    ),
                ],
            ),
            Section(
                "How it does",
                [
                    Fact("Threshold now", f"{figures.threshold:.1f} bits" if figures.threshold else show("")),
                    Fact("Screenings a day", f"{figures.screenings_a_day:,.0f} at the whole border"),
                    Fact("False alarms to expect", alerts_in_words(figures)),
                    Fact("Precision so far", precision_in_words(figures)),
                    Fact("Hits so far", f"{figures.hits:,}, of which {figures.open_hits:,} not answered"),
                ],
            ),
            Section(
                "Versions",
                note="Counts against the version in force when each was proposed. Proposed by one person, approved by another.",
                table=Table(
                    ("Version", "State", "Entries", "Added", "Changed", "Removed", "Proposed", "Approved"),
                    [self.version_row(request, v) for v in versions[:VERSIONS_SHOWN]],
                    empty="No version yet: import a file, or propose an entry.",
                ),
            ),
            Section(
                "Imports",
                table=Table(
                    ("Began", "File", "State", "By"),
                    [
                        (
                            Fact("", show_time(run.started_at), self.link_to(request, ImportRun, run.id)),
                            run.source_name,
                            f"{run.get_state_display()} {run.code.replace('_', ' ')}".strip(),
                            str(run.started_by),
                        )
                        for run in runs[:RUNS_SHOWN]
                    ],
                ),
            ),
        ]

    def version_row(self, request: HttpRequest, version: WatchlistVersion) -> tuple[Any, ...]:
        counts = version.counts
        return (
            Fact("", f"{version.number}", self.link_to(request, WatchlistVersion, version.id)),
            badge(version.get_state_display(), VERSION_TONES[version.state]),
            f"{version.entry_count:,}",
            f"+{counts.get('added', version.entry_count):,}",
            f"{counts.get('changed', 0):,}",
            f"−{counts.get('removed', 0):,}",
            f"{show_time(version.proposed_at)} {version.proposed_by}",
            f"{show_time(version.approved_at)} {version.approved_by}" if version.approved_by else show(""),
        )

    # one entry by hand

    def get_urls(self) -> list[URLPattern]:
        entry = path("<uuid:row_id>/entry/", self.guard(self.entry_view), name="watchlists_watchlist_entry")
        upload = path(
            "<uuid:row_id>/upload/", self.guard(self.upload_view), name="watchlists_watchlist_upload"
        )
        return [entry, upload, *super().get_urls()]

    def upload_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Show the form of a file, or take one in to be checked."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(("GET", "POST"))
        row = self.get_row(request, str(row_id))
        form = UploadForm(request.POST or None, request.FILES or None, watchlist=row)
        if request.method == "POST" and form.is_valid():
            try:
                run = receive_upload(
                    actor=request.actor,
                    at=timezone.now(),
                    watchlist=row,
                    source_format=FORMATS[form.cleaned_data["source_format"]],
                    files=form.files_given(),
                    allow_malformed=form.cleaned_data["allow_malformed"] or 0,
                )
            except ListRefused as refused:
                form.add_error(None, words_of(refused.code))
            else:
                transaction.on_commit(lambda: send_upload(run.id))
                return HttpResponseRedirect(
                    reverse(f"{self.admin_site.name}:watchlists_importrun_change", args=(run.pk,))
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"A file for {row.name}",
            "media": self.media,
            "form": form,
        }
        return TemplateResponse(request, "admin/watchlists/upload_form.html", context)

    def entry_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Show the form of an entry, or propose it, or put it in force for 24 hours."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(("GET", "POST"))
        row = self.get_row(request, str(row_id))
        form = EntryForm(request.POST or None, watchlist=row)
        if request.method == "POST" and form.is_valid():
            try:
                version = self.take_entry(request, row, form)
            except ProposalRefused as refused:
                form.add_error(None, f"{refused.field.replace('_', ' ')}: {refused.code.replace('_', ' ')}")
            except ListRefused as refused:
                form.add_error(None, refused.code.replace("_", " "))
            else:
                return HttpResponseRedirect(
                    reverse(f"{self.admin_site.name}:watchlists_watchlistversion_change", args=(version.pk,))
                    if version
                    else reverse(f"{self.admin_site.name}:watchlists_watchlist_change", args=(row.pk,))
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"An entry for {row.name}",
            "media": self.media,
            "form": form,
        }
        return TemplateResponse(request, "admin/watchlists/entry_form.html", context)

    def take_entry(self, request: HttpRequest, row: Watchlist, form: EntryForm) -> WatchlistVersion | None:
        entry, at = form.entry(), timezone.now()
        if "emergency" in request.POST:
            version = raise_emergency(actor=request.actor, at=at, watchlist=row, entry=entry)
            messages.success(
                request, "In force now, for 24 hours. A second person has to look at it until then."
            )
            return version
        made = propose_changes(
            actor=request.actor, at=at, watchlist=row, reference=form.reference(), puts=[entry]
        )
        (row_result,) = made.rows
        if row_result.result == "REFUSED":
            raise ProposalRefused(row_result.code, 0, row_result.field)
        if made.version is None:
            messages.info(request, "The list in force says this already.")
        else:
            messages.success(request, "Proposed. It is searched once a second person has approved it.")
        return made.version

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(is_test=False)
