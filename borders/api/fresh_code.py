"""A form sent when the desk's latest code is no longer fresh: the page that asks for the code carries it on, nothing is retyped.

What was typed stands in that page alone, as hidden fields: never in the session, a cookie, an address or a log, and in no store
of the browser. The page sends it to the same address again, with the code beside it; so whatever guards the act guards it again.
Files cannot be carried (no page may fill them in), so the page asks for them anew.
"""

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django_otp.plugins.otp_totp.models import TOTPDevice

from borders.queries import actor_of_user
from borders.services.second_factor import STEPPED_UP, SecondFactorRefused, give_code, has_fresh_code

CODE = "desk_code"  # no form of ours may have a field of this name
FORGERY_CHECK = "csrfmiddlewaretoken"  # the page has its own
# kept free within what a request may hold, for the code and the token
ROOM_FIELDS, ROOM_BYTES = 2, 1_000


def take_code(request: HttpRequest) -> str | None:
    """Take the code out of what was sent, so that the page behind never meets it; None where none came along."""
    if request.method != "POST" or CODE not in request.POST:
        return None
    fields = request.POST.copy()
    code: str = fields.pop(CODE)[-1]
    fields._mutable = False
    request.POST = fields
    return code


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed, each value with its name, in the order in which it came."""
    return [
        (name, value) for name, values in request.POST.lists() for value in values if name != FORGERY_CHECK
    ]


def can_be_carried(request: HttpRequest) -> bool:
    """Tell whether the fields of a form fit, with a code, into a request taken in again; a password is not written out."""
    fields = fields_of(request)
    if any("password" in name.lower() for name, _ in fields):
        return False
    size = sum(len(name.encode()) + len(value.encode()) + 2 for name, value in fields)
    return (
        len(fields) + ROOM_FIELDS <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        and size + ROOM_BYTES <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )


def ask_and_carry(request: HttpRequest, code: str | None) -> HttpResponse | None:
    """Return the page that asks for a code with the form in it; None once the code is right, and the act goes on.

    Stands behind the check against forged requests: else it would make a forged form good.
    """
    refused = code is not None and not _is_right(request, code)
    if code is not None and not refused:
        return None
    context = {
        "refused": refused,
        "carried": True,
        "action": request.get_full_path(),
        "code_name": CODE,
        "fields": fields_of(request),
        "files": list(request.FILES.lists()),
        "minutes": settings.STEP_UP_S // 60,
    }
    response = render(request, "second_factor/verify.html", context, status=422)
    add_never_cache_headers(response)
    return response


def _is_right(request: HttpRequest, code: str) -> bool:
    user = request.user
    with transaction.atomic():
        # of a form sent twice at once the second waits here, and then finds that the code was given
        list(TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True))
        at = timezone.now()
        stored = type(request.session)(request.session.session_key).load()
        if request.user.is_verified() and has_fresh_code(session=stored, at=at):
            request.session[STEPPED_UP] = stored[STEPPED_UP]
            return True
        # not the request's own, which narrows the connection to reading where the act is an export
        actor = actor_of_user(user=user, at=at, origin=request.META.get("REMOTE_ADDR", ""))
        try:
            give_code(request=request, actor=actor, at=at, code=code)
        except SecondFactorRefused:
            return False  # that it was wrong stays counted
        try:
            request.session.save()  # at once, and not behind the act: for the second
        except UpdateError:
            raise SessionInterrupted("The session was ended meanwhile.") from None
    return True
