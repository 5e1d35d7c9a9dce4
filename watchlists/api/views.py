"""Watchlist entries to read, and hits to claim and answer.

What is silent does not exist for others than its owners.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.problems import Problem
from audit.api.views import AuditedReadViewSet
from audit.core.actor import Actor
from watchlists.api.filters import HitFilter, WatchlistEntryFilter
from watchlists.api.serializers import (
    AdjudicationInputSerializer,
    HitSerializer,
    ReviewInputSerializer,
    WatchlistEntrySerializer,
)
from watchlists.models import Hit, WatchlistEntry
from watchlists.queries import (
    ADJUDICATORS,
    READERS_OF_ENTRIES,
    visible_entries,
    visible_hits,
)
from watchlists.services.hits import (
    HitRefused,
    HitUnknown,
    adjudicate_hit,
    claim_hit,
    release_hit,
    review_match,
)

_STATUS_OF_REFUSAL = {
    "role_required": 403,
    "second_person_required": 409,
    "first_person_required": 409,
    "reason_required": 400,
    "reason_too_long": 400,
    "hit_not_open": 409,
    "hit_not_claimed": 409,
    "hit_not_proposed": 409,
}
_DETAIL_OF_REFUSAL = {
    "role_required": "This act needs another role.",
    "second_person_required": "Another adjudicator than the one who proposed it must do this.",
    "first_person_required": "Only the adjudicator who proposed it may withdraw it.",
    "reason_required": "The answer needs a reason.",
    "reason_too_long": "The reason is too long.",
    "hit_not_open": "The hit is claimed or answered already.",
    "hit_not_claimed": "The hit is not claimed by you.",
    "hit_not_proposed": "No true match is proposed for this hit.",
}


@extend_schema_view(
    list=extend_schema(summary="List watchlist entries in force"),
    retrieve=extend_schema(summary="Show one watchlist entry"),
)
class WatchlistEntryViewSet(AuditedReadViewSet):
    object_type = "watchlist_entry"
    page_ordering = ("-id",)
    serializer_class = WatchlistEntrySerializer
    filterset_class = WatchlistEntryFilter
    required_roles = {"list": frozenset(READERS_OF_ENTRIES), "retrieve": frozenset(READERS_OF_ENTRIES)}

    def scoped_queryset(self, actor: Actor) -> QuerySet[WatchlistEntry]:
        return visible_entries(actor=actor, at=self.at)


@extend_schema_view(
    list=extend_schema(summary="List hits at the actor's ports"),
    retrieve=extend_schema(summary="Show one hit with its evidence"),
)
class HitViewSet(AuditedReadViewSet):
    object_type = "hit"
    page_ordering = ("-found_at", "-id")
    serializer_class = HitSerializer
    filterset_class = HitFilter
    required_roles = {
        name: frozenset(ADJUDICATORS)
        for name in ("list", "retrieve", "claim", "release", "adjudication", "review")
    }

    def scoped_queryset(self, actor: Actor) -> QuerySet[Hit]:
        return visible_hits(actor=actor).prefetch_related(
            "adjudications__adjudicated_by__officer", "adjudications__review__reviewed_by__officer"
        )

    @extend_schema(summary="Claim an open hit", request=None, responses=HitSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with _refusals():
            claim_hit(actor=self.actor, at=self.at, hit_id=self.get_object().id)
        return self.answer(self.get_object())

    @extend_schema(summary="Give a claimed hit back", request=None, responses=HitSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with _refusals():
            release_hit(actor=self.actor, at=self.at, hit_id=self.get_object().id)
        return self.answer(self.get_object())

    @extend_schema(
        summary="Answer a claimed hit",
        description="A true match that would stop a traveller or that rests on a face is proposed by it (state PROPOSED):"
        " another adjudicator confirms it or turns it down.",
        request=AdjudicationInputSerializer,
        responses=HitSerializer,
    )
    @action(detail=True, methods=["post"])
    def adjudication(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        hit = self.get_object()
        given = AdjudicationInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with _refusals():
            adjudicate_hit(
                actor=self.actor,
                at=self.at,
                hit_id=hit.id,
                answer=given.validated_data["answer"],
                reason=given.validated_data["reason"],
            )
        return self.answer(self.get_object())

    @extend_schema(
        summary="Confirm a proposed true match, turn it down, or withdraw it",
        request=ReviewInputSerializer,
        responses=HitSerializer,
    )
    @action(detail=True, methods=["post"])
    def review(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        hit = self.get_object()
        given = ReviewInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with _refusals():
            review_match(
                actor=self.actor,
                at=self.at,
                hit_id=hit.id,
                verdict=given.validated_data["verdict"],
                reason=given.validated_data.get("reason", ""),
            )
        return self.answer(self.get_object())


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except HitUnknown:
        raise Http404 from None
    except HitRefused as error:
        raise _problem(error.code) from error


def _problem(code: str) -> Problem:
    return Problem(code, _STATUS_OF_REFUSAL[code], _DETAIL_OF_REFUSAL[code])
