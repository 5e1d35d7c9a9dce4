"""Who acts at the command line: a named account with its own roles, never a process."""

from datetime import datetime

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from audit.core.actor import Actor, Role
from borders.queries import actor_of_user


def actor_named(username: str, *, roles: frozenset[Role], at: datetime) -> Actor:
    """Return the actor of an active account that holds one of the roles. Raises CommandError."""
    user = User.objects.filter(username=username, is_active=True).first()
    actor = actor_of_user(user=user, at=at, origin="command line") if user is not None else None
    acting = actor.acting_as(roles) if actor is not None else None
    if acting is None or not acting.has(*roles):
        wanted = " or ".join(sorted(role.replace("_", " ").lower() for role in roles))
        raise CommandError(f"--as must name an active account with the role {wanted}")
    return acting
