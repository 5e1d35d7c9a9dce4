"""Redress: requests to correct a record, decided by a second person; and what the next officer is told of cleared matches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext

from audit.core.actor import Actor, Role
from audit.services import record, record_read
from borders.core.redress import (
    FIELD_WORDS,
    LETTER_TEXTS,
    REASON_MAX,
    STATEMENT_MAX,
    CorrectionOutcome,
    CorrectionRefused,
    RecordType,
    Requester,
    clean_asked,
    clean_text,
    due_date,
)
from borders.core.refusals import NOTICE_TEXTS
from borders.models import CorrectionRequest, Crossing, PortOfEntry, RecordCorrection, Stay
from borders.queries import corrections_of
from borders.services.access import officer_with
from borders.services.letters import Letter, Section, isolate, render_letter
from borders.services.refusal_notices import appeal_lines, authority_of, make_reference, sender_lines
from borders.services.row_guard import past_guard
from travelers.models import TravelDocument, Traveler
from watchlists.models import MatchException, Screening, WatchlistEntry

NOBODY = UUID(int=0)
REDRESS_ROLES = frozenset({Role.SUPERVISOR, Role.DATA_PROTECTION})
# what the letter shows of a request
ANSWER_FIELDS = (
    *("asked_value", "decided_at", "field", "reason", "received_at", "recorded_value", "reference", "state"),
)
MODELS: dict[RecordType, type[Model]] = {
    RecordType.TRAVELER: Traveler,
    RecordType.DOCUMENT: TravelDocument,
    RecordType.STAY: Stay,
    RecordType.CROSSING: Crossing,
}


@dataclass(frozen=True, slots=True)
class Clearance:
    """A match that was answered as false, and is not asked again. listed: the list and nothing of the entry's content."""

    exception_id: UUID
    cleared_at: datetime
    listed: str
    kind: str
    reason: str
    cleared_by: str
    ends_at: datetime


@transaction.atomic
def receive_request(
    *,
    actor: Actor,
    at: datetime,
    record_type: str,
    record_id: UUID,
    field: str,
    asked_value: str,
    statement: str,
    requester: str,
    language: str,
) -> CorrectionRequest:
    """Take a request to correct one field of one record; the country's law says until when it is answered.

    statement: what the person says and which proof was shown. Raises CorrectionRefused, PermissionDenied.
    """
    value = clean_asked(record_type=record_type, field=field, value=asked_value)
    text = clean_text(statement, longest=STATEMENT_MAX, name="statement", required=True)
    if requester not in set(Requester):
        raise CorrectionRefused("invalid", "requester")
    if language not in dict(settings.LANGUAGES):
        raise CorrectionRefused("invalid", "language")
    found, port_id = _record(actor, RecordType(record_type), record_id)
    officer_with(actor=actor, port_id=port_id, roles=REDRESS_ROLES, at=at)
    port = PortOfEntry.objects.select_related("country").get(id=port_id)
    now = value_of(found, field)
    if now == value:
        raise CorrectionRefused("unchanged", "asked_value")
    if record_type == RecordType.STAY and field != "allowed_until" and date.fromisoformat(value) > at.date():
        raise CorrectionRefused("bad_date", "asked_value")
    request = CorrectionRequest.objects.create(
        reference=make_reference(port=port, at=at),
        port=port,
        record_type=record_type,
        record_id=record_id,
        field=field,
        recorded_value=now,
        asked_value=value,
        statement=text,
        requester=requester,
        language=language,
        received_at=at,
        received_by_id=actor.user_id,
        due_on=due_date(received_at=at, days=port.country.correction_days),
    )
    _note(
        actor, at, request, "received", {"record": record_type, "record_id": str(record_id), "field": field}
    )
    return request


