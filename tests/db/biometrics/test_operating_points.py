"""Thresholds are rows that take two persons."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from audit.core.actor import Actor
from audit.models import AuditEntry
from biometrics.models import OperatingPoint
from biometrics.services.operating_points import (
    NoOperatingPoint,
    OperatingPointRefused,
    approve_operating_point,
    get_operating_point,
    propose_operating_point,
    threshold_for,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def people() -> list[Actor]:
    return [Actor(label=name, user_id=User.objects.create_user(name).id) for name in ("alice", "bob")]


def propose(actor: Actor, threshold: float = 0.4) -> OperatingPoint:
    return propose_operating_point(
        actor=actor,
        at=AT,
        purpose=OperatingPoint.Purpose.VERIFICATION,
        engine="sface",
        engine_version="1",
        threshold=threshold,
        target="FMR 1e-4",
        provenance="a test",
    )


def in_force() -> float:
    return get_operating_point(
        purpose=OperatingPoint.Purpose.VERIFICATION, engine="sface", engine_version="1"
    ).threshold


def test_proposed_threshold_is_not_in_force(people):
    propose(people[0])
    with pytest.raises(NoOperatingPoint):
        in_force()


def test_threshold_approved_by_another_person_is_in_force(people):
    point = propose(people[0])
    approve_operating_point(actor=people[1], at=AT, operating_point_id=point.id)
    assert in_force() == 0.4


def test_nobody_approves_their_own_proposal(people):
    point = propose(people[0])
    with pytest.raises(OperatingPointRefused, match="second_person_required"):
        approve_operating_point(actor=people[0], at=AT, operating_point_id=point.id)


def test_database_refuses_one_person_in_both_roles(people):
    point = propose(people[0])
    with pytest.raises(IntegrityError, match="operating_point_two_persons"):
        OperatingPoint.objects.filter(id=point.id).update(
            approved_by_id=people[0].user_id, approved_at=AT, state="ACTIVE"
        )


def test_new_threshold_retires_the_old_one(people):
    for threshold in (0.4, 0.42):
        point = propose(people[0], threshold)
        approve_operating_point(actor=people[1], at=AT, operating_point_id=point.id)
    assert in_force() == 0.42
    assert list(OperatingPoint.objects.order_by("version").values_list("version", "state")) == [
        (1, "RETIRED"),
        (2, "ACTIVE"),
    ]


def test_both_acts_are_audited(people):
    point = propose(people[0])
    approve_operating_point(actor=people[1], at=AT, operating_point_id=point.id)
    acts = AuditEntry.objects.filter(object_id=str(point.id)).order_by("id").values_list("action", "actor_id")
    assert list(acts) == [
        ("operating_point.proposed", people[0].user_id),
        ("operating_point.approved", people[1].user_id),
    ]


CALIBRATION = {"calibrated_size": 2920, "calibrated_fpir": 0.01, "score_spread": 0.09}


def propose_for_search(actor: Actor, **calibration: float | None) -> OperatingPoint:
    return propose_operating_point(
        actor=actor,
        at=AT,
        purpose="CROSSINGS_IDENTIFICATION",
        engine="sface",
        engine_version="1",
        threshold=0.495,
        target="FPIR 1e-2",
        provenance="of the tests",
        **calibration,
    )


def test_threshold_follows_the_size_of_the_gallery(people: list[Actor]):
    fixed, moving = propose_for_search(people[0]), propose_for_search(people[0], **CALIBRATION)
    assert [threshold_for(point=fixed, size=n) for n in (0, 2920, 10**6)] == [0.495] * 3
    assert threshold_for(point=moving, size=2920) == pytest.approx(0.495)
    assert threshold_for(point=moving, size=0) < 0.495 < threshold_for(point=moving, size=29_200) < 0.56


@pytest.mark.parametrize(
    "wrong",
    [{"score_spread": None}, {"calibrated_size": None}, {"calibrated_fpir": 1.0}, {"score_spread": 0.0}],
)
def test_half_a_calibration_is_no_row(people: list[Actor], wrong: dict[str, float | None]):
    with pytest.raises(IntegrityError):
        propose_for_search(people[0], **(CALIBRATION | wrong))
