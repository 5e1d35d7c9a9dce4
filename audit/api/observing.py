"""One id a request, in every line of its log and in its answer; how many requests there were, and how long they took."""

import os
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

log = structlog.get_logger("http")

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
UNKNOWN_ROUTE = "none"
# that somebody opens one of these would tell of a silent hit
OWNERS_ROUTES = "admin/watchlists/"
QUIET_ROUTES = ("healthz/", "readyz/", "metrics/")

REQUESTS = Counter("bmis_http_requests_total", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram(
    "bmis_http_request_seconds",
    "Time to the answer",
    ("method", "route"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class ObservingMiddleware:
    """Stands outermost. The route is the pattern of the address, so no id and no query stands in a metric or a line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        begun = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            elapsed_s = time.perf_counter() - begun
            match = getattr(request, "resolver_match", None)
            route = match.route if match is not None else UNKNOWN_ROUTE
            if route.startswith(OWNERS_ROUTES):
                route = OWNERS_ROUTES
            method = request.method if request.method in METHODS else "OTHER"
            REQUESTS.labels(method, route, response.status_code).inc()
            SECONDS.labels(method, route).observe(elapsed_s)
            if not route.startswith(QUIET_ROUTES):
                log.info(
                    "request",
                    method=method,
                    route=route,
                    status=response.status_code,
                    elapsed_ms=round(elapsed_s * 1e3, 1),
                    pid=os.getpid(),
                )
        response[HEADER] = request_id
        return response
