"""A face counts against somebody only when two different persons have confirmed it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from audit.core.actor import Role
from audit.models import AuditEntry, new_id
from biometrics.core.outcomes import Outcome
from biometrics.core.reviews import Answer
from biometrics.models import Comparison, Gallery, IdentificationOpinion, IdentificationReview, OperatingPoint
from biometrics.services.reviews import (
    ReviewRefused,
    ReviewUnknown,
    give_opinion,
    open_review,
    outcome_of,
    queue_for,
)
from borders.models import Officer
from tests.db.biometrics.conftest import MakeTemplate, unit_vectors
from tests.db.conftest import ActorOf, make_officer

pytestmark = pytest.mark.django_db
SUBJECT = UUID(int=77)
Say = Callable[[Officer, Answer], IdentificationReview]


@pytest.fixture
def comparison(template_of: MakeTemplate, alice: Officer, bob: Officer, at: datetime) -> Comparison:
    point = OperatingPoint.objects.create(
        purpose="CROSSINGS_IDENTIFICATION", engine="sface", engine_version="1", threshold=0.6, target="t",
        provenance="t", version=1, state="ACTIVE", proposed_by=alice.user, proposed_at=at,
        approved_by=bob.user, approved_at=at,
    )  # fmt: skip
    return Comparison.objects.create(
        kind="IDENTIFICATION",
        probe=template_of(unit_vectors(1)[0]),
        gallery=Gallery.objects.create(name="crossings", engine="sface", engine_version="1"),
        gallery_version=1,
        operating_point=point,
        threshold=0.6,
        score=0.8,
        candidates=[{"subject_id": str(SUBJECT), "score": 0.8}],
        outcome="FAIL",
        elapsed_ms=1.0,
        at=at,
    )


@pytest.fixture
def dana(airport, at: datetime) -> Officer:

    return make_officer("dana", "UT-0004", airport, Role.SUPERVISOR)


@pytest.fixture
def review(
    comparison: Comparison, bob: Officer, actor_of: ActorOf, airport, at: datetime
) -> IdentificationReview:
    return open_review(
        actor=actor_of(bob), at=at, comparison=comparison, subject_id=SUBJECT, port_id=airport.id
    )


@pytest.fixture
def say(review: IdentificationReview, actor_of: ActorOf, at: datetime) -> Say:
    return lambda who, answer: give_opinion(
        actor=actor_of(who), at=at, review_id=review.id, answer=answer, reason="ears and moles compared"
    )


def test_candidate_is_undetermined_until_two_have_confirmed_it(
    comparison: Comparison, bob: Officer, dana: Officer, say: Say
) -> None:
    assert outcome_of(comparison=comparison, subject_id=SUBJECT) is Outcome.UNDETERMINED
    assert say(bob, Answer.SAME).state == "SECOND_DUE"
    assert outcome_of(comparison=comparison, subject_id=SUBJECT) is Outcome.UNDETERMINED
    assert say(dana, Answer.SAME).state == "CONFIRMED"
    assert outcome_of(comparison=comparison, subject_id=SUBJECT) is Outcome.FAIL


def test_nobody_is_their_own_second_person(bob: Officer, say: Say, review: IdentificationReview) -> None:
    say(bob, Answer.SAME)
    with pytest.raises(ReviewRefused) as refused:
        say(bob, Answer.SAME)
    assert refused.value.code == "second_person_required"
    review.refresh_from_db()
    assert review.state == "SECOND_DUE"


def test_one_person_may_dismiss_an_alarm(comparison: Comparison, bob: Officer, say: Say) -> None:
    assert say(bob, Answer.DIFFERENT).state == "REJECTED"
    assert outcome_of(comparison=comparison, subject_id=SUBJECT) is Outcome.PASS


def test_disagreement_confirms_nothing_and_asks_a_third(
    comparison: Comparison, bob: Officer, dana: Officer, say: Say
) -> None:
    say(bob, Answer.SAME)
    assert say(dana, Answer.DIFFERENT).state == "DISPUTED"
    assert outcome_of(comparison=comparison, subject_id=SUBJECT) is Outcome.UNDETERMINED


def test_settled_question_takes_no_more_answers(bob: Officer, dana: Officer, say: Say) -> None:
    say(bob, Answer.DIFFERENT)
    with pytest.raises(ReviewRefused) as refused:
        say(dana, Answer.SAME)
    assert refused.value.code == "review_settled"


def test_other_ports_neither_see_nor_answer(
    charlie: Officer, review: IdentificationReview, actor_of: ActorOf, say: Say
) -> None:
    assert not queue_for(actor=actor_of(charlie)).exists()
    with pytest.raises(ReviewUnknown):
        say(charlie, Answer.SAME)


def test_officers_of_the_first_line_do_not_review(alice: Officer, say: Say) -> None:
    with pytest.raises(ReviewRefused) as refused:
        say(alice, Answer.SAME)
    assert refused.value.code == "role_required"


def test_queue_shows_each_person_what_waits_for_them(
    bob: Officer, dana: Officer, say: Say, actor_of: ActorOf, review: IdentificationReview
) -> None:
    assert list(queue_for(actor=actor_of(bob))) == [review]
    say(bob, Answer.SAME)
    assert list(queue_for(actor=actor_of(bob))) == []
    assert list(queue_for(actor=actor_of(dana))) == [review]


def test_asking_twice_is_one_review(
    comparison: Comparison, review: IdentificationReview, bob: Officer, actor_of: ActorOf, at: datetime
) -> None:
    again = open_review(actor=actor_of(bob), at=at, comparison=comparison, subject_id=SUBJECT)
    assert again.id == review.id
    assert AuditEntry.objects.filter(action="review.opened").count() == 1


def test_only_a_candidate_can_be_reviewed(
    comparison: Comparison, bob: Officer, actor_of: ActorOf, at: datetime
) -> None:
    with pytest.raises(ReviewRefused) as refused:
        open_review(actor=actor_of(bob), at=at, comparison=comparison, subject_id=new_id())
    assert refused.value.code == "not_a_candidate"


@pytest.mark.parametrize(("reason", "code"), [(" ", "reason_required"), ("x" * 201, "reason_too_long")])
def test_answer_needs_a_reason(
    review: IdentificationReview, bob: Officer, actor_of: ActorOf, at: datetime, reason: str, code: str
) -> None:
    with pytest.raises(ReviewRefused) as refused:
        give_opinion(actor=actor_of(bob), at=at, review_id=review.id, answer=Answer.SAME, reason=reason)
    assert refused.value.code == code
    assert not IdentificationOpinion.objects.exists()


def test_database_itself_lets_no_review_be_confirmed_at_once(review: IdentificationReview) -> None:
    with pytest.raises(ProgrammingError, match="Invalid transition"), transaction.atomic():
        IdentificationReview.objects.filter(id=review.id).update(state="CONFIRMED")


def test_answers_are_audited(bob: Officer, say: Say) -> None:
    say(bob, Answer.SAME)
    entry = AuditEntry.objects.get(action="review.answered")
    assert entry.detail == {"subject": str(SUBJECT), "answer": "SAME", "state": "SECOND_DUE"}
