"""What the record knows about somebody at the booth, for the rules on movement, manifest and protection.

Each question is one statement: on tables of tens of millions of rows the statements themselves take fractions of a
millisecond, and what is left to save is the number of them. Each goes by an index, and its times are bounded, so that
the partitions of other months are not even planned for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit.queries.prepared import path_cursor
from borders.core.amendments import Amendment
from borders.core.manifests import normalise_conveyance
from borders.core.record_checks import (
    Announced,
    Companion,
    History,
    PartyMember,
    PastCrossing,
    Post,
    latest_birth_date_of_adults,
)
from borders.core.stays import OpenStay
from borders.models import Inspection
from borders.models.inspections import Direction
from travelers.models import DocumentReading, TravelDocument

LOOKED_BACK = timedelta(days=365)
CROSSINGS_LOOKED_AT, PARTIES_LOOKED_AT, COMPANIONS_LOOKED_AT = 200, 20, 200
DOCUMENTS_LOOKED_AT, PASSENGERS_LOOKED_AT = 50, 50
IN_USE_FOR = timedelta(hours=1)
IN_USE = (
    Inspection.State.RECEIVED,
    Inspection.State.PROCESSING,
    Inspection.State.READY,
    Inspection.State.REFERRED,
)
MANIFEST_WINDOW = timedelta(hours=36)

# who is recorded with this very document, and what was corrected about them on request
DOCUMENT = """
SELECT traveler_id, id FROM travelers_traveldocument
WHERE issuing_state = %(issuing_state)s AND document_number = %(document_number)s AND document_code = %(document_code)s
"""
AMENDMENTS = """
SELECT c.field, c.was, c.value FROM travelers_traveldocument d JOIN borders_recordcorrection c ON c.record_id = d.traveler_id
WHERE d.issuing_state = %(issuing_state)s AND d.document_number = %(document_number)s
    AND d.document_code = %(document_code)s
ORDER BY c.corrected_at, c.id
"""
# the day until which a stay is allowed counts as it was corrected on request
HOLDER = f"""
SELECT s.entered_at, coalesce(r.value::date, s.allowed_until),
       c.occurred_at, c.direction, c.document_id, c.party_id, p.code, p.latitude, p.longitude
FROM (SELECT %(traveler)s::uuid AS traveler_id) d
LEFT JOIN borders_stay s ON s.traveler_id = d.traveler_id AND s.country_code = %(country)s
    AND s.exit_id IS NULL AND s.anomaly = ''
LEFT JOIN LATERAL (
    SELECT value FROM borders_recordcorrection WHERE record_id = s.id AND field = 'allowed_until'
    ORDER BY corrected_at DESC, id DESC LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT occurred_at, direction, document_id, party_id, port_id FROM borders_crossing
    WHERE traveler_id = d.traveler_id AND occurred_at >= %(since)s AND occurred_at <= %(at)s
    ORDER BY occurred_at DESC LIMIT {CROSSINGS_LOOKED_AT}
) c ON true
LEFT JOIN borders_portofentry p ON p.id = c.port_id
ORDER BY c.occurred_at DESC
"""
# a document counts as lost where a list in force that officers may know of has it
ELSEWHERE = f"""
(SELECT 'document', d.document_number, d.created_at, EXISTS (
    SELECT FROM watchlists_entrydocument e
    JOIN watchlists_watchlistentry w ON w.id = e.entry_id AND w.action <> 'SILENT'
    JOIN watchlists_watchlist l ON l.id = w.watchlist_id AND l.kind = 'DOCUMENT' AND NOT l.is_test
    JOIN watchlists_versionentry v ON v.version_id = l.active_version_id AND v.entry_id = e.entry_id
    WHERE e.document_number = d.document_number AND e.issuing_state IN ('', d.issuing_state)
        AND e.status IN ('LOST', 'STOLEN', '') AND w.valid_from <= %(at)s AND w.valid_until > %(at)s
 )
 FROM travelers_traveler t JOIN travelers_traveldocument d ON d.traveler_id = t.id
 WHERE t.primary_identifier = %(primary_identifier)s AND t.secondary_identifier = %(secondary_identifier)s
    AND t.birth_date = %(birth_date)s AND d.document_number <> %(document_number)s
    AND d.created_at >= %(since)s AND d.created_at <= %(at)s
 LIMIT {DOCUMENTS_LOOKED_AT})
UNION ALL
(SELECT 'post', p.code, i.opened_at, false
 FROM travelers_documentreading r JOIN borders_inspection i ON i.reading_id = r.id
 JOIN borders_portofentry p ON p.id = i.port_id
 WHERE %(document_number)s <> '' AND r.issuing_state = %(issuing_state)s
    AND r.document_number = %(document_number)s AND r.document_code = %(document_code)s
    AND r.read_at >= %(in_use_since)s AND i.opened_at >= %(in_use_since)s AND i.opened_at <= %(at)s
    AND i.state = ANY(%(in_use)s) AND i.id <> %(inspection)s AND i.port_id <> %(port)s
    AND NOT i.training
 LIMIT 20)
