"""Places: where a port of entry lies, which the rule on impossible journeys measures by."""

import math
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.core.actor import Actor, Role
from audit.services import record
from borders.models import PortOfEntry

PLACE_ROLES = frozenset({Role.ADMINISTRATOR})


class PlaceRefused(ValueError):
    """The place cannot be set. code: unknown_port, required, bad_value, out_of_range; field: latitude, longitude or ""."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


@transaction.atomic
def place_port(*, actor: Actor, at: datetime, port_id: UUID, latitude: str, longitude: str) -> PortOfEntry:
    """Set where a port lies, in degrees, north and east positive; both empty: not known any more.

    Raises PlaceRefused, PermissionDenied.
    """
    if not actor.has(*PLACE_ROLES):
        raise PermissionDenied
    place = (
        _degrees(latitude, "latitude", 90.0),
        _degrees(longitude, "longitude", 180.0),
    )
    for value, field in zip(place, ("latitude", "longitude"), strict=True):
        if value is None and place != (None, None):
            raise PlaceRefused("required", field)
    port = PortOfEntry.objects.select_for_update(no_key=True).filter(id=port_id).first()
    if port is None or not actor.reaches(port.id):
        raise PlaceRefused("unknown_port")
    before = (port.latitude, port.longitude)
    if before != place:
        port.latitude, port.longitude = place
        port.save(update_fields=("latitude", "longitude"))
        record(
            actor=actor,
            at=at,
            action="port.placed",
            object_type="port",
            object_id=port.id,
            detail={"before": list(before), "after": list(place)},
        )
    return port


def _degrees(text: str, field: str, most: float) -> float | None:
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise PlaceRefused("bad_value", field) from None
    if not math.isfinite(value) or len(text) > 40:
        raise PlaceRefused("bad_value", field)
    if abs(value) > most:
        raise PlaceRefused("out_of_range", field)
    return round(value, 6)
