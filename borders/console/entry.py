"""Who comes in: every console page knows its booth session, its actor, its time and its language, or shows the door."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from audit.core.actor import Role
from borders.console.assets import assets
from borders.queries import actor_of_session, get_live_session
from borders.services.access import BORDER_ROLES, SECOND_LINE_ROLES
from borders.services.row_guard import LOOKING, guard
from borders.services.sessions import is_session_locked, keep_session_active

TOKEN_COOKIE = "booth"  # holds the booth token: out of reach of scripts, sent to the console only
LANGUAGE_COOKIE = "booth_language"
COOKIE_PATH = "/booth/"
# all that a console page may load comes from the console itself; blob: is the camera's own picture
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

View = Callable[..., HttpResponse]


def console_page(view: View) -> View:
    """Give a page its time and language, and its answer the headers of the console; nobody need be signed in."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.received_at, request.assets = timezone.now(), assets()
        with translation.override(language_of(request)):
            response = view(request, *args, **kwargs)
            response["Content-Language"] = translation.get_language()
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        response["Referrer-Policy"] = "same-origin"
        response.setdefault("Cache-Control", "no-store")
        return response

    return page


def booth_page(
    *, while_locked: bool = False, roles: frozenset[Role] = BORDER_ROLES
) -> Callable[[View], View]:
    """Let in whoever is signed in at a booth, with `request.booth_session` and `request.actor`; others sign in first.

    while_locked: the page may be seen while the booth is locked. roles: one of them is needed at this port.
    """

    def decorate(view: View) -> View:
        @console_page
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            at = request.received_at
            token = request.COOKIES.get(TOKEN_COOKIE, "").encode()
            session = get_live_session(token=token, at=at) if token else None
            if session is None:
                return go_to(request, "console:sign-in")
            request.booth_session, request.idle_s = session, round(settings.BOOTH_IDLE_S)
            request.actor = actor_of_session(
                session=session, at=at, origin=request.META.get("REMOTE_ADDR", "")
            )
            if request.method in LOOKING:
                guard(actor=request.actor)
            request.sees = {
                "border": request.actor.has(*BORDER_ROLES),
                "second_line": request.actor.has(*SECOND_LINE_ROLES),
                "protection": request.actor.has(Role.PROTECTION),
                "training": session.booth.port.training,
            }
            if not while_locked:
                used_at = session.active_at or session.started_at
                if is_session_locked(session=session, at=at, used_at=used_at):
                    return go_to(request, "console:lock")
                keep_session_active(session=session, at=at)
            try:
                if not request.actor.has(*roles):
                    raise PermissionDenied
                return view(request, *args, **kwargs)
            except PermissionDenied:
                return render(request, "console/refused.html", status=403)

        return page

    return decorate


def go_to(request: HttpRequest, name: str) -> HttpResponse:
    """Send the whole browser page elsewhere, whether a link, a form or a part of a page was asked for."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse(name)})
    return redirect(name)


def language_of(request: HttpRequest) -> str:
    """Return the language of this booth: the one chosen there, else what its browser prefers, else English."""
    known = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if chosen in known:
        return chosen
    for wanted in request.headers.get("Accept-Language", "").split(","):
        code = wanted.partition(";")[0].strip().partition("-")[0].lower()
        if code in known:
            return code
    return settings.LANGUAGE_CODE


def keep_cookie(response: HttpResponse, name: str, value: str, *, max_age_s: int | None) -> None:
    """Set a cookie of the console."""
    response.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path=COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
