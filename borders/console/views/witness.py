"""The booth as a witness of the audit trail: its browser keeps the last signed head, hands it back, and gets the newest."""

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from audit.services.sealing import newest_note
from audit.services.witness import HeadRefused, stream_of, witness_head
from borders.console.entry import booth_page
from borders.console.views.sessions import CONSOLE_ROLES

NOTE_MAX = 2000

log = structlog.get_logger(__name__)


@require_POST
@booth_page(while_locked=True, roles=CONSOLE_ROLES)  # it goes on by itself, and is no act of the officer's
def witness_page(request: HttpRequest) -> HttpResponse:
    """Answer whether the trail holds the head that the booth kept, and what to keep from now on if it does."""
    kept, agrees = request.POST.get("note", "").replace("\r\n", "\n"), True
    if kept:
        try:
            agrees = len(kept) <= NOTE_MAX and witness_head(
                actor=request.actor, at=request.received_at, note=kept
            )
        except HeadRefused as refusal:
            # no key of today signed it: either no head at all, or one of a trail that was begun anew
            log.error("audit.head_refused", code=refusal.code, booth=str(request.actor.booth_id))
            agrees = False
    return JsonResponse({"agrees": agrees, "note": newest_note(stream_of(request.actor)) or ""})
