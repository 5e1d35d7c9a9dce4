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
from borders.core.manifests import ManifestRefused, parse_manifest
from borders.models import AdvancePassengerManifest, ManifestPassenger, PortOfEntry

MANIFEST_ROLES = frozenset({Role.SUPERVISOR, Role.OFFICER, Role.SECOND_LINE, Role.SYSTEM})


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
