"""Named reads of the border: who acts where, and what they may see."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from oauth2_provider.models import AccessToken, Application

from audit.core.actor import Actor, Role
from audit.core.sharing import Scope, Sharing
from audit.queries.prepared import PreparedQuery, path_cursor
from biometrics.core.outcomes import Severity
from borders.core.amendments import Amendment
from borders.core.rules import Rule
from borders.models import (
    BoothSession,
    CheckRule,
    Inspection,
    PartnerProfile,
    PortOfEntry,
    PostAssignment,
    RecordCorrection,
    Stay,
)

RULES_KEPT = 1000
_RULES: dict[UUID, Rule] = {}


def assignments_at(*, officer_id, at: datetime):
    """Return the officer's assignments in force at a time."""
    return PostAssignment.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), officer_id=officer_id, valid_from__lte=at
    )


def roles_at_port(*, officer_id: UUID, port_id: UUID, at: datetime) -> frozenset[Role]:
    """Return the roles that an officer holds at a port, by an assignment to it or to its whole country."""
    here = Q(port_id=port_id) | Q(country__ports=port_id)
    posted = assignments_at(officer_id=officer_id, at=at).filter(here)
    return frozenset(Role(role) for role in posted.values_list("role", flat=True))


def posts_at(*, officer_id: UUID, at: datetime) -> set[tuple[UUID, Role]]:
    """Return every (port, role) that an officer holds; a national role counts at each port of its country.

    Never at a training post: lists, statistics and exports are made for the ports of the actor, so that nothing drawn is in
    any of them. Who trains signs in at a booth of the training post.
    """
    posted = assignments_at(officer_id=officer_id, at=at)
    of_ports = posted.filter(port__training=False).values_list("port_id", "role")
    of_countries = posted.filter(country__ports__training=False).values_list("country__ports", "role")
    return {(port_id, Role(role)) for port_id, role in of_ports.union(of_countries)}


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
    posts = frozenset(posts_at(officer_id=officer.id, at=at))
    return Actor(label=officer.badge_number, user_id=user.pk, posts=posts, origin=origin).acting_as(
        frozenset(role for _, role in posts)
    )


def _sessions(*, token: str, at: datetime, with_device: bool) -> QuerySet[BoothSession]:
    of_device = Q(device__revoked_at__isnull=True)
    if with_device:
        of_device &= Q(device__isnull=False)
    here = Q(port_id=OuterRef("booth__port_id")) | Q(country__ports=OuterRef("booth__port_id"))
    posted = assignments_at(officer_id=OuterRef("officer_id"), at=at).filter(here)
    return (
        BoothSession.objects.select_related("officer__user", "booth__port")
        .annotate(held_roles=ArraySubquery(posted.values("role")))
        .filter(
            of_device,
            token_sha256=token,
            ended_at__isnull=True,
            expires_at__gt=at,
            officer__user__is_active=True,
            booth__active=True,
        )
    )


_SESSION = {
    with_device: PreparedQuery(partial(_sessions, with_device=with_device), token=str, at=datetime)
    for with_device in (False, True)
}


def get_live_session(*, token: bytes, at: datetime) -> BoothSession | None:
    """Return the session of a booth token, if it is neither ended nor expired, account and booth are active,
    and the terminal is not revoked. Asked anew for every request, with the roles that the officer then holds there.
    """
    return _SESSION[settings.REQUIRE_DEVICES].first(token=hashlib.sha256(token).hexdigest(), at=at)


def actor_of_session(*, session: BoothSession, at: datetime, origin: str) -> Actor:
    """Return the actor at a booth: only the booth's own port, and only the roles held there at this time.

    session: with its roles at this time from get_live_session; otherwise they are asked for.
    """
    asked = getattr(session, "held_roles", None)
    held = (
        frozenset(Role(role) for role in asked)
        if asked is not None
        else roles_at_port(officer_id=session.officer_id, port_id=session.booth.port_id, at=at)
    )
    return Actor(
        label=session.officer.badge_number,
        user_id=session.officer.user_id,
        roles=held,
        port_ids=frozenset({session.booth.port_id}) if held else frozenset(),
        booth_id=session.booth_id,
        origin=origin,
        officer_id=session.officer_id,
    )


def _open_stays(*, traveler: UUID, country: str) -> QuerySet[Stay]:
    corrected = RecordCorrection.objects.filter(record_id=OuterRef("id"), field="allowed_until")
    return Stay.objects.filter(
        traveler_id=traveler, country_code=country, exit_id__isnull=True, anomaly=""
    ).annotate(corrected=Subquery(corrected.order_by("-corrected_at", "-id").values("value")[:1]))


_OPEN_STAY = PreparedQuery(_open_stays, traveler=UUID, country=str)


def open_stay_of(*, traveler_id: UUID, country_code: str) -> Stay | None:
    """Return the traveller's stay in a country that has no exit yet and is no anomaly; the day until which it is allowed as
    it was corrected on request.
    """
    stay = _OPEN_STAY.first(traveler=traveler_id, country=country_code)
    if stay is not None and stay.corrected is not None:
        stay.allowed_until = date.fromisoformat(stay.corrected)
    return stay


