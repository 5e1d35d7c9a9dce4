"""Monthly accuracy as a supervisor sees it: rates with intervals, groups, the alarm."""

from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from biometrics.core.error_rates import AdjudicatedCase, measure_month
from biometrics.models import AccuracyMeasurement

pytestmark = pytest.mark.django_db


def make_case(number: int, *, sex: str, is_error: bool) -> AdjudicatedCase:
    score = 0.2 if is_error else 0.8
    return AdjudicatedCase(score, 0.4, True, sex, "18-39", "P", (number, number))


@pytest.fixture
def measurement(at: datetime) -> AccuracyMeasurement:
    cases = [
        make_case(
            number, sex="F" if number < 100 else "M", is_error=number % 100 < (30 if number < 100 else 5)
        )
        for number in range(200)
    ]
    cases += [AdjudicatedCase(0.1, 0.4, False, "F", "", "", (number, number + 1)) for number in range(50)]
    figures, alarms = measure_month(cases)
    return AccuracyMeasurement.objects.create(
        month=date(2026, 10, 1), engine="sface", engine_version="1", revision=1, mated=200, non_mated=50,
        figures=figures, alarms=list(alarms), measured_at=at,
    )  # fmt: skip


def test_the_list_shows_rates_and_the_alarm(bobs_browser: Client, measurement: AccuracyMeasurement) -> None:
    page = bobs_browser.get(reverse("admin:biometrics_accuracymeasurement_changelist"))
    assert page.status_code == 200
    for text in ("2026-10", "17.50 %", "fnmr by sex"):
        assert text in page.content.decode()


def test_a_month_shows_groups_with_intervals_and_ratio(
    bobs_browser: Client, measurement: AccuracyMeasurement
) -> None:
    page = bobs_browser.get(reverse("admin:biometrics_accuracymeasurement_change", args=[measurement.id]))
    assert page.status_code == 200
    text = page.content.decode()
    for wanted in (
        "By sex",
        "By age",
        "By document type",
        "30.00 %",
        "5.00 %",
        "6.0 (",
        "F over M",
        "too few comparisons",
    ):
        assert wanted in text


def test_nobody_without_a_role_sees_it(client: Client, measurement: AccuracyMeasurement) -> None:
    page = client.get(reverse("admin:biometrics_accuracymeasurement_changelist"))
    assert page.status_code == 302
