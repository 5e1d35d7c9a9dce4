"""What faces say: the holder 1:1, and another identity 1:N."""

from datetime import date
from uuid import UUID

import pytest

from biometrics.core.faces import PairScore
from biometrics.core.outcomes import Outcome
from borders.core.face_checks import (
    Identity,
    KnownFace,
    is_same_identity,
    judge_holder,
    judge_other_identity,
    judge_portraits,
    judge_quality,
)

ANNA = Identity("ERIKSSON", "ANNA MARIA", date(1974, 8, 12))
OTHER = Identity("LINDQVIST", "EVA", date(1976, 3, 1))
ID_1, ID_2 = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("score", "outcome"),
    [(0.5, Outcome.PASS), (0.4, Outcome.PASS), (0.39, Outcome.FAIL), (None, Outcome.UNDETERMINED)],
)
def test_the_holder_matches_at_or_above_the_threshold(score: float | None, outcome: Outcome) -> None:
    assert judge_holder(score=score, threshold=0.4).outcome is outcome


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (ANNA, ANNA, True),
        (ANNA, OTHER, False),
        (ANNA, Identity("ERIKSSON", "ANNA MARIA", date(1974, 8, 13)), False),
        (ANNA, Identity("ERIKSSON", "ANNA MARIA", None), False),
        (ANNA, Identity("ERIKSSON", "ANNA", date(1974, 8, 12)), False),
        (ANNA, Identity("Eriksson", "Anna Maria", date(1974, 8, 12)), True),
        (
            Identity("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG", None),
            Identity("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG", None),
            True,
        ),
    ],
    ids=["same", "other", "other birth date", "birth date unknown", "short name", "case", "cut off name"],
)
def test_identities_are_one_by_names_and_birth_date(a: Identity, b: Identity, same: bool) -> None:
    assert is_same_identity(a, b) is same
    assert is_same_identity(b, a) is same


@pytest.mark.parametrize(
    ("candidates", "own", "own_id", "outcome", "reason"),
    [
        ([], ANNA, None, Outcome.PASS, "no_candidate"),
        ([], None, None, Outcome.PASS, "no_candidate"),
        ([KnownFace(ID_1, ANNA, 0.9)], ANNA, ID_1, Outcome.PASS, "same_traveler"),
        ([KnownFace(ID_1, ANNA, 0.9)], ANNA, None, Outcome.PASS, "same_traveler"),
        ([KnownFace(ID_1, OTHER, 0.9)], ANNA, ID_1, Outcome.PASS, "same_traveler"),
        ([KnownFace(ID_1, OTHER, 0.9)], ANNA, None, Outcome.FAIL, "known_under_other_identity"),
        (
            [KnownFace(ID_1, ANNA, 0.9), KnownFace(ID_2, OTHER, 0.8)],
            ANNA,
            ID_1,
            Outcome.FAIL,
            "known_under_other_identity",
        ),
        ([KnownFace(ID_1, OTHER, 0.9)], None, None, Outcome.UNDETERMINED, "identity_unknown"),
    ],
)
def test_a_face_known_under_another_identity_fails(candidates, own, own_id, outcome, reason) -> None:
    found = judge_other_identity(candidates=candidates, own=own, own_traveler_id=own_id, threshold=0.5)
    assert (found.outcome, found.reason) == (outcome, reason)


def test_the_evidence_names_nobody() -> None:
    found = judge_other_identity(
        candidates=[KnownFace(ID_1, OTHER, 0.9)], own=ANNA, own_traveler_id=None, threshold=0.5
    )
    assert "LINDQVIST" not in str(found.detail)
    assert found.detail["others"] == [str(ID_1)]


def test_a_poor_image_is_told_with_its_worst_defect() -> None:
    found = judge_quality(face_count=1, defects=("BLUR", "DARK"), measures={})
    assert (found.outcome, found.reason) == (Outcome.FAIL, "BLUR")
    assert judge_quality(face_count=1, defects=(), measures={}).outcome is Outcome.PASS


HIGH, LOW = PairScore(0.8, 0.4), PairScore(0.1, 0.4)


@pytest.mark.parametrize(
    ("page_live", "chip_live", "page_chip", "outcome", "reason"),
    [
        (HIGH, HIGH, HIGH, Outcome.PASS, "three_agree"),
        (None, None, HIGH, Outcome.PASS, "portraits_agree"),
        (LOW, HIGH, LOW, Outcome.FAIL, "page_differs"),
        (HIGH, LOW, LOW, Outcome.FAIL, "chip_differs"),
        (LOW, LOW, HIGH, Outcome.FAIL, "live_differs"),
        (LOW, LOW, LOW, Outcome.FAIL, "all_differ"),
        (HIGH, HIGH, LOW, Outcome.FAIL, "portraits_differ"),
        (HIGH, LOW, HIGH, Outcome.FAIL, "one_pair_differs"),
        (None, None, LOW, Outcome.FAIL, "portraits_differ"),
        (HIGH, None, None, Outcome.UNDETERMINED, "not_comparable"),
    ],
)
def test_the_three_faces_are_compared_each_with_each(
    page_live, chip_live, page_chip, outcome, reason
) -> None:
    found = judge_portraits(page_live=page_live, chip_live=chip_live, page_chip=page_chip)
    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("missing", "outcome"),
    [("no_chip", Outcome.NOT_APPLICABLE), ("no_chip_portrait", Outcome.UNDETERMINED)],
)
def test_without_a_chip_there_is_nothing_to_compare(missing, outcome) -> None:
    found = judge_portraits(page_live=HIGH, chip_live=None, page_chip=None, chip_missing=missing)
    assert (found.outcome, found.reason) == (outcome, missing)
