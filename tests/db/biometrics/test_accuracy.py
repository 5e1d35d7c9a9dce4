"""A month of settled comparisons becomes figures with intervals, and groups that differ raise an alarm."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.core.actor import Actor, system_actor
from audit.models import AuditEntry, new_id
from biometrics.core.outcomes import Outcome
from biometrics.models import (
    AccuracyMeasurement,
    AdjudicatedComparison,
    CapturedImage,
    Comparison,
    OperatingPoint,
    Template,
)
from biometrics.services.accuracy import MonthRefused, measure_accuracy, record_adjudication

pytestmark = pytest.mark.django_db
OCTOBER = datetime(2026, 10, 15, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 3, tzinfo=UTC)
SYSTEM = system_actor("accuracy")
THRESHOLD = 0.4


@pytest.fixture
def point() -> OperatingPoint:
    proposer, approver = (User.objects.create_user(name) for name in ("alice", "bob"))
    return OperatingPoint.objects.create(
        purpose="VERIFICATION", engine="sface", engine_version="1", threshold=THRESHOLD, target="FMR 1e-4",
        provenance="of the tests", version=1, state="ACTIVE", proposed_by=proposer, proposed_at=OCTOBER,
        approved_by=approver, approved_at=OCTOBER,
    )  # fmt: skip


def make_template(number: int, vector: np.ndarray) -> Template:
    image = CapturedImage.objects.create(
        kind="FACE", key=f"k{number}", sha256=f"{number:064x}", media_type="image/jpeg", byte_count=1,
        width=1, height=1, captured_at=OCTOBER,
    )  # fmt: skip
    return Template.objects.create(
        image=image, engine="sface", engine_version="1", vector=vector.astype("<f4").tobytes(), dimension=128,
        face_count=1, box=[0, 0, 1, 1], created_at=OCTOBER,
    )  # fmt: skip


def make_comparison(point: OperatingPoint, number: int, *, score: float) -> Comparison:
    """A comparison of two pictures of one person; every person has a direction of their own."""
    own = np.zeros(128, np.float32)
    own[number % 128] = 1
    return Comparison.objects.create(
        kind="VERIFICATION", probe=make_template(2 * number, own), reference=make_template(2 * number + 1, own),
        operating_point=point, threshold=THRESHOLD, score=score,
        outcome=Outcome.PASS if score >= THRESHOLD else Outcome.FAIL, elapsed_ms=1, at=OCTOBER,
    )  # fmt: skip


def settle(point: OperatingPoint, number: int, *, score: float, mated: bool = True, sex: str = "F") -> None:
    comparison = make_comparison(point, number, score=score)
    record_adjudication(
        actor=SYSTEM, at=OCTOBER, comparison_id=comparison.id, mated=mated, subject_id=new_id(), sex=sex,
        birth_date=date(1990, 1, 1), document_type="P",
    )  # fmt: skip


def test_a_comparison_is_settled_once_and_leaves_a_trail(point):
    comparison = make_comparison(point, 1, score=0.8)
    for mated in (True, False):
        record_adjudication(actor=SYSTEM, at=OCTOBER, comparison_id=comparison.id, mated=mated)
    row = AdjudicatedComparison.objects.get()
    assert row.mated
    assert (
        AuditEntry.objects.filter(action="comparison.adjudicated", object_id=str(comparison.id)).count() == 1
    )


def test_only_groups_are_kept_of_a_person(point):
    settle(point, 1, score=0.8)
    row = AdjudicatedComparison.objects.get()
    assert (row.sex, row.age_band, row.document_type) == ("F", "18-39", "P")
    assert not {field.name for field in row._meta.get_fields()} & {"birth_date", "name", "document_number"}


def test_a_month_counts_errors_and_strangers(point):
    for number in range(6):
        settle(point, number, score=0.2 if number == 0 else 0.8)
    (row,) = measure_accuracy(actor=SYSTEM, at=NOVEMBER, month=date(2026, 10, 1))
    assert (row.mated, row.non_mated, row.revision) == (6, 30, 1)
    overall = row.figures["overall"]
    assert (overall["fnmr"]["errors"], overall["fnmr"]["comparisons"]) == (1, 6)
    assert (overall["fmr"]["errors"], overall["fmr"]["comparisons"]) == (0, 30)
    assert AuditEntry.objects.filter(action="accuracy.measured", object_id=str(row.id)).exists()


def test_groups_that_differ_by_more_than_a_factor_of_two_raise_an_alarm(point):
    for number in range(40):
        is_woman = number < 20
        settle(
            point,
            number,
            score=0.2 if number in (0, 1, 2, 3, 4, 5, 20) else 0.8,
            sex="F" if is_woman else "M",
        )
    (row,) = measure_accuracy(actor=SYSTEM, at=NOVEMBER, month=date(2026, 10, 1))
    assert row.alarms == ["fnmr by sex"]
    ratio = row.figures["sex"]["fnmr_ratio"]
    assert (ratio["highest"], ratio["lowest"], ratio["ratio"]) == ("F", "M", pytest.approx(6))


def test_a_month_measured_again_is_a_further_revision(point):
    settle(point, 1, score=0.8)
    for _ in range(2):
        measure_accuracy(actor=SYSTEM, at=NOVEMBER, month=date(2026, 10, 1))
    assert list(AccuracyMeasurement.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("month", "code"), [(date(2026, 11, 1), "month_not_over"), (date(2026, 9, 1), "no_cases")]
)
def test_a_month_that_says_nothing_is_refused(point, month, code):
    settle(point, 1, score=0.8)
    with pytest.raises(MonthRefused) as refused:
        measure_accuracy(actor=SYSTEM, at=NOVEMBER, month=month)
    assert refused.value.code == code


def test_a_search_is_not_settled_as_a_comparison(point):
    actor = Actor(label="alice")
    assert record_adjudication(actor=actor, at=OCTOBER, comparison_id=new_id(), mated=True) is None


@pytest.mark.parametrize("month", ["2026-13", "october", "0000-01"])
def test_the_command_refuses_a_month_it_cannot_read(month, capsys):
    with pytest.raises(CommandError) as error:
        call_command("measure_accuracy", month=month)
    assert error.value.returncode == 2
    assert "month_not_yyyy_mm" in capsys.readouterr().out


def test_the_command_prints_the_month(point, capsys, settings):
    settle(point, 1, score=0.8)
    call_command("measure_accuracy", month=f"{OCTOBER:%Y-%m}")
    assert '"month": "2026-10"' in capsys.readouterr().out


def test_the_month_before_is_the_default():
    now = datetime.now(UTC)
    with pytest.raises(CommandError):
        call_command("measure_accuracy")
    assert (now.replace(day=1) - timedelta(days=1)).month != now.month
