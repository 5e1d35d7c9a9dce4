"""The second line: who waits there, and each one's whole evidence and history."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from audit.services import gathered_trail, record_read
from biometrics.core.outcomes import Route
from borders.console import shown
from borders.console.entry import booth_page
from borders.console.panel import inspections_for_panel, make_panel
from borders.console.words import say
from borders.core.redress import FIELD_WORDS
from borders.models import Crossing, Inspection, OwnerContact, Referral, Stay
from borders.record_queries import known_traveler_id
from borders.services.access import SECOND_LINE_ROLES
from borders.services.redress import corrections_beside
from borders.services.referrals import ReferralRefused, acknowledge_referral
from watchlists.models import Hit, WatchlistEntry

WAITING_SHOWN = 100
EARLIER_SHOWN = 20


@require_GET
@booth_page()
@transaction.atomic
def waiting_page(request: HttpRequest) -> HttpResponse:
    """List who was referred and waits, the longest first."""
    _check_second_line(request)
    rows = (
        Referral.objects.filter(
            inspection__port_id__in=request.actor.port_ids,
            inspection__state=Inspection.State.REFERRED,
            route=Route.SECOND_LINE,
        )
        .exclude(state=Referral.State.CLOSED)
        .select_related("inspection__reading", "inspection__booth", "acknowledged_by__officer")
    )
    waiting = list(rows.order_by("due_at", "id")[:WAITING_SHOWN])
    if waiting:
        record_read(
            actor=request.actor,
            at=request.received_at,
            object_type="inspection",
            object_ids=[r.inspection_id for r in waiting],
            action="listed",
            detail={"in": "console", "as": "second_line"},
            fields=shown.WAITING,
        )
    context = {"session": request.booth_session, "waiting": waiting, "at": request.received_at}
    return render(request, "console/second_line.html", context)


@require_http_methods(["GET", "POST"])
@booth_page()
def take_over_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Show one referred traveller with the history; a POST takes the referral over."""
    _check_second_line(request)
    ports = request.actor.port_ids
    found = inspections_for_panel().filter(id=inspection_id, port_id__in=ports).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        for referral in found.referrals_in_order:
            if referral.route == Route.SECOND_LINE and referral.state == Referral.State.OPEN:
                try:
                    acknowledge_referral(actor=request.actor, at=request.received_at, referral_id=referral.id)
                except ReferralRefused:
                    break  # somebody was quicker, and the page says who
        return redirect("console:take-over", inspection_id)
    with transaction.atomic():
        record_read(
            actor=request.actor,
            at=request.received_at,
            object_type="inspection",
            object_ids=[found.id],
            detail={"in": "console", "as": "second_line"},
            fields=shown.PANEL,
        )
        traveler_id = found.traveler_id
        # somebody drawn has no history, whoever else may carry a document of this number
        if traveler_id is None and found.reading is not None and not found.training:
            traveler_id = known_traveler_id(reading=found.reading)
        country = request.booth_session.booth.port.country_id
        history: dict[str, list[Any]] = {"earlier": [], "crossings": [], "stays": []}
        if traveler_id:
            history = {
                "earlier": list(
                    Inspection.objects.filter(traveler_id=traveler_id, port_id__in=ports)
                    .exclude(id=found.id)
                    .order_by("-opened_at")[:EARLIER_SHOWN]
                ),
                "crossings": list(
                    Crossing.objects.filter(traveler_id=traveler_id, port_id__in=ports)
                    .select_related("port")
                    .order_by("-occurred_at")[:EARLIER_SHOWN]
                ),
                "stays": list(
                    Stay.objects.filter(traveler_id=traveler_id, country_code=country).order_by("-id")[
                        :EARLIER_SHOWN
                    ]
                ),
            }
        corrections = corrections_beside(
            record_ids=[traveler_id, *(stay.id for stay in history["stays"])], country_code=country
        )
        for row in corrections:
            row.label = say(FIELD_WORDS[row.field])
        history["corrections"] = corrections
        _note_history(request, history)
        context = {
            "session": request.booth_session,
            "panel": make_panel(found),
            "owners": _owners_of(found),
            "at": request.received_at,
        }
        return render(request, "console/second_line_case.html", context | history)


# each part of the history: what its rows are, and which fields of them the page shows
HISTORY = {
    "earlier": ("inspection", shown.EARLIER),
    "crossings": ("crossing", shown.CROSSINGS),
    "stays": ("stay", shown.STAYS),
    "corrections": ("record_correction", shown.CORRECTIONS),
}


def _note_history(request: HttpRequest, history: Mapping[str, Sequence[Any]]) -> None:
    """Write an audit row for each part of the history that shows something, naming every record in it."""
    with gathered_trail():
        for part, rows in history.items():
            object_type, fields = HISTORY[part]
            if rows:
                record_read(
                    actor=request.actor,
                    at=request.received_at,
                    object_type=object_type,
                    object_ids=[row.id for row in rows],
                    action="listed",
                    detail={"in": "console", "as": "history"},
                    fields=fields,
                )


def _owners_of(inspection: Inspection) -> list[OwnerContact]:
    """Return whom to call about the hits of an inspection. Of silent ones there is nothing, and it takes as long."""
    hits = Hit.objects.filter(screening_id=inspection.screening_id, silent=False)
    units = hits.exclude(entry__action=WatchlistEntry.Action.SILENT).values("entry__owner_unit")
    return list(OwnerContact.objects.filter(owner_unit__in=units).order_by("owner_unit"))


def _check_second_line(request: HttpRequest) -> None:
    if not request.actor.has(*SECOND_LINE_ROLES):
        raise PermissionDenied
