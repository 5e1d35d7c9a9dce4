"""Is the system able to serve? And what waits in it? The first tells nothing else; the second is not for the world."""

import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from borders.api.proxy import was_handed_on
from borders.api.vitals import VitalsCollector

LOOPBACK = ("127.0.0.1", "::1")
LEAST_FREE_BYTES = 200 * 1024 * 1024


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, 503 otherwise."""
    if not answers():
        return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


def readiness(request: HttpRequest) -> JsonResponse:
    """Answer 200 when requests can be taken and kept, 503 otherwise, with what fails.

    The broker does not count: what it lost is found again, and inspections past their deadline are settled without it.
    """
    checks = {"database": answers(), "disk": has_room()}
    ready = all(checks.values())
    body = {"status": "ready" if ready else "unready", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scrape: with METRICS_TOKEN, or without one from this very host and through no proxy; else as if absent."""
    if not may_scrape(request):
        raise Http404
    vitals = CollectorRegistry()
    vitals.register(VitalsCollector())
    counted = REGISTRY
    if settings.METRICS_DIR:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    content = generate_latest(vitals) + generate_latest(counted)
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def may_scrape(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return constant_time_compare(given, settings.METRICS_TOKEN)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not was_handed_on(request.META)


def answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def has_room() -> bool:
    try:
        return shutil.disk_usage(settings.BMIS_DATA_DIR).free >= LEAST_FREE_BYTES
    except OSError:
        return False
