"""Named reads of the border: who acts where, and what they may see."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, Max, Q, QuerySet

from audit.core.actor import Actor, Role
from biometrics.core.outcomes import Severity
from borders.core.manifests import normalise_conveyance
from borders.core.record_checks import Companion, History, PastCrossing, Post
from borders.core.rules import Rule
from borders.models import (
    AdvancePassengerManifest,
    BoothSession,
    CheckRule,
    Crossing,
    Inspection,
    ManifestPassenger,
    PostAssignment,
    RecordCorrection,
    Stay,
)
from borders.models.inspections import Direction
from travelers.models import DocumentReading, TravelDocument
from watchlists.models import EntryDocument

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
SENIORITY = (
    Role.SUPERVISOR,
    Role.LIST_OWNER,
    Role.PROTECTION,
    Role.DATA_PROTECTION,
    Role.ADMINISTRATOR,
    Role.INTEGRATOR,
    Role.ADJUDICATOR,
    Role.SECOND_LINE,
    Role.OFFICER,
)


def assignments_at(*, officer_id, at: datetime):
    """Return the officer's assignments in force at a time."""
    return PostAssignment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), officer_id=officer_id, valid_from__lte=at
    )


def actor_of_user(*, user: User | AnonymousUser, at: datetime, origin: str) -> Actor:
    """Return the actor for a signed-in account: at the ports of its most senior role, with the roles held at all of them.

    Never at a training post: lists, statistics and exports are made for the ports of the actor, so that nothing drawn is in
    any of them. Who trains signs in at a booth of the training post.

    An actor's roles count at each of its ports, so a role held at some of them only is left out: a supervisor at one
    port who is an officer at another is a supervisor of the one port.
    """
    officer = getattr(user, "officer", None) if user.is_authenticated else None
    if officer is None:
        return Actor(label=f"user:{user.pk}" if user.pk else "anonymous", user_id=user.pk, origin=origin)
    held: dict[UUID, set[Role]] = defaultdict(set)
    posted = assignments_at(officer_id=officer.id, at=at).filter(port__training=False)
    for port_id, role in posted.values_list("port_id", "role"):
        held[port_id].add(Role(role))
    everywhere = set().union(*held.values())
    senior = next((role for role in SENIORITY if role in everywhere), None)
    at_ports = {port_id: roles for port_id, roles in held.items() if senior in roles}
    return Actor(
        label=officer.badge_number,
        user_id=user.pk,
        roles=frozenset(set.intersection(*at_ports.values())) if at_ports else frozenset(),
        port_ids=frozenset(at_ports),
        origin=origin,
    )


def get_live_session(*, token: bytes, at: datetime) -> BoothSession | None:
    """Return the session of a booth token, if it is neither ended nor expired and account and booth are
    active.
    """
    return (
        BoothSession.objects.select_related("officer__user", "booth__port")
        .filter(
            token_sha256=hashlib.sha256(token).hexdigest(),
            ended_at__isnull=True,
            expires_at__gt=at,
            officer__user__is_active=True,
            booth__active=True,
        )
        .first()
    )


def actor_of_session(*, session: BoothSession, at: datetime, origin: str) -> Actor:
    """Return the actor at a booth: only the booth's own port, and only the roles held there at this time."""
    roles = assignments_at(officer_id=session.officer_id, at=at).filter(port_id=session.booth.port_id)
    held = frozenset(Role(role) for role in roles.values_list("role", flat=True))
    return Actor(
        label=session.officer.badge_number,
        user_id=session.officer.user_id,
        roles=held,
        port_ids=frozenset({session.booth.port_id}) if held else frozenset(),
        booth_id=session.booth_id,
        origin=origin,
    )


def open_stay_of(*, traveler_id: UUID, country_code: str) -> Stay | None:
    """Return the traveller's stay in a country that has no exit yet and is no anomaly; the day until which it is allowed as
    it was corrected on request.
    """
    stay = Stay.objects.filter(
        traveler_id=traveler_id, country_code=country_code, exit_id__isnull=True, anomaly=""
    ).first()
    corrected = corrections_of(record_id=stay.id).get("allowed_until") if stay is not None else None
    if stay is not None and corrected is not None:
        stay.allowed_until = date.fromisoformat(corrected)
    return stay


