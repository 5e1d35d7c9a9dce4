"""Sign in and out at a booth."""

import hashlib

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.authentication import get_authorization_header
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.api.acting import get_actor, get_request_time
from audit.api.negotiation import AlwaysFirstRenderer
from audit.api.parsers import StrictJSONParser
from audit.api.problems import Problem
from audit.api.schema import ProblemAutoSchema
from borders.api.serializers.sessions import SessionSerializer, SignInSerializer
from borders.models import BoothSession
from borders.queries import actor_of_session
from borders.services.sessions import DeviceProof, SignInRefused, sign_out
from borders.services.throttle import SignInThrottled, sign_in_throttled

REFUSALS = {
    "credentials_invalid": (401, "User name or password is wrong."),
    "booth_unknown": (400, "There is no such booth at this port of entry."),
    "not_posted": (403, "The officer is not posted to this port of entry."),
    "device_required": (403, "This terminal is not enrolled at the booth, or was revoked."),
}


class SessionsView(APIView):
    """The one address that asks for no token: it gives one."""

    schema = ProblemAutoSchema()
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (StrictJSONParser,)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None
    problem_codes = {
        "post": {
            400: ["booth_unknown"],
            401: ["credentials_invalid"],
            403: ["not_posted", "device_required"],
            429: ["sign_in_throttled"],
        }
    }

    @extend_schema(
        summary="Sign in at a booth",
        operation_id="sessions_create",
        request=SignInSerializer,
        responses={201: OpenApiResponse(SessionSerializer, description="Signed in")},
    )
    def post(self, request: Request) -> Response:
        serializer = SignInSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = serializer.validated_data
        at, origin = get_request_time(request), request.META.get("REMOTE_ADDR", "")
        try:
            session, token = sign_in_throttled(
                username=sent["username"],
                password=sent["password"],
                port_code=sent["port"],
                booth_code=sent["booth"],
                at=at,
                origin=origin,
                proof=DeviceProof(sent.get("device"), sent.get("challenge", ""), sent.get("signature", "")),
            )
        except SignInRefused as refusal:
            status_code, detail = REFUSALS[refusal.code]
            raise Problem(refusal.code, status_code, detail) from None
        except SignInThrottled as refusal:
            problem = Problem(refusal.code, 429, "Too many failures. Wait, or ask a supervisor.")
            problem.wait = refusal.wait_s
            raise problem from None
        body = describe(session, token, roles=actor_of_session(session=session, at=at, origin=origin).roles)
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


class CurrentSessionView(APIView):
    """The session of the token that is sent."""

    schema = ProblemAutoSchema()
    while_locked = True
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AlwaysFirstRenderer
    metadata_class = None

    @extend_schema(
        summary="Sign out",
        operation_id="sessions_current_destroy",
        request=None,
        responses={204: OpenApiResponse(description="The token is worth nothing from now on")},
    )
    def delete(self, request: Request) -> Response:
        token = get_authorization_header(request).partition(b" ")[2].strip()
        sign_out(
            actor=get_actor(request),
            at=get_request_time(request),
            token_sha256=hashlib.sha256(token).hexdigest(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def describe(session: BoothSession, token: str, roles: frozenset[str]) -> dict[str, object]:
    return SessionSerializer(
        {
            "token": token,
            "expires_at": session.expires_at,
            "badge_number": session.officer.badge_number,
            "roles": sorted(roles),
            "port": session.booth.port.code,
            "booth": session.booth.code,
        }
    ).data
