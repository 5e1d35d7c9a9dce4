"""Who may call a view: nobody without an assignment in force, and nobody without the role that the act asks for."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from audit.api.acting import get_actor
from audit.api.problems import Problem
from audit.api.scopes import check_scope


class IsPosted(BasePermission):
    """Lets through only actors with a post. Stands behind IsAuthenticated."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = get_actor(request)
        if not actor.everywhere and not actor.port_ids:
            raise Problem("not_assigned", 403, "No assignment to this port of entry is in force.")
        return True


class HoldsRole(BasePermission):
    """Asks a person for one of the roles in `view.required_roles[view.action]` (an action that is not named there is nobody's),
    and a national system for the scope in `view.required_scopes`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if get_actor(request).sharing is not None:
            check_scope(get_actor(request), view, request.method)
            return True
        roles = getattr(view, "required_roles", {}).get(getattr(view, "action", None))
        if roles is None and getattr(view, "action", None) in (None, "metadata"):
            return True  # no such method here, which is what the answer then says
        if not get_actor(request).has(*(roles or ())):
            raise Problem("role_required", 403, "This act needs another role.", roles=sorted(roles or ()))
        return True
