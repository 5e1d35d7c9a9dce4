"""National systems: enrolled by an integrator, under terms that a second person approves, and cut off at once by either."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from oauth2_provider.models import AccessToken, Application

from audit.core.actor import Actor, Role
from audit.core.sharing import OBJECT_OF_SCOPE, Scope
from audit.services import record
from borders.models import Country, Partner, PartnerProfile, PortOfEntry
from watchlists.models import Watchlist

PROPOSERS = frozenset({Role.INTEGRATOR})
APPROVERS = frozenset({Role.INTEGRATOR, Role.DATA_PROTECTION})
REVOKERS = frozenset({Role.INTEGRATOR, Role.DATA_PROTECTION, Role.ADMINISTRATOR})
RATE_MOST = 6000


class PartnerRefused(ValueError):
    """The act on a partner cannot be done. code: stable. field: what was wrong."""

    def __init__(self, code: str, field: str = ""):
        super().__init__(code)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Terms:
    """What is proposed for a partner; see PartnerProfile for the meaning of each."""

    purpose: str
    legal_basis: str
    scopes: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    fields: Mapping[str, Iterable[str]] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    days_back: int | None = None
    nationals_only: bool = False
    requests_per_minute: int = 60


@transaction.atomic
def enrol_partner(
    *, actor: Actor, at: datetime, code: str, name: str, state: str, certificate_sha256: str = ""
) -> tuple[Partner, str, str]:
    """Make a partner with its OAuth2 client; return it, the client id, and the secret, given out once and kept as a hash.

    Until terms are approved the client gets no token. Raises PartnerRefused: bad_code, code_taken, required, bad_state,
    bad_certificate.
    """
    _require(actor, PROPOSERS)
    if not code.isascii() or not code.isalnum() or code != code.upper() or not 2 <= len(code) <= 20:
        raise PartnerRefused("bad_code", "code")
    if not name.strip():
        raise PartnerRefused("required", "name")
    if not (1 <= len(state) <= 3 and state.isascii() and state.isalpha() and state.isupper()):
        raise PartnerRefused("bad_state", "state")
    fingerprint = certificate_sha256.replace(":", "").lower()
    if fingerprint and (len(fingerprint) != 64 or set(fingerprint) - set("0123456789abcdef")):
        raise PartnerRefused("bad_certificate", "certificate_sha256")
    if Partner.objects.filter(code=code).exists():
        raise PartnerRefused("code_taken", "code")
    # an account without a password: it stands in foreign keys, and nobody signs in with it
    user = User(username=f"partner:{code}", is_active=True)
    user.set_unusable_password()
    user.save()
    secret = secrets.token_urlsafe(32)
    application = Application(
        name=code,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        hash_client_secret=True,
    )
    application.save()
    partner = Partner.objects.create(
        code=code,
        name=name.strip(),
        state=state,
        application=application,
        user=user,
        certificate_sha256=fingerprint,
        enrolled_by_id=actor.user_id,
        enrolled_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="partner.enrolled",
        object_type="partner",
        object_id=partner.id,
        detail={"code": code, "state": state, "certificate": bool(fingerprint)},
    )
    return partner, application.client_id, secret


@transaction.atomic
def propose_profile(*, actor: Actor, at: datetime, partner_id: UUID, terms: Terms) -> PartnerProfile:
    """Propose the terms of a partner. Raises PartnerRefused: unknown_partner, partner_revoked, required, unknown_scope,
    unknown_kind, unknown_port, unknown_country, unknown_list, bad_rate, bad_period.
    """
    _require(actor, PROPOSERS)
    partner = Partner.objects.select_for_update().filter(id=partner_id).first()
    if partner is None:
        raise PartnerRefused("unknown_partner")
    if partner.revoked_at is not None:
        raise PartnerRefused("partner_revoked")
    _check_terms(terms)
    latest = partner.profiles.aggregate(latest=Max("version"))["latest"] or 0
    profile = PartnerProfile.objects.create(
        partner=partner,
        version=latest + 1,
        purpose=terms.purpose,
        legal_basis=terms.legal_basis,
        scopes=sorted(set(terms.scopes)),
        fields={kind: sorted(set(names)) for kind, names in terms.fields.items()},
        ports=sorted(set(terms.ports)),
        countries=sorted(set(terms.countries)),
        lists=sorted(set(terms.lists)),
        days_back=terms.days_back,
        nationals_only=terms.nationals_only,
        requests_per_minute=terms.requests_per_minute,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        proposed_by_id=actor.user_id,
        proposed_at=at,
    )
    _note(actor, at, profile, "partner_profile.proposed")
    return profile


@transaction.atomic
def approve_profile(*, actor: Actor, at: datetime, profile_id: UUID) -> PartnerProfile:
    """Put proposed terms in force, in place of those before. Raises PartnerRefused: not_proposed, second_person_required,
    partner_revoked.
    """
    profile = _lock_proposed(actor, profile_id)
    if profile.proposed_by_id == actor.user_id:
        raise PartnerRefused("second_person_required")
    if profile.partner.revoked_at is not None:
        raise PartnerRefused("partner_revoked")
    PartnerProfile.objects.filter(partner=profile.partner, state=PartnerProfile.State.ACTIVE).update(
        state=PartnerProfile.State.RETIRED
    )
    _decide(actor, at, profile, PartnerProfile.State.ACTIVE, "partner_profile.approved")
    return profile


@transaction.atomic
def reject_profile(*, actor: Actor, at: datetime, profile_id: UUID) -> PartnerProfile:
    """Turn proposed terms down; who proposed them may take them back. Raises PartnerRefused: not_proposed."""
    profile = _lock_proposed(actor, profile_id)
    _decide(actor, at, profile, PartnerProfile.State.REJECTED, "partner_profile.rejected")
    return profile


@transaction.atomic
def revoke_partner(*, actor: Actor, at: datetime, partner_id: UUID) -> Partner:
    """Cut a partner off: its tokens end with this transaction, and no other is given out. One person is enough."""
    _require(actor, REVOKERS)
    partner = Partner.objects.select_for_update().filter(id=partner_id).first()
    if partner is None:
        raise PartnerRefused("unknown_partner")
    if partner.revoked_at is None:
        partner.revoked_at, partner.revoked_by_id = at, actor.user_id
        partner.save(update_fields=("revoked_at", "revoked_by"))
        User.objects.filter(id=partner.user_id).update(is_active=False)
        AccessToken.objects.filter(application=partner.application).delete()
        record(
            actor=actor,
            at=at,
            action="partner.revoked",
            object_type="partner",
            object_id=partner.id,
            detail={"code": partner.code},
        )
    return partner


def note_request(*, partner_id: UUID, at: datetime) -> int:
    """Count one request of a partner, and return how many it has sent in this minute, in all processes together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO borders_partnerminute AS m (partner_id, minute, requests)"
            " VALUES (%s, date_trunc('minute', %s::timestamptz), 1)"
            " ON CONFLICT (partner_id, minute) DO UPDATE SET requests = m.requests + 1 RETURNING requests",
            [partner_id, at],
        )
        return int(cursor.fetchone()[0])


