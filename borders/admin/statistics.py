"""Published tables of crossings: what anybody may read, as it was printed."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from audit.admin import Fact, ReadOnlyModelAdmin, Section, Table, show_time
from audit.core.actor import Role
from borders.core.statistics import METHOD_NOTE, TOTAL
from borders.models import StatisticsRelease
from borders.models.inspections import Direction
from borders.services.statistics import as_csv

READERS = frozenset(set(Role) - {Role.SYSTEM})
WITHHELD = "·"
TITLES = {
    "SEX": "sex",
    "AGE": "age",
    "NATIONALITY": "nationality",
    "PURPOSE": "purpose of travel",
    "TRANSPORT": "means of transport",
    "LENGTH_OF_STAY": "length of stay",
}


@admin.register(StatisticsRelease)
class StatisticsReleaseAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    port_lookup = "country__ports__id__in"
    page_ordering = ("-month", "-id")
    list_select_related = ("country",)
    list_display = ("title", "entries", "exits", "made")
    list_note = "A month is published ten days after its end, once. National systems read it with the scope statistics.read."

    @display(description="Month")
    def title(self, row: StatisticsRelease) -> str:
        return f"{row.month:%Y-%m} {row.country}"

    @display(description="Entries")
    def entries(self, row: StatisticsRelease) -> str:
        return _total(row, Direction.ENTRY)

    @display(description="Exits")
    def exits(self, row: StatisticsRelease) -> str:
        return _total(row, Direction.EXIT)

    @display(description="Published")
    def made(self, row: StatisticsRelease) -> str:
        return show_time(row.made_at)

    def sections(self, request: HttpRequest, row: StatisticsRelease) -> list[Section]:
        file_url = reverse("admin:borders_statisticsrelease_file", args=(row.id,))
        return [
            Section(
                f"{row.country}, {row.month:%Y-%m}",
                [
                    Fact("Published", show_time(row.made_at)),
                    Fact("All tables as CSV", f"bmis-{row.country_id}-{row.month:%Y-%m}.csv", file_url),
                ],
                note=f"{METHOD_NOTE} A dot stands for what is withheld.",
            ),
            *(
                Section(f"{Direction(direction).label} by {TITLES[name]}", table=_drawn(table))
                for direction, tables in row.tables.items()
                for name, table in tables.items()
            ),
        ]

    def file_view(self, request: HttpRequest, row_id: UUID) -> HttpResponse:
        """Give the tables as CSV."""
        row = self.get_row(request, str(row_id))
        name = f"bmis-{row.country_id}-{row.month:%Y-%m}.csv"
        return HttpResponse(
            as_csv(row),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def get_urls(self) -> list[URLPattern]:
        file = path("<uuid:row_id>/file/", self.guard(self.file_view), name="borders_statisticsrelease_file")
        return [file, *super().get_urls()]


def _total(row: StatisticsRelease, direction: str) -> str:
    table = row.tables.get(direction, {}).get("SEX", {"withheld": True})
    return WITHHELD if table["withheld"] else f"{table['row_totals'][TOTAL]:,}"


def _drawn(table: dict[str, Any]) -> Table:
    if table["withheld"]:
        return Table((), (), empty="Withheld: too few crossings.")
    columns = table["columns"]
    rows = [
        (
            row.capitalize() if row == TOTAL else row,
            *(WITHHELD if (n := table["cells"][row][c]) is None else f"{n:,}" for c in columns),
            f"{table['row_totals'][row]:,}",
        )
        for row in (*table["rows"], TOTAL)
    ]
    return Table(
        ("Port", *(c.replace("_", " ").capitalize() if len(c) > 3 else c for c in columns), "Total"), rows
    )
