"""Published months over the API: tables, method and file, by persons and by systems with the scope."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from borders.core.statistics import METHOD_NOTE
from borders.models import StatisticsRelease

TABLE = {
    "rows": ["UTAIR"],
    "columns": ["F", "M"],
    "cells": {"UTAIR": {"F": None, "M": None}, "TOTAL": {"F": None, "M": None}},
    "row_totals": {"UTAIR": 24, "TOTAL": 24},
    "withheld": False,
}


@pytest.fixture
def release(airport, at) -> StatisticsRelease:
    return StatisticsRelease.objects.create(
        country=airport.country,
        month=date(2026, 10, 1),
        tables={"ENTRY": {"SEX": TABLE}},
        method_version=1,
        made_at=at,
    )


def test_a_month_is_shown_with_its_method(as_alice, release) -> None:
    body = as_alice.get(reverse("statistics-list"), {"since": "2026-10-01"}).json()

    (found,) = body["results"]
    assert (found["country"], found["month"], found["method"]) == ("UTO", "2026-10-01", METHOD_NOTE)
    assert found["tables"]["ENTRY"]["SEX"] == TABLE


def test_the_months_before_are_on_the_next_page(as_alice, airport, release, at) -> None:
    StatisticsRelease.objects.create(
        country=airport.country, month=date(2026, 9, 1), tables={}, method_version=1, made_at=at
    )

    latest = as_alice.get(reverse("statistics-list"), {"page_size": 1}).json()
    before = as_alice.get(latest["next"]).json()

    assert [row["month"] for row in latest["results"] + before["results"]] == ["2026-10-01", "2026-09-01"]
    assert before["next"] is None


def test_a_month_is_given_as_a_file(as_alice, release) -> None:
    response = as_alice.get(reverse("statistics-file", args=(release.id,)))

    assert response["Content-Type"].startswith("text/csv")
    assert "UTO,2026-10,ENTRY,SEX,UTAIR,TOTAL,24,no" in response.content.decode()
    assert AuditEntry.objects.filter(action="statistics_release.exported").exists()
