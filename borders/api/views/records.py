"""Crossings, stays and referrals."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.views import AuditedReadViewSet, within_reach
from audit.core.actor import RECORD_READERS, Actor
from audit.core.sharing import Scope, Sharing
from borders.api.filters import CrossingFilter, ReferralFilter, StayFilter
from borders.api.refusals import refusals_as_problems
from borders.api.serializers.records import (
    ClosureSerializer,
    CrossingSerializer,
    ReferralSerializer,
    StaySerializer,
)
from borders.models import Crossing, Referral, Stay
from borders.services.access import PROTECTION_ROLES, SECOND_LINE_ROLES
from borders.services.referrals import acknowledge_referral, close_referral
from travelers.models import Traveler
from travelers.queries import is_withheld


@extend_schema_view(
    list=extend_schema(summary="List the crossings recorded at the actor's ports, newest first"),
    retrieve=extend_schema(summary="Show one crossing"),
)
class CrossingViewSet(AuditedReadViewSet):
    object_type = "crossing"
    subject = "traveler_id"
    required_roles = {"list": RECORD_READERS, "retrieve": RECORD_READERS}
    required_scopes = {"list": Scope.CROSSINGS_READ, "retrieve": Scope.CROSSINGS_READ}
    page_ordering = ("-occurred_at", "-id")
    serializer_class = CrossingSerializer
    filterset_class = CrossingFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[Crossing]:
        rows = Crossing.objects.select_related("port", "booth", "officer")
        return rows.filter(within_reach(actor, "port_id"))

    def shared_rows(self, rows: QuerySet[Crossing], sharing: Sharing) -> QuerySet[Crossing]:
        if sharing.since is not None:
            rows = rows.filter(occurred_at__gte=sharing.since)
        return shared_by_traveler(rows, sharing)


@extend_schema_view(
    list=extend_schema(summary="List the stays that began or ended at the actor's ports"),
    retrieve=extend_schema(summary="Show one stay"),
)
class StayViewSet(AuditedReadViewSet):
    object_type = "stay"
    subject = "traveler_id"
    required_roles = {"list": RECORD_READERS, "retrieve": RECORD_READERS}
    required_scopes = {"list": Scope.STAYS_READ, "retrieve": Scope.STAYS_READ}
    serializer_class = StaySerializer
    filterset_class = StayFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[Stay]:
        rows = Stay.objects.select_related("entry_port", "exit_port")
        return rows.filter(within_reach(actor, "entry_port_id", "exit_port_id"))

    def shared_rows(self, rows: QuerySet[Stay], sharing: Sharing) -> QuerySet[Stay]:
        if sharing.since is not None:
            rows = rows.filter(Q(entered_at__gte=sharing.since) | Q(exited_at__gte=sharing.since))
        return shared_by_traveler(rows, sharing)


@extend_schema_view(
    list=extend_schema(summary="List the referrals of the actor's ports, newest first"),
    retrieve=extend_schema(summary="Show one referral"),
)
class ReferralViewSet(AuditedReadViewSet):
    object_type = "referral"
    page_ordering = ("-opened_at", "-id")
    serializer_class = ReferralSerializer
    filterset_class = ReferralFilter
    # which of the two services it is for is asked by the service itself
    required_roles = {
        "list": RECORD_READERS | PROTECTION_ROLES,
        "retrieve": RECORD_READERS | PROTECTION_ROLES,
        "acknowledgement": SECOND_LINE_ROLES | PROTECTION_ROLES,
        "closure": SECOND_LINE_ROLES | PROTECTION_ROLES,
    }
    problem_codes = {
        "acknowledgement": {409: ["not_open"]},
        "closure": {400: ["answer_required"], 409: ["not_acknowledged"]},
    }

    def scoped_queryset(self, actor: Actor) -> QuerySet[Referral]:
        rows = Referral.objects.select_related("opened_by__officer", "acknowledged_by__officer")
        return rows.filter(within_reach(actor, "inspection__port_id"))

    @extend_schema(
        summary="Take a referral over",
        request=None,
        responses={200: OpenApiResponse(ReferralSerializer, description="Taken over")},
    )
    @action(detail=True, methods=["post"])
    def acknowledgement(self, request: Request, id: Any = None) -> Response:
        referral = self.get_object()
        with refusals_as_problems():
            acknowledge_referral(actor=self.actor, at=self.at, referral_id=referral.id)
        return self.answer(self.get_object())

    @extend_schema(
        summary="Close a referral with what came of it",
        request=ClosureSerializer,
        responses={200: OpenApiResponse(ReferralSerializer, description="Closed")},
    )
    @action(detail=True, methods=["post"])
    def closure(self, request: Request, id: Any = None) -> Response:
        referral = self.get_object()
        serializer = ClosureSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusals_as_problems():
            close_referral(
                actor=self.actor,
                at=self.at,
                referral_id=referral.id,
                answer=serializer.validated_data["answer"],
            )
        return self.answer(self.get_object())


def shared_by_traveler(rows: QuerySet[Any], sharing: Sharing, path: str = "traveler_id") -> QuerySet[Any]:
    """Return the rows of travellers of whom a national system may know. path: from the row to the traveller's id."""
    if sharing.nationals_only:
        rows = rows.filter(**{f"{path}__in": Traveler.objects.filter(nationality=sharing.state).values("id")})
    return rows.exclude(is_withheld(state=sharing.state, path=path))
