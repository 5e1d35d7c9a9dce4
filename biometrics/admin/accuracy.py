"""Monthly accuracy for supervisors: rates with intervals, group by group, and what raises an alarm."""

from typing import Any

import django_filters
from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from audit.admin import Fact, ReadOnlyModelAdmin, Section, Table, Tone, badge, show_time
from audit.admin.filters import ChoiceFilter
from biometrics.core.error_rates.monthly import DIVISIONS
from biometrics.models import AccuracyMeasurement
from biometrics.services.engines import ENGINE_NAMES

TITLES = {"sex": "By sex", "age_band": "By age", "document_type": "By document type"}
RATE_NAMES = {"fnmr": "False non-match rate", "fmr": "False match rate"}
NOTE = (
    "Mated: comparisons that an officer settled. Non-mated: settled ones, and pictures of different travellers of one sex. "
    "Who was turned away wrongly and did not come back is in no figure. Rates rest on the thresholds then in force; intervals "
    "are 95 % (Wilson)."
)


class AccuracyFilter(django_filters.FilterSet):
    engine = ChoiceFilter("engine", label="Engine", choices=[(name, name) for name in ENGINE_NAMES])


@admin.register(AccuracyMeasurement)
class AccuracyMeasurementAdmin(ReadOnlyModelAdmin):
    page_ordering = ("-id",)
    filterset_class = AccuracyFilter
    list_display = ("month_name", "engine", "mated", "non_mated", "fnmr", "fmr", "alarm_mark", "revision")
    list_note = NOTE

    @display(description="Month")
    def month_name(self, row: AccuracyMeasurement) -> str:
        return f"{row.month:%Y-%m}"

    @display(description="FNMR")
    def fnmr(self, row: AccuracyMeasurement) -> str:
        return show_rate(row.figures["overall"]["fnmr"])

    @display(description="FMR")
    def fmr(self, row: AccuracyMeasurement) -> str:
        return show_rate(row.figures["overall"]["fmr"])

    @display(description="Groups")
    def alarm_mark(self, row: AccuracyMeasurement) -> str:
        if row.alarms:
            return badge(f"Differ: {', '.join(row.alarms)}", Tone.BAD, "warning")
        return badge("Within a factor of two", Tone.GOOD, "check_circle")

    def sections(self, request: HttpRequest, row: AccuracyMeasurement) -> list[Section]:
        overall = row.figures["overall"]
        first = Section(
            f"{row.engine}, {row.month:%Y-%m}",
            [
                Fact("Engine", f"{row.engine} {row.engine_version}"),
                Fact("Mated comparisons", row.mated),
                Fact("Non-mated comparisons", row.non_mated),
                Fact(RATE_NAMES["fnmr"], show_rate(overall["fnmr"])),
                Fact(RATE_NAMES["fmr"], show_rate(overall["fmr"])),
                Fact("Groups", self.alarm_mark(row)),
                Fact("Measured at", show_time(row.measured_at)),
                Fact("Revision", row.revision),
            ],
            note=NOTE,
        )
        at_rates = Section(
            "False non-match rate at fixed false match rates",
            table=Table(
                ("False match rate", "Threshold", "False non-match rate", "95 %"),
                [
                    (
                        f"{rate['fmr_target']:g}",
                        "" if rate["threshold"] is None else f"{rate['threshold']:.3f}",
                        percent(rate["fnmr"]) if rate["reason"] is None else "too few comparisons",
                        show_interval(rate["interval"]),
                    )
                    for rate in row.figures.get("fnmr_at_fmr", [])
                ],
                empty="No comparisons.",
            ),
        )
        return [first, at_rates, *(division_section(name, row.figures[name]) for name in DIVISIONS)]


def division_section(name: str, figures: dict[str, Any]) -> Section:
    """Return the table of one division, with the ratio between its groups."""
    return Section(
        TITLES[name],
        [
            Fact(f"{RATE_NAMES[rate]}, highest over lowest", show_ratio(figures[f"{rate}_ratio"]))
            for rate in RATE_NAMES
        ],
        table=Table(
            ("Group", "Mated", "FNMR (95 %)", "Non-mated", "FMR (95 %)"),
            [
                (
                    group,
                    str(rates["fnmr"]["comparisons"]),
                    show_rate(rates["fnmr"]),
                    str(rates["fmr"]["comparisons"]),
                    show_rate(rates["fmr"]),
                )
                for group, rates in figures["groups"].items()
            ],
            empty="No comparisons.",
        ),
    )


def show_ratio(ratio: dict[str, Any]) -> str:
    """Return the ratio with its interval, as an alarm above two."""
    if ratio["reason"] == "fewer_than_two_groups":
        return "fewer than two groups"
    if ratio["reason"] is not None:
        return "no errors in any group"
    low, high = ratio["interval"]
    text = f"{ratio['ratio']:.1f} ({low:.1f} to {high:.1f}; {ratio['highest']} over {ratio['lowest']})"
    if not ratio["is_alarm"]:
        return text
    return badge(text if ratio["is_supported"] else f"{text}, may be chance", Tone.BAD, "warning")


def show_rate(rate: dict[str, Any]) -> str:
    """Return a rate in per cent with its interval and the errors behind it."""
    if rate["rate"] is None:
        return "no comparisons"
    return f"{percent(rate['rate'])} ({show_interval(rate['interval_95'])}; {rate['errors']} errors)"


def show_interval(interval: list[float] | None) -> str:
    return "" if interval is None else f"{percent(interval[0])} to {percent(interval[1])}"


def percent(rate: float) -> str:
    """Return a rate in per cent, with digits for small ones."""
    return f"{100 * rate:.2f} %" if rate >= 1e-3 or rate == 0 else f"{100 * rate:.4f} %"
