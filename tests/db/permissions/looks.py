"""What of the database is about persons, and which pages show none of it. Read by test_every_look_leaves_its_row.py."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models

from borders.core.personal_data import ERASED, Treatment

# addresses and models of matrix.txt that leave no row, by why not; what stands here and reads a personal column fails
REASONS: Mapping[str, str] = {
    "state of the system: counts, times and versions": "healthz/ readyz/ metrics/ audit-head",
    "the way in and out; shows the person to nobody but themselves": (
        "second-factor:verify second-factor:enrol account:password console:sign-in console:enrolment console:lock "
        "device-challenge admin:login admin:password_change admin:password_change_done admin:borders_portofentry_any_board"
    ),
    "words and descriptions of the program": "schema unknown-address admin:jsi18n admin:app_list",
    "nobody is let in": "admin:search admin:autocomplete admin:view_on_site",
    "an empty form": (
        "console:screen admin:watchlists_watchlist_entry admin:watchlists_watchlist_upload "
        "admin:watchlists_listthreshold_propose admin:borders_officer_open admin:borders_correctionrequest_receive "
        "admin:borders_portofentry_place"
    ),
    "counts of what waits": "admin:index",
    "exercises with invented persons": "training:scenes training:picture",
    "counts from which nobody can be derived": (
        "borders.statisticsrelease admin:borders_statisticsrelease_file biometrics.accuracymeasurement "
        "biometrics.deduplicationrun biometrics.gallery watchlists.selftestrun"
    ),
    "rules and thresholds, and which officer decided them": (
        "biometrics.operatingpoint borders.checkrule admin:borders_checkrule_check borders.retentionclass "
        "watchlists.listthreshold"
    ),
    "certificates of States": "travelers.truststoreversion travelers.trustedcertificate",
    "lists and their versions, without an entry": (
        "watchlists.watchlist watchlists.watchlistversion watchlists.importrun"
    ),
    "places and devices": "borders.country borders.portofentry borders.booth borders.boothdevice",
    "other systems": "borders.partner borders.partnerprofile borders.outboxmessage",
}
SHOWS_NOBODY: Mapping[str, str] = {name: why for why, names in REASONS.items() for name in names.split()}

# besides the map of what is erased: its own periods hold for these
OF_LISTS = ("WatchlistEntry", "EntryName", "EntryDocument", "EntryFace", "EntryKey", "EntrySearchForm")
WITH_PERIODS = (
    *(f"watchlists.{name}" for name in OF_LISTS),
    "borders.ManifestPassenger",
    "borders.CaptureAhead",
)
SAYS_SOMETHING = (Treatment.BLANK, Treatment.WORD, Treatment.NULL)
SELECTED = re.compile(r'"(\w+)"\."(\w+)"')


def _personal_columns() -> dict[str, frozenset[str]]:
    """Return the columns that say something of a person, by table. Links, codes and times of day say nothing by themselves."""
    found = {}
    for label in (*ERASED, *WITH_PERIODS):
        model = apps.get_model(label)
        table = ERASED.get(label)
        whole = table is None or table.deleted
        found[model._meta.db_table] = frozenset(
            column.column
            for column in model._meta.concrete_fields
            if not (column.is_relation or column.primary_key or isinstance(column, models.UUIDField))
            and (
                not isinstance(column, models.DateTimeField)
                if whole
                else table.treated.get(column.name) in SAYS_SOMETHING
            )
        )
    return found


PERSONAL = _personal_columns()


def personal_columns_of(statement: str) -> set[str]:
    """Return the personal columns that a statement brings back, those between SELECT and FROM, as "table.column"."""
    if not statement.lstrip().upper().startswith("SELECT"):
        return set()
    listed = re.split(r"\bFROM\b", statement, maxsplit=1)[0]
    return {f"{table}.{c}" for table, c in SELECTED.findall(listed) if c in PERSONAL.get(table, ())}


@contextmanager
def watched() -> Iterator[set[str]]:
    """Gather the personal columns that are read within."""
    found: set[str] = set()

    def watch(execute: Callable[..., Any], sql: str, *further: Any) -> Any:
        found.update(personal_columns_of(sql))
        return execute(sql, *further)

    with connection.execute_wrapper(watch):
        yield found
