"""Which face counts when there are none, one or several."""

import numpy as np
import pytest

from biometrics.core.faces import Box, Face, FaceOutcome, FaceRule, choose_face


def face(box: Box, score: float = 0.9) -> Face:
    return Face(box, np.zeros((5, 2), np.float32), score)


SMALL_CENTRAL = face((45, 45, 55, 55))
LARGE_ASIDE = face((0, 0, 40, 40))


@pytest.mark.parametrize(
    ("rule", "chosen"), [(FaceRule.CENTRAL, SMALL_CENTRAL), (FaceRule.LARGEST, LARGE_ASIDE)]
)
@pytest.mark.parametrize("swap", [False, True])
def test_the_rule_decides_among_several(rule: FaceRule, chosen: Face, swap: bool) -> None:
    faces = [LARGE_ASIDE, SMALL_CENTRAL] if swap else [SMALL_CENTRAL, LARGE_ASIDE]
    choice = choose_face(faces, width=100, height=100, rule=rule)
    assert (choice.face, choice.count, choice.outcome) == (chosen, 2, FaceOutcome.FACE_SEVERAL)


@pytest.mark.parametrize("rule", FaceRule)
def test_no_face_is_a_failure_to_acquire(rule: FaceRule) -> None:
    choice = choose_face([], width=100, height=100, rule=rule)
    assert (choice.face, choice.count, choice.outcome) == (None, 0, FaceOutcome.FACE_NOT_FOUND)


@pytest.mark.parametrize("rule", FaceRule)
def test_one_face_is_chosen_wherever_it_is(rule: FaceRule) -> None:
    assert choose_face([LARGE_ASIDE], width=100, height=100, rule=rule).outcome is FaceOutcome.FACE_FOUND


@pytest.mark.parametrize("rule", FaceRule)
def test_of_two_equal_boxes_the_surer_detection_counts(rule: FaceRule) -> None:
    sure, unsure = face((0, 0, 10, 10), 0.95), face((0, 0, 10, 10), 0.75)
    assert choose_face([unsure, sure], width=100, height=100, rule=rule).face is sure
