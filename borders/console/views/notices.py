"""The notice of refusal at the second line: name the grounds, choose the traveller's language, print."""

import uuid

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET, require_http_methods

from audit.services import record_read
from borders.console import shown
from borders.console.entry import booth_page
from borders.console.words import say, say_refusal
from borders.core.refusals import GROUND_TEXTS, Ground, NoticeRefused
from borders.models import Inspection
from borders.services.access import SECOND_LINE_ROLES
from borders.services.refusal_notices import find_notice, grounds_for, issue_notice, print_notice

# of the grounds, in their order: digits lead to other pages, D issues, L locks
GROUND_KEYS = "ABCEFGHIJ"


@require_http_methods(["GET", "POST"])
@booth_page(roles=SECOND_LINE_ROLES)
def notice_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Lay out the grounds of the country; a POST issues the notice on those that were named, and offers it for printing."""
    inspection = _find(request, inspection_id)
    message, chosen = "", request.POST.getlist("ground")[: len(Ground)]
    if request.method == "POST":
        try:
            issue_notice(
                actor=request.actor, at=request.received_at, inspection_id=inspection.id, grounds=chosen
            )
        except NoticeRefused as refusal:
            message = say_refusal(refusal.code)
    notice = find_notice(inspection_id=inspection.id)
    named = {g["code"] for g in notice.grounds} if notice else set(chosen)
    context = {
        "session": request.booth_session,
        "inspection": inspection,
        "notice": notice,
        "grounds": [
            (row.code, key, say(GROUND_TEXTS[Ground(row.code)]), row.legal_basis, row.code in named)
            for key, row in zip(
                GROUND_KEYS, grounds_for(country_code=inspection.port.country_id), strict=False
            )
        ],
        "printed_in": _language(request),
        "message": message,
    }
    with transaction.atomic():
        record_read(
            actor=request.actor,
            at=request.received_at,
            object_type="inspection",
            object_ids=[inspection.id],
            detail={"in": "notice"},
            fields=shown.NOTICE,
        )
        return render(request, "console/notice.html", context, status=422 if message else 200)


@require_GET
@booth_page(roles=SECOND_LINE_ROLES)
def notice_file_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Show the notice as PDF in the traveller's language. Its address names nobody."""
    inspection = _find(request, inspection_id)
    try:
        notice, content = print_notice(
            actor=request.actor,
            at=request.received_at,
            inspection_id=inspection.id,
            language=_language(request),
        )
    except NoticeRefused as refusal:
        context = {"session": request.booth_session, "message": say_refusal(refusal.code)}
        return render(request, "console/not_now.html", context, status=422)
    name = f'inline; filename="{notice.reference}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": name})


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("in", "")
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()


def _find(request: HttpRequest, inspection_id: uuid.UUID) -> Inspection:
    rows = Inspection.objects.select_related("port__country")
    found = rows.filter(id=inspection_id, port_id__in=request.actor.port_ids).first()
    if found is None:
        raise Http404
    return found
