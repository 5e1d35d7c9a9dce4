"""What the answers point to, and that nothing here diagnoses, refuses or looks at where somebody is from."""

import pytest

from borders.core.protection import (
    PROTECTION_STATES,
    QUESTIONS,
    Answer,
    Factor,
    ServiceKind,
    excludes_consulate,
    questions_for,
    suggest_services,
)

S = ServiceKind


@pytest.mark.parametrize(
    ("answers", "is_minor", "services"),
    [
        ({}, False, ()),
        ({}, True, (S.CHILD_PROTECTION,)),
        ({"PAPERS_HELD": Answer.YES}, False, (S.COUNTER_TRAFFICKING,)),
        ({"PAPERS_HELD": Answer.UNSURE}, False, ()),
        ({"PAPERS_HELD": Answer.NOT_ANSWERED}, False, ()),
        ({"CANNOT_RETURN": Answer.YES}, False, (S.ASYLUM,)),
        ({"NEEDS_CARE": Answer.YES, "CANNOT_RETURN": Answer.YES}, False, (S.ASYLUM, S.HEALTH)),
        ({"WANTS_OWN_CONSULATE": Answer.YES}, False, (S.CONSULATE,)),
        ({"WANTS_OWN_CONSULATE": Answer.YES, "CANNOT_RETURN": Answer.YES}, False, (S.ASYLUM,)),
        ({"WANTS_OWN_CONSULATE": Answer.YES, "CANNOT_RETURN": Answer.UNSURE}, False, ()),
        ({"KNOWS_ADULT_NOT": Answer.YES}, True, (S.CHILD_PROTECTION, S.COUNTER_TRAFFICKING)),
        ({"A_QUESTION_OF_OLD": Answer.YES}, False, ()),
    ],
)
def test_answers_point_to_services(answers, is_minor, services) -> None:
    assert suggest_services(answers, is_minor=is_minor) == services


def test_consulate_is_excluded_while_a_fear_of_return_is_not_denied() -> None:
    excluding = [a for a in Answer if excludes_consulate({"CANNOT_RETURN": a})]

    assert excluding == [Answer.YES, Answer.UNSURE]
    assert not excludes_consulate({})


def test_children_are_asked_their_own_questions_first_and_adults_none_of_them() -> None:
    of_child, of_adult = questions_for(is_minor=True), questions_for(is_minor=False)

    assert [q.factor for q in of_child[:3]] == [Factor.CHILD] * 3
    assert not any(q.of_minors for q in of_adult)
    assert set(of_adult) < set(of_child)


def test_every_factor_and_service_is_asked_for() -> None:
    assert {q.factor for q in QUESTIONS} == set(Factor)
    assert {kind for q in QUESTIONS for kind in q.points_to} == set(ServiceKind)


def test_codes_are_unique_and_fit_their_column() -> None:
    codes = [q.code for q in QUESTIONS]

    assert len(set(codes)) == len(codes)
    assert max(map(len, codes)) <= 24


def test_every_state_is_reached_and_left_but_the_last() -> None:
    assert PROTECTION_STATES.final == {"CLOSED"}
    assert {t.target for t in PROTECTION_STATES.transitions} == set(PROTECTION_STATES.states)
