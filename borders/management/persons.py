"""Who stands behind a command that touches one person's data: officers named by their badges, checked as in the admin."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.utils import timezone

from audit.core.actor import Actor, Role
from borders.models import Officer
from borders.queries import actor_of_user


def add_officer(parser: ArgumentParser) -> None:
    """Add the option that names who acts."""
    parser.add_argument("--officer", required=True, metavar="BADGE", help="data protection officer who acts")


def officer_of(badge: str) -> Actor:
    """Return the data protection officer with this badge as an actor. Raises CommandError."""
    officer = Officer.objects.select_related("user").filter(badge_number=badge).first()
    if officer is None:
        raise CommandError("No officer has this badge.")
    actor = actor_of_user(user=officer.user, at=timezone.now(), origin="command line")
    if not actor.has(Role.DATA_PROTECTION):
        raise CommandError("This officer is no data protection officer (role DATA_PROTECTION at a port).")
    return actor


def traveler_of(text: str) -> UUID:
    """Return the id of a traveller as typed; the address of their admin page ends in it. Raises CommandError."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(
            "A traveller is named by an id, as the address of their page in the admin ends."
        ) from None
