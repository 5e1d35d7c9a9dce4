"""Who acts in a request, and when: both are taken once and stay the same until the answer."""

from datetime import datetime

from django.utils import timezone
from rest_framework.request import Request

from audit.core.actor import Actor


def get_actor(request: Request) -> Actor:
    """Return the actor of a signed-in request. Raises NotAuthenticated through DRF when nobody is signed in."""
    actor = request.auth
    if not isinstance(actor, Actor):
        raise TypeError("a view without sign-in asked who acts")
    return actor


def get_request_time(request: Request) -> datetime:
    """Return the time of the request, aware UTC: the clock is read on the first call only."""
    plain = getattr(request, "_request", request)
    if not hasattr(plain, "received_at"):
        plain.received_at = timezone.now()
    return plain.received_at
