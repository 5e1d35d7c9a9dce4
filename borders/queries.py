"""Named reads of the border: who acts where, and what they may see."""

import hashlib
from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from audit.core.actor import Actor, Role
from biometrics.core.outcomes import Severity
from borders.core.rules import Rule
from borders.models import (
    BoothSession,
    CheckRule,
    Inspection,
    PostAssignment,
    RecordCorrection,
    Stay,
)

RULES_KEPT = 1000
_RULES: dict[UUID, Rule] = {}
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

    An actor's roles count at each of its ports, so a role held at some of them only is left out: a supervisor at one
    port who is an officer at another is a supervisor of the one port.
    """
    officer = getattr(user, "officer", None) if user.is_authenticated else None
    if officer is None:
        return Actor(label=f"user:{user.pk}" if user.pk else "anonymous", user_id=user.pk, origin=origin)
    held: dict[UUID, set[Role]] = defaultdict(set)
    for port_id, role in assignments_at(officer_id=officer.id, at=at).values_list("port_id", "role"):
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
    """Return the rules in force by the code of their check; a check without one is applied as delivered.

    A version of a rule never changes, and its lists may have thousands of entries: each is read once by a process, and
    after that only which versions are in force.
    """
    in_force = CheckRule.objects.filter(state=CheckRule.State.ACTIVE).values_list("id", flat=True)
    known = {rule_id: _RULES.get(rule_id) for rule_id in in_force}
    missing = [rule_id for rule_id, rule in known.items() if rule is None]
    if missing:
        read = {row.id: as_rule(row) for row in CheckRule.objects.filter(id__in=missing)}
        if len(_RULES) > RULES_KEPT:
            _RULES.clear()
        _RULES.update(read)
        known |= read
    return {rule.code: rule for rule in known.values() if rule is not None}


def as_rule(row: CheckRule) -> Rule:
    """Return a rule as a value."""
    severity = Severity(row.severity) if row.severity else None
    return Rule(row.code, row.version, row.enabled, severity, row.parameters)
