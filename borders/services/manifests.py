"""Advance passenger manifests: taken whole or not at all; a later one for the same conveyance takes its place."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor, Role
from audit.core.sharing import Scope
from audit.services import record
from borders.core.edifact import EdifactRefused
from borders.core.manifests import ManifestRefused, parse_manifest
from borders.core.paxlst import PassengerList, read_passenger_list
from borders.models import AdvancePassengerManifest, ManifestPassenger, PortOfEntry

PLACE_MOST = 5
MANIFEST_ROLES = frozenset({Role.SUPERVISOR, Role.OFFICER, Role.SECOND_LINE, Role.SYSTEM})


def record_passenger_list(
    *, actor: Actor, at: datetime, content: bytes
) -> tuple[AdvancePassengerManifest, bool]:
    """Keep a PAXLST message that a carrier sent, as record_manifest keeps a JSON value.

    The port is the place of arrival, or else of departure, that is a port here: by its UN/LOCODE, or by the last three
    letters of it where those are a place's own code. Raises ManifestRefused (code, and for field the segment),
    PermissionDenied.
    """
    if not actor.has(*MANIFEST_ROLES):
        raise PermissionDenied
    try:
        found = read_passenger_list(content, at=at)
    except EdifactRefused as refusal:
        raise ManifestRefused(refusal.code, refusal.segment) from None
    return record_manifest(actor=actor, at=at, sent=_as_sent(found, actor))


def _as_sent(found: PassengerList, actor: Actor) -> dict[str, Any]:
    """Return a passenger list in the form of a JSON manifest."""
    for place, direction, scheduled_at, segment in (
        (found.arrival, "ENTRY", found.arrives_at, "DTM 232"),
        (found.departure, "EXIT", found.departs_at, "DTM 189"),
    ):
        port = _port_code(place, actor)
        if port is None:
            continue
        if scheduled_at is None:
            raise ManifestRefused("required", segment)
        return {
            "conveyance": found.conveyance,
            "port": port,
            "direction": direction,
            "scheduled_at": scheduled_at.isoformat(),
            "carrier": found.carrier,
            "passengers": list(found.passengers),
        }
    raise ManifestRefused("unknown_port", "LOC")


def _port_code(place: str, actor: Actor) -> str | None:
    if not 3 <= len(place) <= PLACE_MOST:
        return None
    ports = (
        PortOfEntry.objects.all() if actor.everywhere else PortOfEntry.objects.filter(id__in=actor.port_ids)
    )
    codes = list(ports.filter(code__endswith=place[-3:]).values_list("code", flat=True))
    if place in codes:
        return place
    # three letters of two ports name neither
    return codes[0] if len(place) == 3 and len(codes) == 1 else None


@transaction.atomic
def record_manifest(*, actor: Actor, at: datetime, sent: Any) -> tuple[AdvancePassengerManifest, bool]:
    """Keep a manifest that a carrier sent, a decoded JSON value; sent again, it is the same one. True says kept now.

    Raises ManifestRefused (code, field), PermissionDenied.
    """
    if not actor.has(*MANIFEST_ROLES) and not actor.may(Scope.MANIFESTS_SEND):
        raise PermissionDenied
    manifest = parse_manifest(sent)
    sha256 = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
    # one message for a port at a time: two at once would both find none in force
    port = PortOfEntry.objects.select_for_update(no_key=True).filter(code=manifest.port).first()
    if port is None or not (actor.everywhere or port.id in actor.port_ids):
        raise ManifestRefused("unknown_port", "port")
    same = AdvancePassengerManifest.objects.filter(
        conveyance=manifest.conveyance,
        port=port,
        direction=manifest.direction,
        scheduled_at=manifest.scheduled_at,
        replaced_at__isnull=True,
    )
    known = same.first()
    if known is not None and known.sha256 == sha256:
        return known, False
    same.update(replaced_at=at)
    row = AdvancePassengerManifest.objects.create(
        conveyance=manifest.conveyance,
        port=port,
        direction=manifest.direction,
        scheduled_at=manifest.scheduled_at,
        carrier=manifest.carrier,
        sha256=sha256,
        received_at=at,
        passenger_count=len(manifest.passengers),
    )
    ManifestPassenger.objects.bulk_create(
        [
            ManifestPassenger(
                manifest=row,
                document_number=p.document_number,
                issuing_state=p.issuing_state,
                primary_identifier=p.primary_identifier,
                secondary_identifier=p.secondary_identifier,
                birth_date=p.birth_date,
                nationality=p.nationality,
                sex=p.sex,
                booking_reference=p.booking_reference,
            )
            for p in manifest.passengers
        ],
        batch_size=1000,
    )
    record(
        actor=actor,
        at=at,
        action="manifest.recorded",
        object_type="manifest",
        object_id=row.id,
        detail={
            "port": str(port.id),
            "passengers": row.passenger_count,
            "replaces": str(known.id) if known else None,
        },
    )
    return row, True
