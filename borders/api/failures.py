"""The answer when something broke: a problem document for programs, Django's page for people. Says nothing of what broke."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from audit.api.problems import CONTENT_TYPE, get_title


def server_error(request: HttpRequest) -> HttpResponse:
    """Stand in for Django's handler500."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    body = {
        "type": "about:blank",
        "title": get_title(500),
        "status": 500,
        "code": "internal_error",
        "detail": "The request failed on the server's side. It may be sent again.",
    }
    return JsonResponse(body, status=500, content_type=CONTENT_TYPE)
