"""Who may call a view: nobody without an assignment in force, and nobody without the role that the act asks for."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.api.acting import get_actor
from audit.api.problems import Problem


class IsPosted(BasePermission):
    """Lets through only actors with a post. Stands behind IsAuthenticated."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        actor = get_actor(request)
        if not actor.everywhere and not actor.port_ids:
            raise Problem("not_assigned", 403, "No assignment to this port of entry is in force.")
        return True


class HoldsRole(BasePermission):
    """Asks for one of the roles in `view.required_roles[view.action]`; an action that is not named there needs none."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        roles = getattr(view, "required_roles", {}).get(getattr(view, "action", None))
        if roles and not get_actor(request).has(*roles):
            raise Problem("role_required", 403, "This act needs another role.", roles=sorted(roles))
        return True
