"""Words and marks that the pages of lists share."""

from typing import Any

from django.db.models import Q, QuerySet

from audit.admin import Tone, badge, show
from audit.core.actor import Actor, Role
from watchlists.models import EntryName, WatchlistEntry
from watchlists.queries import ListFigures

READERS = frozenset({Role.SUPERVISOR, Role.LIST_OWNER})
VERSION_TONES = {
    "ACTIVE": Tone.GOOD,
    "PROPOSED": Tone.WARN,
    "SUPERSEDED": Tone.QUIET,
    "REJECTED": Tone.BAD,
    "EMERGENCY": Tone.BAD,
    "CONFIRMED": Tone.GOOD,
    "LAPSED": Tone.QUIET,
}
THRESHOLD_TONES = {
    "ACTIVE": Tone.GOOD,
    "PROPOSED": Tone.WARN,
    "RETIRED": Tone.QUIET,
    "REJECTED": Tone.BAD,
}
NO_VERSION = badge("No version: not checked", Tone.WARN)
NAME_ORDER = {EntryName.Kind.PRIMARY: 0, EntryName.Kind.ALIAS: 1, EntryName.Kind.ORIGINAL_SCRIPT: 2}


def without_silent(rows: QuerySet[Any], actor: Actor, silent: Q) -> QuerySet[Any]:
    """Leave out what is silent, unless the actor owns lists."""
    return rows if actor.has(Role.LIST_OWNER) else rows.exclude(silent)


def names_of(entry: WatchlistEntry, most: int) -> str:
    """Return the names of an entry, the primary one first. Its names are prefetched."""
    names = sorted(entry.names.all(), key=lambda n: (NAME_ORDER.get(n.kind, 3), n.id))
    more = f" · and {len(names) - most} more" if len(names) > most else ""
    return " · ".join(str(n) for n in names[:most]) + more or "document only"


def dates_in_words(entry: WatchlistEntry) -> str:
    """Return the birth dates of an entry."""
    found = []
    for text in entry.birth_dates:
        if text.endswith("~"):
            found.append(f"about {text[:-1]}")
        elif "/" in text:
            found.append("between {} and {}".format(*text.split("/")))
        else:
            found.append(text)
    return show(" · ".join(found))


def action_mark(entry: WatchlistEntry) -> str:
    """Return what an entry asks for, as a mark."""
    if entry.action == WatchlistEntry.Action.SILENT:
        return badge(entry.get_action_display(), Tone.NOTE, "visibility_off")
    if entry.action == WatchlistEntry.Action.PROTECT:
        return badge(entry.get_action_display(), Tone.WARN, "shield_person")
    return badge(entry.get_action_display(), Tone.QUIET, "assignment")


def alerts_in_words(figures: ListFigures, *, short: bool = False) -> str:
    """Return how many false alarms a day to expect."""
    rate = figures.false_alerts
    if rate is None:
        return "not known yet"
    middle = f"{rate.value:.1f}"
    if short:
        return middle
    return f"{middle} a day ({rate.low:.1f} to {rate.high:.1f}; from {rate.count:,} hits in {rate.total:.0f} days)"


def precision_in_words(figures: ListFigures, *, short: bool = False) -> str:
    """Return the share of answered hits that were true."""
    rate = figures.precision
    if rate is None:
        return "no answers yet"
    interval = f"{100 * rate.low:.0f} to {100 * rate.high:.0f} %"
    if short:
        return f"{100 * rate.value:.0f} % ({interval})"
    return f"{100 * rate.value:.0f} % of {rate.total:,.0f} answered hits were true (95 %: {interval})"