"""
# the rules ask for minors who entered; whoever travels alone costs nothing here
COMPANIONS = f"""
SELECT c.traveler_id, coalesce(known.surname, t.primary_identifier), coalesce(known.born, t.birth_date),
    c.party_id, c.occurred_at, gone.left_at
FROM borders_crossing c JOIN travelers_traveler t ON t.id = c.traveler_id
LEFT JOIN LATERAL (
    SELECT (array_agg(value ORDER BY corrected_at DESC, id DESC) FILTER (WHERE field = 'primary_identifier'))[1] AS surname,
        (array_agg(nullif(value, '')::date ORDER BY corrected_at DESC, id DESC) FILTER (WHERE field = 'birth_date'))[1] AS born
    FROM borders_recordcorrection WHERE record_id = c.traveler_id
) known ON true
LEFT JOIN LATERAL (
    SELECT max(e.occurred_at) AS left_at FROM borders_crossing e
    WHERE e.traveler_id = c.traveler_id AND e.direction = 'EXIT'
        AND e.occurred_at >= %(since)s AND e.occurred_at <= %(at)s
) gone ON true
WHERE c.party_id = ANY(%(parties)s) AND c.occurred_at >= %(since)s AND c.occurred_at <= %(at)s
    AND c.direction = 'ENTRY' AND c.traveler_id <> %(traveler)s AND coalesce(known.born, t.birth_date) > %(born_after)s
ORDER BY c.occurred_at DESC LIMIT {COMPANIONS_LOOKED_AT}
"""
# a daily flight has three manifests within the window: the nearest is meant
MANIFEST = f"""
WITH manifest AS (
    SELECT id FROM borders_advancepassengermanifest
    WHERE conveyance = %(conveyance)s AND port_id = %(port)s AND direction = %(direction)s
        AND scheduled_at >= %(earliest)s AND scheduled_at <= %(latest)s AND replaced_at IS NULL
    ORDER BY abs(extract(epoch FROM scheduled_at - %(at)s::timestamptz)), scheduled_at LIMIT 1
), found AS (
    SELECT p.* FROM manifest m JOIN borders_manifestpassenger p ON p.manifest_id = m.id
    WHERE (p.document_number = %(document_number)s AND p.document_number <> '') OR p.birth_date = %(birth_date)s
    LIMIT {PASSENGERS_LOOKED_AT}
), booking AS (
    SELECT booking_reference FROM found
    WHERE document_number = %(document_number)s AND document_number <> '' AND booking_reference <> '' LIMIT 1
), sharing AS (
    SELECT p.* FROM manifest m JOIN booking b ON true
    JOIN borders_manifestpassenger p ON p.manifest_id = m.id AND p.booking_reference = b.booking_reference
    WHERE p.document_number <> %(document_number)s LIMIT {PASSENGERS_LOOKED_AT}
)
SELECT 'manifest' AS kind, id, '', '', '', '', NULL, '' FROM manifest
UNION ALL SELECT 'found', id, document_number, issuing_state, primary_identifier, secondary_identifier,
    birth_date, nationality FROM found
UNION ALL SELECT 'sharing', id, document_number, issuing_state, primary_identifier, secondary_identifier,
    birth_date, nationality FROM sharing
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who crossed with a document before. document_id: of that document.

    open_stay: in the country asked about. crossings: of the traveller, newest first, as far as the rules look back.
    """

    traveler_id: UUID
    document_id: UUID
    open_stay: OpenStay | None = None
    crossings: tuple[PastCrossing, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnouncedParty:
    """What a manifest says. passengers: of the number or birth date asked for. sharing: others on the same booking."""

    passengers: tuple[Announced, ...] = ()
    sharing: tuple[PartyMember, ...] = ()


def known_traveler_id(*, reading: DocumentReading) -> UUID | None:
    """Return the traveller recorded with this very document; None without a document, or when it never
    crossed.
    """
    return next(iter(known_traveler_ids(readings=(reading,))), None)


def known_traveler_ids(*, readings: Collection[DocumentReading]) -> frozenset[UUID]:
    """Return the travellers recorded with these very documents."""
    named = [r for r in readings if _names_a_document(r)]
    if not named:
        return frozenset()
    wanted = Q()
    for reading in named:
        wanted |= Q(
            issuing_state=reading.issuing_state,
            document_number=reading.document_number,
            document_code=reading.document_code,
        )
    return frozenset(TravelDocument.objects.filter(wanted).values_list("traveler_id", flat=True))


def amendments_for(*, reading: DocumentReading, at: datetime) -> tuple[Amendment, ...]:
    """Return what was corrected on request about the traveller recorded with this very document, in order."""
    if not _names_a_document(reading):
        return ()
    return tuple(Amendment(*row) for row in _ask(AMENDMENTS, _asked_about(reading, at)))


def holder_of(*, reading: DocumentReading, country_code: str, at: datetime) -> Holder | None:
    """Return who crossed with this very document before, with their open stay in a country and the year's crossings."""
    if not _names_a_document(reading):
        return None
    asked = _asked_about(reading, at)
    # apart: the crossings of a year are planned anew each time, and most documents were never seen before
    known = _ask(DOCUMENT, asked)
    if not known:
        return None
    traveler_id, document_id = known[0]
    rows = _ask(HOLDER, asked | {"country": country_code, "traveler": traveler_id})
    entered_at, allowed_until = rows[0][:2]
    return Holder(
        traveler_id,
        document_id,
        OpenStay(entered_at, allowed_until) if entered_at is not None else None,
        tuple(
            PastCrossing(
                occurred_at,
                direction == Direction.ENTRY,
                Post(code, latitude, longitude),
                str(document or ""),
                str(party or ""),
            )
            for _, _, occurred_at, direction, document, party, code, latitude, longitude in rows
            if occurred_at is not None
        ),
    )


