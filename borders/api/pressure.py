"""Back-pressure: more work than this process can do is refused at once, with a code, before it costs memory or a connection.

A refused request has done nothing and may be sent again: booths send the same client_reference. Three bounds, all of one
process: requests at work, bytes of bodies in their hands, and requests that sleep until an inspection is ready. A sleeping
request is not at work, and one that finds no place to sleep is answered at once with what there is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from audit.api.problems import CONTENT_TYPE, get_title

log = structlog.get_logger(__name__)

OVERLOADED, DATABASE_UNAVAILABLE = "overloaded", "database_unavailable"
RETRY_AFTER_S = {OVERLOADED: 1, DATABASE_UNAVAILABLE: 2}
DETAILS = {
    OVERLOADED: "The server has as much work as it can do. Nothing was done; send it again.",
    DATABASE_UNAVAILABLE: "The database does not answer. Send it again with the same client reference.",
}
# liveness must not depend on load, and files cost nothing
EXEMPT = ("/healthz/", "/readyz/", "/static/", "/metrics/")
UNDECLARED_BYTES = (
    25 * 1024 * 1024
)  # of a body that does not say how long it is: the largest that any view reads


class Gate:
    """Counts what is at work and what sleeps. Each counter is changed under one lock and never negative."""

    def __init__(self, *, at_work: int, sleeping: int, body_bytes: int):
        self.most_at_work, self.most_sleeping, self.most_bytes = at_work, sleeping, body_bytes
        self.at_work = self.sleeping = self.body_bytes = 0
        self._lock = threading.Lock()

    def enter(self, size: int) -> bool:
        """Take a place for a request with a body of this size; return whether there was one.

        One request is always taken, however large: its own parser knows the limit of its body.
        """
        with self._lock:
            is_full = self.at_work >= self.most_at_work or self.body_bytes + size > self.most_bytes
            if is_full and self.at_work:
                return False
            self.at_work += 1
            self.body_bytes += size
            return True

    def leave(self, size: int) -> None:
        with self._lock:
            self.at_work -= 1
            self.body_bytes -= size

    @contextlib.contextmanager
    def sleep(self) -> Iterator[bool]:
        """Give the place at work to others while this request sleeps; yields whether it may.

        Whoever wakes up goes on at once, even if that makes one more at work than allowed: its work is nearly done.
        """
        with self._lock:
            may_sleep = self.sleeping < self.most_sleeping
            if may_sleep:
                self.sleeping += 1
                self.at_work -= 1
        try:
            yield may_sleep
        finally:
            if may_sleep:
                with self._lock:
                    self.sleeping -= 1
                    self.at_work += 1


GATE = Gate(
    at_work=settings.REQUESTS_AT_WORK,
    sleeping=settings.REQUESTS_SLEEPING,
    body_bytes=settings.REQUEST_BYTES_AT_WORK,
)


class PressureMiddleware:
    """Outermost of the middleware that costs anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(EXEMPT):
            return self.get_response(request)
        size = declared_size(request)
        if not GATE.enter(size):
            log.warning("request.refused", code=OVERLOADED)
            return refuse(request, OVERLOADED)
        try:
            return self.get_response(request)
        finally:
            GATE.leave(size)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a database that is away: an outage of seconds that the sender bridges by sending again."""
        if not isinstance(exception, (OperationalError, InterfaceError)):
            return None
        log.warning("request.refused", code=DATABASE_UNAVAILABLE, reason=type(exception).__name__)
        return refuse(request, DATABASE_UNAVAILABLE)


def declared_size(request: HttpRequest) -> int:
    """Return the bytes that the body may take."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        return int(length)
    return UNDECLARED_BYTES if request.META.get("HTTP_TRANSFER_ENCODING") else 0


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """Return 503 with Retry-After: a problem document for programs, a sentence for people."""
    # this middleware stands outside the one that counts the bytes of an answer
    headers = {"Retry-After": str(RETRY_AFTER_S[code]), "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        body = {
            "type": "about:blank",
            "title": get_title(503),
            "status": 503,
            "code": code,
            "detail": DETAILS[code],
        }
        response: HttpResponse = JsonResponse(body, status=503, content_type=CONTENT_TYPE, headers=headers)
    else:
        text = "text/plain; charset=utf-8"
        response = HttpResponse(DETAILS[code], status=503, content_type=text, headers=headers)
    response["Content-Length"] = str(len(response.content))
    return response
