"""Deduplication and reviews for supervisors: runs, the pairs they found, and who confirmed what."""

from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
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
    show_when,
)
from audit.admin.filters import ChoiceFilter, FromDayFilter, UntilDayFilter
from audit.core.actor import Actor, Role
from audit.queries.places import objects_at
from biometrics.core.reviews import ReviewState
from biometrics.models import DeduplicationPair, DeduplicationRun, IdentificationReview
from biometrics.services.reviews import WAITING

RUN_TONES = {"RUNNING": Tone.WARN, "FINISHED": Tone.GOOD, "STOPPED": Tone.QUIET}
REVIEW_TONES = {
    ReviewState.OPEN: (Tone.WARN, "Waits for the first person"),
    ReviewState.SECOND_DUE: (Tone.WARN, "Waits for the second person"),
    ReviewState.DISPUTED: (Tone.WARN, "Waits for a third person"),
    ReviewState.CONFIRMED: (Tone.BAD, "Confirmed by two persons"),
    ReviewState.REJECTED: (Tone.GOOD, "Another person"),
    ReviewState.INCONCLUSIVE: (Tone.QUIET, "Cannot be told"),
}
REVIEW_CHOICES = [(state.value, word) for state, (_, word) in REVIEW_TONES.items()]
LISTED = "watchlist"  # searches there would tell of silent hits: for list owners only


def review_badge(state: ReviewState) -> str:
    tone, word = REVIEW_TONES[state]
    return badge(word, tone)


class DeduplicationRunFilter(django_filters.FilterSet):
    since = FromDayFilter("started_at", label="From")
    until = UntilDayFilter("started_at", label="To")
    state = ChoiceFilter("state", label="State", choices=DeduplicationRun.State.choices)


@admin.register(DeduplicationRun)
class DeduplicationRunAdmin(ReadOnlyModelAdmin):
    """Runs over whole galleries: how far, and how many pairs."""

    object_type = "deduplication"
    filterset_class = DeduplicationRunFilter
    list_select_related = ("gallery",)
    list_display = ("started", "gallery", "progress", "pair_count", "threshold", "state_mark", "ended")
    list_note = "`manage.py deduplicate_gallery NAME` starts a run, or goes on with one that was interrupted."

    @display(description="Started")
    def started(self, row: DeduplicationRun) -> str:
        return show_when(row.started_at)

    @display(description="Ended")
    def ended(self, row: DeduplicationRun) -> str:
        return show_when(row.ended_at) if row.ended_at else ""

    @display(description="Compared")
    def progress(self, row: DeduplicationRun) -> str:
        share = 100 * row.done_count / row.member_count if row.member_count else 100
        return f"{row.done_count:,} of {row.member_count:,} ({share:.0f} %)"

    @display(description="State")
    def state_mark(self, row: DeduplicationRun) -> str:
        return badge(row.get_state_display(), RUN_TONES[row.state])

    def sections(self, request: HttpRequest, row: DeduplicationRun) -> list[Section]:
        return [
            Section(
                f"Deduplication of {row.gallery}",
                [
                    Fact("State", self.state_mark(row)),
                    Fact("Compared", self.progress(row)),
                    Fact("Pairs", row.pair_count),
                    Fact("Threshold", show(row.threshold)),
                    Fact("Gallery as of version", row.gallery_version),
                    Fact("Started", show_time(row.started_at)),
                    Fact("Latest block", show_time(row.updated_at)),
                    Fact("Ended", show_time(row.ended_at)),
                ],
            )
        ]


class DeduplicationPairFilter(django_filters.FilterSet):
    since = FromDayFilter("found_at", label="From")
    until = UntilDayFilter("found_at", label="To")
    least = django_filters.NumberFilter("score", lookup_expr="gte", label="Score from")
    gallery = ChoiceFilter(
        "run__gallery__name", label="Gallery", choices=[("crossings", "Crossings"), (LISTED, "Watchlist")]
    )
    review = ChoiceFilter("reviews__state", label="Review", choices=REVIEW_CHOICES)


