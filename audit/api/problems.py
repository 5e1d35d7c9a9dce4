"""Errors as problem documents (RFC 9457) with a stable `code` and, for input errors, the field at fault."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

CONTENT_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """An expected failure with its own stable code, e.g. Problem("client_reference_reused", 409, "…")."""

    def __init__(self, code: str, status_code: int, detail: str, **extra: Any):
        super().__init__(detail, code)
        self.status_code = status_code
        self.code = code
        self.extra = extra


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception into a problem document; unexpected ones rise (and become a plain 500 without a trace)."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))
    body: dict[str, Any] = {"type": "about:blank", "status": exc.status_code}
    if isinstance(exc, Problem):
        body |= {"code": exc.code, "detail": str(exc.detail), **exc.extra}
    elif isinstance(exc, exceptions.ValidationError):
        errors = list(_flatten(exc.detail))
        body |= {"code": "invalid", "detail": "The request does not follow the schema.", "errors": errors}
    else:
        body |= {"code": exc.get_codes(), "detail": str(exc.detail)}
    body["title"] = get_title(exc.status_code)
    return Response(body, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)


def _flatten(detail: Any, field: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flatten(inner, f"{field}.{name}" if field else str(name))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list, tuple))
            yield from _flatten(inner, f"{field}.{index}" if nested else field)
    else:
        yield {"field": field, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def get_title(status_code: int) -> str:
    """Return the title that all problems of one status carry."""
    names = {
        status.HTTP_400_BAD_REQUEST: "Bad request",
        status.HTTP_401_UNAUTHORIZED: "Not signed in",
        status.HTTP_403_FORBIDDEN: "Not allowed",
        status.HTTP_404_NOT_FOUND: "Not found",
        status.HTTP_409_CONFLICT: "Conflict",
        status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "Too large",
        status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "Unsupported media type",
        status.HTTP_429_TOO_MANY_REQUESTS: "Too many requests",
        status.HTTP_500_INTERNAL_SERVER_ERROR: "Server error",
        status.HTTP_503_SERVICE_UNAVAILABLE: "Unavailable",
    }
    return names.get(status_code, "Request failed")
