"""The rules of a session at a desk (the admin): it ends when idle or old, wants a second factor, and a fresh one for
sensitive acts.
"""

import re
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from borders.services.second_factor import STEPPED_UP, WANTED, has_second_factor

BEGUN, ACTIVE = "desk_begun", "desk_active"
DESK = "/admin/"
METHODS = ("GET", "HEAD", "POST")
# the pages that lead in and out
DOORS = ("/admin/login/", "/admin/logout/", "/admin/second-factor/", "/admin/jsi18n/")
# written at most this often, so that a click costs no write
ACTIVE_GRID_S = 30
# acts that a stolen open desk must not do: lists put in force, rules and thresholds approved, data taken out, persons erased,
# systems and devices let in. By the name of the address.
SENSITIVE = re.compile(
    r"_(export|erase|erasure|approve|activate|act|enrol|revoke|propose|officer_open|officer_post)$"
)


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
        if not request.path.startswith(DOORS) and self.wants_code(request):
            return self.ask_code(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Ask for a fresh code before a sensitive act."""
        match = request.resolver_match
        if match is None or "admin" not in match.namespaces or not SENSITIVE.search(match.url_name or ""):
            return None
        if not request.user.is_authenticated or not self.has_duty(request):
            return None
        age_s = timezone.now().timestamp() - request.session.get(STEPPED_UP, 0.0)
        return None if 0 <= age_s <= settings.STEP_UP_S else self.ask_code(request)

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

    def ask_code(self, request: HttpRequest) -> HttpResponse:
        # an act is not repeated by itself: the person comes back to the page of the row and does it again
        request.session[WANTED] = (
            request.get_full_path() if request.method == "GET" else _page_before(request)
        )
        return HttpResponseRedirect(reverse("second-factor:verify"))


def _page_before(request: HttpRequest) -> str:
    host = f"{request.scheme}://{request.get_host()}"
    return request.META.get("HTTP_REFERER", "").removeprefix(host)