@admin.register(DeduplicationPair)
class DeduplicationPairAdmin(AuditedModelAdmin):
    """Two subjects with alike faces, one of whom has crossed at a post of the reader: a question. Pairs of watchlists are for
    list owners.
    """

    filterset_class = DeduplicationPairFilter
    list_select_related = ("run__gallery",)
    list_prefetch_related = ("reviews",)
    list_display = ("found", "gallery", "score_text", "subject_a", "subject_b", "review")
    list_note = "One person under two identities, or two persons who look alike: two persons decide."

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        here = objects_at("traveler", actor.port_ids)
        crossed = Exists(here.filter(id=OuterRef("subject_a"))) | Exists(
            here.filter(id=OuterRef("subject_b"))
        )
        listed = Q(run__gallery__name=LISTED)
        return (
            rows.filter(listed | Q(crossed)) if actor.has(Role.LIST_OWNER) else rows.filter(~listed, crossed)
        )

    @display(description="Found")
    def found(self, row: DeduplicationPair) -> str:
        return show_when(row.found_at)

    @display(description="Gallery")
    def gallery(self, row: DeduplicationPair) -> str:
        return row.run.gallery.name

    @display(description="Score")
    def score_text(self, row: DeduplicationPair) -> str:
        return f"{row.score:.3f}"

    @display(description="Review")
    def review(self, row: DeduplicationPair) -> str:
        states = [ReviewState(review.state) for review in row.reviews.all()]
        return review_badge(states[0]) if states else "not asked yet"

    def sections(self, request: HttpRequest, row: DeduplicationPair) -> list[Section]:
        return [
            Section(
                "Two subjects, one face?",
                [
                    Fact("Subject", str(row.subject_a)),
                    Fact("Other subject", str(row.subject_b)),
                    Fact("Score", self.score_text(row)),
                    Fact("Threshold of the run", show(row.run.threshold)),
                    Fact("Found", show_time(row.found_at)),
                    Fact("Review", self.review(row)),
                ],
            )
        ]


class ReviewFilter(django_filters.FilterSet):
    since = FromDayFilter("opened_at", label="From")
    until = UntilDayFilter("opened_at", label="To")
    state = ChoiceFilter("state", label="State", choices=REVIEW_CHOICES)


@admin.register(IdentificationReview)
class IdentificationReviewAdmin(AuditedModelAdmin):
    """Adverse identifications and who confirmed them. While one waits, no answer is shown: the next must be independent."""

    filterset_class = ReviewFilter
    list_display = ("opened", "kind", "score_text", "subject_id", "state_mark", "settled")
    list_note = "A face counts against somebody only when two persons have confirmed it, each without the other's answer."

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        rows = super().scope(rows, actor)
        rows = rows.filter(Q(port_id__in=actor.port_ids) | Q(port_id__isnull=True))
        if actor.has(Role.LIST_OWNER):
            return rows
        return rows.exclude(comparison__gallery__name=LISTED).exclude(pair__run__gallery__name=LISTED)

    @display(description="Opened")
    def opened(self, row: IdentificationReview) -> str:
        return show_when(row.opened_at)

    @display(description="Settled")
    def settled(self, row: IdentificationReview) -> str:
        return show_when(row.settled_at) if row.settled_at else ""

    @display(description="Rests on")
    def kind(self, row: IdentificationReview) -> str:
        return "search 1:N" if row.comparison_id else "deduplication"

    @display(description="Score")
    def score_text(self, row: IdentificationReview) -> str:
        return f"{row.score:.3f}"

    @display(description="State")
    def state_mark(self, row: IdentificationReview) -> str:
        return review_badge(ReviewState(row.state))

    def sections(self, request: HttpRequest, row: IdentificationReview) -> list[Section]:
        waits = row.state in WAITING
        opinions = [] if waits else row.opinions.select_related("given_by").order_by("at", "id")
        return [
            Section(
                "Is it the same person?",
                [
                    Fact("State", self.state_mark(row)),
                    Fact("Rests on", self.kind(row)),
                    Fact("Score", self.score_text(row)),
                    Fact("Subject", str(row.subject_id)),
                    Fact("Opened", show_time(row.opened_at)),
                    Fact("Settled", show_time(row.settled_at)),
                ],
            ),
            Section(
                "Opinions",
                table=Table(
                    ("Time", "Person", "Answer", "Reason"),
                    [
                        (show_time(one.at), str(one.given_by), one.get_answer_display(), one.reason)
                        for one in opinions
                    ],
                    empty="Shown when the question is settled." if waits else "None.",
                ),
            ),
        ]
