"""Sign officers in and out at booths."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from audit.core.actor import Actor
from audit.services import record
from borders.models import Booth, BoothDevice, BoothSession, Officer
from borders.queries import actor_of_session, roles_at_port
from borders.services.accounts import digest_of
from borders.services.devices import DeviceRefused, find_device

ACTIVE_GRID = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DeviceProof:
    """What a terminal sends with a sign-in: its id, the challenge it was given, and its signature (services/devices.py)."""

    device_id: UUID | None = None
    challenge: str = ""
    signature: str = ""


class SignInRefused(PermissionError):
    """Nobody is let in. code: credentials_invalid, booth_unknown, not_posted or device_required."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def sign_in(
    *,
    username: str,
    password: str,
    port_code: str,
    booth_code: str,
    at: datetime,
    origin: str,
    request: HttpRequest | None = None,
    proof: DeviceProof | None = None,
) -> tuple[BoothSession, str]:
    """Sign an officer in at a booth of a port where the officer is posted; return the session and its token,
    given out once. request: by which django-axes counts failures of one name from one address; None: by the origin alone.

    Raises SignInRefused. A refusal is written to the audit trail too, under a digest of the name that was tried.
    """
    try:
        officer = _known_officer(username, password, request or _request_from(origin))
        booth = _known_booth(port_code, booth_code)
        if not roles_at_port(officer_id=officer.id, port_id=booth.port_id, at=at):
            raise SignInRefused("not_posted")
        device = _proven_device(proof or DeviceProof(), booth, at)
    except SignInRefused as refusal:
        record_failure(username, at, origin, refusal.code)
        raise
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        session = BoothSession.objects.create(
            officer=officer,
            booth=booth,
            device=device,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            started_at=at,
            expires_at=at + timedelta(hours=settings.BOOTH_SESSION_HOURS),
        )
        record(
            actor=actor_of_session(session=session, at=at, origin=origin),
            at=at,
            action="session.started",
            object_type="session",
            object_id=session.id,
            detail={"booth": str(booth.id), "device": str(device.id) if device else ""},
        )
    return session, token


@transaction.atomic
def sign_out(*, actor: Actor, at: datetime, token_sha256: str) -> bool:
    """End the actor's session of this token; return whether one was live. Ending it again changes nothing."""
    session = (
        BoothSession.objects.select_for_update(of=("self",))
        .filter(token_sha256=token_sha256, officer__user_id=actor.user_id, ended_at__isnull=True)
        .first()
    )
    if session is None:
        return False
    session.ended_at = at
    session.save(update_fields=("ended_at",))
    record(actor=actor, at=at, action="session.ended", object_type="session", object_id=session.id)
    return True


def is_session_locked(*, session: BoothSession, at: datetime, used_at: datetime | None) -> bool:
    """Tell whether a booth is locked: by its officer, or because nobody has used it for long.

    used_at: when it was last used; None where that is not known, as of programs, which never open the console.
    """
    idle = used_at is not None and at - used_at > timedelta(seconds=settings.BOOTH_IDLE_S)
    return session.locked_at is not None or idle


@transaction.atomic
def lock_session(*, actor: Actor, at: datetime, session: BoothSession) -> None:
    """Lock a booth until its officer gives the password again. Locking it twice changes nothing."""
    if BoothSession.objects.filter(id=session.id, locked_at__isnull=True).update(locked_at=at):
        record(actor=actor, at=at, action="session.locked", object_type="session", object_id=session.id)


def unlock_session(
    *, actor: Actor, at: datetime, session: BoothSession, password: str, request: HttpRequest | None = None
) -> None:
    """Open a locked booth to the officer who is signed in there. Raises SignInRefused."""
    username = session.officer.user.get_username()
    try:
        if _known_officer(username, password, request or _request_from(actor.origin)) != session.officer:
            raise SignInRefused("credentials_invalid")
    except SignInRefused as refusal:
        record_failure(username, at, actor.origin, refusal.code)
        raise
    with transaction.atomic():
        BoothSession.objects.filter(id=session.id).update(locked_at=None, active_at=at)
        record(actor=actor, at=at, action="session.unlocked", object_type="session", object_id=session.id)


def keep_session_active(*, session: BoothSession, at: datetime) -> None:
    """Note that the officer is at work; written at most every ACTIVE_GRID, so that a poll costs nothing."""
    if session.active_at is None or at - session.active_at > ACTIVE_GRID:
        BoothSession.objects.filter(id=session.id).update(active_at=at)


def _proven_device(proof: DeviceProof, booth: Booth, at: datetime) -> BoothDevice | None:
    try:
        return find_device(
            at=at,
            booth=booth,
            device_id=proof.device_id,
            challenge=proof.challenge,
            signature=proof.signature,
        )
    except DeviceRefused as refusal:
        raise SignInRefused(refusal.code) from None


def record_failure(
    username: str, at: datetime, origin: str, code: str, *, action: str = "sign_in.failed"
) -> None:
    """Write the row of somebody whom nobody let in, under a digest of the name that was tried."""
    record(
        actor=Actor(label="anonymous", origin=origin),
        at=at,
        action=action,
        object_type="sign_in",
        object_id=digest_of(username),
        detail={"code": code},
    )


def _request_from(origin: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = origin
    return request


def _known_officer(username: str, password: str, request: HttpRequest) -> Officer:
    user = authenticate(request, username=username, password=password)
    officer = Officer.objects.select_related("user").filter(user=user).first() if user is not None else None
    if officer is None:
        raise SignInRefused("credentials_invalid")
    return officer


def _known_booth(port_code: str, booth_code: str) -> Booth:
    booth = (
        Booth.objects.select_related("port")
        .filter(port__code=port_code, code=booth_code, active=True)
        .first()
    )
    if booth is None:
        raise SignInRefused("booth_unknown")
    return booth
