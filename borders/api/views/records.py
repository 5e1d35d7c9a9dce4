"""Crossings, stays and referrals."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.views import AuditedReadViewSet, within_reach
from audit.core.actor import Actor
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


@extend_schema_view(
    list=extend_schema(summary="List the crossings recorded at the actor's ports, newest first"),
    retrieve=extend_schema(summary="Show one crossing"),
)
class CrossingViewSet(AuditedReadViewSet):
    object_type = "crossing"
    page_ordering = ("-occurred_at", "-id")
    serializer_class = CrossingSerializer
    filterset_class = CrossingFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[Crossing]:
        rows = Crossing.objects.select_related("port", "booth", "officer")
        return rows.filter(within_reach(actor, "port_id"))


@extend_schema_view(
    list=extend_schema(summary="List the stays that began or ended at the actor's ports"),
    retrieve=extend_schema(summary="Show one stay"),
)
class StayViewSet(AuditedReadViewSet):
    object_type = "stay"
    serializer_class = StaySerializer
    filterset_class = StayFilter

    def scoped_queryset(self, actor: Actor) -> QuerySet[Stay]:
        rows = Stay.objects.select_related("entry_port", "exit_port")
        return rows.filter(within_reach(actor, "entry_port_id", "exit_port_id"))


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
