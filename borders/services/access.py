"""Who may act on an inspection: roles held at its port, in force at the time of the act."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied

from audit.core.actor import Actor, Role
from borders.models import Officer
from borders.queries import roles_at_port

BORDER_ROLES = frozenset({Role.OFFICER, Role.SECOND_LINE, Role.SUPERVISOR})
SECOND_LINE_ROLES = frozenset({Role.SECOND_LINE, Role.SUPERVISOR})
PROTECTION_ROLES = frozenset({Role.PROTECTION, Role.SUPERVISOR})


def officer_with(
    *, actor: Actor, port_id: UUID, roles: frozenset[Role], at: datetime
) -> tuple[Officer, frozenset[Role]]:
    """Return the acting officer and the roles that the officer holds at a port. Raises PermissionDenied
    without one of `roles`.

    The actor of a browser session carries the roles of all its ports together, so they are asked for this
    port anew; those at a booth were asked for at its port, with the session.
    """
    if actor.user_id is None or not actor.reaches(port_id):
        raise PermissionDenied
    if actor.officer_id is not None and actor.post_id == port_id:
        if actor.roles.isdisjoint(roles):
            raise PermissionDenied
        return Officer(id=actor.officer_id, user_id=actor.user_id, badge_number=actor.label), actor.roles
    officer = Officer.objects.filter(user_id=actor.user_id).first()
    if officer is None:
        raise PermissionDenied
    held = roles_at_port(officer_id=officer.id, port_id=port_id, at=at) & actor.roles
    if held.isdisjoint(roles):
        raise PermissionDenied
    return officer, held
