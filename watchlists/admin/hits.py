"""Hits with their evidence side by side, and what an adjudicator does about them. Silent ones are shown to owners alone."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
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
from audit.core.actor import Actor, Role
from biometrics.admin import face_response
from travelers.models import Sex
from watchlists.admin.acts import Act, ActingAdmin, Choice, Refused, words_of
from watchlists.admin.marks import READERS, dates_in_words, names_of, without_silent
from watchlists.core.wording import describe
from watchlists.models import Adjudication, AdjudicationReview, EntryFace, Hit, Screening, WatchlistEntry
from watchlists.services.exceptions import corrected_of, presented_of
from watchlists.services.hits import (
    HitRefused,
    HitUnknown,
    adjudicate_hit,
    claim_hit,
    needs_second_person,
    release_hit,
    review_match,
)

NAMES_SHOWN = 20
# of an entry, beside what was presented
IN_COMPARISON = ("names", "documents", "birth_dates", "birth_places", "sex", "nationalities")
SEXES = dict(Sex.choices)
FALSE_MATCH_MEANS = (
    "Another one. This traveller with this document is not asked again about this entry,"
    " as long as neither changes."
)

HIT_TONES = {
    "OPEN": (Tone.WARN, "pending_actions"),
    "CLAIMED": (Tone.NOTE, "person"),
    "PROPOSED": (Tone.WARN, "group"),
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


def explanation_table(explanation: Sequence[Mapping[str, Any]]) -> Table:
    """Return evidence: bits for a name, a score for a face, the agreement itself for a document."""
    rows = [
        (
            words(str(piece.get("about", ""))),
            describe({**piece, "bits": None}),
            f"{piece['bits']:+.1f}" if isinstance(piece.get("bits"), int | float) else "",
            bits_in_words(piece["bits"]) if isinstance(piece.get("bits"), int | float) else "",
            show(piece.get("presented")),
            show(piece.get("listed")),
        )
        for piece in explanation
    ]
    return Table(("Evidence", "What it is", "Bits", "How much it says", "Traveller", "List"), rows)


def _set_right(screening: Screening) -> list[tuple[str, str, str]]:
    """Return the row of what was looked up besides the document's words, where the record was corrected on request."""
    corrected = corrected_of(screening)
    if corrected is None:
        return []
    name = f"{corrected.primary_identifier}, {corrected.secondary_identifier}".strip(", ")
    return [("Corrected on request", f"{name} · {show(corrected.birth_date)}", "")]


def weight_in_words(hit: Hit) -> str:
    """Return what the whole evidence of a hit weighs, in a sentence."""
    if hit.kind == Hit.Kind.DOCUMENT:
        return "The number of the document decides: no weights are added up."
    if hit.kind == Hit.Kind.FACE or hit.score is None:
        return "The likeness of two faces decides, against the threshold in force then."
    likelier = f"{2**hit.score:,.0f}" if 0 < hit.score < 20 else "more than a million"
    times = likelier if hit.score > 0 else "not even as"
    limit = f" The threshold was {hit.threshold:.1f} bits." if hit.threshold is not None else ""
    return (
        f"Each bit doubles the odds that this is the person sought. All pieces together: {hit.score:.1f} bits, which is to say"
        f" that so much agreement is about {times} times likelier for the person sought than for a chance traveller.{limit}"
    )


VERDICT_OF_ACT = {
    "confirm": AdjudicationReview.Verdict.CONFIRMED,
    "turn-down": AdjudicationReview.Verdict.TURNED_DOWN,
    "withdraw": AdjudicationReview.Verdict.WITHDRAWN,
}
TOLD_OF_ACT = {
    "confirm": "Confirmed: it is a true match.",
    "turn-down": "Turned down: the first person answers it again.",
    "withdraw": "Withdrawn: the hit is yours to answer again.",
}


def review_acts(row: Hit, *, mine: bool) -> Sequence[Act]:
    """Return what may be done to a proposed true match: withdrawn by who proposed it, confirmed or turned down by others."""
    if mine:
        return (
            Act(
                "withdraw", "Withdraw the true match", "Withdraw it", "The hit is yours to answer again.",
                main=False, reason="Reason", reason_required=True, sign="undo",
            ),
        )  # fmt: skip
    proposer = show(row.claimed_by and str(row.claimed_by))
    return (
        Act(
            "confirm", "Confirm the true match", "Confirm it",
            f"{proposer} takes them for the same. Compare them yourself before you confirm it: it may stop a traveller.",
            reason="Remark", sign="done_all",
        ),
        Act(
            "turn-down", "Turn the true match down", "Turn it down", f"The hit goes back to {proposer}.",
            main=False, reason="Reason", reason_required=True, sign="close",
        ),
    )  # fmt: skip


def review_in_words(adjudication: Adjudication) -> str:
    """Return who confirmed an answer or turned it down, and when."""
    review = getattr(adjudication, "review", None)
    if review is None:
        return show("")
    words = f"{review.get_verdict_display()} by {review.reviewed_by}, {show_time(review.at)}"
    if not review.own_act:
        words += " (named by the first person)"
    return f"{words}: {review.reason}" if review.reason else words


class HitFilter(django_filters.FilterSet):
    since = FromDayFilter("found_at", label="From")
    until = UntilDayFilter("found_at", label="To")
    state = ChoiceFilter("state", label="State", choices=Hit.State.choices)
    kind = ChoiceFilter("kind", label="Kind", choices=Hit.Kind.choices)
    action = ChoiceFilter("entry__action", label="Asks to", choices=WatchlistEntry.Action.choices)


