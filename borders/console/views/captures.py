"""Pictures that the console gives ahead, as soon as they are taken."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from biometrics.core.images import ImageRefused
from borders.console.entry import booth_page
from borders.console.words import say_refusal
from borders.models import CaptureAhead
from borders.services.captures_ahead import keep_capture
from borders.tasks import send_capture


@require_POST
@booth_page()
def capture_page(request: HttpRequest) -> HttpResponse:
    """Keep one picture for minutes, have a page read at once, and answer with the id to send instead of the picture."""
    kind, picture = request.POST.get("kind", ""), request.FILES.get("picture")
    if kind not in CaptureAhead.Kind.values or picture is None:
        return JsonResponse({"code": "required", "words": say_refusal("required")}, status=422)
    try:
        kept = keep_capture(actor=request.actor, at=request.received_at, kind=kind, content=picture.read())
    except ImageRefused as refusal:
        code = str(refusal.code)
        return JsonResponse({"code": code, "words": say_refusal(code)}, status=422)
    if kept.kind == CaptureAhead.Kind.PAGE:
        transaction.on_commit(lambda: send_capture(kept.id))
    return JsonResponse({"id": str(kept.id)}, status=201)
