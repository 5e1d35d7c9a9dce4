"""Slow down guessing: after five failures of one user name from one address, no password is looked at for a while."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from audit.api.problems import Problem
from audit.core.actor import Actor
from audit.models import AuditEntry
from audit.services import record
from borders.models import BoothSession
from borders.services.sessions import SignInRefused, sign_in, unlock_session

FAILURES_ALLOWED = 5
WINDOW = timedelta(minutes=15)


def sign_in_throttled(
    *, username: str, password: str, port_code: str, booth_code: str, at: datetime, origin: str
) -> tuple[BoothSession, str]:
    """Sign in, unless this name has failed too often from this address. Raises SignInRefused, Problem sign_in_throttled.

    A name that does not exist is counted as one that does. Failures are rows of the audit trail, which hold a digest of name and
    address, never the name: a password is sometimes typed into that field.
    """
    return _throttled(
        username,
        at,
        origin,
        lambda: sign_in(
            username=username,
            password=password,
            port_code=port_code,
            booth_code=booth_code,
            at=at,
            origin=origin,
        ),
    )


def unlock_throttled(*, actor: Actor, at: datetime, session: BoothSession, password: str) -> None:
    """Open a locked booth, counted with the failures to sign in. Raises SignInRefused, Problem sign_in_throttled."""
    _throttled(
        session.officer.user.get_username(),
        at,
        actor.origin,
        lambda: unlock_session(actor=actor, at=at, session=session, password=password),
    )


def _throttled(username: str, at: datetime, origin: str, attempt_to: Callable[[], Any]) -> Any:
    attempt = hashlib.sha256(f"{username.casefold()}\0{origin}".encode()).hexdigest()[:40]
    with transaction.atomic():
        # attempts on one name from one address wait for each other, so that none slips in between count and failure
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [attempt])
        failures = AuditEntry.objects.filter(
            object_type="sign_in", object_id=attempt, action="sign_in.failed", at__gt=at - WINDOW
        )
        if failures.count() >= FAILURES_ALLOWED:
            problem = Problem("sign_in_throttled", 429, "Too many failures. Wait, or ask a supervisor.")
            problem.wait = WINDOW.total_seconds()
            raise problem
        try:
            return attempt_to()
        except SignInRefused as refusal:
            refused = refusal
            record(
                actor=Actor(label="anonymous", origin=origin),
                at=at,
                action="sign_in.failed",
                object_type="sign_in",
                object_id=attempt,
                detail={"code": refusal.code},
            )
    raise refused