def history_of(
    *,
    reading: DocumentReading,
    holder: Holder | None,
    inspection: Inspection,
    minor_below_years: int,
    at: datetime,
) -> History:
    """Return what the record rules look at, at most LOOKED_BACK before `at`.

    holder: as holder_of returns it, None for nobody. minor_below_years: who was younger at `at` counts as a companion.
    """
    crossings = holder.crossings if holder is not None else ()
    in_use, others, lost_reports = _elsewhere(reading, inspection, at)
    companions: tuple[Companion, ...] = ()
    if holder is not None:
        parties = list(dict.fromkeys(c.party for c in crossings if c.party))[:PARTIES_LOOKED_AT]
        born_after = latest_birth_date_of_adults(minor_below_years=minor_below_years, at=at)
        # a minor is not asked about other minors
        if parties and not (reading.birth_date is not None and reading.birth_date > born_after):
            companions = _companions(holder.traveler_id, parties, reading, born_after, at)
    document = str(holder.document_id) if holder is not None else ""
    return History(
        crossings=crossings,
        document_crossings=tuple(c for c in crossings if c.document == document),
        document_in_use_at=in_use,
        other_documents=others,
        companions=companions,
        lost_reports=lost_reports,
    )


def announced_for(*, inspection: Inspection, reading: DocumentReading, at: datetime) -> AnnouncedParty | None:
    """Return who the manifest of this conveyance has of this number or birth date, and who shares their booking.

    None: no manifest of the conveyance within MANIFEST_WINDOW of the crossing; of several the nearest in time.
    """
    conveyance = normalise_conveyance(inspection.conveyance)
    if not conveyance:
        return None
    rows = _ask(
        MANIFEST,
        _asked_about(reading, at)
        | {
            "conveyance": conveyance,
            "port": inspection.port_id,
            "direction": inspection.direction,
            "earliest": at - MANIFEST_WINDOW,
            "latest": at + MANIFEST_WINDOW,
        },
    )
    if not rows:
        return None
    return AnnouncedParty(
        tuple(
            Announced(number, state, surname, given, born, nationality)
            for kind, _, number, state, surname, given, born, nationality in rows
            if kind == "found"
        ),
        tuple(
            PartyMember(passenger_id, surname, born)
            for kind, passenger_id, _, _, surname, _, born, _ in rows
            if kind == "sharing"
        ),
    )


def _elsewhere(
    reading: DocumentReading, inspection: Inspection, at: datetime
) -> tuple[tuple[str, ...], tuple[tuple[str, datetime], ...], int]:
    """Return the other posts at which the document is in use, other documents of a person of these names and birth
    date with the day on which they first crossed, and how many of those are lost.
    """
    rows = _ask(
        ELSEWHERE,
        _asked_about(reading, at)
        | {
            "in_use_since": at - IN_USE_FOR,
            "in_use": list(IN_USE),
            "inspection": inspection.id,
            "port": inspection.port_id,
        },
    )
    documents = [(number, seen_at, lost) for kind, number, seen_at, lost in rows if kind == "document"]
    return (
        tuple(sorted({code for kind, code, _, _ in rows if kind == "post"})),
        tuple((number, seen_at) for number, seen_at, _ in documents),
        sum(lost for _, _, lost in documents),
    )


def _companions(
    traveler_id: UUID, parties: Sequence[str], reading: DocumentReading, born_after: Any, at: datetime
) -> tuple[Companion, ...]:
    rows = _ask(
        COMPANIONS,
        _asked_about(reading, at)
        | {"parties": [UUID(p) for p in parties], "traveler": traveler_id, "born_after": born_after},
    )
    return tuple(
        Companion(str(who), name, born, str(party), crossed_at, True, left_at)
        for who, name, born, party, crossed_at, left_at in rows
    )


def _names_a_document(reading: DocumentReading) -> bool:
    return bool(reading.document_number) and reading.source != DocumentReading.Source.DECLARED


def _asked_about(reading: DocumentReading, at: datetime) -> dict[str, Any]:
    """Return what the statements share."""
    return {
        "issuing_state": reading.issuing_state,
        "document_number": reading.document_number,
        "document_code": reading.document_code,
        "primary_identifier": reading.primary_identifier,
        "secondary_identifier": reading.secondary_identifier,
        "birth_date": reading.birth_date,
        "since": at - LOOKED_BACK,
        "at": at,
    }


def _ask(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with path_cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
