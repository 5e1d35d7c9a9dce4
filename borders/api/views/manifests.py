"""Take advance passenger manifests from carriers' systems or a single window."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.acting import get_actor, get_request_time
from audit.api.negotiation import AlwaysFirstRenderer
from audit.api.parsers import StrictJSONParser
from audit.api.problems import Problem
from audit.api.schema import ProblemAutoSchema
from audit.core.sharing import Scope
from borders.api.edifact import EdifactParser
from borders.api.refusals import refusals_as_problems
from borders.api.serializers.manifests import ManifestInputSerializer, ManifestSerializer
from borders.core.manifests import ManifestRefused
from borders.services.manifests import record_manifest, record_passenger_list


class ManifestsView(APIView):
    """Advance passenger manifests."""

    schema = ProblemAutoSchema()
    permission_classes = (IsAuthenticated,)
    required_scopes = {"post": Scope.MANIFESTS_SEND}
    parser_classes = (StrictJSONParser, EdifactParser)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None
    problem_codes = {
        "post": {
            400: [
                *("invalid", "required", "unknown_field", "bad_date", "too_long", "too_many", "unknown_port"),
                *(
                    "not_edifact",
                    "bad_separators",
                    "bad_characters",
                    "bad_tag",
                    "not_terminated",
                    "out_of_order",
                ),
                *(
                    "segment_too_long",
                    "too_many_segments",
                    "wrong_message",
                    "several_messages",
                    "wrong_count",
                ),
            ],
            403: ["role_required"],
        }
    }

    @extend_schema(
        summary="Send the manifest of a conveyance",
        operation_id="manifests_create",
        request={
            "application/json": ManifestInputSerializer,
            "application/edifact": OpenApiTypes.BINARY,
        },
        responses={
            201: OpenApiResponse(ManifestSerializer, description="Taken"),
            200: OpenApiResponse(ManifestSerializer, description="Known already"),
        },
    )
    def post(self, request: Request) -> Response:
        try:
            with refusals_as_problems():
                actor, at, sent = get_actor(request), get_request_time(request), request.data
                if isinstance(sent, bytes):
                    manifest, created = record_passenger_list(actor=actor, at=at, content=sent)
                else:
                    manifest, created = record_manifest(actor=actor, at=at, sent=sent)
        except ManifestRefused as refusal:
            extra = {"field": refusal.field} if refusal.field else {}
            raise Problem(refusal.code, 400, "The manifest cannot be taken.", **extra) from None
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(ManifestSerializer(manifest).data, status=code)
