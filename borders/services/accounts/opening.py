"""Accounts: opened with a code by which their officer chooses a password, closed, opened again."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from audit.core.actor import Actor, Role, system_actor
from audit.services import record
from borders.models import AccountChange, Country, Officer, PostAssignment
from borders.services.accounts.locks import cut_off, note
from borders.services.accounts.posts import Post, assign, post_officer, propose
from borders.services.accounts.reach import AccountRefused, administrator, governs, lock_officer

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,29}", re.ASCII)
BADGE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,19}", re.ASCII)


@transaction.atomic
def open_account(
    *, actor: Actor, at: datetime, username: str, badge_number: str, post: Post, reason: str = ""
) -> tuple[Officer, str]:
    """Return a new officer, posted or proposed to be, and the code by which they choose a password: told once, good for a day.

    Raises AccountRefused: bad_username, bad_badge, name_taken, badge_taken, and as give_post.
    """
    administrator(actor)
    officer = _make(username, badge_number)
    note(actor, at, officer, "account.opened")
    post_officer(actor=actor, at=at, officer=officer, post=post, reason=reason)
    return officer, code_of(officer)


@transaction.atomic
def open_first_administrators(
    *, at: datetime, country: str, accounts: Sequence[tuple[str, str]]
) -> list[tuple[Officer, str]]:
    """Return the first two administrators of a country with their codes; only where nobody is one yet.

    accounts: user name and badge number of each. Raises AccountRefused: two_needed, administrators_there, unknown_place.
    """
    if len(accounts) != 2:
        raise AccountRefused("two_needed")
    place = Country.objects.filter(code=country).first()
    if place is None:
        raise AccountRefused("unknown_place", "country")
    if PostAssignment.objects.filter(role=Role.ADMINISTRATOR).exists():
        raise AccountRefused("administrators_there")
    actor, made = system_actor("command line"), []
    for username, badge_number in accounts:
        officer = _make(username, badge_number)
        note(actor, at, officer, "account.opened")
        assign(
            actor=actor, at=at, officer=officer, port=None, country=place, role=Role.ADMINISTRATOR,
            begins=at, ends=None,
        )  # fmt: skip
        made.append((officer, code_of(officer)))
    return made


@transaction.atomic
def close_account(*, actor: Actor, at: datetime, officer_id: UUID) -> None:
    """Cut an account off at once: nobody signs in with it, and its sessions end. One administrator is enough.

    Raises AccountRefused.
    """
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    User.objects.filter(id=officer.user_id).update(is_active=False)
    note(actor, at, officer, "account.closed", sessions=cut_off(officer, at))


@transaction.atomic
def reopen_account(*, actor: Actor, at: datetime, officer_id: UUID, reason: str = "") -> AccountChange | None:
    """Open an account again; of who governs it is proposed. Raises AccountRefused."""
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    if governs(officer, at):
        return propose(actor=actor, at=at, officer=officer, kind=AccountChange.Kind.REOPENING, reason=reason)
    carry_out_reopening(actor, at, officer)
    return None


@transaction.atomic
def renew_password(
    *, actor: Actor, at: datetime, officer_id: UUID, reason: str = ""
) -> tuple[str, AccountChange | None]:
    """Take an officer's password away; return the code by which they choose another. Of who governs it is proposed, without a
    code. Raises AccountRefused.
    """
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    if governs(officer, at):
        return "", propose(
            actor=actor, at=at, officer=officer, kind=AccountChange.Kind.PASSWORD, reason=reason
        )
    return carry_out_password(actor, at, officer), None


@transaction.atomic
def take_second_factor(
    *, actor: Actor, at: datetime, officer_id: UUID, reason: str = ""
) -> AccountChange | None:
    """Take an officer's second factor away, to be enrolled anew; of who governs it is proposed. Raises AccountRefused."""
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    if governs(officer, at):
        return propose(
            actor=actor, at=at, officer=officer, kind=AccountChange.Kind.SECOND_FACTOR, reason=reason
        )
    carry_out_second_factor(actor, at, officer)
    return None


def carry_out_reopening(actor: Actor, at: datetime, officer: Officer) -> None:
    User.objects.filter(id=officer.user_id).update(is_active=True)
    note(actor, at, officer, "account.reopened")


def carry_out_password(actor: Actor, at: datetime, officer: Officer) -> str:
    officer.user.set_unusable_password()
    officer.user.save(update_fields=("password",))
    note(actor, at, officer, "account.password_taken", sessions=cut_off(officer, at))
    return code_of(officer)


def carry_out_second_factor(actor: Actor, at: datetime, officer: Officer) -> None:
    TOTPDevice.objects.filter(user=officer.user).delete()
    StaticDevice.objects.filter(user=officer.user).delete()
    record(
        actor=actor, at=at, action="second_factor.reset", object_type="user", object_id=officer.user_id,
        detail={"sessions": cut_off(officer, at)},
    )  # fmt: skip


def choose_password(*, at: datetime, origin: str, username: str, code: str, password: str) -> None:
    """Set the password of who was given a code; the code is used up by it. A refusal says never whether there is such a name.

    Called through borders.services.throttle, which counts refusals.

    Raises AccountRefused: code_wrong; ValidationError with what is wrong with the password.
    """
    user = User.objects.filter(username=username.strip(), is_active=True, officer__isnull=False).first()
    if user is None or not default_token_generator.check_token(user, "".join(code.split()).lower()):
        raise AccountRefused("code_wrong", "code")
    validate_password(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=("password",))
        actor = Actor(label=user.officer.badge_number, user_id=user.pk, origin=origin)
        note(actor, at, user.officer, "account.password_chosen")


def code_of(officer: Officer) -> str:
    """Return the code by which an officer chooses a password: told once, kept nowhere, worthless after that or a day."""
    return default_token_generator.make_token(officer.user)


def _make(username: str, badge_number: str) -> Officer:
    name, badge = username.strip().lower(), badge_number.strip().upper()
    if not USERNAME.fullmatch(name):
        raise AccountRefused("bad_username", "username")
    if not BADGE.fullmatch(badge):
        raise AccountRefused("bad_badge", "badge_number")
    if User.objects.filter(username__iexact=name).exists():
        raise AccountRefused("name_taken", "username")
    if Officer.objects.filter(badge_number=badge).exists():
        raise AccountRefused("badge_taken", "badge_number")
    user = User(username=name, is_active=True)
    user.set_unusable_password()
    user.save()
    return Officer.objects.create(user=user, badge_number=badge)