@transaction.atomic
def decide_request(
    *, actor: Actor, at: datetime, request_id: UUID, outcome: str, reason: str
) -> CorrectionRequest:
    """Grant or refuse a request, by another person than received it. What is granted stands beside the record.

    Raises CorrectionRefused, PermissionDenied, CorrectionRequest.DoesNotExist.
    """
    request = (
        CorrectionRequest.objects.select_for_update(of=("self",)).select_related("port").get(id=request_id)
    )
    officer_with(actor=actor, port_id=request.port_id, roles=REDRESS_ROLES, at=at)
    if outcome not in set(CorrectionOutcome):
        raise CorrectionRefused("invalid", "outcome")
    try:
        text = clean_text(reason, longest=REASON_MAX, name="reason", required=True)
    except CorrectionRefused as refusal:
        raise CorrectionRefused(
            "reason_required" if refusal.code == "required" else refusal.code, "reason"
        ) from None
    if request.received_by_id == actor.user_id:
        raise CorrectionRefused("second_person_required")
    if request.state != CorrectionRequest.State.RECEIVED:
        raise CorrectionRefused("not_received")
    CorrectionRequest.objects.filter(id=request.id).update(
        state=outcome, reason=text, decided_at=at, decided_by_id=actor.user_id
    )
    detail: dict[str, Any] = {"outcome": outcome}
    if outcome == CorrectionOutcome.GRANTED:
        detail["correction"] = str(_write_correction(actor, at, request).id)
    request.refresh_from_db()
    return _note(actor, at, request, "decided", detail)


@transaction.atomic
def print_answer(*, actor: Actor, at: datetime, request_id: UUID) -> tuple[CorrectionRequest, bytes]:
    """Return a decided request and the answer to the person as PDF, in their language; every print leaves an audit row.

    Raises CorrectionRefused not_decided, PermissionDenied, CorrectionRequest.DoesNotExist.
    """
    request = CorrectionRequest.objects.select_related("port__country").get(id=request_id)
    officer_with(actor=actor, port_id=request.port_id, roles=REDRESS_ROLES, at=at)
    if request.decided_at is None:
        raise CorrectionRefused("not_decided")
    record_read(
        actor=actor,
        at=at,
        object_type="correction_request",
        object_ids=[request.id],
        action="answer_printed",
        detail={"language": request.language},
        fields=ANSWER_FIELDS,
    )
    return request, render_letter(_letter(request))


def requests_in_reach(*, actor: Actor) -> QuerySet[CorrectionRequest]:
    """Return the requests that the actor may read: those of the own ports, for the desk that answers them."""
    if actor.everywhere:
        return CorrectionRequest.objects.all()
    if not actor.has(*REDRESS_ROLES):
        return CorrectionRequest.objects.none()
    return CorrectionRequest.objects.filter(port_id__in=actor.port_ids)


def value_of(row: Model, field: str) -> str:
    """Return what counts for one field now: the latest correction, else what was recorded; dates without a time of day."""
    corrected = corrections_of(record_id=row.pk).get(field)
    if corrected is not None:
        return corrected
    value = getattr(row, field)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return value.isoformat() if isinstance(value, date) else str(value or "")


def corrections_beside(*, record_ids: Iterable[UUID | None], country_code: str) -> list[RecordCorrection]:
    """Return what posts of a country have corrected about some records, the latest first."""
    ids = [i for i in record_ids if i is not None]
    rows = RecordCorrection.objects.filter(record_id__in=ids, request__port__country_id=country_code)
    # a correction is of the country's, the request behind it is the business of the post that received it
    with past_guard():
        return list(rows.order_by("-corrected_at")) if ids else []


