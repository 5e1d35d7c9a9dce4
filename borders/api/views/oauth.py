"""Tokens for national systems: OAuth2 client credentials (RFC 6749 section 4.4), given and taken back (RFC 7009)."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from oauth2_provider.models import AccessToken
from oauth2_provider.views.mixins import OAuthLibMixin
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.api.acting import get_request_time
from borders.queries import actor_of_partner, profile_in_force
from borders.services.partners import note_token, note_token_refused


class ClientView(OAuthLibMixin, APIView):
    """Asked by clients, which prove themselves by their own id and secret in the request."""

    authentication_classes = ()
    permission_classes = ()
    metadata_class = None

    def answer(self, status: int, headers: dict[str, str], body: str) -> HttpResponse:
        response = HttpResponse(body or "", status=status, content_type="application/json")
        for name, value in headers.items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response


@extend_schema(exclude=True)
class TokenView(ClientView):
    """Give a system a token for a quarter of an hour, for scopes that its terms hold."""

    @transaction.atomic
    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        at, origin = get_request_time(request), request.META.get("REMOTE_ADDR", "")
        _, headers, body, status = self.create_token_response(request._request)
        if status != 200:
            # a request that is no form at all is answered without a body
            body = body or json.dumps({"error": "invalid_request"})
            note_token_refused(at=at, origin=origin, code=_error_in(body))
            return self.answer(status, headers, body)
        said = json.loads(body)
        digest = hashlib.sha256(said["access_token"].encode()).hexdigest()
        token = AccessToken.objects.select_related("application").get(token_checksum=digest)
        profile = profile_in_force(application=token.application, at=at)
        if profile is None:
            token.delete()
            note_token_refused(at=at, origin=origin, code="no_terms_in_force")
            return self.answer(400, headers, json.dumps({"error": "unauthorized_client"}))
        scopes = token.scope.split()
        actor = actor_of_partner(profile=profile, granted=scopes, at=at, origin=origin)
        note_token(actor=actor, at=at, partner_id=profile.partner_id, scopes=scopes)
        return self.answer(status, headers, body)


@extend_schema(exclude=True)
class RevocationView(ClientView):
    """Take a token back before its time."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        _, headers, body, status = self.create_revocation_response(request._request)
        return self.answer(status, headers, body)


def _error_in(body: str) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return "unreadable"
    return str(said.get("error", ""))[:40] if isinstance(said, dict) else "unreadable"
