"""Sign in and out at a booth, lock it for a moment, choose its language."""

import hashlib
import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from borders.console.entry import (
    COOKIE_PATH,
    LANGUAGE_COOKIE,
    TOKEN_COOKIE,
    booth_page,
    console_page,
    keep_cookie,
)
from borders.console.words import say_refusal
from borders.services.access import BORDER_ROLES
from borders.services.devices import make_challenge
from borders.services.protection import SEALED_ROLES
from borders.services.sessions import DeviceProof, SignInRefused, lock_session, sign_out
from borders.services.throttle import SignInThrottled, sign_in_throttled, unlock_throttled

CONSOLE_ROLES = BORDER_ROLES | SEALED_ROLES
PLACE_COOKIE = "booth_place"
YEAR_S = 365 * 24 * 3600


@require_http_methods(["GET", "POST"])
@console_page
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign an officer in. The port and the booth are remembered on the terminal, for they stay when officers change."""
    port, _, booth = request.COOKIES.get(PLACE_COOKIE, "").partition("/")
    if request.method == "GET":
        place = {"port": port[:5], "booth": booth[:10]}
        return render(request, "console/sign_in.html", {**place, "challenge": _challenge(request)})
    sent = {name: request.POST.get(name, "")[:150].strip() for name in ("username", "port", "booth")}
    try:
        if "\x00" in "".join(request.POST.values()):
            raise SignInRefused("credentials_invalid")
        session, token = sign_in_throttled(
            username=sent["username"],
            password=request.POST.get("password", ""),
            port_code=sent["port"].upper(),
            booth_code=sent["booth"].upper(),
            at=request.received_at,
            origin=request.META.get("REMOTE_ADDR", ""),
            proof=_proof_in(request),
        )
    except (SignInRefused, SignInThrottled) as refusal:
        return render(
            request,
            "console/sign_in.html",
            {**sent, "refusal": say_refusal(refusal.code), "challenge": _challenge(request)},
            status=422,
        )
    response = redirect("console:screen")
    # as long as the token itself; the browser's own session would outlive a reload but not a crash
    keep_cookie(response, TOKEN_COOKIE, token, max_age_s=settings.BOOTH_SESSION_HOURS * 3600)
    keep_cookie(response, PLACE_COOKIE, f"{session.booth.port.code}/{session.booth.code}", max_age_s=YEAR_S)
    return response


@require_POST
@booth_page(while_locked=True, roles=CONSOLE_ROLES)
def sign_out_page(request: HttpRequest) -> HttpResponse:
    token = request.COOKIES.get(TOKEN_COOKIE, "").encode()
    sign_out(actor=request.actor, at=request.received_at, token_sha256=hashlib.sha256(token).hexdigest())
    response = redirect("console:sign-in")
    response.delete_cookie(TOKEN_COOKIE, path=COOKIE_PATH, samesite="Strict")
    return response


@require_http_methods(["GET", "POST"])
@booth_page(while_locked=True, roles=CONSOLE_ROLES)
def lock_page(request: HttpRequest) -> HttpResponse:
    """Show the lock; a POST without a password locks, one with the officer's password opens again."""
    session, at = request.booth_session, request.received_at
    password = request.POST.get("password")
    if password is None:
        # coming here by any way locks, so that nobody reads on by going back
        lock_session(actor=request.actor, at=at, session=session)
        return render(request, "console/lock.html", {"session": session})
    try:
        unlock_throttled(actor=request.actor, at=at, session=session, password=password)
    except (SignInRefused, SignInThrottled) as refusal:
        words = say_refusal(refusal.code)
        return render(request, "console/lock.html", {"session": session, "refusal": words}, status=422)
    return redirect("console:screen")


@require_POST
@console_page
def language_page(request: HttpRequest) -> HttpResponse:
    """Keep the language of this booth."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    response = redirect("console:screen")
    keep_cookie(response, LANGUAGE_COOKIE, language, max_age_s=YEAR_S)
    return response


@require_GET
@console_page
def enrolment_page(request: HttpRequest) -> HttpResponse:
    """Let a terminal make its key and enrol with a code; the key stays in the terminal (console/device.js)."""
    return render(request, "console/enrolment.html")


def _challenge(request: HttpRequest) -> str:
    return make_challenge(at=request.received_at)


def _proof_in(request: HttpRequest) -> DeviceProof:
    try:
        device_id = uuid.UUID(request.POST["device"])
    except (KeyError, ValueError):
        return DeviceProof()
    sent = {name: request.POST.get(name, "")[:200] for name in ("challenge", "signature")}
    return DeviceProof(device_id, **sent)
