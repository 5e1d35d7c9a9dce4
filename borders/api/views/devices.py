"""Terminals: enrol with a code, and ask for what is to be signed at the next sign-in."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.acting import get_request_time
from audit.api.negotiation import AlwaysFirstRenderer
from audit.api.parsers import StrictJSONParser
from audit.api.problems import Problem
from audit.api.schema import ProblemAutoSchema
from borders.api.serializers.sessions import (
    ChallengeSerializer,
    DeviceEnrolmentSerializer,
    DeviceSerializer,
)
from borders.services.devices import DeviceRefused, enrol_device, make_challenge

REFUSALS = {
    "code_unknown": (403, "This enrolment code is not known, was used, or is too old."),
    "bad_key": (400, "The key is no P-256 key in SubjectPublicKeyInfo and Base64."),
}


class TerminalView(APIView):
    """Asked before anybody is signed in: the code, or later the signature, is the proof."""

    schema = ProblemAutoSchema()
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSONParser,)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None


class DevicesView(TerminalView):
    """Terminals of booths."""

    problem_codes = {"post": {400: ["bad_key"], 403: ["code_unknown"]}}

    @extend_schema(
        summary="Enrol a terminal with a code",
        operation_id="devices_create",
        request=DeviceEnrolmentSerializer,
        responses={201: OpenApiResponse(DeviceSerializer, description="Enrolled")},
    )
    def post(self, request: Request) -> Response:
        serializer = DeviceEnrolmentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            device = enrol_device(
                at=get_request_time(request),
                origin=request.META.get("REMOTE_ADDR", ""),
                code=serializer.validated_data["code"],
                public_key=serializer.validated_data["public_key"],
            )
        except DeviceRefused as refusal:
            status_code, detail = REFUSALS[refusal.code]
            raise Problem(refusal.code, status_code, detail) from None
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)


class ChallengeView(TerminalView):
    """What a terminal signs."""

    @extend_schema(
        summary="Give what a terminal signs at its next sign-in, within two minutes",
        operation_id="devices_challenge_retrieve",
        responses={200: ChallengeSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(
            {"challenge": make_challenge(at=get_request_time(request))}, headers={"Cache-Control": "no-store"}
        )
