"""The daily self-test: whether made-up persons were found by their changed selves."""

from typing import Any, ClassVar

import django_filters
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from audit.admin import (
    Fact,
    ReadOnlyModelAdmin,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    show_when,
    words,
)
from audit.admin.filters import ChoiceFilter, FromDayFilter
from watchlists.admin.marks import READERS
from watchlists.models import SelfTestRun
from watchlists.queries import self_test_alarm

REASONS = {
    "no_test_list": "No list of made-up persons is in force: manage.py self_test_screening --propose, then activate it.",
    "no_operating_point": "No operating point of name screening is in force for this version of the score.",
}


class SelfTestRunFilter(django_filters.FilterSet):
    since = FromDayFilter("at", label="From")
    passed = ChoiceFilter("passed", label="Result", choices=((True, "Passed"), (False, "Failed")))


@admin.register(SelfTestRun)
class SelfTestRunAdmin(ReadOnlyModelAdmin):
    read_roles = READERS
    page_ordering = ("-at", "-id")
    filterset_class = SelfTestRunFilter
    list_display = ("tested", "result", "found_of", "missed_text", "slowest")
    list_note = "Every day made-up persons of a list of their own must be found in a changed spelling and by a misread number."
    detail_template = "admin/watchlists/acting.html"

    class Media:
        css: ClassVar = {"all": ("watchlists/admin.css",)}

    @display(description="Tested")
    def tested(self, row: SelfTestRun) -> str:
        return show_when(row.at)

    @display(description="Result")
    def result(self, row: SelfTestRun) -> str:
        return (
            badge("Passed", Tone.GOOD, "check_circle") if row.passed else badge("Failed", Tone.BAD, "error")
        )

    @display(description="Found")
    def found_of(self, row: SelfTestRun) -> str:
        return f"{row.found} of {row.screened}"

    @display(description="Missed")
    def missed_text(self, row: SelfTestRun) -> str:
        if row.reason:
            return words(row.reason)
        return show(", ".join(f"{one['entry']} ({words(one['kind'])})" for one in row.missed))

    @display(description="Slowest")
    def slowest(self, row: SelfTestRun) -> str:
        return show("") if row.slowest_ms is None else f"{row.slowest_ms:.0f} ms"

    def detail_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        latest = SelfTestRun.objects.order_by("-at").first()
        alarm = self_test_alarm(at=timezone.now()) if latest == row else ""
        return {**super().detail_context(request, row), "alarm": alarm}

    def sections(self, request: HttpRequest, row: SelfTestRun) -> list[Section]:
        facts = [
            Fact("Tested", show_time(row.at)),
            Fact("Result", self.result(row)),
            Fact("Found", self.found_of(row)),
            Fact("Slowest search", self.slowest(row)),
        ]
        if row.reason:
            facts.append(Fact("Why nothing was tested", REASONS.get(row.reason, words(row.reason))))
        missed = [(one["entry"], words(one["kind"])) for one in row.missed]
        return [
            Section("Self-test", facts),
            Section("Missed", table=Table(("Made-up entry", "Difference"), missed, empty="None.")),
        ]