def corrections_of(*, record_id: UUID) -> dict[str, str]:
    """Return what counts instead of a record's own values: field -> the value of the latest granted request."""
    rows = RecordCorrection.objects.filter(record_id=record_id).order_by("corrected_at", "id")
    return dict(rows.values_list("field", "value"))


def known_traveler_id(*, reading: DocumentReading) -> UUID | None:
    """Return the traveller recorded with this very document; None without a document, or when it never
    crossed.
    """
    if not reading.document_number or reading.source == DocumentReading.Source.DECLARED:
        return None
    return (
        TravelDocument.objects.filter(
            issuing_state=reading.issuing_state,
            document_number=reading.document_number,
            document_code=reading.document_code,
        )
        .values_list("traveler_id", flat=True)
        .first()
    )


def party_of(*, inspection: Inspection) -> QuerySet[Inspection]:
    """Return the inspections of one party in one direction, in the order in which they are locked; alone: the
    inspection itself.
    """
    if inspection.party_id is None:
        alike = Inspection.objects.filter(id=inspection.id)
    else:
        alike = Inspection.objects.filter(party_id=inspection.party_id, direction=inspection.direction)
    return alike.select_related("reading").order_by("id")


def rules_in_force() -> dict[str, Rule]:
    """Return the rules in force by the code of their check; a check without one is applied as delivered."""
    rows = CheckRule.objects.filter(state=CheckRule.State.ACTIVE)
    return {row.code: as_rule(row) for row in rows}


def as_rule(row: CheckRule) -> Rule:
    """Return a rule as a value."""
    severity = Severity(row.severity) if row.severity else None
    return Rule(row.code, row.version, row.enabled, severity, row.parameters)


def history_of(
    *,
    reading: DocumentReading,
    traveler_id: UUID | None,
    inspection: Inspection,
    at: datetime,
) -> History:
    """Return what the record rules look at, at most LOOKED_BACK before `at`.

    traveler_id: who crossed with this document before, None for nobody. Each read goes by an index, and the time bounds
    leave the partitions of earlier months untouched.
    """
    since = at - LOOKED_BACK
    crossings: tuple[PastCrossing, ...] = ()
    companions: tuple[Companion, ...] = ()
    document_id = ""
    if traveler_id is not None:
        crossings = _past_crossings(traveler_id, since, at)
        document_id = next((c.document for c in crossings if c.document), "")
        parties = list(dict.fromkeys(c.party for c in crossings if c.party))[:PARTIES_LOOKED_AT]
        companions = _companions(traveler_id, parties, since, at) if parties else ()
    others = _other_documents(reading, since, at)
    return History(
        crossings=crossings,
        document_crossings=tuple(c for c in crossings if c.document == document_id) if document_id else (),
        document_in_use_at=_in_use_elsewhere(reading, inspection, at),
        other_documents=tuple((number, seen_at) for number, _, seen_at in others),
        companions=companions,
        lost_reports=_lost_reports(others),
    )


def _past_crossings(traveler_id: UUID, since: datetime, at: datetime) -> tuple[PastCrossing, ...]:
    rows = (
        Crossing.objects.filter(traveler_id=traveler_id, occurred_at__gte=since, occurred_at__lte=at)
        .order_by("-occurred_at")
        .values_list(
            "occurred_at",
            "direction",
            "port__code",
            "port__latitude",
            "port__longitude",
            "document_id",
            "party_id",
        )[:CROSSINGS_LOOKED_AT]
    )
    return tuple(
        PastCrossing(
            occurred_at,
            direction == Direction.ENTRY,
            Post(code, latitude, longitude),
            str(document_id or ""),
            str(party_id or ""),
        )
        for occurred_at, direction, code, latitude, longitude, document_id, party_id in rows
    )


