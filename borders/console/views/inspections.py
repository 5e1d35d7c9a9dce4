"""The one screen of the first line: take, send, see, decide; and the next traveller."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.services import record_read
from biometrics.core.images import ImageRefused, inspect_image
from biometrics.services.images import read_content
from borders.api.portraits import cut_portrait
from borders.api.serializers.inspection_input import InspectionInputSerializer, KeyedFieldsSerializer
from borders.api.serializers.inspections import STATEMENTS, images_of
from borders.api.views.inspections import enqueue_on_commit
from borders.api.waiting import wait_until_ready
from borders.console import shown
from borders.console.entry import booth_page
from borders.console.panel import UNFINISHED, inspections_for_panel, make_panel
from borders.console.words import say as translate
from borders.console.words import say_field, say_refusal
from borders.core.chip_requests import CHIP_PARTS
from borders.core.requests import TEXT_MAX
from borders.models import CaptureAhead, Inspection, PortOfEntry, TravelParty
from borders.services.access import BORDER_ROLES
from borders.services.capture_faults import tell_capture_fault
from borders.services.captures_ahead import CaptureGone, empty_captures, open_captures
from borders.services.corrections import CorrectionRefused, correct_reading
from borders.services.decisions import AlreadyDecided, DecisionRefused, decide
from borders.services.inspections import (
    ClientReferenceReused,
    InspectionNotReady,
    RequestRefused,
    open_inspection,
    settle_inspection,
)
from borders.services.protection import SEALED_ROLES, is_protected
from borders.services.training import find_run

# one answer for the usual traveller; whoever takes longer sees the steps
FIRST_WAIT_S = 1.0
POLL_WAIT_S = 0.5
PURPOSES = ("TOURISM", "BUSINESS", "FAMILY", "STUDY", "WORK", "TRANSIT", "RESIDENT", "OTHER")
KEYED = (
    "document_code",
    "issuing_state",
    "document_number",
    "primary_identifier",
    "secondary_identifier",
    "nationality",
    "birth_date",
    "sex",
    "expiry_date",
)
DATES = ("birth_date", "expiry_date")
KINDS = {"page_image": CaptureAhead.Kind.PAGE.value, "face_image": CaptureAhead.Kind.FACE.value}
MEMBERS_SHOWN = 30


@require_GET
@booth_page(roles=BORDER_ROLES | SEALED_ROLES)
def screen(request: HttpRequest) -> HttpResponse:
    """Show an empty form; to whom is there for protection alone, its desk."""
    if not request.actor.has(*BORDER_ROLES):
        return redirect("console:protection")
    return render(request, "console/screen.html", make_form(request, {}))


@require_POST
@booth_page()
def open_page(request: HttpRequest) -> HttpResponse:
    """Open an inspection and wait a moment for it. What is refused is said beside the form, which stays as it is."""
    try:
        sent = _read_form(request)
        inspection, created = open_inspection(actor=request.actor, at=request.received_at, request=sent)
    except ImageRefused as refusal:
        return say(request, say_refusal(str(refusal.code)))
    except CaptureGone as refusal:
        # the console has the pictures still, and sends them whole
        response = say(request, say_refusal(refusal.code))
        response["HX-Trigger"] = "captures-gone"
        return response
    except ClientReferenceReused as refusal:
        return say(request, say_refusal(refusal.code))
    except RequestRefused as refusal:
        return say(request, f"{say_field(refusal.field)}: {say_refusal(refusal.code)}")
    if created:
        enqueue_on_commit(inspection)
        empty_captures(ids=_ids_ahead(request).values())
    wait_until_ready(inspection_id=inspection.id, wait_s=FIRST_WAIT_S)
    response = _show(request, inspection.id)
    response["HX-Push-Url"] = reverse("console:inspection", args=(inspection.id,))
    return response


@require_GET
@booth_page()
def inspection_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Show how far an inspection is; past its deadline what is open is said to be not checked, and can be decided."""
    found = _find(request, inspection_id)
    if found.state in UNFINISHED and request.htmx:
        wait_until_ready(inspection_id=inspection_id, wait_s=POLL_WAIT_S)
        found.refresh_from_db()
    if found.state in UNFINISHED and request.received_at >= found.deadline_at:
        settle_inspection(actor=request.actor, at=request.received_at, inspection_id=inspection_id)
    return _show(request, inspection_id)


@require_POST
@booth_page()
def decision_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Decide, and lay out the form for the next traveller."""
    found = _find(request, inspection_id)
    try:
        decide(
            actor=request.actor,
            at=request.received_at,
            inspection_id=found.id,
            outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", ""),
        )
    except (DecisionRefused, AlreadyDecided, InspectionNotReady) as refusal:
        return say(request, say_refusal(refusal.code))
    return _next_traveler(request, found)


@require_POST
@booth_page()
def wrong_picture_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Keep that a picture is of somebody else or of no use, and lay out the form to take the traveller anew."""
    found = _find(request, inspection_id)
    try:
        tell_capture_fault(
            actor=request.actor,
            at=request.received_at,
            inspection_id=found.id,
            fault=request.POST.get("fault", ""),
        )
    except (DecisionRefused, AlreadyDecided, InspectionNotReady) as refusal:
        return say(request, say_refusal(refusal.code))
    return _next_traveler(request, found, taken_anew=True)


