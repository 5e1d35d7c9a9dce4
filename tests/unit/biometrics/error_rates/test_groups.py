"""Groups beside one another, months of cases, and curves."""

from datetime import date

import cv2
import numpy as np
import pytest

from biometrics.core.error_rates import (
    AGE_BANDS,
    AdjudicatedCase,
    Count,
    Curve,
    RatioReason,
    age_band,
    compare_groups,
    draw_det,
    measure_month,
    ratio_interval,
)


@pytest.mark.parametrize(
    ("counts", "ratio", "is_alarm"),
    [
        ({"F": (10, 100), "M": (5, 100)}, 2.0, False),
        ({"F": (11, 100), "M": (5, 100)}, 2.2, True),
        ({"F": (5, 100), "M": (5, 100)}, 1.0, False),
        ({"F": (30, 100), "M": (10, 100), "X": (10, 50)}, 3.0, True),
        ({"F": (5, 100), "M": (0, 100)}, 11.0, True),
    ],
)
def test_more_than_a_factor_of_two_is_an_alarm(
    counts: dict[str, tuple[int, int]], ratio: float, is_alarm: bool
) -> None:
    found = compare_groups({name: Count(*count) for name, count in counts.items()})
    assert found.ratio == pytest.approx(ratio)
    assert found.is_alarm is is_alarm


def test_few_errors_raise_an_alarm_that_may_be_chance() -> None:
    few = compare_groups({"F": Count(3, 100), "M": Count(1, 100)})
    many = compare_groups({"F": Count(300, 10_000), "M": Count(100, 10_000)})
    assert (few.is_alarm, few.is_supported) == (True, False)
    assert (many.is_alarm, many.is_supported) == (True, True)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({}, RatioReason.FEWER_THAN_TWO_GROUPS),
        ({"F": Count(1, 10)}, RatioReason.FEWER_THAN_TWO_GROUPS),
        ({"F": Count(1, 10), "M": Count(0, 0)}, RatioReason.FEWER_THAN_TWO_GROUPS),
        ({"F": Count(0, 10), "M": Count(0, 10)}, RatioReason.NO_ERRORS),
    ],
)
def test_groups_that_cannot_be_compared_say_why(counts: dict[str, Count], reason: RatioReason) -> None:
    found = compare_groups(counts)
    assert (found.reason, found.ratio, found.is_alarm) == (reason, None, False)


def test_the_interval_of_a_ratio_holds_it() -> None:
    ratio, (low, high) = ratio_interval(10, 100, 5, 100)
    assert ratio == pytest.approx(2)
    assert (low, high) == pytest.approx((0.709, 5.642), abs=0.002)


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        (date(2026, 11, 2), "0-11"),
        (date(2014, 11, 2), "12-17"),
        (date(2014, 11, 3), "0-11"),
        (date(2008, 11, 2), "18-39"),
        (date(1986, 11, 3), "18-39"),
        (date(1986, 11, 2), "40-64"),
        (date(1900, 1, 1), "65+"),
        (date(2026, 11, 3), ""),
        (None, ""),
    ],
)
def test_age_bands_turn_on_birthdays(birth: date | None, band: str) -> None:
    assert age_band(birth, date(2026, 11, 2)) == band
    assert band in ("", *AGE_BANDS)


def case(score: float, *, sex: str, is_mated: bool = True, number: int = 0) -> AdjudicatedCase:
    return AdjudicatedCase(
        score, 0.4, is_mated, sex, "18-39", "P", (number, number if is_mated else number + 1)
    )


def test_a_month_without_cases_has_no_rates_and_no_alarm() -> None:
    figures, alarms = measure_month([])
    assert figures["overall"]["fnmr"]["rate"] is None
    assert alarms == ()


def test_unknown_groups_are_shown_and_not_compared() -> None:
    figures, alarms = measure_month([case(0.1, sex=""), case(0.9, sex="F")])
    assert set(figures["sex"]["groups"]) == {"F", "unknown"}
    assert figures["sex"]["fnmr_ratio"]["reason"] == RatioReason.FEWER_THAN_TWO_GROUPS
    assert alarms == ()


def test_a_month_counts_each_kind_of_error_by_group() -> None:
    cases = [case(0.1, sex="F"), *[case(0.9, sex="F")] * 4, *[case(0.9, sex="M")] * 5]
    cases += [case(0.5, sex="M", is_mated=False), *[case(0.1, sex="M", is_mated=False)] * 3]
    figures, _ = measure_month(cases)
    women, men = figures["sex"]["groups"]["F"], figures["sex"]["groups"]["M"]
    assert (women["fnmr"]["errors"], women["fnmr"]["comparisons"]) == (1, 5)
    assert (men["fnmr"]["errors"], men["fmr"]["errors"], men["fmr"]["comparisons"]) == (0, 1, 4)


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_any_number_of_curves_is_a_picture(count: int) -> None:
    rates = np.column_stack([np.geomspace(1e-4, 1, 50), np.geomspace(1, 1e-3, 50)])
    content = draw_det(
        [Curve(f"group {k}", rates * 0.9**k if k else np.empty((0, 2))) for k in range(count)],
        title="DET", x_label="false match rate", y_label="false non-match rate", marks=(1e-3,),
    )  # fmt: skip
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (800, 1000, 3)
    # a curve leaves its colour
    blue = (np.abs(image.astype(int) - (160, 90, 0)).sum(axis=2) < 30).sum()
    assert bool(blue > 0) is (count >= 1)
