"""Thresholds of lists of their own: what is in force, what is proposed, and the form that proposes."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import Fact, Section, Table, badge, show, show_time, show_when
from audit.admin.filters import ChoiceFilter
from watchlists.admin.acts import Act, ActingAdmin, Refused, words_of
from watchlists.admin.marks import READERS, THRESHOLD_TONES
from watchlists.core.thresholds import threshold_for
from watchlists.models import ListThreshold, Watchlist
from watchlists.queries import get_name_operating_point
from watchlists.services.thresholds import (
    LEAST_BITS,
    MOST_BITS,
    ThresholdRefused,
    approve_list_threshold,
    propose_list_threshold,
    reject_list_threshold,
)

VERSIONS_SHOWN = 20


def _lists() -> QuerySet[Watchlist]:
    return Watchlist.objects.filter(is_test=False, kind=Watchlist.Kind.PERSON).order_by("name")


class ThresholdForm(forms.Form):
    """A proposal. base_bits: of a list of 100,000 entries."""

    watchlist = forms.ModelChoiceField(queryset=Watchlist.objects.none(), label="List", empty_label=None)
    base_bits = forms.FloatField(
        label="Bits at 100,000 entries",
        min_value=LEAST_BITS,
        max_value=MOST_BITS,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    target = forms.CharField(label="Error rate aimed at", max_length=200)
    provenance = forms.CharField(
        label="Measurement it rests on", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["watchlist"].queryset = _lists()


class ListThresholdFilter(django_filters.FilterSet):
    watchlist = django_filters.ModelChoiceFilter(
        "watchlist", queryset=lambda request: _lists(), label="List", empty_label="Any"
    )
    state = ChoiceFilter("state", label="State", choices=ListThreshold.State.choices)


@admin.register(ListThreshold)
class ListThresholdAdmin(ActingAdmin):
    """Proposed by one person, approved by another; the old ones stay."""

    read_roles = READERS
    page_ordering = ("-proposed_at", "-id")
    filterset_class = ListThresholdFilter
    list_select_related = ("watchlist__active_version", "proposed_by", "approved_by")
    list_display = ("watchlist", "version", "bits", "bits_now", "state_mark", "target", "proposed", "decided")
    list_note = (
        "Bits of a list of 100,000 entries, from which the threshold follows the list's size. A list without one of its own uses"
        " the operating point of name screening. A lower threshold finds more, and raises more false alarms."
    )
    change_list_template = "admin/watchlists/threshold_list.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        common = get_name_operating_point()
        return super().changelist_view(
            request,
            {
                **(extra_context or {}),
                "propose_url": reverse(f"{self.admin_site.name}:{self._label}_propose"),
                "common_bits": common.threshold if common else None,
            },
        )

    @display(description="Bits at 100,000 entries")
    def bits(self, row: ListThreshold) -> str:
        return f"{row.base_bits:.1f}"

    @display(description="At its size now")
    def bits_now(self, row: ListThreshold) -> str:
        version = row.watchlist.active_version
        if version is None:
            return show("")
        return f"{threshold_for(version.entry_count, base_bits=row.base_bits):.1f} of {version.entry_count:,} entries"

    @display(description="State")
    def state_mark(self, row: ListThreshold) -> str:
        return badge(row.get_state_display(), THRESHOLD_TONES[row.state])

    @display(description="Proposed")
    def proposed(self, row: ListThreshold) -> str:
        return f"{show_when(row.proposed_at)} {row.proposed_by}"

    @display(description="Decided")
    def decided(self, row: ListThreshold) -> str:
        return f"{show_when(row.approved_at)} {row.approved_by}" if row.approved_by else show("")

    def sections(self, request: HttpRequest, row: ListThreshold) -> list[Section]:
        others = row.watchlist.thresholds.select_related("proposed_by", "approved_by").order_by(
            "-proposed_at", "-id"
        )
        return [
            Section(
                "Threshold",
                [
                    Fact("List", str(row.watchlist), self.link_to(request, Watchlist, row.watchlist_id)),
                    Fact("State", self.state_mark(row)),
                    Fact("Bits at 100,000 entries", self.bits(row)),
                    Fact("At its size now", self.bits_now(row)),
                    Fact("Error rate aimed at", row.target),
                    Fact("Measurement it rests on", row.provenance),
                    Fact("Version of the score", row.score_version),
                    Fact("Proposed", f"{show_time(row.proposed_at)} {row.proposed_by}"),
                    Fact(
                        "Decided",
                        f"{show_time(row.approved_at)} {row.approved_by}" if row.approved_by else "Not yet",
                    ),
                ],
            ),
            Section(
                "All of this list",
                table=Table(
                    ("Version", "State", "Bits", "Aim", "Proposed by", "Decided by"),
                    [
                        (
                            Fact("", str(one.version), self.link_to(request, ListThreshold, one.id)),
                            self.state_mark(one),
                            self.bits(one),
                            one.target,
                            str(one.proposed_by),
                            show(one.approved_by and str(one.approved_by)),
                        )
                        for one in others[:VERSIONS_SHOWN]
                    ],
                ),
            ),
        ]

    def acts(self, request: HttpRequest, row: ListThreshold) -> Sequence[Act]:
        if row.state != ListThreshold.State.PROPOSED:
            return ()
        mine = row.proposed_by_id == request.actor.user_id
        blocked = "You proposed this; another person decides." if mine else ""
        return (
            Act("approve", "Approve", "Put it in force", "From the next traveller on.", blocked=blocked),
            Act("reject", "Reject", "Turn it down", main=False, sign="close", blocked=blocked),
        )

    def perform(self, request: HttpRequest, row: ListThreshold, act: Act, given: Mapping[str, str]) -> str:
        decide = approve_list_threshold if act.code == "approve" else reject_list_threshold
        try:
            decide(actor=request.actor, at=timezone.now(), threshold_id=row.id)
        except ThresholdRefused as refused:
            raise Refused(words_of(refused.code)) from None
        return "In force from the next traveller on." if act.code == "approve" else "Turned down."

    # a proposal

    def get_urls(self) -> list[URLPattern]:
        propose = path("propose/", self.guard(self.propose_view), name=f"{self._label}_propose")
        return [propose, *super().get_urls()]

    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a threshold, or propose it."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(("GET", "POST"))
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ThresholdForm(request.POST or None, initial={"watchlist": _uuid(request.GET.get("list", ""))})
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                made = propose_list_threshold(
                    actor=request.actor,
                    at=timezone.now(),
                    watchlist_id=given["watchlist"].id,
                    base_bits=given["base_bits"],
                    target=given["target"],
                    provenance=given["provenance"],
                )
            except ThresholdRefused as refused:
                form.add_error(None, words_of(refused.code))
            else:
                messages.success(request, "Proposed. It holds once a second person has approved it.")
                return HttpResponseRedirect(
                    reverse(f"{self.admin_site.name}:{self._label}_change", args=(made.id,))
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "A threshold for one list",
            "media": self.media,
            "form": form,
        }
        return TemplateResponse(request, "admin/watchlists/threshold_form.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
