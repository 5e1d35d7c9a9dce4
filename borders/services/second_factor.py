"""The second factor of people at a desk: a time-based one-time password (RFC 6238), and recovery codes for the day it is lost."""

import io
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django_otp import login as otp_login
from django_otp import match_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.core.actor import Actor, Role
from audit.services import record
from borders.services.accounts.locks import end_booth_sessions, end_desk_sessions

# in the session of a desk: when a code was last given, and where the person was going
STEPPED_UP, WANTED = "desk_stepped_up", "desk_wanted"
RECOVERY_CODES = 10
RESETTERS = frozenset({Role.ADMINISTRATOR})


class SecondFactorRefused(ValueError):
    """The code is wrong, or came too soon after a wrong one. code: stable."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def has_second_factor(*, user: User) -> bool:
    """Tell whether the person has confirmed a device."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def has_fresh_code(*, session: Mapping[str, Any], at: datetime) -> bool:
    """Tell whether a code was given in this session of a desk so lately that it counts for a sensitive act."""
    age_s = at.timestamp() - session.get(STEPPED_UP, 0.0)
    return 0 <= age_s <= settings.STEP_UP_S


@transaction.atomic
def begin_enrolment(*, actor: Actor, at: datetime, user: User) -> TOTPDevice:
    """Return the person's device that waits for its first code; made anew when there is none."""
    device, is_new = TOTPDevice.objects.get_or_create(
        user=user, confirmed=False, defaults={"name": "authenticator"}
    )
    if is_new:
        _note(actor, at, user, "second_factor.begun")
    return device


def draw_qr(*, device: TOTPDevice) -> str:
    """Return the QR code of a device as inline SVG, without a style of its own."""
    url = device.config_url
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, scale=5)
    return out.getvalue().decode()


def finish_enrolment(
    *, actor: Actor, at: datetime, user: User, code: str, session_key: str = ""
) -> list[str]:
    """Confirm the waiting device by its first code, and return the recovery codes, given out once.

    Where it takes the place of another, the person's sessions at desks end, all but the one with this key.

    Raises SecondFactorRefused: code_wrong.
    """
    device = begin_enrolment(actor=actor, at=at, user=user)
    if not device.verify_token(_digits(code)):
        _note(actor, at, user, "second_factor.refused")
        raise SecondFactorRefused("code_wrong")
    with transaction.atomic():
        if TOTPDevice.objects.filter(user=user, confirmed=True).delete()[0]:
            end_desk_sessions(user_id=user.pk, at=at, kept=session_key)
        device.confirmed = True
        device.save(update_fields=("confirmed",))
        StaticDevice.objects.filter(user=user).delete()
        recovery = StaticDevice.objects.create(user=user, name="recovery")
        codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=recovery, token=code) for code in codes)
        _note(actor, at, user, "second_factor.enrolled")
    return codes


def verify_second_factor(*, actor: Actor, at: datetime, user: User, code: str) -> Device:
    """Return the device whose code this is: the authenticator's, or a recovery code, which is then used up.

    Wrong codes make the next one wait, longer each time. Raises SecondFactorRefused: code_wrong.
    """
    with transaction.atomic():
        device = match_token(user, _digits(code))
        word = "given"
        if device is None:
            word = "refused"
        elif isinstance(device, StaticDevice):
            word = "recovery_code_used"
        _note(actor, at, user, f"second_factor.{word}")
    if device is None:  # outside: that it was wrong stays counted
        raise SecondFactorRefused("code_wrong")
    return device


def give_code(*, request: HttpRequest, actor: Actor, at: datetime, code: str) -> None:
    """Take a person's code at a desk: the session of the request has given one from now on.

    Raises SecondFactorRefused: code_wrong.
    """
    device = verify_second_factor(actor=actor, at=at, user=request.user, code=code)
    otp_login(request, device)
    request.session[STEPPED_UP] = at.timestamp()


@transaction.atomic
def reset_second_factor(*, actor: Actor, at: datetime, user: User) -> None:
    """Take away a person's devices, so that the next sign-in enrols anew. An administrator does it for somebody else."""
    if not actor.has(*RESETTERS) or actor.user_id == user.pk:
        raise SecondFactorRefused("second_person_required")
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    end_desk_sessions(user_id=user.pk, at=at)
    end_booth_sessions(user_id=user.pk, at=at)
    _note(actor, at, user, "second_factor.reset")


def _digits(code: str) -> str:
    return "".join(code.split()).lower()[:16]


def _note(actor: Actor, at: datetime, user: User, action: str) -> None:
    record(actor=actor, at=at, action=action, object_type="user", object_id=user.pk)
