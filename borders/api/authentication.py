"""Booth tokens: `Authorization: Bearer <token>` from POST /api/v1/sessions/."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from audit.api.acting import get_request_time
from borders.queries import actor_of_session, get_live_session


class BoothTokenAuthentication(BaseAuthentication):
    """Yields (user, Actor); the Actor carries booth, ports and roles, and is also set as `request.actor`."""

    def authenticate(self, request):
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        at = get_request_time(request)
        session = get_live_session(token=token.strip(), at=at)
        if session is None:
            raise AuthenticationFailed("The token is unknown, ended or expired.", code="token_invalid")
        actor = actor_of_session(session=session, at=at, origin=request.META.get("REMOTE_ADDR", ""))
        request._request.actor = actor
        return session.officer.user, actor

    def authenticate_header(self, request):
        return "Bearer"


class BoothTokenScheme(OpenApiAuthenticationExtension):
    target_class = BoothTokenAuthentication
    name = "boothToken"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}
