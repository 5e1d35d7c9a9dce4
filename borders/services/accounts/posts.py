"""Posts: an officer's role at a port or in a country, from when to when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.core.actor import Actor, Role
from audit.services import record
from borders.models import AccountChange, Country, Officer, PortOfEntry, PostAssignment
from borders.services.accounts.locks import note
from borders.services.accounts.reach import (
    GOVERNING,
    AccountRefused,
    administrator,
    lock_officer,
    may_post,
)

# of who works at booths alone; everybody else may open the desk, which shows what the roles allow
AT_BOOTHS = frozenset({Role.OFFICER, Role.SECOND_LINE})
REASON_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a port (UN/LOCODE), or at every port of a country (code as in the MRZ), from when to when."""

    role: str
    port: str = ""
    country: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@transaction.atomic
def give_post(
    *, actor: Actor, at: datetime, officer_id: UUID, post: Post, reason: str = ""
) -> PostAssignment | AccountChange:
    """Post an officer; a role that governs is proposed only, for another administrator to approve.

    Raises AccountRefused: role_required, unknown_officer, own_account, posted_elsewhere, unknown_role, unknown_place,
    place_out_of_reach, bad_period, post_taken, reason_required.
    """
    officer = lock_officer(actor=actor, at=at, officer_id=officer_id)
    return post_officer(actor=actor, at=at, officer=officer, post=post, reason=reason)


def post_officer(
    *, actor: Actor, at: datetime, officer: Officer, post: Post, reason: str
) -> PostAssignment | AccountChange:
    """Post an officer, or propose it. The caller has asked whether the actor may touch the account. Raises as give_post."""
    here = administrator(actor)
    try:
        role = Role(post.role)
    except ValueError:
        raise AccountRefused("unknown_role", "role") from None
    if role is Role.SYSTEM:
        raise AccountRefused("unknown_role", "role")
    port, country = place_of(post)
    if not may_post(here, port, country):
        raise AccountRefused("place_out_of_reach", "place")
    begins, ends = post.valid_from or at, post.valid_until
    if ends is not None and (ends <= begins or ends <= at):
        raise AccountRefused("bad_period", "valid_until")
    if role in GOVERNING:
        return propose(
            actor=actor, at=at, officer=officer, kind=AccountChange.Kind.POST, reason=reason,
            port=port, country=country, role=role.value, valid_from=begins, valid_until=ends,
        )  # fmt: skip
    return assign(
        actor=actor, at=at, officer=officer, port=port, country=country, role=role, begins=begins, ends=ends
    )


def assign(
    *,
    actor: Actor,
    at: datetime,
    officer: Officer,
    port: PortOfEntry | None,
    country: Country | None,
    role: Role,
    begins: datetime,
    ends: datetime | None,
) -> PostAssignment:
    """Write a post down. Raises AccountRefused: post_taken."""
    try:
        with transaction.atomic():
            made = PostAssignment.objects.create(
                officer=officer,
                port=port,
                country=country,
                role=role.value,
                valid_from=begins,
                valid_until=ends,
            )
    except IntegrityError:
        raise AccountRefused("post_taken", "role") from None
    if role not in AT_BOOTHS and not officer.user.is_staff:
        officer.user.is_staff = True
        officer.user.save(update_fields=("is_staff",))
    _note_post(actor, at, made, "post.given")
    return made


@transaction.atomic
def end_post(*, actor: Actor, at: datetime, post_id: UUID) -> PostAssignment:
    """End a post at once; what was to come does not begin. One administrator is enough to take a role away.

    Raises AccountRefused: unknown_post, post_ended, and as give_post.
    """
    here = administrator(actor)
    post = (
        PostAssignment.objects.select_for_update(of=("self",))
        .select_related("port", "country", "officer")
        .filter(id=post_id)
        .first()
    )
    if post is None or not may_post(here, post.port, post.country):
        raise AccountRefused("unknown_post")
    if post.officer.user_id == here.user_id:
        raise AccountRefused("own_account")
    if post.valid_until is not None and post.valid_until <= at:
        raise AccountRefused("post_ended")
    if post.valid_from >= at:
        _note_post(actor, at, post, "post.withdrawn")
        post.delete()
        return post
    post.valid_until = at
    post.save(update_fields=("valid_until",))
    _note_post(actor, at, post, "post.ended")
    return post


def propose(
    *, actor: Actor, at: datetime, officer: Officer, kind: str, reason: str, **post: object
) -> AccountChange:
    """Propose a change that another administrator has to approve. Raises AccountRefused: reason_required, proposed_already."""
    said = " ".join(reason.split())
    if not said:
        raise AccountRefused("reason_required", "reason")
    open_ones = AccountChange.objects.filter(officer=officer, kind=kind, state=AccountChange.State.PROPOSED)
    if kind == AccountChange.Kind.POST:
        open_ones = open_ones.filter(role=post["role"], port=post["port"], country=post["country"])
    if open_ones.exists():
        raise AccountRefused("proposed_already")
    made = AccountChange.objects.create(
        officer=officer,
        kind=kind,
        reason=said[:REASON_LONGEST],
        proposed_by_id=actor.user_id,
        proposed_at=at,
        **post,
    )
    note(actor, at, officer, "account_change.proposed", change=str(made.id), kind=kind, role=made.role)
    return made


def place_of(post: Post) -> tuple[PortOfEntry | None, Country | None]:
    """Return the port or the country of a post. Raises AccountRefused: unknown_place."""
    port = PortOfEntry.objects.select_related("country").filter(code=post.port).first() if post.port else None
    country = Country.objects.filter(code=post.country).first() if post.country else None
    if (port is None) == (country is None):
        raise AccountRefused("unknown_place", "place")
    return port, country


def _note_post(actor: Actor, at: datetime, post: PostAssignment, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="post_assignment",
        object_id=post.id,
        detail={
            "officer": str(post.officer_id),
            "role": post.role,
            "port": str(post.port_id or ""),
            "country": post.country_id or "",
        },
    )
