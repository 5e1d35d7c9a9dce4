"""Back-pressure: more work than this process can do is refused at once, with a code, before it costs memory or a connection.

A refused request has done nothing and may be sent again: booths send the same client_reference. Three bounds, all of one
process: requests at work, bytes of bodies in their hands, and requests that sleep until an inspection is ready. A sleeping
request is not at work, and one that finds no place to sleep is answered at once with what there is.

Of the requests at work a few have their turn at a time, in the order in which they came: the threads of a process share one
interpreter, and twelve that pull at it together finish later, all of them, than three and then the next. What is refused is
refused before Django, with an answer that was made beforehand (WsgiGuard).
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import Counter

from audit.api.observing import HEADER
from audit.api.problems import CONTENT_TYPE, get_title
from borders.api.lending import lent_connection

log = structlog.get_logger(__name__)

OVERLOADED, DATABASE_UNAVAILABLE = "overloaded", "database_unavailable"
RETRY_AFTER_S = {OVERLOADED: 1, DATABASE_UNAVAILABLE: 2}
DETAILS = {
    OVERLOADED: "The server has as much work as it can do. Nothing was done; send it again.",
    DATABASE_UNAVAILABLE: "The database does not answer. Send it again with the same client reference.",
}
# liveness must not depend on load, and files cost nothing
EXEMPT = ("/healthz/", "/readyz/", "/static/", "/metrics/")
# a body of this size comes with the head of its request
WHOLE_AT_ONCE_BYTES = 64 * 1024
REFUSED = Counter("bmis_requests_refused_total", "Requests refused before any work, for overload")
UNDECLARED_BYTES = (
    25 * 1024 * 1024
)  # of a body that does not say how long it is: the largest that any view reads
# a list at the desk goes to a file as it comes: what is in memory at a time, whatever its size
SPOOLED = re.compile(r"/admin/watchlists/watchlist/[0-9a-f-]{36}/upload/")
SPOOLED_BYTES = 4 * 1024 * 1024


class Gate:
    """Counts what is at work and what sleeps. Each counter is changed under one lock and never negative."""

    def __init__(self, *, at_work: int, sleeping: int, body_bytes: int, at_once: int = 1000):
        self.most_at_work, self.most_sleeping, self.most_bytes = at_work, sleeping, body_bytes
        self.turns = threading.Semaphore(at_once)
        self._mine = threading.local()
        self.at_work = self.sleeping = self.body_bytes = 0
        self._lock = threading.Lock()

    def enter(self, size: int) -> bool:
        """Take a place for a request with a body of this size; return whether there was one.

        One request is always taken, however large: its own parser knows the limit of its body.
        """
        with self._lock:
            if self.is_full(size):
                return False
            self.at_work += 1
            self.body_bytes += size
            return True

    def is_full(self, size: int) -> bool:
        """Tell whether a request with a body of this size would find no place; asked without the lock, a guess."""
        beyond = self.at_work >= self.most_at_work or self.body_bytes + size > self.most_bytes
        return beyond and self.at_work > 0

    @contextlib.contextmanager
    def turn(self, size: int) -> Iterator[None]:
        """Wait for a turn. A large body has none to wait for: it may take long to come, and others must not wait for it."""
        if size > WHOLE_AT_ONCE_BYTES:
            yield
            return
        with self.turns:
            self._mine.has_turn = True
            try:
                yield
            finally:
                self._mine.has_turn = False

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
        gives_turn = may_sleep and getattr(self._mine, "has_turn", False)
        if gives_turn:
            self.turns.release()
        try:
            yield may_sleep
        finally:
            if gives_turn:
                self.turns.acquire()
            if may_sleep:
                with self._lock:
                    self.sleeping -= 1
                    self.at_work += 1


GATE = Gate(
    at_work=settings.REQUESTS_AT_WORK,
    sleeping=settings.REQUESTS_SLEEPING,
    body_bytes=settings.REQUEST_BYTES_AT_WORK,
    at_once=settings.REQUESTS_AT_ONCE,
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
            REFUSED.inc()
            return refuse(request, OVERLOADED)
        try:
            with GATE.turn(size), lent_connection():
                return self.get_response(request)
        finally:
            GATE.leave(size)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a database that is away: an outage of seconds that the sender bridges by sending again."""
        if not isinstance(exception, (OperationalError, InterfaceError)):
            return None
        log.warning("request.refused", code=DATABASE_UNAVAILABLE, reason=type(exception).__name__)
        return refuse(request, DATABASE_UNAVAILABLE)


class WsgiGuard:
    """Stands before Django, and answers what the gate has no place for: no session, no body, no log line, no database.

    A request that slips by while the gate fills is refused by the middleware.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]):
        self.application = application
        self.answers = {is_api: _make_refusal(is_api) for is_api in (True, False)}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(EXEMPT) or not GATE.is_full(size_of(environ)):
            return self.application(environ, start_response)
        REFUSED.inc()
        headers, content = self.answers[path.startswith("/api/")]
        start_response("503 Service Unavailable", [*headers, (HEADER, uuid.uuid4().hex)])
        return [content]


def _make_refusal(is_api: bool) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers and the content of a refusal, as the middleware and those around it would write them."""
    content = json.dumps(_problem(OVERLOADED)) if is_api else DETAILS[OVERLOADED]
    headers = {
        "Content-Type": CONTENT_TYPE if is_api else "text/plain; charset=utf-8",
        "Content-Length": str(len(content)),
        "Retry-After": str(RETRY_AFTER_S[OVERLOADED]),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    }
    return list(headers.items()), content.encode()


def declared_size(request: HttpRequest) -> int:
    """Return the bytes of memory that the body may take."""
    return size_of(request.META)


def size_of(environ: dict[str, Any]) -> int:
    """Return the bytes of memory that the body of a request may take."""
    length = environ.get("CONTENT_LENGTH") or ""
    size = UNDECLARED_BYTES if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if length.isdecimal():
        size = int(length)
    if size > SPOOLED_BYTES and SPOOLED.fullmatch(environ.get("PATH_INFO", "")):
        return SPOOLED_BYTES
    return size


def _problem(code: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": get_title(503),
        "status": 503,
        "code": code,
        "detail": DETAILS[code],
    }


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """Return 503 with Retry-After: a problem document for programs, a sentence for people."""
    # this middleware stands outside the one that counts the bytes of an answer
    headers = {"Retry-After": str(RETRY_AFTER_S[code]), "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(
            _problem(code), status=503, content_type=CONTENT_TYPE, headers=headers
        )
    else:
        text = "text/plain; charset=utf-8"
        response = HttpResponse(DETAILS[code], status=503, content_type=text, headers=headers)
    response["Content-Length"] = str(len(response.content))
    return response
