"""Named reads of lists, entries, candidates and hits.

Silent entries and hits are hidden here, in the query.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.core.actor import Actor, Role
from biometrics.models import OperatingPoint
from watchlists.core.birth_dates import BirthDate
from watchlists.core.keys import KEY_VERSION
from watchlists.core.names import PersonName
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION, Identity
from watchlists.core.screening import Action
from watchlists.models import (
    EntryDocument,
    EntryKey,
    EntryName,
    Hit,
    MatchException,
    VersionEntry,
    Watchlist,
    WatchlistEntry,
    WatchlistVersion,
)

CANDIDATES_MOST = 3000
READERS_OF_ENTRIES: tuple[Role, ...] = (Role.SUPERVISOR, Role.LIST_OWNER)
ADJUDICATORS: tuple[Role, ...] = (Role.SECOND_LINE, Role.SUPERVISOR, Role.LIST_OWNER)


@dataclass(frozen=True, slots=True)
class ActiveLists:
    """The lists in force: the versions to search, their numbers by list id and by list name, the kinds there are."""

    version_ids: tuple[UUID, ...]
    numbers: dict[str, int]
    numbers_by_name: dict[str, int]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One candidate by name."""

    entry_id: UUID
    action: Action
    identity: Identity


def get_active_lists() -> ActiveLists:
    """Return the lists that have an active version, and with it the emergency entries that stand besides it."""
    rows = list(
        Watchlist.objects.filter(active_version__isnull=False)
        .order_by("id")
        .values_list("id", "kind", "active_version_id", "active_version__number", "name")
    )
    emergencies = WatchlistVersion.objects.filter(state=WatchlistVersion.State.EMERGENCY).order_by("id")
    kinds = dict(emergencies.values_list("id", "watchlist__kind"))
    return ActiveLists(
        version_ids=(*(row[2] for row in rows), *kinds),
        numbers={str(row[0]): row[3] for row in rows},
        numbers_by_name={row[4]: row[3] for row in rows},
        kinds=frozenset((*(row[1] for row in rows), *kinds.values())),
    )


def get_name_operating_point() -> OperatingPoint | None:
    """Return the threshold in force for this version of the name score, in bits."""
    return OperatingPoint.objects.filter(
        purpose=OperatingPoint.Purpose.NAME_SCREENING,
        engine=SCORE_ENGINE,
        engine_version=SCORE_VERSION,
        state=OperatingPoint.State.ACTIVE,
    ).first()


def entries_in_force(*, lists: ActiveLists, at: datetime) -> QuerySet[WatchlistEntry]:
    """Return the entries that these versions hold and that may fire: valid at the time, and somebody's own."""
    held = VersionEntry.objects.filter(entry_id=OuterRef("id"), version_id__in=lists.version_ids)
    return WatchlistEntry.objects.filter(Exists(held), valid_from__lte=at, valid_until__gt=at).exclude(
        owner_unit=""
    )


def find_candidates(
    *, keys: Collection[int], lists: ActiveLists, at: datetime, limit: int = CANDIDATES_MOST
) -> list[UUID]:
    """Return the entries in force that share a key, at most limit + 1, so that the caller sees that there are
    more.
    """
    return list(
        EntryKey.objects.filter(
            key__in=sorted(keys),
            key_version=KEY_VERSION,
            entry__holdings__version_id__in=lists.version_ids,
            entry__valid_from__lte=at,
            entry__valid_until__gt=at,
        )
        .values_list("entry_id", flat=True)
        .distinct()[: limit + 1]
    )


def get_listed_persons(entry_ids: Iterable[UUID]) -> list[ListedPerson]:
    """Return what is known of these entries, with all their names."""
    rows = (
        EntryName.objects.filter(entry_id__in=list(entry_ids))
        .order_by("entry_id", "id")
        .values_list(
            "entry_id",
            "entry__action",
            "entry__birth_date",
            "entry__sex",
            "entry__nationality",
            "primary_identifier",
            "secondary_identifier",
            "quality",
        )
    )
    names: dict[UUID, list[PersonName]] = {}
    known: dict[UUID, tuple] = {}
    for entry_id, action, birth_date, sex, nationality, primary, secondary, quality in rows:
        known[entry_id] = (action, birth_date, sex, nationality)
        name = PersonName(primary, secondary, low_quality=quality == EntryName.Quality.LOW)
        names.setdefault(entry_id, []).append(name)
    return [
        ListedPerson(
            entry_id,
            Action(action),
            Identity(
                names=tuple(names[entry_id]),
                birth_date=BirthDate(birth_date.year, birth_date.month, birth_date.day)
                if birth_date
                else None,
                sex=sex,
                nationality=nationality,
            ),
        )
        for entry_id, (action, birth_date, sex, nationality) in known.items()
    ]


