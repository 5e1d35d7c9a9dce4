"""Who acts on the command line: a named person, because governed rows need two."""

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from audit.core.actor import Actor, Role, system_actor


def actor_of(username: str) -> Actor:
    """Return the actor of an account, which acts from the command line; of none it is the command line itself."""
    if not username:
        return system_actor("command_line")
    user = get_user_model().objects.filter(is_active=True, username=username).first()
    if user is None:
        raise CommandError("Say who acts: --by USER, the name of an active account.")
    return Actor(
        label=f"account:{user.pk}",
        user_id=user.pk,
        roles=frozenset({Role.LIST_OWNER}),
        purpose="trust_store",
        origin="command line",
    )