def corrections_of(*, record_id: UUID) -> dict[str, str]:
    """Return what counts instead of a record's own values: field -> the value of the latest granted request."""
    rows = RecordCorrection.objects.filter(record_id=record_id).order_by("corrected_at", "id")
    return dict(rows.values_list("field", "value"))


def amendments_of(*, record_ids: Iterable[UUID]) -> dict[UUID, list[Amendment]]:
    """Return what was corrected about some records, by record, in the order in which it was granted."""
    rows = RecordCorrection.objects.filter(record_id__in=list(record_ids)).order_by("corrected_at", "id")
    found: dict[UUID, list[Amendment]] = {}
    for row in rows:
        found.setdefault(row.record_id, []).append(Amendment(row.field, row.was, row.value))
    return found


def party_of(*, inspection: Inspection) -> QuerySet[Inspection]:
    """Return the inspections of one party in one direction, in the order in which they are locked; alone: the
    inspection itself.
    """
    if inspection.party_id is None:
        alike = Inspection.objects.filter(id=inspection.id)
    else:
        alike = Inspection.objects.filter(party_id=inspection.party_id, direction=inspection.direction)
    return alike.select_related("reading").order_by("id")


_IN_FORCE = PreparedQuery(lambda state: CheckRule.objects.filter(state=state).only("id"), state=str)


def rules_in_force() -> dict[str, Rule]:
    """Return the rules in force by the code of their check; a check without one is applied as delivered.

    A version of a rule never changes, and its lists may have thousands of entries: each is read once by a process, and
    after that only which versions are in force.
    """
    known = {row.id: _RULES.get(row.id) for row in _IN_FORCE.all(state=CheckRule.State.ACTIVE.value)}
    missing = [rule_id for rule_id, rule in known.items() if rule is None]
    if missing:
        read = {row.id: as_rule(row) for row in CheckRule.objects.filter(id__in=missing)}
        if len(_RULES) > RULES_KEPT:
            _RULES.clear()
        _RULES.update(read)
        known |= read
    return {rule.code: rule for rule in known.values() if rule is not None}


class ShownFinding(NamedTuple):
    """A finding in force as the booth sees it, where no faces were compared."""

    code: str
    outcome: str
    severity: str
    route: str
    reason: str
    detail: dict[str, Any]
    comparison: None = None


def shown_findings(*, inspection_id: UUID) -> list[ShownFinding]:
    """Return the findings in force in the order in which they were stored."""
    with path_cursor() as cursor:
        cursor.execute(
            "SELECT code, outcome, severity, route, reason, detail FROM borders_inspectionfinding"
            " WHERE inspection_id = %s AND superseded_at IS NULL ORDER BY id",
            [inspection_id],
        )
        rows = cursor.fetchall()
    # most findings have no detail
    return [ShownFinding(*row[:5], {} if row[5] == "{}" else json.loads(row[5])) for row in rows]


def as_rule(row: CheckRule) -> Rule:
    """Return a rule as a value."""
    severity = Severity(row.severity) if row.severity else None
    return Rule(row.code, row.version, row.enabled, severity, row.parameters)


def profile_in_force(*, application: Application, at: datetime) -> PartnerProfile | None:
    """Return the terms under which a client may act now; None when it is no partner's, revoked, or out of its time."""
    return (
        PartnerProfile.objects.select_related("partner__user")
        .filter(
            partner__application=application,
            partner__revoked_at__isnull=True,
            partner__user__is_active=True,
            state=PartnerProfile.State.ACTIVE,
            valid_from__lte=at,
            valid_until__gt=at,
        )
        .first()
    )


def get_live_partner_token(*, token: bytes, at: datetime) -> tuple[AccessToken, PartnerProfile] | None:
    """Return the access token of a national system with its terms in force, both looked up anew for every request."""
    found = (
        AccessToken.objects.select_related("application")
        .filter(token_checksum=hashlib.sha256(token).hexdigest(), expires__gt=at)
        .first()
    )
    profile = profile_in_force(application=found.application, at=at) if found is not None else None
    return (found, profile) if found is not None and profile is not None else None


def actor_of_partner(*, profile: PartnerProfile, granted: Iterable[str], at: datetime, origin: str) -> Actor:
    """Return the actor for a national system: at the ports of its terms, with the scopes of both its token and its terms."""
    ports = PortOfEntry.objects.filter(Q(code__in=profile.ports) | Q(country__in=profile.countries))
    scopes = frozenset(Scope(s) for s in profile.scopes if s in set(granted))
    sharing = Sharing(
        partner=profile.partner.code,
        state=profile.partner.state,
        scopes=scopes,
        fields={kind: frozenset(names) for kind, names in profile.fields.items()},
        since=at - timedelta(days=profile.days_back) if profile.days_back is not None else None,
        nationals_only=profile.nationals_only,
        lists=frozenset(profile.lists),
        legal_basis=profile.legal_basis,
        profile_version=profile.version,
    )
    return Actor(
        label=f"partner:{profile.partner.code}",
        user_id=profile.partner.user_id,
        port_ids=frozenset(ports.values_list("id", flat=True)),
        purpose=profile.purpose,
        origin=origin,
        sharing=sharing,
    )
