"""Slow down guessing: after five failures of one user name from one address, no password is looked at for a while."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import connection, transaction
from django.http import HttpRequest

from audit.core.actor import Actor
from borders.models import BoothSession
from borders.services.accounts import AccountRefused, choose_password, digest_of
from borders.services.sessions import (
    DeviceProof,
    SignInRefused,
    record_failure,
    sign_in,
    unlock_session,
)


class SignInThrottled(PermissionError):
    """This name has failed too often from this address. wait_s: until it may try again."""

    code = "sign_in_throttled"

    def __init__(self) -> None:
        super().__init__(self.code)
        self.wait_s = settings.AXES_COOLOFF_TIME.total_seconds()


def sign_in_throttled(
    *,
    username: str,
    password: str,
    port_code: str,
    booth_code: str,
    at: datetime,
    origin: str,
    proof: DeviceProof | None = None,
) -> tuple[BoothSession, str]:
    """Sign in, unless this name has failed too often from this address. Raises SignInRefused, SignInThrottled.

    django-axes counts by a digest of the name, whether such a name exists or not: a password is sometimes typed into that field.
    Failures are rows of the audit trail too.
    """
    return _throttled(
        username,
        at,
        origin,
        lambda request: sign_in(
            request=request,
            username=username,
            password=password,
            port_code=port_code,
            booth_code=booth_code,
            at=at,
            origin=origin,
            proof=proof,
        ),
    )


def unlock_throttled(*, actor: Actor, at: datetime, session: BoothSession, password: str) -> None:
    """Open a locked booth, counted with the failures to sign in. Raises SignInRefused, SignInThrottled."""
    _throttled(
        session.officer.user.get_username(),
        at,
        actor.origin,
        lambda request: unlock_session(
            request=request, actor=actor, at=at, session=session, password=password
        ),
    )


def choose_password_throttled(*, at: datetime, origin: str, username: str, code: str, password: str) -> None:
    """Choose a password with an administrator's code, counted with the failures to sign in; a refusal is a row of the trail.

    Raises AccountRefused, SignInThrottled, ValidationError with what is wrong with the password.
    """

    def attempt(request: HttpRequest) -> None:
        try:
            choose_password(at=at, origin=origin, username=username, code=code, password=password)
        except AccountRefused as refusal:
            user_login_failed.send(
                sender=__name__, credentials={"username": username}, request=request
            )  # which django-axes counts
            record_failure(username, at, origin, refusal.code, action="account.password_refused")
            raise

    _throttled(username, at, origin, attempt)


def _throttled(username: str, at: datetime, origin: str, attempt_to: Callable[[HttpRequest], Any]) -> Any:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = origin
    attempt = digest_of_name(request, {"username": username})
    with transaction.atomic():
        # attempts on one name from one address wait for each other, so that none slips in between count and failure
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{attempt} {origin}"])
        if not AxesProxyHandler.is_allowed(request, {"username": username}):
            raise SignInThrottled
        try:
            return attempt_to(request)
        except (SignInRefused, AccountRefused) as refusal:
            refused: Exception = refusal  # the failure is counted and written: it must not be rolled back
    raise refused


def digest_of_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Return what django-axes keeps in place of a user name (AXES_USERNAME_CALLABLE), alike for names that do not exist."""
    name = (credentials or {}).get("username") or request.POST.get("username", "")
    return digest_of(str(name))


def address_of(request: HttpRequest) -> str:
    """Return the address that failures are counted by (AXES_CLIENT_IP_CALLABLE): the client's, see borders/api/proxy.py."""
    return request.META.get("REMOTE_ADDR", "")
