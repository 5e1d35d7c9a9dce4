"""Open inspections: once per (booth, client_reference), however often a booth sends them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied

from audit.core.actor import Actor
from audit.models import new_id
from audit.queries.prepared import PreparedQuery
from audit.services import one_act, record, store_unless_known
from biometrics.models import CapturedImage, SubjectKey
from biometrics.services.images import store_image
from biometrics.services.keys import make_key
from borders.core.requests import (
    Demands,
    InspectionRequest,
    RequestRefused,
    check_reference,
    check_request,
    fingerprint,
    printed_of_keyed,
)
from borders.models import Booth, Inspection, Officer, OutboxMessage, PortOfEntry, TravelParty
from borders.services.access import BORDER_ROLES, officer_with
from borders.services.messages import RESEND_AFTER_S, write_message
from borders.services.settlement import InspectionNotReady, settle_inspection
from borders.services.training import tie_run
from travelers.core.keyed import KeyedFields, KeyedFieldsRefused
from travelers.models import DocumentReading
from travelers.services import record_keyed_reading, store_chip

_BOOTH = PreparedQuery(lambda id: Booth.objects.select_related("port__country").filter(id=id), id=UUID)


class ClientReferenceReused(ValueError):
    """The booth has used this client reference for another request."""

    code = "client_reference_reused"


def open_inspection(
    *, actor: Actor, at: datetime, request: InspectionRequest, claims: bool = False
) -> tuple[Inspection, bool]:
    """Open an inspection at the actor's booth, or return the one that the same request has opened; True says
    opened now.

    The caller enqueues it after the commit. claims: the caller has a place for it (pipeline.process_claimed), so that it is
    opened in its hands where nothing keeps it from that: PROCESSING, its first attempt counted, a lease until its message is due.
    Raises ClientReferenceReused, RequestRefused, ImageRefused, PermissionDenied.
    """
    check_reference(request.client_reference)
    if actor.booth_id is None:
        raise PermissionDenied
    booth = _BOOTH.first(id=actor.booth_id)
    if booth is None:
        raise PermissionDenied
    officer, _ = officer_with(actor=actor, port_id=booth.port_id, roles=BORDER_ROLES, at=at)
    sha256 = fingerprint(request)
    try:
        check_request(request, _demands(booth.port))
    except RequestRefused:
        # what was taken once is answered, also when it would not be taken today
        known = _find(booth, request)
        if known is None:
            raise
    else:
        with one_act():
            claimed = claims and _can_be_claimed(request)
            opened = _insert(actor, at, request, sha256, booth, officer, claimed)
        if opened is not None:
            return opened, True
        known = Inspection.objects.get(booth=booth, client_reference=request.client_reference)
    if known.request_sha256 != sha256:
        raise ClientReferenceReused
    return known, False


def _can_be_claimed(request: InspectionRequest) -> bool:
    """Tell whether an inspection may be opened in the hands of its caller: nothing to look at, nobody of a party to wait for."""
    return not (
        request.page_image
        or request.face_image
        or request.chip
        or request.chip_attempted
        or request.seal
        or request.party_reference
    )


def _find(booth: Booth, request: InspectionRequest) -> Inspection | None:
    return Inspection.objects.filter(booth=booth, client_reference=request.client_reference).first()


def _insert(
    actor: Actor,
    at: datetime,
    request: InspectionRequest,
    sha256: str,
    booth: Booth,
    officer: Officer,
    claimed: bool,
) -> Inspection | None:
    """Store the request; None where its reference is taken.

    The row of the inspection goes first: a second request with the same reference waits there, and then stores no image and
    no reading. What it refers to is checked at the commit.
    """
    inspection = Inspection(
        port=booth.port,
        booth=booth,
        officer=officer,
        training=booth.port.training,
        client_reference=request.client_reference,
        request_sha256=sha256,
        direction=request.direction,
        conveyance=request.conveyance.strip(),
        purpose_of_travel=request.purpose_of_travel.strip(),
        address_of_stay=request.address_of_stay.strip(),
        printed=_printed(request),
        visa_lines=list(request.visa_lines),
        observations=sorted(set(request.observations)),
        seal=request.seal,
        chip_attempted=request.chip_attempted or request.chip is not None,
        opened_at=at,
        deadline_at=at + timedelta(seconds=settings.BOOTH_DEADLINE_S),
    )
    if claimed:
        inspection.state, inspection.attempts = Inspection.State.PROCESSING, 1
        inspection.leased_until = at + timedelta(seconds=RESEND_AFTER_S)
    has_files = request.page_image is not None or request.face_image is not None or request.chip is not None
    if request.keyed is not None and not has_files:
        inspection.reading_id = new_id()
    if not store_unless_known(inspection, by=("booth", "client_reference")):
        return None
    if request.party_reference:
        inspection.party, _ = TravelParty.objects.get_or_create(
            port=booth.port, reference=request.party_reference, defaults={"opened_at": at}
        )
    key = make_key(kind=SubjectKey.Kind.INSPECTION, subject_id=inspection.id, at=at) if has_files else None
    if request.page_image is not None:
        inspection.page_image = store_image(
            actor=actor,
            at=at,
            content=request.page_image,
            kind=CapturedImage.Kind.PAGE,
            subject_key=key,
        )
    if request.face_image is not None:
        inspection.face_image = store_image(
            actor=actor,
            at=at,
            content=request.face_image,
            kind=CapturedImage.Kind.FACE,
            subject_key=key,
        )
    if request.chip is not None:
        inspection.chip = store_chip(actor=actor, at=at, files=request.chip, subject_key=key)
    if request.keyed is not None:
        inspection.reading = keep_keyed(
            actor=actor,
            at=at,
            fields=request.keyed,
            image=inspection.page_image,
            field="keyed",
            reading_id=inspection.reading_id,
        )
    if has_files or inspection.party is not None:
        inspection.save(update_fields=("party", "page_image", "face_image", "chip", "reading"))
    if inspection.training:
        tie_run(inspection=inspection)
    write_message(topic=OutboxMessage.Topic.INSPECTION_RECEIVED, object_id=inspection.id, at=at)
    record(
        actor=actor,
        at=at,
        action="inspection.opened",
        object_type="inspection",
        object_id=inspection.id,
        detail={"direction": inspection.direction, "booth": str(booth.id)},
    )
    return inspection


def keep_keyed(
    *,
    actor: Actor,
    at: datetime,
    fields: KeyedFields,
    image: CapturedImage | None,
    field: str,
    corrects: DocumentReading | None = None,
    reading_id: UUID | None = None,
) -> DocumentReading:
    """Record what an officer keyed; without a document number it is a declaration. field: where it stood in
    the request. reading_id: what refers to it already.

    Raises RequestRefused with the field at fault.
    """
    source = (
        DocumentReading.Source.KEYED if fields.document_number.strip() else DocumentReading.Source.DECLARED
    )
    try:
        return record_keyed_reading(
            actor=actor,
            at=at,
            fields=fields,
            source=source,
            image=image,
            corrects=corrects,
            reading_id=reading_id,
        )
    except KeyedFieldsRefused as refusal:
        raise RequestRefused(refusal.code, f"{field}.{refusal.field}") from None


def _demands(port: PortOfEntry) -> Demands:
    return Demands(
        needs_conveyance=port.kind in (PortOfEntry.Kind.AIR, PortOfEntry.Kind.SEA),
        asks_purpose=port.country.asks_purpose,
        asks_address=port.country.asks_address,
    )


def _printed(request: InspectionRequest) -> dict[str, str]:
    """Return what is printed on the page. What an officer keyed beside a page image was seen on that page."""
    if request.keyed is None or request.page_image is None:
        return dict(request.printed)
    return printed_of_keyed(request.keyed) | dict(request.printed)


__all__ = [
    "ClientReferenceReused",
    "InspectionNotReady",
    "InspectionRequest",
    "RequestRefused",
    "keep_keyed",
    "open_inspection",
    "settle_inspection",
]
