"""Correct what was read, and have everything checked again on the corrected reading."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from borders.core.requests import RequestRefused
from borders.models import Inspection, OutboxMessage
from borders.services.access import BORDER_ROLES, officer_with
from borders.services.inspections import keep_keyed
from borders.services.messages import write_message
from travelers.core.keyed import KeyedFields
from travelers.services import AlreadyCorrected


class CorrectionRefused(ValueError):
    """The reading cannot be corrected.

    code: not_ready (still checked, or decided), or that of a field; field: its name or "".
    """

    def __init__(self, code: str, field: str = ""):
        super().__init__(f"{code}: {field}" if field else code)
        self.code = code
        self.field = field


def correct_reading(*, actor: Actor, at: datetime, inspection_id: UUID, fields: KeyedFields) -> Inspection:
    """Put an officer's reading in place of the one in force and send the inspection through the checks again.

    Allowed while READY. What was read stays; the new reading names it. The caller enqueues after the commit.
    Raises CorrectionRefused (code, field), PermissionDenied, Inspection.DoesNotExist.
    """
    port_id = Inspection.objects.values_list("port_id", flat=True).get(id=inspection_id)
    officer_with(actor=actor, port_id=port_id, roles=BORDER_ROLES, at=at)
    try:
        return _correct(actor, at, inspection_id, fields)
    except RequestRefused as refusal:
        raise CorrectionRefused(refusal.code, refusal.field) from None
    except AlreadyCorrected:
        raise CorrectionRefused("not_ready") from None


@transaction.atomic
def _correct(actor: Actor, at: datetime, inspection_id: UUID, fields: KeyedFields) -> Inspection:
    inspection = (
        Inspection.objects.select_for_update(no_key=True, of=("self",))
        .select_related("reading", "page_image")
        .filter(id=inspection_id, state=Inspection.State.READY)
        .first()
    )
    if inspection is None:
        raise CorrectionRefused("not_ready")
    inspection.reading = keep_keyed(
        actor=actor,
        at=at,
        fields=fields,
        image=inspection.page_image,
        field="fields",
        corrects=inspection.reading,
    )
    inspection.state = Inspection.State.RECEIVED
    inspection.advice, inspection.reasons, inspection.ready_at = "", [], None
    inspection.attempts, inspection.leased_until = 0, None
    inspection.deadline_at = at + timedelta(seconds=settings.BOOTH_DEADLINE_S)
    inspection.save(
        update_fields=(
            "reading",
            "state",
            "advice",
            "reasons",
            "ready_at",
            "attempts",
            "leased_until",
            "deadline_at",
        )
    )
    write_message(topic=OutboxMessage.Topic.INSPECTION_RECEIVED, object_id=inspection.id, at=at)
    record(
        actor=actor,
        at=at,
        action="inspection.corrected",
        object_type="inspection",
        object_id=inspection.id,
        detail={"reading": str(inspection.reading_id)},
    )
    return inspection
