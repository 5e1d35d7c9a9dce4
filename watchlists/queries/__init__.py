"""Named reads of lists, entries, candidates and hits.

Silent entries and hits are hidden here, in the query.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from audit.core.actor import Actor, Role
from biometrics.models import OperatingPoint
from watchlists.core.figures import Rate, false_alerts_a_day, precision_of
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.core.thresholds import threshold_for
from watchlists.models import (
    Hit,
    ListThreshold,
    MatchException,
    Screening,
    SelfTestRun,
    VersionEntry,
    Watchlist,
    WatchlistEntry,
    WatchlistVersion,
)
from watchlists.queries.in_force import ActiveLists, get_active_lists

READERS_OF_ENTRIES: tuple[Role, ...] = (Role.SUPERVISOR, Role.LIST_OWNER)
SELF_TEST_LATE = timedelta(hours=25)
UNANSWERED = ("OPEN", "CLAIMED", "PROPOSED")
ADJUDICATORS: tuple[Role, ...] = (Role.SECOND_LINE, Role.SUPERVISOR, Role.LIST_OWNER, Role.ADJUDICATOR)


def get_list_thresholds() -> dict[UUID, float]:
    """Return the base bits in force of the lists that have an operating point of their own, by list id."""
    return dict(
        ListThreshold.objects.filter(
            state=ListThreshold.State.ACTIVE, score_version=SCORE_VERSION
        ).values_list("watchlist_id", "base_bits")
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
    ).prefetch_related("entry__names", "entry__documents", "entry__document_ranges", "adjudications__review")


def get_manager(*, username: str, at: datetime) -> Actor | None:
    """Return the actor of an active account for work on lists at the command line; None where there is no such account."""
    user = User.objects.filter(is_active=True, username=username).first()
    if user is None:
        return None
    # posts stand above this package, and are known here by the names of their relations alone
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


@dataclass(frozen=True, slots=True)
class ListFigures:
    """How one list did in the days before. screenings_a_day: of the whole border."""

    hits: int
    open_hits: int
    precision: Rate | None
    false_alerts: Rate | None
    screenings_a_day: float
    threshold: float | None


FIGURE_DAYS = 30


def get_thresholds(*, watchlist_ids: Collection[UUID]) -> dict[UUID, float]:
    """Return the threshold in bits that each list of persons has now; none for a list without a version in force."""
    point, own = get_name_operating_point(), get_list_thresholds()
    sizes = Watchlist.objects.filter(
        id__in=list(watchlist_ids), kind=Watchlist.Kind.PERSON, active_version__isnull=False
    ).values_list("id", "active_version__entry_count")
    base = {i: own.get(i, point.threshold if point else None) for i, _ in sizes}
    return {i: threshold_for(n, base_bits=b) for i, n in sizes if (b := base[i]) is not None}


def get_list_figures(
    *, watchlist_ids: Collection[UUID], at: datetime, actor: Actor
) -> dict[UUID, ListFigures]:
    """Return the figures of lists: precision of all answers so far, false alarms of the last FIGURE_DAYS. Silent hits count
    for owners of lists alone: a figure that moves would tell others of one.

    Hits below the threshold that their list has now are left out of the false alarms: they would not be made today.
    """
    since = at - timedelta(days=FIGURE_DAYS)
    recent = Screening.objects.filter(at__gte=since, at__lte=at).aggregate(count=Count("id"), first=Min("at"))
    days = max((at - recent["first"]).total_seconds() / 86_400, 1.0) if recent["first"] else 0.0
    thresholds = get_thresholds(watchlist_ids=watchlist_ids)
    current = Case(
        *(When(entry__watchlist=i, then=Value(t)) for i, t in thresholds.items()),
        default=Value(0.0),
        output_field=FloatField(),
    )
    still = Q(found_at__gte=since) & (~Q(kind="NAME") | Q(score__gte=F("current")))
    hits = Hit.objects.filter(entry__watchlist__in=list(watchlist_ids), found_at__lte=at)
    if not actor.has(Role.LIST_OWNER):
        hits = hits.filter(silent=False).exclude(entry__action=WatchlistEntry.Action.SILENT)
    counted = {
        row["entry__watchlist"]: row
        for row in hits.annotate(current=current)
        .values("entry__watchlist")
        .annotate(
            hits=Count("id"),
            open_hits=Count("id", filter=Q(state__in=UNANSWERED)),
            true=Count("id", filter=Q(state="TRUE_MATCH")),
            false=Count("id", filter=Q(state="FALSE_MATCH")),
            recent_false=Count("id", filter=still & Q(state__in=("FALSE_MATCH", "INCONCLUSIVE"))),
            recent_open=Count("id", filter=still & Q(state__in=UNANSWERED)),
        )
    }
    figures = {}
    for watchlist_id in watchlist_ids:
        row = counted.get(watchlist_id, {})
        precision = precision_of(row.get("true", 0), row.get("false", 0))
        figures[watchlist_id] = ListFigures(
            hits=row.get("hits", 0),
            open_hits=row.get("open_hits", 0),
            precision=precision,
            false_alerts=false_alerts_a_day(
                row.get("recent_false", 0), days, precision=precision, unanswered=row.get("recent_open", 0)
            ),
            screenings_a_day=(recent["count"] or 0) / days if days else 0.0,
            threshold=thresholds.get(watchlist_id),
        )
    return figures


# what tells two contents of an entry apart, by the name of the field
COMPARED_FIELDS = (
    *(
        "action",
        "priority",
        "reason",
        "legal_basis",
        "owner_unit",
        "classification",
        "valid_until",
    ),
    *("birth_dates", "birth_places", "sex", "nationalities", "listed_on", "remarks"),
)


def difference_of(
    *, version: WatchlistVersion, base_id: UUID | None, change: str
) -> QuerySet[WatchlistEntry]:
    """Return the entries that a version added, changed (as they are now) or removed (as they were).

    change: "added", "changed" or "removed". base_id: version compared with, None for none.
    """
    other = (
        VersionEntry.objects.filter(version_id=base_id)
        if base_id is not None
        else VersionEntry.objects.none()
    )
    own = VersionEntry.objects.filter(version=version)
    mine, its = (own, other) if change != "removed" else (other, own)
    entries = WatchlistEntry.objects.filter(Exists(mine.filter(entry_id=OuterRef("id"))))
    entries = entries.exclude(Exists(its.filter(entry_id=OuterRef("id"))))
    named = WatchlistEntry.objects.filter(
        Exists(its.filter(entry_id=OuterRef("id"))),
        watchlist_id=version.watchlist_id,
        source_id=OuterRef("source_id"),
    )
    return entries.filter(Exists(named)) if change == "changed" else entries.exclude(Exists(named))


def count_differences(*, version: WatchlistVersion, base_id: UUID | None) -> dict[str, int]:
    """Return how many entries a version added, removed, changed and kept against another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE o.entry_id IS NULL),"
            " count(*) FILTER (WHERE n.entry_id IS NULL),"
            " count(*) FILTER (WHERE n.entry_id <> o.entry_id), count(*) FILTER (WHERE n.entry_id = o.entry_id)"
            " FROM (SELECT m.entry_id, e.source_id FROM watchlists_versionentry m"
            "  JOIN watchlists_watchlistentry e ON e.id = m.entry_id WHERE m.version_id = %s) n"
            " FULL JOIN (SELECT m.entry_id, e.source_id FROM watchlists_versionentry m"
            "  JOIN watchlists_watchlistentry e ON e.id = m.entry_id WHERE m.version_id = %s) o USING (source_id)",
            [version.id, base_id],
        )
        added, removed, changed, kept = cursor.fetchone()
    return {"added": added, "removed": removed, "changed": changed, "kept": kept}


def self_test_alarm(*, at: datetime) -> str:
    """Return why somebody should look at the screening engine, "" if the latest self-test passed within the day.

    A self-test is due after a day, and the sweep that does it comes round every few seconds: after an hour more it is late.
    """
    latest = SelfTestRun.objects.filter(at__lte=at).order_by("-at").first()
    if latest is None:
        return "never tested: nobody knows whether screening finds anybody"
    if latest.reason:
        return f"nothing could be tested: {latest.reason.replace('_', ' ')}"
    if not latest.passed:
        return f"missed {len(latest.missed)}: screening does not find whom it must"
    if latest.at < at - SELF_TEST_LATE:
        return f"not tested since {latest.at:%Y-%m-%d %H:%M} UTC"
    return ""