def _companions(
    traveler_id: UUID, parties: Sequence[str], since: datetime, at: datetime
) -> tuple[Companion, ...]:
    rows = list(
        Crossing.objects.filter(party_id__in=parties, occurred_at__gte=since, occurred_at__lte=at)
        .exclude(traveler_id=traveler_id)
        .order_by("-occurred_at")
        .values_list(
            "traveler_id",
            "traveler__primary_identifier",
            "traveler__birth_date",
            "party_id",
            "occurred_at",
            "direction",
        )[:COMPANIONS_LOOKED_AT]
    )
    ids = list({row[0] for row in rows})
    exits = (
        Crossing.objects.filter(
            traveler_id__in=ids, occurred_at__gte=since, occurred_at__lte=at, direction=Direction.EXIT
        )
        .values("traveler_id")
        .annotate(left_at=Max("occurred_at"))
        .values_list("traveler_id", "left_at")
        if ids
        else ()
    )
    left_at = dict(exits)
    return tuple(
        Companion(
            str(who), name, born, str(party), crossed_at, direction == Direction.ENTRY, left_at.get(who)
        )
        for who, name, born, party, crossed_at, direction in rows
    )


def _other_documents(
    reading: DocumentReading, since: datetime, at: datetime
) -> list[tuple[str, str, datetime]]:
    """Return other documents of people of these names and this birth date: number, issuer, first crossing."""
    if reading.birth_date is None or not reading.primary_identifier:
        return []
    rows = (
        TravelDocument.objects.filter(
            traveler__primary_identifier=reading.primary_identifier,
            traveler__secondary_identifier=reading.secondary_identifier,
            traveler__birth_date=reading.birth_date,
            created_at__gte=since,
            created_at__lte=at,
        )
        .exclude(document_number=reading.document_number)
        .values_list("document_number", "issuing_state", "created_at")
    )
    return list(rows[:DOCUMENTS_LOOKED_AT])


def _in_use_elsewhere(reading: DocumentReading, inspection: Inspection, at: datetime) -> tuple[str, ...]:
    if not reading.document_number:
        return ()
    rows = (
        Inspection.objects.filter(
            reading__issuing_state=reading.issuing_state,
            reading__document_number=reading.document_number,
            reading__document_code=reading.document_code,
            reading__read_at__gte=at - IN_USE_FOR,
            opened_at__gte=at - IN_USE_FOR,
            opened_at__lte=at,
            state__in=IN_USE,
            training=False,
        )
        .exclude(id=inspection.id)
        .exclude(port_id=inspection.port_id)
        .values_list("port__code", flat=True)
    )
    return tuple(sorted(set(rows[:20])))


def _lost_reports(documents: Sequence[tuple[str, str, datetime]]) -> int:
    """Return how many of these documents a list in force has as lost or stolen."""
    if not documents:
        return 0
    listed = EntryDocument.objects.filter(
        document_number__in=[number for number, _, _ in documents],
        entry__version=F("entry__version__watchlist__active_version"),
    ).values_list("document_number", "issuing_state")
    known = {(number, state) for number, state, _ in documents}
    return len({pair for pair in listed[:100] if pair in known or (pair[0] and not pair[1])})


def announced_for(
    *, inspection: Inspection, reading: DocumentReading, at: datetime
) -> tuple[list[ManifestPassenger] | None, list[ManifestPassenger]]:
    """Return who the manifest of this conveyance has of this number or birth date, and who shares their booking.

    None: no manifest of the conveyance within MANIFEST_WINDOW of the crossing.
    """
    conveyance = normalise_conveyance(inspection.conveyance)
    if not conveyance:
        return None, []
    manifest = (
        AdvancePassengerManifest.objects.filter(
            conveyance=conveyance,
            port_id=inspection.port_id,
            direction=inspection.direction,
            scheduled_at__gte=at - MANIFEST_WINDOW,
            scheduled_at__lte=at + MANIFEST_WINDOW,
            replaced_at__isnull=True,
        )
        .order_by("-scheduled_at")
        .first()
    )
    if manifest is None:
        return None, []
    same = Q(document_number=reading.document_number) if reading.document_number else Q(pk__in=())
    if reading.birth_date is not None:
        same |= Q(birth_date=reading.birth_date)
    found = list(ManifestPassenger.objects.filter(same, manifest=manifest)[:PASSENGERS_LOOKED_AT])
    booking = next(
        (
            p.booking_reference
            for p in found
            if p.booking_reference and p.document_number == reading.document_number
        ),
        "",
    )
    if not booking:
        return found, []
    shared = ManifestPassenger.objects.filter(manifest=manifest, booking_reference=booking)
    others = shared.exclude(document_number=reading.document_number)
    return found, list(others[:PASSENGERS_LOOKED_AT])