def get_listed_documents(entry_ids: Iterable[UUID]) -> list[tuple[UUID, Action, str, str]]:
    """Return (entry id, action, number, issuing State) of each document of these entries."""
    rows = (
        EntryDocument.objects.filter(entry_id__in=list(entry_ids))
        .order_by("entry_id", "id")
        .values_list("entry_id", "entry__action", "document_number", "issuing_state")
    )
    return [(entry_id, Action(action), number, state) for entry_id, action, number, state in rows]


def visible_entries(*, actor: Actor, at: datetime) -> QuerySet[WatchlistEntry]:
    """Return the active entries that an actor may read; silent ones are there for their owners alone."""
    if not actor.has(*READERS_OF_ENTRIES):
        return WatchlistEntry.objects.none()
    entries = entries_in_force(lists=get_active_lists(), at=at)
    if not actor.has(Role.LIST_OWNER):
        entries = entries.exclude(action=WatchlistEntry.Action.SILENT)
    return entries.select_related("version__watchlist").prefetch_related(
        "names", "documents", "document_ranges"
    )


def visible_hits(*, actor: Actor) -> QuerySet[Hit]:
    """Return the hits at the actor's ports; silent ones are there for their owners alone."""
    if not actor.has(*ADJUDICATORS):
        return Hit.objects.none()
    hits = Hit.objects.all()
    if not actor.everywhere:
        hits = hits.filter(screening__port_id__in=list(actor.port_ids))
    if not actor.has(Role.LIST_OWNER):
        hits = hits.filter(silent=False)
    return hits.select_related(
        "screening__reading", "entry__version__watchlist", "claimed_by"
    ).prefetch_related("entry__names", "entry__documents", "adjudications")


def find_second_person(*, badge_number: str) -> User | None:
    """Return the active account of an officer by badge number."""
    return User.objects.filter(is_active=True, officer__badge_number=badge_number).first()


def may_second(*, user_id: int, port_id: UUID, at: datetime) -> bool:
    """Tell whether a person may second an adjudication at a port: posted there as an adjudicator at this
    time.
    """
    # posts stand above this package, and are known here by the names of their relations alone
    return (
        User.objects.filter(
            Q(officer__assignments__valid_until__isnull=True) | Q(officer__assignments__valid_until__gt=at),
            id=user_id,
            is_active=True,
            officer__assignments__port_id=port_id,
            officer__assignments__valid_from__lte=at,
            officer__assignments__role__in=[role.value for role in ADJUDICATORS],
        )
    ).exists()


def get_manager(*, username: str, at: datetime) -> Actor | None:
    """Return the actor of an active account for work on lists at the command line; None where there is no such account."""
    user = User.objects.filter(is_active=True, username=username).first()
    if user is None:
        return None
    # posts stand above this package: see may_second
    posts = User.objects.filter(
        Q(officer__assignments__valid_until__isnull=True) | Q(officer__assignments__valid_until__gt=at),
        id=user.id,
        officer__assignments__valid_from__lte=at,
    ).values_list("officer__assignments__role", "officer__badge_number")
    found = [(Role(role), badge) for role, badge in posts if role in set(Role)]
    return Actor(
        label=found[0][1] if found else user.username,
        user_id=user.id,
        roles=frozenset(role for role, _ in found),
        purpose="list_management",
        origin="command line",
    )


def find_exceptions(
    *, presented_hash: str | None, entry_ids: Collection[UUID], kind: str, at: datetime
) -> dict[UUID, UUID]:
    """Return the exceptions in force for what was presented: entry -> exception. presented_hash: None without a document.

    An entry that has changed is another entry, so that its exceptions are void by themselves.
    """
    if presented_hash is None or not entry_ids:
        return {}
    found = MatchException.objects.filter(
        presented_hash=presented_hash,
        entry_id__in=list(entry_ids),
        kind=kind,
        ended_at__isnull=True,
        ends_at__gt=at,
    ).values_list("entry_id", "id")
    return dict(found)


def visible_exceptions(*, actor: Actor) -> QuerySet[MatchException]:
    """Return the exceptions that an actor may see: those of the hits that they may see."""
    hits = visible_hits(actor=actor).prefetch_related(None).select_related(None)
    return MatchException.objects.filter(adjudication__hit__in=hits.values("id"))


def new_entries(*, version: WatchlistVersion, since_id: UUID | None) -> QuerySet[WatchlistEntry]:
    """Return the entries that a version holds and an earlier one did not: new and changed ones. since_id: None: all."""
    entries = WatchlistEntry.objects.filter(holdings__version=version)
    if since_id is None:
        return entries
    before = VersionEntry.objects.filter(version_id=since_id, entry_id=OuterRef("id"))
    return entries.exclude(Exists(before))
