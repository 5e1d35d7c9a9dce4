"""Publish the crossings of a month: count, withhold what could expose somebody, and keep the tables as they are printed."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.core.error_rates import age_band
from borders.core.statistics import (
    METHOD_NOTE,
    METHOD_VERSION,
    OTHERS,
    TOTAL,
    UNKNOWN,
    Dimension,
    PublishedTable,
    band_of_stay,
    months_between,
    publish_table,
)
from borders.models import Country, Crossing, ErasedCrossingCount, StatisticsRelease
from borders.models.inspections import Direction
from borders.services.custody.scope import NOBODY_ID

PURPOSES = frozenset({"TOURISM", "BUSINESS", "FAMILY", "STUDY", "WORK", "TRANSIT", "RESIDENT", "OTHER"})
# a post without a link sends its crossings when it has one again: they are waited for
WAITED_FOR = timedelta(days=10)
MONTHS_BACK = 24
# what is kept of erased crossings, by attribute; the others' erased crossings count as UNKNOWN
KEPT_OF_ERASED = {
    Dimension.SEX: ErasedCrossingCount.Dimension.SEX,
    Dimension.AGE: ErasedCrossingCount.Dimension.AGE,
    Dimension.NATIONALITY: ErasedCrossingCount.Dimension.NATIONALITY,
}
# the value as it counts: corrected on request, else as it was recorded
COUNTED = """
SELECT p.code, c.direction, {value} AS value, count(*)
FROM borders_crossing c
JOIN borders_portofentry p ON p.id = c.port_id AND p.country_id = %(country)s AND NOT p.training
JOIN travelers_traveler t ON t.id = c.traveler_id
{further}
WHERE c.occurred_at >= %(since)s AND c.occurred_at < %(until)s AND c.traveler_id <> %(nobody)s
GROUP BY 1, 2, 3
"""
CORRECTED = """
LEFT JOIN LATERAL (
    SELECT value FROM borders_recordcorrection WHERE record_id = t.id AND field = '{field}'
    ORDER BY corrected_at DESC, id DESC LIMIT 1
) r ON true
"""
STAYS = "LEFT JOIN borders_stay s ON s.exit_id = c.id"

Cells = dict[str, dict[str, dict[str, int]]]


class StatisticsRefused(ValueError):
    """A month cannot be published. code: country_unknown, too_early."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def release_due(*, actor: Actor, at: datetime) -> int:
    """Publish the months that are over and were waited for, at most MONTHS_BACK of each country; return how many."""
    made = 0
    for country in Country.objects.order_by("code"):
        for month in _due(country, at):
            made += release_month(actor=actor, at=at, country_code=country.code, month=month)[1]
    return made


@transaction.atomic
def release_month(
    *, actor: Actor, at: datetime, country_code: str, month: date
) -> tuple[StatisticsRelease, bool]:
    """Publish one month of a country, once; True says now. month: any of its days. Raises StatisticsRefused."""
    month = month.replace(day=1)
    country = Country.objects.select_for_update().filter(code=country_code).first()
    if country is None:
        raise StatisticsRefused("country_unknown")
    known = StatisticsRelease.objects.filter(country=country, month=month).first()
    if known is not None:
        return known, False
    since, until = _bounds(month)
    if at < until + WAITED_FOR:
        raise StatisticsRefused("too_early")
    release = StatisticsRelease.objects.create(
        country=country,
        month=month,
        tables=_tables(country.code, month, since, until),
        method_version=METHOD_VERSION,
        made_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="statistics.released",
        object_type="statistics_release",
        object_id=release.id,
        detail={"country": country.code, "month": f"{month:%Y-%m}"},
    )
    return release, True


def as_csv(release: StatisticsRelease) -> str:
    """Return every cell of a release as a line of CSV, after the note on the method in lines that begin with a number sign."""
    out = io.StringIO()
    out.write(
        f"# {release.country.name}, {release.month:%Y-%m}, method {release.method_version}\n# {METHOD_NOTE}\n"
    )
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("country", "month", "direction", "attribute", "port", "value", "crossings", "withheld"))
    for direction, of_direction in release.tables.items():
        for dimension, table in of_direction.items():
            head = (release.country_id, f"{release.month:%Y-%m}", direction, dimension)
            for port, value, count in _lines(table):
                writer.writerow(
                    (*head, port, value, "" if count is None else count, "yes" if count is None else "no")
                )
    return out.getvalue()


