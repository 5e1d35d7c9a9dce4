"""Whose accounts an administrator may touch: those posted where the administrator is one, and never the own."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.core.actor import Actor, Role
from borders.models import Country, Officer, PortOfEntry, PostAssignment

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
# who holds one of these watches over the others: two administrators give it, and let its holder in again
GOVERNING = frozenset({Role.ADMINISTRATOR, Role.DATA_PROTECTION})


class AccountRefused(ValueError):
    """Nothing was changed. code: stable; field: of the form, "" for the whole."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code}: {field}" if field else code)
        self.code, self.field = code, field


def administrator(actor: Actor) -> Actor:
    """Return the person as an administrator, at the ports where this role is held. Raises AccountRefused: role_required."""
    here = actor.acting_as(ADMINISTRATORS)
    if here.user_id is None or not here.has(*ADMINISTRATORS):
        raise AccountRefused("role_required")
    return here


def officers_in_reach(port_ids: frozenset[UUID]) -> QuerySet[Officer]:
    """Return the officers who are, were or shall be posted at one of these ports or in the country of one."""
    countries = Country.objects.filter(ports__in=port_ids)
    posted = Q(assignments__port__in=port_ids) | Q(assignments__country__in=countries)
    proposed = Q(changes__port__in=port_ids) | Q(changes__country__in=countries)
    return Officer.objects.filter(id__in=Officer.objects.filter(posted | proposed).values("id"))


def posts_to_come(officer: Officer, at: datetime) -> QuerySet[PostAssignment]:
    """Return the posts that are in force or will be."""
    return officer.assignments.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))


def governs(officer: Officer, at: datetime) -> bool:
    """Tell whether the officer holds, or will hold, a role that watches over others."""
    return posts_to_come(officer, at).filter(role__in=GOVERNING).exists()


def lock_officer(*, actor: Actor, at: datetime, officer_id: UUID) -> Officer:
    """Return an officer whose account the actor may change, locked.

    Raises AccountRefused: role_required, unknown_officer, own_account, posted_elsewhere.
    """
    here = administrator(actor)
    officer = (
        Officer.objects.select_for_update(of=("self",)).select_related("user").filter(id=officer_id).first()
    )
    if officer is None or not officers_in_reach(here.port_ids).filter(id=officer.id).exists():
        raise AccountRefused("unknown_officer")
    if officer.user_id == here.user_id:
        raise AccountRefused("own_account")
    posts = posts_to_come(officer, at).select_related("port", "country")
    if not all(may_post(here, post.port, post.country) for post in posts):
        raise AccountRefused("posted_elsewhere")
    return officer


def may_post(here: Actor, port: PortOfEntry | None, country: Country | None) -> bool:
    """Tell whether a place lies within an administrator's reach: a port; a training post in a country of such a port; a country,
    of which every port is.
    """
    if port is not None and not port.training:
        return here.reaches(port.id)
    code = port.country_id if port is not None else country.code if country is not None else ""
    ports = set(PortOfEntry.objects.filter(country=code, training=False).values_list("id", flat=True))
    if port is not None:
        return bool(ports & here.port_ids)
    return bool(ports) and ports <= here.port_ids
