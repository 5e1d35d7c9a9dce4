"""Give every request of a signed-in person its Actor, so that services and the audit trail know who acts."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from borders.queries import actor_of_user


class ActorMiddleware:
    """Sets `request.actor` for browser sessions; the API sets it from the booth token (authentication.py)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(
            lambda: actor_of_user(
                user=request.user, at=timezone.now(), origin=request.META.get("REMOTE_ADDR", "")
            )
        )
        return self.get_response(request)
