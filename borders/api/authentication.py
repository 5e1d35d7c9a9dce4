"""Bearer tokens: of a person at a booth (POST /api/v1/sessions/), or of a national system (POST /api/v1/oauth/token/)."""

from django.conf import settings
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled

from audit.api.acting import get_request_time
from audit.api.scopes import check_scope
from audit.core.sharing import Scope
from borders.api.proxy import fingerprint_of_client
from borders.queries import actor_of_partner, actor_of_session, get_live_partner_token, get_live_session
from borders.services.partners import note_request
from borders.services.row_guard import LOOKING, guard
from borders.services.sessions import is_session_locked

SCOPE_WORDS = {
    Scope.CROSSINGS_READ: "Read crossings",
    Scope.STAYS_READ: "Read stays",
    Scope.TRAVELERS_READ: "Read travellers",
    Scope.DOCUMENTS_READ: "Read travel documents",
    Scope.MANIFESTS_SEND: "Send advance passenger manifests",
    Scope.SCREENINGS_ASK: "Look a person or a document up in the lists in force",
    Scope.LISTS_PROPOSE: "Propose changes of the watchlists named in its terms",
    Scope.STATISTICS_READ: "Read published statistics",
}


def authenticate_partner(request, token, at):
    """Return (account, Actor) of a national system; None where the token, its terms or its certificate do not hold.

    A view that names no scope for the act is closed here already, whatever its permissions. Raises Throttled (code rate_limited).
    """
    found = get_live_partner_token(token=token, at=at)
    if found is None:
        return None
    access, profile = found
    wanted = profile.partner.certificate_sha256
    if wanted and (
        not settings.TRUST_CLIENT_CERTIFICATE_HEADER
        or not constant_time_compare(fingerprint_of_client(request.META), wanted)
    ):
        return None
    if note_request(partner_id=profile.partner_id, at=at) > profile.requests_per_minute:
        raise Throttled(wait=60 - at.second, code="rate_limited")
    actor = actor_of_partner(
        profile=profile, granted=access.scope.split(), at=at, origin=request.META.get("REMOTE_ADDR", "")
    )
    check_scope(actor, request.parser_context["view"], request.method)
    request._request.actor = actor
    # acts too: the database knows its terms, behind the querysets (shared_rows)
    guard(actor=actor)
    return profile.partner.user, actor


class BoothTokenAuthentication(BaseAuthentication):
    """Yields (user, Actor); the Actor carries booth, ports and roles, and is also set as `request.actor`."""

    def authenticate(self, request):
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        at = get_request_time(request)
        session = get_live_session(token=token.strip(), at=at)
        if session is None:
            partner = authenticate_partner(request, token.strip(), at)
            if partner is not None:
                return partner
            raise AuthenticationFailed("The token is unknown, ended or expired.", code="token_invalid")
        actor = actor_of_session(session=session, at=at, origin=request.META.get("REMOTE_ADDR", ""))
        request._request.actor = actor
        # the console's cookie holds this same token: what lies behind the lock screen is no way past it
        open_to_locked = getattr(request.parser_context.get("view"), "while_locked", False)
        if not open_to_locked and is_session_locked(session=session, at=at, used_at=session.active_at):
            raise AuthenticationFailed("The booth is locked.", code="session_locked")
        if request.method in LOOKING:
            guard(actor=actor)
        return session.officer.user, actor

    def authenticate_header(self, request):
        return "Bearer"


class BoothTokenScheme(OpenApiAuthenticationExtension):
    target_class = BoothTokenAuthentication
    name = ["boothToken", "nationalSystem"]

    def get_security_definition(self, auto_schema):
        flow = {"tokenUrl": "/api/v1/oauth/token/", "scopes": {s.value: SCOPE_WORDS[s] for s in Scope}}
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "oauth2", "flows": {"clientCredentials": flow}},
        ]

    def get_security_requirement(self, auto_schema):
        view = auto_schema.view
        act = getattr(view, "action", None) or auto_schema.method.lower()
        scope = getattr(view, "required_scopes", {}).get(act)
        persons = {"boothToken": []}
        return persons if scope is None else [persons, {"nationalSystem": [scope.value]}]
