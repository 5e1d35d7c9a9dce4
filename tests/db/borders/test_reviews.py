"""Overrides and refusals are reviewed by a second person."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from audit.models import AuditEntry
from borders.models import Booth, DecisionReview, Officer
from borders.services.decisions import decide
from borders.services.reviews import REVIEW_DUE, ReviewRefused, open_review, review_decision
from tests.db.factories import make_decision, make_inspection


@pytest.fixture
def review(booth: Booth, alice: Officer, actor_of: Any, at: datetime) -> DecisionReview:
    """Alice's override, waiting."""
    inspection = make_inspection(booth=booth, officer=alice, at=at, advice="REFER")
    decision = make_decision(inspection=inspection, officer=alice, override=True, reason="Known crew")
    open_review(actor=actor_of(alice), at=at, decision=decision, inspection=inspection)
    return DecisionReview.objects.get()


def answer(review: DecisionReview, actor: Any, at: datetime, **given: str) -> DecisionReview:
    asked = {"outcome": "RIGHT", "reason": "Compared the photographs."} | given
    return review_decision(actor=actor, at=at, review_id=review.id, **asked)


def test_an_override_waits_for_review_from_the_moment_it_is_decided(
    booth: Booth, alice: Officer, actor_of: Any, at: datetime
) -> None:
    inspection = make_inspection(booth=booth, officer=alice, at=at, advice="REFER", reasons=[])
    decision = decide(
        actor=actor_of(alice), at=at, inspection_id=inspection.id, outcome="CLEARED", reason="Known crew"
    )
    review = DecisionReview.objects.get(decision=decision)
    assert (review.cause, review.state, review.due_at) == ("OVERRIDE", "WAITING", at + REVIEW_DUE)
    assert review.port_id == booth.port_id


def test_a_refusal_waits_for_review(
    booth: Booth, alice: Officer, bob: Officer, actor_of: Any, at: datetime
) -> None:
    inspection = make_inspection(booth=booth, officer=alice, at=at, advice="REFER", state="REFERRED")
    make_decision(inspection=inspection, officer=alice, outcome="REFERRED")
    decide(actor=actor_of(bob), at=at, inspection_id=inspection.id, outcome="REFUSED", reason="No visa")
    assert DecisionReview.objects.get().cause == "REFUSAL"


def test_a_plain_decision_needs_no_review(booth: Booth, alice: Officer, actor_of: Any, at: datetime) -> None:
    inspection = make_inspection(booth=booth, officer=alice, at=at)
    decide(actor=actor_of(alice), at=at, inspection_id=inspection.id, outcome="CLEARED")
    assert not DecisionReview.objects.exists()


@pytest.mark.parametrize("outcome", ["RIGHT", "WRONG", "NEEDS_CORRECTION"])
def test_another_supervisor_answers_with_a_reason_and_audit(
    review: DecisionReview, bob: Officer, actor_of: Any, at: datetime, outcome: str
) -> None:
    answered = answer(review, actor_of(bob), at, outcome=outcome)
    answered.refresh_from_db()
    assert (answered.state, answered.reviewed_by, answered.reviewed_at) == (outcome, bob.user, at)
    entry = AuditEntry.objects.get(action="decision_review.answered")
    assert entry.detail["outcome"] == outcome
    assert "photographs" not in str(entry.detail)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"outcome": "WAITING"}, "invalid", "outcome"),
        ({"outcome": "right"}, "invalid", "outcome"),
        ({"reason": "  "}, "reason_required", "reason"),
        ({"reason": "x" * 501}, "too_long", "reason"),
        ({"reason": "a\x00b"}, "bad_characters", "reason"),
    ],
)
def test_a_review_that_says_nothing_is_refused(
    review: DecisionReview,
    bob: Officer,
    actor_of: Any,
    at: datetime,
    given: dict[str, str],
    code: str,
    field: str,
) -> None:
    with pytest.raises(ReviewRefused) as refused:
        answer(review, actor_of(bob), at, **given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_nobody_reviews_the_own_decision(
    review: DecisionReview, bob: Officer, actor_of: Any, at: datetime
) -> None:
    DecisionReview.objects.update(decided_by=bob.user)
    with pytest.raises(ReviewRefused, match="own_decision"):
        answer(review, actor_of(bob), at)


def test_the_database_too_keeps_the_two_persons_apart(
    review: DecisionReview, alice: Officer, at: datetime
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        DecisionReview.objects.update(state="RIGHT", reason="Mine", reviewed_by=alice.user, reviewed_at=at)


def test_a_review_is_given_once(review: DecisionReview, bob: Officer, actor_of: Any, at: datetime) -> None:
    answer(review, actor_of(bob), at)
    with pytest.raises(ReviewRefused, match="not_waiting"):
        answer(review, actor_of(bob), at, outcome="WRONG")


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_only_a_supervisor_of_the_port_reviews(
    request: pytest.FixtureRequest, review: DecisionReview, actor_of: Any, at: datetime, name: str
) -> None:
    with pytest.raises(PermissionDenied):
        answer(review, actor_of(request.getfixturevalue(name)), at + timedelta(hours=1))
