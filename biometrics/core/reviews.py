"""How the opinions of several persons on one face settle a question: two agree, or nothing adverse follows."""

from collections.abc import Sequence
from enum import StrEnum

from audit.core.states import StateTable, Transition
from biometrics.core.outcomes import Outcome


class Answer(StrEnum):
    """What one person says of two faces."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    INCONCLUSIVE = "INCONCLUSIVE"


class ReviewState(StrEnum):
    """Where a review stands. Only CONFIRMED may have an adverse effect."""

    OPEN = "OPEN"
    SECOND_DUE = "SECOND_DUE"
    DISPUTED = "DISPUTED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    INCONCLUSIVE = "INCONCLUSIVE"


REVIEW_STATES = StateTable(
    name="Identification review",
    states=tuple(state.value for state in ReviewState),
    transitions=(
        Transition("OPEN", "SECOND_DUE", "first person: same face"),
        Transition("OPEN", "REJECTED", "first person: another face"),
        Transition("OPEN", "INCONCLUSIVE", "first person: cannot be told"),
        Transition("SECOND_DUE", "CONFIRMED", "second person: same face"),
        Transition("SECOND_DUE", "DISPUTED", "second person does not agree"),
        Transition("DISPUTED", "CONFIRMED", "third person: same face"),
        Transition("DISPUTED", "REJECTED", "third person: another face"),
        Transition("DISPUTED", "INCONCLUSIVE", "third person: cannot be told"),
    ),
)


def settle(answers: Sequence[Answer]) -> ReviewState:
    """Return the state after these answers, given by different persons, in their order.

    answers: 0 to 3. One person may dismiss an alarm; to confirm one takes two that agree. When the second does not
    agree with the first, a third decides. Raises ValueError for answers after the question was settled.
    """
    state = ReviewState.OPEN
    for answer in answers:
        state = _follow(state, answer)
    return state


def adverse_outcome(state: ReviewState) -> Outcome:
    """Return what a review means for the person: FAIL only when confirmed by two persons, PASS when rejected."""
    if state is ReviewState.CONFIRMED:
        return Outcome.FAIL
    return Outcome.PASS if state is ReviewState.REJECTED else Outcome.UNDETERMINED


def _follow(state: ReviewState, answer: Answer) -> ReviewState:
    match state:
        case ReviewState.OPEN:
            return ReviewState.SECOND_DUE if answer is Answer.SAME else _negative(answer)
        case ReviewState.SECOND_DUE:
            return ReviewState.CONFIRMED if answer is Answer.SAME else ReviewState.DISPUTED
        case ReviewState.DISPUTED:
            return ReviewState.CONFIRMED if answer is Answer.SAME else _negative(answer)
        case _:
            raise ValueError("this question is settled")


def _negative(answer: Answer) -> ReviewState:
    return ReviewState.REJECTED if answer is Answer.DIFFERENT else ReviewState.INCONCLUSIVE
