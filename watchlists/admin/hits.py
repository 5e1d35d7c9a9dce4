"""Hits with their evidence, read only. Silent hits are shown to list owners alone."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from audit.admin import (
    AuditedModelAdmin,
    Fact,
    Picture,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    show_when,
    words,
)
from audit.admin.filters import ChoiceFilter, FromDayFilter, UntilDayFilter
from audit.core.actor import Actor
from biometrics.admin import face_response
from watchlists.admin.lists import NAMES_SHOWN, READERS, without_silent
from watchlists.models import EntryFace, Hit, WatchlistEntry

HIT_TONES = {
    "OPEN": (Tone.WARN, "pending_actions"),
    "CLAIMED": (Tone.NOTE, "person"),
    "TRUE_MATCH": (Tone.BAD, "flag"),
    "FALSE_MATCH": (Tone.GOOD, "check_circle"),
    "INCONCLUSIVE": (Tone.WARN, "help"),
}

# weight of evidence in words; each bit doubles the odds
BITS_IN_WORDS = ((10.0, "very strong"), (5.0, "strong"), (2.0, "some"), (0.0, "weak"))


def bits_in_words(bits: float) -> str:
    """Return what a weight of evidence means: how much likelier it is if this is the person sought."""
    if abs(bits) < 0.05:
        return "says nothing either way"
    times = 2 ** abs(bits)
    odds = f"{times:,.0f}" if times >= 10 else f"{times:.1f}"
    if bits < 0:
        return f"against: {odds} times likelier for somebody else"
    strength = next(word for least, word in BITS_IN_WORDS if bits >= least)
    return f"{strength}: {odds} times likelier for the person sought than for somebody else"


def explanation_table(hit: Hit) -> Table:
    """Return the evidence of a hit: bits for a name, a score for a face, the agreement itself for a document."""
    rows = [
        (
            words(str(piece.get("about", ""))),
            words(str(piece.get("rule", ""))),
            f"{piece['bits']:+.1f}" if isinstance(piece.get("bits"), int | float) else "",
            bits_in_words(piece["bits"]) if isinstance(piece.get("bits"), int | float) else "",
            show(piece.get("presented")),
            show(piece.get("listed")),
        )
        for piece in hit.explanation
    ]
    return Table(("Evidence", "How they agree", "Bits", "In words", "Traveller", "List"), rows)


class HitFilter(django_filters.FilterSet):
    since = FromDayFilter("found_at", label="From")
    until = UntilDayFilter("found_at", label="To")
    state = ChoiceFilter("state", label="State", choices=Hit.State.choices)
    kind = ChoiceFilter("kind", label="Kind", choices=Hit.Kind.choices)
    action = ChoiceFilter("entry__action", label="Asks to", choices=WatchlistEntry.Action.choices)


@admin.register(Hit)
class HitAdmin(AuditedModelAdmin):
    """The queue of hits, read only: claiming and answering are acts of the adjudication service."""

    object_type = "hit"
    read_roles = READERS
    port_lookup = "screening__port_id__in"
    page_ordering = ("-id",)
    filterset_class = HitFilter
    list_select_related = ("entry__version__watchlist", "screening__reading", "claimed_by")
    list_display = ("found", "state_mark", "kind", "traveller", "listed", "score_text", "claimed_by")
    list_note = "A hit is a question, not an answer: a person says whether traveller and entry are the same."
    images: ClassVar = {"live": "Live face", "entry": "Face in the list"}

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        return without_silent(super().scope(rows, actor), actor, Q(silent=True) | Q(entry__action="SILENT"))

    @display(description="Found")
    def found(self, row: Hit) -> str:
        return show_when(row.found_at)

    @display(description="State")
    def state_mark(self, row: Hit) -> str:
        tone, sign = HIT_TONES[row.state]
        return badge(row.get_state_display(), tone, sign)

    @display(description="Traveller")
    def traveller(self, row: Hit) -> str:
        reading = row.screening.reading
        return (
            f"{reading.primary_identifier}, {reading.secondary_identifier}".strip(", ")
            if reading
            else "face only"
        )

    @display(description="Entry")
    def listed(self, row: Hit) -> str:
        return f"{row.entry.version.watchlist}: {row.entry}"

    @display(description="Score")
    def score_text(self, row: Hit) -> str:
        if row.score is None:
            return "exact"
        return f"{row.score:.1f} bits" if row.kind == Hit.Kind.NAME else f"{row.score:.3f}"

    def sections(self, request: HttpRequest, row: Hit) -> list[Section]:
        screening, reading = row.screening, row.screening.reading
        names = " · ".join(str(n) for n in row.entry.names.order_by("alias", "id")[:NAMES_SHOWN])
        inspection_model = next(
            (m for m in self.admin_site._registry if m._meta.label == "borders.Inspection"), None
        )
        evidence = (
            self.link_to(request, inspection_model, screening.inspection_id) if inspection_model else ""
        )
        facts = [
            Fact("State", self.state_mark(row)),
            Fact("Kind", row.get_kind_display()),
            Fact("Score", self.score_text(row)),
            Fact("Found", show_time(row.found_at)),
            Fact("Claimed by", show(row.claimed_by and str(row.claimed_by))),
            Fact("Inspection", "the whole evidence", evidence),
        ]
        if row.silent:
            facts.insert(
                0, Fact("Silent", badge("Owner only, never at the booth", Tone.NOTE, "visibility_off"))
            )
        if row.comparison is not None:
            facts.insert(4, Fact("Threshold then", show(row.comparison.threshold)))
        sections = [
            Section("Hit", facts),
            Section(
                "Traveller and entry",
                table=Table(
                    ("", "Traveller", "Entry"),
                    [
                        ("Name", self.traveller(row), names or "document only"),
                        ("Birth date", show(reading and reading.birth_date), show(row.entry.birth_date)),
                        ("Sex", show(reading and reading.get_sex_display()), row.entry.get_sex_display()),
                        ("Nationality", show(reading and reading.nationality), show(row.entry.nationality)),
                        (
                            "Document",
                            f"{reading.issuing_state} {reading.document_number}".strip()
                            if reading
                            else show(""),
                            show([str(d) for d in row.entry.documents.all()]),
                        ),
                        ("Asked for", "", f"{row.entry.get_action_display()}: {row.entry.reason}"),
                    ],
                ),
            ),
            Section(
                "Why it is a hit",
                note="Each bit doubles the odds that this is the person sought."
                if row.kind == Hit.Kind.NAME
                else "",
                table=explanation_table(row),
            ),
            Section(
                "Answers",
                table=Table(
                    ("Time", "Answer", "Reason", "By", "Second person"),
                    [
                        (
                            show_time(a.at),
                            a.get_answer_display(),
                            a.reason,
                            str(a.adjudicated_by),
                            show(a.seconded_by and str(a.seconded_by)),
                        )
                        for a in row.adjudications.select_related("adjudicated_by", "seconded_by").order_by(
                            "at"
                        )
                    ],
                    empty="Nobody has answered yet.",
                ),
            ),
        ]
        if row.comparison is not None:
            address = [
                (kind, title, f"admin:{self.opts.app_label}_{self.opts.model_name}_image")
                for kind, title in self.images.items()
            ]
            pictures = [Picture(title, reverse(name, args=(row.id, kind))) for kind, title, name in address]
            sections.insert(1, Section("Faces", pictures=pictures))
        return sections

    def get_urls(self) -> list[URLPattern]:
        image = path(
            "<uuid:hit_id>/images/<slug:kind>/", self.guard(self.image_view), name="watchlists_hit_image"
        )
        return [image, *super().get_urls()]

    @transaction.atomic
    def image_view(self, request: HttpRequest, hit_id: UUID, kind: str) -> HttpResponse:
        """Show one of the two faces of a face hit, with the audit row of the look."""
        row = self.get_row(request, str(hit_id))
        if row.comparison is None or kind not in self.images:
            raise Http404
        template = row.comparison.probe if kind == "live" else self.entry_template(row)
        if template is None:
            raise Http404
        self.record_look(
            request, [row.pk], action="image_read", detail={"image": str(template.image_id), "kind": kind}
        )
        return face_response(template)

    def entry_template(self, row: Hit) -> Any:
        face = (
            EntryFace.objects.filter(
                entry_id=row.entry_id,
                template__engine=row.comparison.probe.engine,
                template__engine_version=row.comparison.probe.engine_version,
            )
            .select_related("template__image")
            .first()
        )
        return face and face.template