def note_token(*, actor: Actor, at: datetime, partner_id: UUID, scopes: Iterable[str]) -> None:
    """Write that a partner was given a token."""
    record(
        actor=actor,
        at=at,
        action="partner.token_given",
        object_type="partner",
        object_id=partner_id,
        detail={"scopes": sorted(scopes)},
    )


def note_token_refused(*, at: datetime, origin: str, code: str) -> None:
    """Write that somebody asked for a token in vain, without the client id that was tried: a secret may be typed there."""
    record(
        actor=Actor(label="anonymous", origin=origin),
        at=at,
        action="partner.token_refused",
        object_type="partner",
        object_id="",
        detail={"code": code},
    )


def _check_terms(terms: Terms) -> None:
    for name in ("purpose", "legal_basis"):
        if not getattr(terms, name).strip():
            raise PartnerRefused("required", name)
    if not terms.scopes:
        raise PartnerRefused("required", "scopes")
    if set(terms.scopes) - {s.value for s in Scope}:
        raise PartnerRefused("unknown_scope", "scopes")
    opened = {OBJECT_OF_SCOPE[Scope(s)] for s in terms.scopes if Scope(s) in OBJECT_OF_SCOPE}
    if set(terms.fields) - opened:
        raise PartnerRefused("unknown_kind", "fields")
    if opened - set(terms.fields):
        raise PartnerRefused("required", f"fields.{min(opened - set(terms.fields))}")
    if set(terms.ports) - set(PortOfEntry.objects.values_list("code", flat=True)):
        raise PartnerRefused("unknown_port", "ports")
    if set(terms.countries) - set(Country.objects.values_list("code", flat=True)):
        raise PartnerRefused("unknown_country", "countries")
    if (Scope.LISTS_PROPOSE in terms.scopes) != bool(terms.lists):
        raise PartnerRefused("required", "lists")
    if set(terms.lists) - set(Watchlist.objects.filter(is_test=False).values_list("name", flat=True)):
        raise PartnerRefused("unknown_list", "lists")
    if not terms.ports and not terms.countries:
        raise PartnerRefused("required", "ports")
    if not 1 <= terms.requests_per_minute <= RATE_MOST:
        raise PartnerRefused("bad_rate", "requests_per_minute")
    if terms.days_back is not None and terms.days_back < 1:
        raise PartnerRefused("bad_period", "days_back")
    if terms.valid_until <= terms.valid_from:
        raise PartnerRefused("bad_period", "valid_until")


def _require(actor: Actor, roles: frozenset[Role]) -> None:
    if actor.user_id is None or not actor.has(*roles):
        raise PermissionDenied


def _lock_proposed(actor: Actor, profile_id: UUID) -> PartnerProfile:
    _require(actor, APPROVERS)
    profile = PartnerProfile.objects.select_for_update(of=("self",)).filter(id=profile_id).first()
    if profile is None or profile.state != PartnerProfile.State.PROPOSED:
        raise PartnerRefused("not_proposed")
    return profile


def _decide(actor: Actor, at: datetime, profile: PartnerProfile, state: str, action: str) -> None:
    profile.state, profile.decided_by_id, profile.decided_at = state, actor.user_id, at
    profile.save(update_fields=("state", "decided_by", "decided_at"))
    _note(actor, at, profile, action)


def _note(actor: Actor, at: datetime, profile: PartnerProfile, action: str) -> None:
    record(
        actor=actor,
        at=at,
        action=action,
        object_type="partner_profile",
        object_id=profile.id,
        detail={"partner": profile.partner.code, "version": profile.version, "scopes": profile.scopes},
    )