def _next_traveler(request: HttpRequest, found: Inspection, *, taken_anew: bool = False) -> HttpResponse:
    party = TravelParty.objects.filter(id=found.party_id).first()
    kept = {
        "direction": found.direction,
        "conveyance": found.conveyance,
        "party_reference": party.reference if party else "",
    }
    decided = Inspection.objects.get(id=found.id)
    context = make_form(request, kept) | {
        "decided": decided,
        "taken_anew": taken_anew,
        "run": _judged_run(decided),
    }
    response = render(request, "console/capture.html", context)
    response["HX-Push-Url"] = reverse("console:screen")
    return response


@require_http_methods(["GET", "POST"])
@booth_page()
def correction_page(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    """Lay out what was read for the officer to mend, and have it checked again."""
    found = _find(request, inspection_id)
    if request.method == "GET":
        values = {name: _plain(getattr(found.reading, name, "")) for name in KEYED}
        return _watched(
            request, found, "console/correction.html", {"inspection": found, "keyed": _keyed_fields(values)}
        )
    try:
        corrected = correct_reading(
            actor=request.actor,
            at=request.received_at,
            inspection_id=found.id,
            fields=_read_keyed(request.POST),
        )
    except (CorrectionRefused, RequestRefused) as refusal:
        return say(request, f"{say_field(refusal.field)}: {say_refusal(refusal.code)}")
    enqueue_on_commit(corrected)
    wait_until_ready(inspection_id=found.id, wait_s=FIRST_WAIT_S)
    return _show(request, found.id)


@require_GET
@booth_page(roles=BORDER_ROLES | SEALED_ROLES)
@transaction.atomic
def image_page(request: HttpRequest, inspection_id: uuid.UUID, kind: str) -> HttpResponse:
    """Show one picture of an inspection: page, face, the portrait cut from the page, the portrait of the chip."""
    found = Inspection.objects.select_related(
        "page_image", "face_image", "portrait_template__image", "chip_verification__portrait"
    )
    inspection = found.filter(id=inspection_id, port_id__in=request.actor.port_ids).first()
    of_border = request.actor.has(*BORDER_ROLES)
    if inspection is None or not (of_border or is_protected(inspection_id=inspection_id)):
        raise Http404
    image = images_of(inspection).get(kind)
    if image is None:
        raise Http404
    record_read(
        actor=request.actor,
        at=request.received_at,
        object_type="inspection",
        object_ids=[inspection.id],
        action="image_read",
        detail={"image": str(image.id), "kind": kind},
        fields=[kind],
    )
    try:
        if kind == "portrait":
            return HttpResponse(cut_portrait(inspection.portrait_template), content_type="image/jpeg")
        return HttpResponse(read_content(image=image), content_type=image.media_type)
    except LookupError:
        raise Http404 from None


def say(request: HttpRequest, message: str) -> HttpResponse:
    """Say why an act was not taken, in the line that is read aloud; the page stays as it is."""
    response = render(request, "console/message.html", {"message": message}, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#message", "innerHTML"
    return response


def _show(request: HttpRequest, inspection_id: uuid.UUID) -> HttpResponse:
    found = inspections_for_panel().get(id=inspection_id, port_id__in=request.actor.port_ids)
    panel = make_panel(found)
    template = "console/panel.html" if request.htmx else "console/screen.html"
    context = {"panel": panel, "session": request.booth_session, "members": _members(request, found.party_id)}
    if panel.inspection.reading is None:
        return render(request, template, context)
    return _watched(request, found, template, context)


def _watched(
    request: HttpRequest, inspection: Inspection, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    """Render what shows a person's data, with the audit row of the look; without the row no page."""
    with transaction.atomic():
        record_read(
            actor=request.actor,
            at=request.received_at,
            object_type="inspection",
            object_ids=[inspection.id],
            detail={"in": "console"},
            fields=shown.PANEL,
        )
        return render(request, template, context)


def _find(request: HttpRequest, inspection_id: uuid.UUID) -> Inspection:
    """Return an inspection of the booth's own port; those of others answer as if absent."""
    rows = Inspection.objects.select_related("reading", "party")
    found = rows.filter(id=inspection_id, port_id__in=request.actor.port_ids).first()
    if found is None:
        raise Http404
    return found


def make_form(request: HttpRequest, kept: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form for a traveller shows. kept: direction, conveyance and party_reference of the one before."""
    port = request.booth_session.booth.port
    country = port.country
    direction = kept.get("direction", "ENTRY")
    party = TravelParty.objects.filter(port=port, reference=kept.get("party_reference", "")).first()
    return {
        "session": request.booth_session,
        "client_reference": f"console-{uuid.uuid4().hex}",
        "fresh_party": f"group-{uuid.uuid4().hex[:12]}",
        "direction": direction,
        "conveyance": kept.get("conveyance", ""),
        "party": party,
        "members": _members(request, party.id if party else None),
        "asks_conveyance": port.kind in (PortOfEntry.Kind.AIR, PortOfEntry.Kind.SEA),
        "asks_purpose": country.asks_purpose,
        "asks_address": country.asks_address,
        "purposes": PURPOSES,
        "keyed": _keyed_fields({}),
        "text_max": TEXT_MAX,
        "chip_parts": CHIP_PARTS,
    }


def _judged_run(decided: Inspection) -> Any:
    """Return the training run that this decision ended, with what spoke for the right answer in words."""
    run = find_run(inspection=decided)
    if run is not None:
        run.statements = [translate(STATEMENTS.get(code, code)) for code in run.right_codes]
    return run


def _members(request: HttpRequest, party_id: uuid.UUID | None) -> list[Inspection]:
    """Return who has been inspected of a group, in their order, with the audit row of the look."""
    if party_id is None:
        return []
    rows = Inspection.objects.filter(party_id=party_id, port_id__in=request.actor.port_ids)
    members = list(rows.select_related("reading").order_by("opened_at")[:MEMBERS_SHOWN])
    if members:
        record_read(
            actor=request.actor,
            at=request.received_at,
            object_type="inspection",
            object_ids=[m.id for m in members],
            action="listed",
            detail={"in": "console", "as": "group"},
            fields=shown.MEMBERS,
        )
    return members


def _keyed_fields(values: Mapping[str, str]) -> list[dict[str, Any]]:
    lengths = {"document_code": 2, "issuing_state": 3, "nationality": 3, "document_number": 24, "sex": 1}
    return [
        {
            "name": name,
            "label": say_field(name),
            "value": values.get(name, ""),
            "is_date": name in DATES,
            "is_sex": name == "sex",
            "is_required": name == "primary_identifier",
            "is_of_document": name in ("document_code", "issuing_state", "document_number", "expiry_date"),
            "max_length": lengths.get(name, 120),
        }
        for name in KEYED
    ]


def _read_form(request: HttpRequest) -> Any:
    """Return the request to the service. Raises RequestRefused, ImageRefused, CaptureGone."""
    posted = request.POST
    sent: dict[str, Any] = {
        name: posted.get(name, "")
        for name in (
            "client_reference",
            "direction",
            "conveyance",
            "purpose_of_travel",
            "address_of_stay",
            "party_reference",
        )
    }
    if posted.get("how") in ("keyed", "none"):
        sent["keyed"] = _keyed_as_sent(posted)
    ahead = open_captures(actor=request.actor, at=request.received_at, ids=_ids_ahead(request))
    images = {
        name: ahead.get(kind) or (request.FILES[name].read() if name in request.FILES else None)
        for name, kind in KINDS.items()
    }
    for content in images.values():
        if content is not None:
            inspect_image(content)
    chip = {name: file.read() for name, file in request.FILES.items() if name in CHIP_PARTS}
    if chip:
        sent["chip"] = {"attempted": True}
    serializer = InspectionInputSerializer(data=sent)
    _check(serializer)
    return serializer.make_request(**images, chip_parts=chip)


def _ids_ahead(request: HttpRequest) -> dict[str, uuid.UUID]:
    """Return which pictures were given ahead, kind -> id. Raises CaptureGone for what is no id."""
    sent = {kind: request.POST.get(f"{name}_ahead", "") for name, kind in KINDS.items()}
    try:
        return {kind: uuid.UUID(text) for kind, text in sent.items() if text}
    except ValueError:
        raise CaptureGone from None


def _read_keyed(posted: Any) -> Any:
    serializer = KeyedFieldsSerializer(data=_keyed_as_sent(posted))
    _check(serializer)
    return serializer.validated_data


def _keyed_as_sent(posted: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {name: posted.get(name, "").strip() for name in KEYED}
    for name in ("document_code", "issuing_state", "nationality", "sex"):
        sent[name] = sent[name].upper()
    return {name: value for name, value in sent.items() if value or name not in DATES}


def _check(serializer: Any) -> None:
    if serializer.is_valid():
        return
    errors: Any = serializer.errors
    field = ""
    while isinstance(errors, dict):
        field, errors = next(iter(errors.items()))
    code = getattr(errors[0], "code", "invalid")
    raise RequestRefused({"blank": "required", "max_length": "too_long"}.get(code, code), str(field))


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")
