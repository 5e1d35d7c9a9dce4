"""The pages of the second factor, before the desk: enrol with a QR code, give a code, keep recovery codes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from borders.services.second_factor import (
    WANTED,
    SecondFactorRefused,
    begin_enrolment,
    draw_qr,
    finish_enrolment,
    give_code,
    has_fresh_code,
    has_second_factor,
)

app_name = "second-factor"


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def verify_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code; then go on to where the person was going."""
    if not has_second_factor(user=request.user):
        return HttpResponseRedirect(reverse("second-factor:enrol"))
    refused = False
    if request.method == "POST":
        at = timezone.now()
        try:
            give_code(request=request, actor=request.actor, at=at, code=request.POST.get("code", ""))
        except SecondFactorRefused:
            refused = True
        else:
            return HttpResponseRedirect(_wanted(request))
    return render(request, "second_factor/verify.html", {"refused": refused}, status=422 if refused else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def enrol_page(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new device; its first code confirms it. Who has one already gives a fresh code of it before:
    a desk left open must not give its second factor away.
    """
    refused, at = False, timezone.now()
    fresh = request.user.is_verified() and has_fresh_code(session=request.session, at=at)
    if not fresh and has_second_factor(user=request.user):
        request.session[WANTED] = reverse("second-factor:enrol")
        return HttpResponseRedirect(reverse("second-factor:verify"))
    if request.method == "POST":
        try:
            codes = finish_enrolment(
                actor=request.actor,
                at=at,
                user=request.user,
                code=request.POST.get("code", ""),
                session_key=request.session.session_key or "",
            )
        except SecondFactorRefused:
            refused = True
        else:
            return render(request, "second_factor/recovery.html", {"codes": codes})
    device = begin_enrolment(actor=request.actor, at=at, user=request.user)
    drawn = mark_safe(draw_qr(device=device))
    context = {"qr": drawn, "refused": refused}
    return render(request, "second_factor/enrol.html", context, status=422 if refused else 200)


def _wanted(request: HttpRequest) -> str:
    wanted = request.session.pop(WANTED, "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe and wanted.startswith("/admin/") else reverse("admin:index")


urlpatterns = [
    path("", verify_page, name="verify"),
    path("enrolment/", enrol_page, name="enrol"),
]
