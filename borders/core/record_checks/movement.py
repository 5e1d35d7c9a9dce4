"""Journeys that nobody can make, a document in two places, and use that is out of the ordinary."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from biometrics.core.outcomes import (
    AS_DELIVERED,
    Check,
    Finding,
    Outcome,
    Parameter,
    ParameterKind,
    Settings,
    Severity,
    value_of,
)
from borders.core.record_checks.history import History, PastCrossing, Post

TRAVEL_SPEED = Check(
    "TRAVEL.SPEED",
    "The traveller can have come here from the post of the crossing before.",
    Severity.BLOCK,
    "own record of crossings; great circle distance",
    parameters=(
        Parameter("speed_kmh", 950, "Fastest journey between two posts.", unit="km/h", least=50, most=3000),
        Parameter(
            "ground_minutes", 20, "Time that two crossings need besides the way.", unit="minutes", most=600
        ),
        Parameter(
            "least_minutes",
            (),
            "Least time between two posts, for ways that are slower than they are long.",
            ParameterKind.PAIRS,
        ),
    ),
)
TRAVEL_TWO_PLACES = Check(
    "TRAVEL.TWO_PLACES",
    "The document is not being inspected at another post at this time.",
    Severity.BLOCK,
    "own record of inspections",
)
USE_FREQUENCY = Check(
    "USE.FREQUENCY",
    "The document is not used unusually often.",
    Severity.INFORM,
    "own record of crossings",
    parameters=(
        Parameter("crossings", 40, "Crossings from which use is unusual.", least=2, most=1000),
        Parameter("days", 30, "Days looked back.", unit="days", least=1, most=365),
    ),
)
USE_DOCUMENTS = Check(
    "USE.DOCUMENTS",
    "The holder does not come with a new document on every journey.",
    Severity.INFORM,
    "own record of crossings, by names and birth date",
    parameters=(
        Parameter(
            "documents", 4, "Documents from which it is unusual, this one with them.", least=2, most=50
        ),
        Parameter("days", 365, "Days looked back.", unit="days", least=1, most=365),
    ),
)
USE_LOST_REPORTS = Check(
    "USE.LOST_REPORTS",
    "The holder has not reported many documents lost.",
    Severity.INFORM,
    "lists of lost and stolen documents in force",
    parameters=(Parameter("reports", 3, "Reports from which it is unusual.", least=1, most=50),),
)
MOVEMENT_CHECKS: tuple[Check, ...] = (
    TRAVEL_SPEED,
    TRAVEL_TWO_PLACES,
    USE_FREQUENCY,
    USE_DOCUMENTS,
    USE_LOST_REPORTS,
)

EARTH_RADIUS_KM = 6371.0


def distance_km(a: Post, b: Post) -> float | None:
    """Return the great circle distance of two posts (haversine), None where a place is not known."""
    if None in (a.latitude, a.longitude, b.latitude, b.longitude):
        return None
    lat_1, lon_1, lat_2, lon_2 = (
        math.radians(float(degrees or 0.0)) for degrees in (a.latitude, a.longitude, b.latitude, b.longitude)
    )
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def least_minutes(a: Post, b: Post, settings: Settings = AS_DELIVERED) -> float | None:
    """Return the least time between crossings at two posts in minutes; 0 at one post, None where nothing is known."""
    if a.code == b.code:
        return 0.0
    known: list[float] = []
    for pair in value_of(TRAVEL_SPEED, "least_minutes", settings):
        if {pair["from"], pair["to"]} == {a.code, b.code}:
            known.append(float(pair["minutes"]))
    distance = distance_km(a, b)
    if distance is not None:
        speed = float(value_of(TRAVEL_SPEED, "speed_kmh", settings))
        known.append(distance / speed * 60 + float(value_of(TRAVEL_SPEED, "ground_minutes", settings)))
    return max(known) if known else None


def check_movement(
    *, history: History | None, post: Post, at: datetime, settings: Settings = AS_DELIVERED
) -> tuple[Finding, ...]:
    """Return the findings of MOVEMENT_CHECKS, in their order.

    history: of the traveller, None where nothing was read or declared. post: of this crossing. at: aware UTC.
    """
    if history is None:
        return tuple(Finding(check, Outcome.UNDETERMINED, "identity_unknown") for check in MOVEMENT_CHECKS)
    return (
        _check_speed(history, post, at, settings),
        _check_two_places(history),
        _check_frequency(history, at, settings),
        _check_documents(history, at, settings),
        _check_lost_reports(history, settings),
    )


def _check_speed(history: History, post: Post, at: datetime, settings: Settings) -> Finding:
    """Compare with the latest crossing before this one, of the traveller or of the document."""
    past = [c for c in (*history.crossings, *history.document_crossings) if c.occurred_at <= at]
    if not past:
        return Finding(TRAVEL_SPEED, Outcome.NOT_APPLICABLE, "no_earlier_crossing")
    latest = max(past, key=lambda c: c.occurred_at)
    if latest.post.code == post.code:
        return Finding(TRAVEL_SPEED, Outcome.PASS, "same_post")
    needed = least_minutes(latest.post, post, settings)
    if needed is None:
        return Finding(TRAVEL_SPEED, Outcome.NOT_APPLICABLE, "no_places_of_posts")
    taken = (at - latest.occurred_at).total_seconds() / 60
    detail: Mapping[str, Any] = {
        "from": latest.post.code,
        "crossed_at": latest.occurred_at.isoformat(),
        "minutes": round(taken),
        "least_minutes": round(needed),
    }
    if taken < needed:
        return Finding(TRAVEL_SPEED, Outcome.FAIL, "too_fast", detail)
    return Finding(TRAVEL_SPEED, Outcome.PASS, "", detail)


def _check_two_places(history: History) -> Finding:
    if history.document_in_use_at:
        detail = {"posts": sorted(history.document_in_use_at)}
        return Finding(TRAVEL_TWO_PLACES, Outcome.FAIL, "in_use_elsewhere", detail)
    return Finding(TRAVEL_TWO_PLACES, Outcome.PASS)


def _recent(crossings: Sequence[PastCrossing], at: datetime, days: int) -> int:
    since = at - timedelta(days=days)
    return sum(since <= c.occurred_at <= at for c in crossings)


def _check_frequency(history: History, at: datetime, settings: Settings) -> Finding:
    days = int(value_of(USE_FREQUENCY, "days", settings))
    most = int(value_of(USE_FREQUENCY, "crossings", settings))
    count = max(_recent(history.crossings, at, days), _recent(history.document_crossings, at, days)) + 1
    detail = {"crossings": count, "days": days}
    if count >= most:
        return Finding(USE_FREQUENCY, Outcome.FAIL, "unusually_often", detail)
    return Finding(USE_FREQUENCY, Outcome.PASS, "", detail)


def _check_documents(history: History, at: datetime, settings: Settings) -> Finding:
    since = at - timedelta(days=int(value_of(USE_DOCUMENTS, "days", settings)))
    count = len({document for document, seen_at in history.other_documents if since <= seen_at <= at}) + 1
    if count >= int(value_of(USE_DOCUMENTS, "documents", settings)):
        return Finding(USE_DOCUMENTS, Outcome.FAIL, "many_documents", {"documents": count})
    return Finding(USE_DOCUMENTS, Outcome.PASS, "", {"documents": count})


def _check_lost_reports(history: History, settings: Settings) -> Finding:
    if history.lost_reports >= int(value_of(USE_LOST_REPORTS, "reports", settings)):
        return Finding(USE_LOST_REPORTS, Outcome.FAIL, "many_reports", {"reports": history.lost_reports})
    return Finding(USE_LOST_REPORTS, Outcome.PASS, "", {"reports": history.lost_reports})
