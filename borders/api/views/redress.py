"""Redress: the notice of a refusal, and requests to correct a record with their answer."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from audit.api.acting import get_request_time
from audit.api.views import AuditedReadViewSet, shown_fields
from audit.core.actor import Actor
from borders.api.refusals import refusals_as_problems
from borders.api.serializers.redress import (
    LANGUAGES,
    NoticeInputSerializer,
    NoticeSerializer,
    RedressDecisionSerializer,
    RedressRequestInputSerializer,
    RedressRequestSerializer,
)
from borders.models import CorrectionRequest
from borders.services.redress import (
    REDRESS_ROLES,
    decide_request,
    print_answer,
    receive_request,
    requests_in_reach,
)
from borders.services.refusal_notices import find_notice, issue_notice, print_notice

_NOTICE_CONFLICTS = ["not_refused", "protection_blocks_refusal"]
NOTICE_CODES = {
    "refusal_notice": {
        400: ["ground_required", "ground_unknown"],
        409: [*_NOTICE_CONFLICTS, "grounds_given"],
    },
    "refusal_notice_file": {400: ["language_unknown"], 409: [*_NOTICE_CONFLICTS, "notice_missing"]},
}
LANGUAGE = OpenApiParameter("language", str, enum=LANGUAGES, description="Of the traveller; en if not said")
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


class RefusalNoticeActs:
    """What an inspection's view set can do once somebody was refused."""

    @extend_schema(
        summary="Issue the notice of a refusal; the same grounds again give the same notice",
        request=NoticeInputSerializer,
        responses={200: OpenApiResponse(NoticeSerializer, description="Issued")},
    )
    @action(detail=True, methods=["post"], url_path="refusal-notice")
    def refusal_notice(self: Any, request: Request, id: Any = None) -> Response:
        inspection = self.get_object()
        serializer = NoticeInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusals_as_problems():
            issue_notice(
                actor=self.actor,
                at=self.at,
                inspection_id=inspection.id,
                grounds=serializer.validated_data["grounds"],
            )
        shown = shown_fields(NoticeSerializer)
        self.record_look([inspection.id], object_type="inspection", action="notice_read", fields=shown)
        return Response(NoticeSerializer(find_notice(inspection_id=inspection.id)).data)

    @extend_schema(
        summary="Print the notice of a refusal in the traveller's language",
        parameters=[LANGUAGE],
        responses=PDF,
    )
    @action(detail=True, methods=["get"], url_path="refusal-notice/file")
    def refusal_notice_file(self: Any, request: Request, id: Any = None) -> HttpResponse:
        inspection = self.get_object()
        with refusals_as_problems():
            notice, content = print_notice(
                actor=self.actor,
                at=self.at,
                inspection_id=inspection.id,
                language=request.query_params.get("language", "en"),
            )
        return pdf_response(notice.reference, content)


class CorrectionRequestFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=CorrectionRequest.State.choices)
    record_id = django_filters.UUIDFilter()
    overdue = django_filters.BooleanFilter(
        method="filter_overdue", help_text="Not decided although the day to answer has passed"
    )

    class Meta:
        model = CorrectionRequest
        fields: ClassVar[list[str]] = []

    def filter_overdue(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        late = Q(state=CorrectionRequest.State.RECEIVED, due_on__lt=get_request_time(self.request).date())
        return rows.filter(late) if value else rows.exclude(late)


@extend_schema_view(
    list=extend_schema(summary="List the requests to correct a record, newest first"),
    retrieve=extend_schema(summary="Show one request to correct a record"),
)
class CorrectionRequestViewSet(AuditedReadViewSet):
    object_type = "correction_request"
    page_ordering = ("-received_at", "-id")
    serializer_class = RedressRequestSerializer
    filterset_class = CorrectionRequestFilter
    required_roles = dict.fromkeys(("list", "retrieve", "create", "decision", "answer_letter"), REDRESS_ROLES)
    problem_codes = {
        "create": {
            400: [
                "record_unknown",
                "field_unknown",
                "bad_value",
                "bad_date",
                "unchanged",
                "required",
                "too_long",
            ]
        },
        "decision": {400: ["reason_required"], 403: ["second_person_required"], 409: ["not_received"]},
        "answer_letter": {409: ["not_decided"]},
    }

    def scoped_queryset(self, actor: Actor) -> QuerySet[CorrectionRequest]:
        return requests_in_reach(actor=actor).select_related(
            "port", "received_by__officer", "decided_by__officer", "correction"
        )

    @extend_schema(
        summary="Receive a request to correct one field of a record",
        request=RedressRequestInputSerializer,
        responses={201: OpenApiResponse(RedressRequestSerializer, description="Received")},
    )
    def create(self, request: Request) -> Response:
        serializer = RedressRequestInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusals_as_problems():
            received = receive_request(actor=self.actor, at=self.at, **serializer.validated_data)
        self.kwargs["id"] = received.id
        response = self.answer(self.get_object(), 201)
        response["Location"] = reverse("correction-request-detail", kwargs={"id": received.id})
        return response

    @extend_schema(
        summary="Grant or refuse a request, by another person than received it",
        request=RedressDecisionSerializer,
        responses={200: OpenApiResponse(RedressRequestSerializer, description="Decided")},
    )
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, id: Any = None) -> Response:
        found = self.get_object()
        serializer = RedressDecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with refusals_as_problems():
            decide_request(actor=self.actor, at=self.at, request_id=found.id, **serializer.validated_data)
        return self.answer(self.get_object())

    @extend_schema(summary="Print the answer to the person", responses=PDF)
    @action(detail=True, methods=["get"], url_path="answer")
    def answer_letter(self, request: Request, id: Any = None) -> HttpResponse:
        found = self.get_object()
        with refusals_as_problems():
            printed, content = print_answer(actor=self.actor, at=self.at, request_id=found.id)
        return pdf_response(printed.reference, content)


def pdf_response(reference: str, content: bytes) -> HttpResponse:
    """Return a PDF whose name is its reference and says nothing of anybody."""
    disposition = f'inline; filename="{reference}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})
