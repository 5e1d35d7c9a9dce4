"""Lock-outs by wrong passwords, and sessions: looked at, lifted, ended."""

import hashlib
from datetime import datetime
from uuid import UUID

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.models import BoothSession, Officer
from borders.services.accounts.reach import lock_officer


def digest_of(name: str) -> str:
    """Return what is kept in place of a user name, alike for names that do not exist: a password is sometimes typed there."""
    return hashlib.sha256(f"{settings.SECRET_KEY}\0{name.casefold()}".encode()).hexdigest()[:40]


def is_locked_out(*, user: User, at: datetime) -> bool:
    """Tell whether the name is locked out from some address."""
    return AccessAttempt.objects.filter(
        username=digest_of(user.get_username()),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=at - settings.AXES_COOLOFF_TIME,
    ).exists()


@transaction.atomic
def lift_lockout(*, actor: Actor, at: datetime, officer_id: UUID) -> int:
    """Forget the wrong passwords of a name; return from how many addresses. Raises AccountRefused."""
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    count = AccessAttempt.objects.filter(username=digest_of(officer.user.get_username())).delete()[0]
    note(actor, at, officer, "account.unlocked")
    return count


@transaction.atomic
def end_sessions(*, actor: Actor, at: datetime, officer_id: UUID) -> int:
    """End every session of an officer, at booths and at desks; return how many. Raises AccountRefused."""
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    count = cut_off(officer, at)
    note(actor, at, officer, "account.sessions_ended", count=count)
    return count


def cut_off(officer: Officer, at: datetime) -> int:
    """End the sessions of an officer; return how many there were."""
    return end_booth_sessions(user_id=officer.user_id, at=at) + end_desk_sessions(
        user_id=officer.user_id, at=at
    )


def end_booth_sessions(*, user_id: int, at: datetime) -> int:
    """End the sessions of an account at booths; return how many there were."""
    live = BoothSession.objects.filter(officer__user_id=user_id, ended_at__isnull=True, expires_at__gt=at)
    return live.update(ended_at=at)


def end_desk_sessions(*, user_id: int, at: datetime, kept: str = "") -> int:
    """End the sessions of an account at desks, all but the one with the key `kept`; return how many there were."""
    # a session's account stands in its sealed content alone
    desks = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=at).exclude(pk=kept).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user_id)
    ]
    Session.objects.filter(pk__in=desks).delete()
    return len(desks)


def note(actor: Actor, at: datetime, officer: Officer, action: str, **detail: object) -> None:
    """Write the audit row of an act on an account."""
    record(actor=actor, at=at, action=action, object_type="officer", object_id=officer.id, detail=detail)
