"""Two agree, or nothing adverse follows: every order of answers."""

from itertools import product

import pytest

from biometrics.core.outcomes import Outcome
from biometrics.core.reviews import REVIEW_STATES, Answer, ReviewState, adverse_outcome, settle

SAME, DIFFERENT, INCONCLUSIVE = Answer.SAME, Answer.DIFFERENT, Answer.INCONCLUSIVE
CASES = [
    ((), ReviewState.OPEN),
    ((SAME,), ReviewState.SECOND_DUE),
    ((DIFFERENT,), ReviewState.REJECTED),
    ((INCONCLUSIVE,), ReviewState.INCONCLUSIVE),
    ((SAME, SAME), ReviewState.CONFIRMED),
    ((SAME, DIFFERENT), ReviewState.DISPUTED),
    ((SAME, INCONCLUSIVE), ReviewState.DISPUTED),
    ((SAME, DIFFERENT, SAME), ReviewState.CONFIRMED),
    ((SAME, DIFFERENT, DIFFERENT), ReviewState.REJECTED),
    ((SAME, INCONCLUSIVE, INCONCLUSIVE), ReviewState.INCONCLUSIVE),
]


@pytest.mark.parametrize(("answers", "state"), CASES)
def test_answers_settle_the_question(answers: tuple[Answer, ...], state: ReviewState) -> None:
    assert settle(answers) is state


def test_nothing_is_confirmed_by_fewer_than_two() -> None:
    for count in (1, 2, 3):
        for answers in product(Answer, repeat=count):
            try:
                state = settle(answers)
            except ValueError:
                continue  # answered after it was settled
            assert state is not ReviewState.CONFIRMED or answers.count(SAME) >= 2


def test_settled_question_takes_no_answer() -> None:
    with pytest.raises(ValueError, match="settled"):
        settle((SAME, SAME, SAME))


def test_every_state_is_reached_and_every_step_stands_in_the_table() -> None:
    assert {state for _, state in CASES} == set(ReviewState)
    for answers, state in CASES:
        if answers:
            assert REVIEW_STATES.allows(settle(answers[:-1]), state)


def test_only_a_confirmed_review_is_adverse() -> None:
    assert {state: adverse_outcome(state) for state in ReviewState} == {
        ReviewState.OPEN: Outcome.UNDETERMINED,
        ReviewState.SECOND_DUE: Outcome.UNDETERMINED,
        ReviewState.DISPUTED: Outcome.UNDETERMINED,
        ReviewState.CONFIRMED: Outcome.FAIL,
        ReviewState.REJECTED: Outcome.PASS,
        ReviewState.INCONCLUSIVE: Outcome.UNDETERMINED,
    }
