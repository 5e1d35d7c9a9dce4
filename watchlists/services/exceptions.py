"""Exceptions: a false match is not asked again, as long as neither the traveller nor the entry changes."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor, Role
from audit.services import record
from travelers.models import DocumentReading
from watchlists.core.exceptions import Presented, presented_hash
from watchlists.models import Adjudication, Hit, MatchException, Screening
from watchlists.queries import visible_exceptions

CORRECTED = "corrected"
LASTS = timedelta(days=365)
ENDERS = (Role.SUPERVISOR, Role.LIST_OWNER)


class ExceptionRefused(ValueError):
    """The act on an exception cannot be done. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def presented_of_reading(reading: DocumentReading) -> Presented:
    """Return what a reading says of the traveller."""
    return Presented(
        primary_identifier=reading.primary_identifier,
        secondary_identifier=reading.secondary_identifier,
        birth_date=reading.birth_date.isoformat() if reading.birth_date else reading.birth_date_raw,
        sex=reading.sex,
        nationality=reading.nationality,
        document_number=reading.document_number,
        issuing_state=reading.issuing_state,
    )


def presented_of(screening: Screening) -> Presented:
    """Return what was looked up in a screening, of a border or of a national system."""
    if screening.reading is not None:
        return presented_of_reading(screening.reading)
    return Presented(**{name: str(screening.presented.get(name) or "") for name in Presented.__slots__})


def corrected_of(screening: Screening) -> Presented | None:
    """Return what was looked up besides, as it was set right on request; None where nothing was."""
    values = screening.presented.get(CORRECTED)
    return (
        Presented(**{name: str(values.get(name) or "") for name in Presented.__slots__}) if values else None
    )


def make_exception(
    *, actor: Actor, at: datetime, hit: Hit, adjudication: Adjudication
) -> MatchException | None:
    """Keep that this traveller is not this entry; None where the traveller presented no document to hold it to.

    Called in the transaction of the adjudication. It ends with the document, or after LASTS.
    """
    digest = presented_hash(presented_of(hit.screening), corrected_of(hit.screening))
    if digest is None:
        return None
    expiry = hit.screening.reading.expiry_date if hit.screening.reading else None
    ends_at = at + LASTS
    if expiry is not None:
        ends_at = max(datetime.combine(expiry, time.max, UTC), at + timedelta(days=1))
    made = MatchException.objects.create(
        adjudication=adjudication,
        entry_id=hit.entry_id,
        kind=hit.kind,
        presented_hash=digest,
        created_at=at,
        ends_at=ends_at,
    )
    record(
        actor=actor,
        at=at,
        action="match_exception.made",
        object_type="match_exception",
        object_id=made.id,
        detail={"hit": str(hit.id), "entry": str(hit.entry_id), "ends_at": ends_at.isoformat()},
    )
    return made


@transaction.atomic
def end_exception(*, actor: Actor, at: datetime, exception_id: UUID) -> MatchException:
    """End an exception before its time: the next crossing asks again.

    Raises ExceptionRefused: role_required, unknown_exception, exception_ended.
    """
    if actor.user_id is None or not actor.has(*ENDERS):
        raise ExceptionRefused("role_required")
    found = visible_exceptions(actor=actor).filter(id=exception_id).first()
    if found is None:
        raise ExceptionRefused("unknown_exception")
    ended = MatchException.objects.filter(id=found.id, ended_at__isnull=True)
    if ended.update(ended_at=at, ended_by_id=actor.user_id) != 1:
        raise ExceptionRefused("exception_ended")
    record(
        actor=actor,
        at=at,
        action="match_exception.ended",
        object_type="match_exception",
        object_id=found.id,
        detail={"entry": str(found.entry_id)},
    )
    found.refresh_from_db()
    return found