@admin.register(Hit)
class HitAdmin(AuditedModelAdmin, ActingAdmin):
    """The queue of hits: who claims one answers it, by the adjudication service."""

    subject_lookup = "screening__inspections__traveler_id"
    object_type = "hit"
    shown_beside = (
        "screening.presented",
        *(f"watchlist_entry.{name}" for name in (*IN_COMPARISON, "action", "reason", "remarks")),
        *("adjudication.answer", "adjudication.reason", "adjudication.adjudicated_by"),
    )
    read_roles = READERS | {Role.ADJUDICATOR}
    port_lookup = "screening__port_id__in"
    page_ordering = ("-id",)
    filterset_class = HitFilter
    list_select_related = ("entry__version__watchlist", "screening__reading", "claimed_by")
    list_prefetch_related = ("entry__names",)
    list_display = ("found", "state_mark", "kind", "traveller", "listed", "score_text", "claimed_by")
    list_note = "A hit is a question, not an answer: a person says whether traveller and entry are the same."

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

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
        presented = presented_of(row.screening)
        return f"{presented.primary_identifier}, {presented.secondary_identifier}".strip(", ") or "face only"

    @display(description="Entry")
    def listed(self, row: Hit) -> str:
        return f"{row.entry.version.watchlist}: {names_of(row.entry, 1)} ({row.entry.source_id})"

    @display(description="Score")
    def score_text(self, row: Hit) -> str:
        if row.score is None:
            return "exact"
        return f"{row.score:.1f} bits" if row.kind == Hit.Kind.NAME else f"{row.score:.3f}"

    def sections(self, request: HttpRequest, row: Hit) -> list[Section]:
        screening, presented = row.screening, presented_of(row.screening)
        entry = row.entry
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
            Fact("Searched", f"{entry.version.watchlist} version {row.list_version or '—'}"),
        ]
        if screening.inspection_id:
            facts.append(Fact("Inspection", "the whole evidence", evidence))
        if row.threshold is not None and row.kind == Hit.Kind.NAME:
            facts.insert(3, Fact("Threshold then", f"{row.threshold:.1f} bits"))
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
                        ("Name", self.traveller(row), names_of(entry, NAMES_SHOWN)),
                        ("Birth date", show(presented.birth_date), dates_in_words(entry)),
                        *_set_right(row.screening),
                        ("Birth place", show(""), show(" · ".join(entry.birth_places))),
                        ("Sex", show(SEXES.get(presented.sex, presented.sex)), entry.get_sex_display()),
                        ("Nationality", show(presented.nationality), show(entry.nationalities)),
                        (
                            "Document",
                            f"{presented.issuing_state} {presented.document_number}".strip() or show(""),
                            show([str(d) for d in (*entry.documents.all(), *entry.document_ranges.all())]),
                        ),
                        ("Asked for", "", f"{entry.get_action_display()}: {entry.reason}"),
                        ("What else the source says", "", show(entry.remarks)),
                    ],
                ),
            ),
            Section(
                "Why it is a hit",
                note=weight_in_words(row),
                table=explanation_table(row.explanation),
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
                            review_in_words(a),
                        )
                        for a in row.adjudications.select_related(
                            "adjudicated_by", "review__reviewed_by"
                        ).order_by("at")
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

    def acts(self, request: HttpRequest, row: Hit) -> Sequence[Act]:
        mine = row.claimed_by_id == request.actor.user_id
        release = Act(
            "release", "Give back", "Give it back", "Somebody else may claim it.", main=False, sign="undo"
        )
        if row.state in ("OPEN", "INCONCLUSIVE"):
            return (
                Act(
                    "claim",
                    "Claim",
                    "Claim this hit",
                    "Only who has claimed a hit answers it.",
                    sign="front_hand",
                ),
            )
        if row.state == "PROPOSED":
            return review_acts(row, mine=mine)
        if row.state != "CLAIMED":
            return ()
        if not mine:
            return (release,) if request.actor.has(Role.SUPERVISOR) else ()
        two = needs_second_person(row, Adjudication.Answer.TRUE_MATCH)
        second = " A second person must confirm it, signed in himself." if two else ""
        choices = (
            Choice("TRUE_MATCH", "True match", f"The same person or document.{second}"),
            Choice("FALSE_MATCH", "False match", FALSE_MATCH_MEANS),
            Choice("INCONCLUSIVE", "Inconclusive", "It cannot be told now; the hit may be taken up again."),
        )
        answer = Act(
            "answer", "Answer", "Answer", "Compare face, birth place, parents' names and fingerprints before you answer.",
            reason="Reason", reason_required=True, choices=choices,
            sign="gavel",
        )  # fmt: skip
        return (answer, release)

    def perform(self, request: HttpRequest, row: Hit, act: Act, given: Mapping[str, str]) -> str:
        common = {"actor": request.actor, "at": timezone.now(), "hit_id": row.id}
        try:
            if act.code == "claim":
                claim_hit(**common)
                return "The hit is yours to answer."
            if act.code == "release":
                release_hit(**common)
                return "The hit is open again."
            if act.code in VERDICT_OF_ACT:
                review_match(**common, verdict=VERDICT_OF_ACT[act.code], reason=given["reason"])
                return TOLD_OF_ACT[act.code]
            if given["choice"] not in Adjudication.Answer.values:
                raise Refused("Choose an answer.")
            adjudicate_hit(**common, answer=Adjudication.Answer(given["choice"]), reason=given["reason"])
            row.refresh_from_db(fields=("state",))
            if row.state == "PROPOSED":
                return "Proposed: another adjudicator confirms it or turns it down."
        except HitRefused as refused:
            raise Refused(words_of(refused.code)) from None
        except HitUnknown as unknown:
            raise Refused(words_of(unknown.code)) from None
        return "Answered."

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
            request,
            [row.pk],
            action="image_read",
            detail={"image": str(template.image_id), "kind": kind},
            fields=[kind],
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