def _lines(table: Mapping[str, Any]) -> Iterable[tuple[str, str, int | None]]:
    if table["withheld"]:
        yield TOTAL, TOTAL, None
        return
    for row in (*table["rows"], TOTAL):
        for column in table["columns"]:
            yield row, column, table["cells"][row][column]
        yield row, TOTAL, table["row_totals"][row]


def _tables(country: str, month: date, since: datetime, until: datetime) -> dict[str, Any]:
    counted = {dimension: _count(dimension, country, month, since, until) for dimension in Dimension}
    tables: dict[str, Any] = {}
    for direction in Direction.values:
        tables[direction] = {
            dimension.value: _kept(
                publish_table(cells.get(direction, {}), merge_columns=dimension is Dimension.NATIONALITY)
            )
            for dimension, cells in counted.items()
            # whoever enters has not stayed yet
            if not (dimension is Dimension.LENGTH_OF_STAY and direction == Direction.ENTRY)
        }
    return tables


def _kept(table: PublishedTable) -> dict[str, Any]:
    return {**asdict(table), "rows": list(table.rows), "columns": list(table.columns)}


def _count(dimension: Dimension, country: str, month: date, since: datetime, until: datetime) -> Cells:
    """Return direction -> port -> value -> crossings, those of erased travellers among them."""
    value, further, name = READS[dimension]
    cells: Cells = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTED.format(value=value, further=further),
            {"country": country, "since": since, "until": until, "nobody": NOBODY_ID},
        )
        for port, direction, found, count in cursor.fetchall():
            cells[direction][port][name(found)] += count
    kept = KEPT_OF_ERASED.get(dimension, ErasedCrossingCount.Dimension.ALL)
    erased = ErasedCrossingCount.objects.filter(
        month=month, port__country_id=country, port__training=False, dimension=kept
    )
    for row in erased.select_related("port"):
        found = row.transport_mode if dimension is Dimension.TRANSPORT else row.value
        cells[row.direction][row.port.code][found or UNKNOWN] += row.count
    return cells


def _known(value: Any) -> str:
    return str(value) if value else UNKNOWN


def _of_age(years: Any) -> str:
    # the bands are those of the counts that are kept of the erased
    return (age_band(date(2000, 1, 1), date(2000 + int(years), 1, 2)) if years is not None else "") or UNKNOWN


READS: Mapping[Dimension, tuple[str, str, Callable[[Any], str]]] = {
    Dimension.SEX: ("coalesce(nullif(r.value, ''), t.sex)", CORRECTED.format(field="sex"), _known),
    Dimension.AGE: (
        "CASE WHEN coalesce(nullif(r.value, '')::date, t.birth_date) <= (c.occurred_at AT TIME ZONE 'UTC')::date THEN extract("
        "year FROM age((c.occurred_at AT TIME ZONE 'UTC')::date, coalesce(nullif(r.value, '')::date, t.birth_date)))::int END",
        CORRECTED.format(field="birth_date"),
        _of_age,
    ),
    Dimension.NATIONALITY: (
        "coalesce(nullif(r.value, ''), t.nationality)",
        CORRECTED.format(field="nationality"),
        lambda value: UNKNOWN if value == OTHERS else _known(value),
    ),
    Dimension.PURPOSE: (
        "c.purpose_of_travel",
        "",
        lambda value: value if value in PURPOSES else "OTHER" if value else UNKNOWN,
    ),
    Dimension.TRANSPORT: ("c.transport_mode", "", _known),
    Dimension.LENGTH_OF_STAY: (
        "CASE WHEN s.entered_at IS NOT NULL THEN extract(day FROM s.exited_at - s.entered_at)::int END",
        STAYS,
        band_of_stay,
    ),
}


def _bounds(month: date) -> tuple[datetime, datetime]:
    following = months_between(month, month + timedelta(days=31))[1]
    return (
        datetime(month.year, month.month, 1, tzinfo=UTC),
        datetime(following.year, following.month, 1, tzinfo=UTC),
    )


def _due(country: Country, at: datetime) -> list[date]:
    earliest = (
        Crossing.objects.filter(port__country=country, port__training=False).order_by("occurred_at").first()
    )
    if earliest is None:
        return []
    months = months_between(earliest.occurred_at.astimezone(UTC).date(), at.date())[-MONTHS_BACK:]
    known = set(StatisticsRelease.objects.filter(country=country).values_list("month", flat=True))
    return [month for month in months if month not in known and at >= _bounds(month)[1] + WAITED_FOR]