def clearances_of(*, screening: Screening | None) -> list[Clearance]:
    """Return the matches that a screening left out because a person has cleared the traveller against the entry.

    Those of silent entries are left out: at the booth there is nothing of them.
    """
    ids = [one["exception"] for one in screening.excepted] if screening is not None else []
    rows = (
        # asked whether or not something was left out: the time must not tell of a silent one
        MatchException.objects.filter(id__in=[*ids, NOBODY])
        .exclude(Q(entry__action=WatchlistEntry.Action.SILENT) | Q(adjudication__hit__silent=True))
        .select_related("entry__watchlist", "adjudication__adjudicated_by__officer")
        .order_by("-created_at")
    )
    return [
        Clearance(
            exception_id=row.id,
            cleared_at=row.created_at,
            listed=str(row.entry.watchlist),
            kind=row.kind,
            reason=row.adjudication.reason,
            cleared_by=row.adjudication.adjudicated_by.officer.badge_number,
            ends_at=row.ends_at,
        )
        for row in rows
    ]


def _record(actor: Actor, record_type: RecordType, record_id: UUID) -> tuple[Model, UUID]:
    """Return the record and the port in reach that it belongs to. Raises CorrectionRefused record_unknown."""
    ports = actor.port_ids
    row = MODELS[record_type].objects.filter(pk=record_id).first()
    port_id: UUID | None = None
    if isinstance(row, Crossing):
        port_id = row.port_id
    elif isinstance(row, Stay):
        port_id = next((p for p in (row.entry_port_id, row.exit_port_id) if p in ports), None)
    elif row is not None:
        traveler_id = row.pk if isinstance(row, Traveler) else row.traveler_id
        crossings = Crossing.objects.filter(traveler_id=traveler_id, port_id__in=ports)
        port_id = crossings.order_by("-occurred_at").values_list("port_id", flat=True).first()
    if row is None or port_id not in ports:
        # of another port: the same answer as for nobody
        raise CorrectionRefused("record_unknown", "record_id")
    return row, port_id


def _write_correction(actor: Actor, at: datetime, request: CorrectionRequest) -> RecordCorrection:
    row = MODELS[RecordType(request.record_type)].objects.get(pk=request.record_id)
    if isinstance(row, Stay) and request.field == "exited_at" and row.exit_id is None and not row.anomaly:
        # the person has left, though no exit is recorded: the stay is no longer open
        row.anomaly = Stay.Anomaly.EXIT_MISSING
        row.save(update_fields=("anomaly",))
    return RecordCorrection.objects.create(
        request=request,
        record_type=request.record_type,
        record_id=request.record_id,
        field=request.field,
        was=value_of(row, request.field),
        value=request.asked_value,
        corrected_at=at,
        corrected_by_id=actor.user_id,
    )


def _letter(request: CorrectionRequest) -> Letter:
    with translation.override(request.language):
        say = {name: gettext(text) for name, text in {**NOTICE_TEXTS, **LETTER_TEXTS}.items()}
        country = request.port.country
        until = (request.decided_at + timedelta(days=country.appeal_days)).date()
        is_granted = request.state == CorrectionRequest.State.GRANTED
        authority = authority_of(country)
        # the fields of a record have the words of the booth
        about = gettext(FIELD_WORDS[request.field])
        return Letter(
            language=request.language,
            title=say["letter_title"],
            sender=sender_lines(authority),
            rows=[
                (say["reference"], request.reference),
                (say["letter_received"], f"{request.received_at:%Y-%m-%d}"),
                (say["letter_about"], about),
                (say["letter_was"], request.recorded_value or "–"),
                (say["letter_asked"], request.asked_value or "–"),
                (say["letter_decided"], f"{request.decided_at:%Y-%m-%d}"),
            ],
            sections=[
                Section(say["letter_granted" if is_granted else "letter_refused"], []),
                Section(say["letter_reason"], [isolate(request.reason)]),
                Section(say["appeal"], appeal_lines(authority, until.isoformat())),
            ],
            signatures=[],
            footnote="",
            reference=request.reference,
            page_word=say["page"],
            made_at=request.decided_at,
        )


def _note(
    actor: Actor, at: datetime, request: CorrectionRequest, act: str, detail: dict[str, Any]
) -> CorrectionRequest:
    record(
        actor=actor,
        at=at,
        action=f"correction_request.{act}",
        object_type="correction_request",
        object_id=request.id,
        detail=detail,
    )
    return request
