"""The rules of a session at a desk (the admin): it ends when idle or old, wants a second factor, and a fresh one for acts."""

import re
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from borders.api.fresh_code import ask_and_carry, can_be_carried, take_code
from borders.services.second_factor import WANTED, has_fresh_code, has_second_factor

BEGUN, ACTIVE = "desk_begun", "desk_active"
DESK = "/admin/"
METHODS = ("GET", "HEAD", "POST")
# the pages that lead in and out
SECOND_FACTOR = "/admin/second-factor/"  # asks for its codes itself
DOORS = ("/admin/login/", "/admin/logout/", SECOND_FACTOR, "/admin/jsi18n/")
# written at most this often, so that a click costs no write
ACTIVE_GRID_S = 30
# whatever is sent from a desk is an act that a stolen open desk must not do (lists put in force, rules approved, data taken out,
# persons erased, systems let in), but for these, by the name of the address: the way in and out, and the term that a list is
# searched for, which travels in a POST because no address may hold it
FREE_TO_SEND = re.compile(r"^(login|logout)$|_find$")
# pages that are asked about before they are shown: forms, so that few are interrupted, passwords, and data that leaves
ASKED_BEFORE = re.compile(
    r"^password_change$|_(export|download|propose|entry|upload|receive|place|officer_open|officer_post)$"
)


def is_asked(*, method: str, name: str) -> bool:
    """Tell whether a request to the page of this name needs a fresh code."""
    return not FREE_TO_SEND.search(name) if method == "POST" else bool(ASKED_BEFORE.search(name))


class DeskMiddleware:
    """Stands behind authentication and the second factor. Acts on the addresses below /admin/ alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(DESK):
            return self.get_response(request)
        if request.method not in METHODS:  # Django's own pages answer to any word
            return HttpResponseNotAllowed(METHODS)
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = timezone.now()
        if not self.is_live(request, now):
            logout(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Ask for a code at the door, and for a fresh one before an act. Here, for what is sent has been checked by now against
        forgery, and may be carried on.
        """
        if not request.path.startswith(DESK) or request.path.startswith(SECOND_FACTOR):
            return None
        if not request.user.is_authenticated:
            return None
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        asked, at = is_asked(method=request.method or "", name=name), timezone.now()
        at_door = not request.path.startswith(DOORS) and self.wants_code(request)
        if not at_door and not (asked and self.has_duty(request)):
            return None
        code = take_code(request)
        if not at_door and has_fresh_code(session=request.session, at=at):
            return None
        return self.ask_code(request, code)

    def is_live(self, request: HttpRequest, now: datetime) -> bool:
        session, at = request.session, now.timestamp()
        begun, active = session.setdefault(BEGUN, at), session.get(ACTIVE, at)
        if at - begun > settings.SESSION_COOKIE_AGE or at - active > settings.DESK_IDLE_S:
            return False
        if ACTIVE not in session or at - active > ACTIVE_GRID_S:
            session[ACTIVE] = at
        return True

    def has_duty(self, request: HttpRequest) -> bool:
        """Tell whether a second factor is asked of this person: of everybody where it is required, else of who has one."""
        return settings.SECOND_FACTOR_REQUIRED or has_second_factor(user=request.user)

    def wants_code(self, request: HttpRequest) -> bool:
        return not request.user.is_verified() and self.has_duty(request)

    def ask_code(self, request: HttpRequest, code: str | None) -> HttpResponse | None:
        """Ask for a code; None where it came along and is right."""
        sent = request.method == "POST"
        scripted = "HX-Request" in request.headers
        if sent and not scripted and has_second_factor(user=request.user) and can_be_carried(request):
            return ask_and_carry(request, code)
        # the person comes back to the page, and to that of the row where an act could not be carried
        request.session[WANTED] = _page_before(request) if sent else request.get_full_path()
        page = reverse("second-factor:verify")
        if sent and scripted:
            return HttpResponse(status=204, headers={"HX-Redirect": page})
        return HttpResponseRedirect(page)


def _page_before(request: HttpRequest) -> str:
    host = f"{request.scheme}://{request.get_host()}"
    return request.META.get("HTTP_REFERER", "").removeprefix(host)
