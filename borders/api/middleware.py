"""Give every request of a signed-in person its Actor, so that services and the audit trail know who acts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from audit.core.actor import Actor
from borders.queries import actor_of_user
from borders.services.row_guard import LOOKING, guard, release


class ActorMiddleware:
    """Sets `request.actor` for browser sessions; the API sets it from the booth token (authentication.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: self.find_actor(request))
        try:
            return self.get_response(request)
        finally:
            release()

    def find_actor(self, request: HttpRequest) -> Actor:
        actor = actor_of_user(
            user=request.user, at=timezone.now(), origin=request.META.get("REMOTE_ADDR", "")
        )
        if is_look(request) and actor.user_id is not None:
            guard(actor=actor)
        return actor


def is_look(request: HttpRequest) -> bool:
    """Tell whether a request only reads: an export is sent, for it states a purpose, and is a look all the same."""
    match = request.resolver_match
    return request.method in LOOKING or (match is not None and (match.url_name or "").endswith("_export"))
