"""What a national system may call: acts whose scope both its terms and its token hold."""

from typing import Any

from rest_framework.exceptions import PermissionDenied

from audit.core.actor import Actor


def check_scope(actor: Actor, view: Any, method: str | None) -> None:
    """Refuse a national system whose terms and token lack the scope of this act. An act that names no scope is for persons only.

    view.required_scopes: action (or lower-case method of a plain view) -> scope.
    """
    act = getattr(view, "action", None) or (method or "").lower()
    scope = getattr(view, "required_scopes", {}).get("get" if act == "head" else act)
    if scope is None or not actor.may(scope):
        raise PermissionDenied("The terms of this system do not hold this act.", code="scope_required")
