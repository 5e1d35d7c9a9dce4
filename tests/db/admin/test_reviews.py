"""The queue of reviews at the desk."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from borders.admin.dashboard import figures
from borders.models import Booth, DecisionReview, Officer
from borders.services.reviews import open_review
from tests.db.factories import make_decision, make_inspection

LIST = "admin:borders_decisionreview_changelist"


@pytest.fixture
def made(booth: Booth, alice: Officer, bob: Officer, actor_of: Any) -> list[DecisionReview]:
    """Alice's override of two days ago, overdue; and Bob's of just now."""
    now = timezone.now()
    return [
        make_review(booth, alice, actor_of, now - timedelta(days=2), 0),
        make_review(booth, bob, actor_of, now, 1),
    ]


def make_review(booth: Booth, officer: Officer, actor_of: Any, at: datetime, number: int) -> DecisionReview:
    inspection = make_inspection(booth=booth, officer=officer, at=at, number=number, advice="REFER")
    decision = make_decision(inspection=inspection, officer=officer, override=True, reason="Known crew")
    open_review(actor=actor_of(officer), at=at, decision=decision, inspection=inspection)
    return DecisionReview.objects.get(decision=decision)


def answer_url(review: DecisionReview) -> str:
    return reverse("admin:borders_decisionreview_answer", args=(review.id,))


def test_queue_shows_the_most_pressing_first(bobs_browser: Client, made: list[DecisionReview]) -> None:
    response = bobs_browser.get(reverse(LIST))
    assert list(response.context["cl"].result_list) == made
    assert "overdue by" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [("?show=overdue", [0]), ("?show=answered", []), ("?show=all", [0, 1]), ("?cause=REFUSAL", [])],
)
def test_queue_is_filtered(
    bobs_browser: Client, made: list[DecisionReview], query: str, shown: list[int]
) -> None:
    rows = list(bobs_browser.get(reverse(LIST) + query).context["cl"].result_list)
    assert rows == [made[n] for n in shown]


def test_review_is_given_on_the_page_and_leaves_the_queue(
    bobs_browser: Client, made: list[DecisionReview]
) -> None:
    page = bobs_browser.get(reverse("admin:borders_decisionreview_change", args=(made[0].id,)))
    assert "Was the decision right?" in page.content.decode()
    bobs_browser.post(answer_url(made[0]), {"outcome": "WRONG", "reason": "No match by eye."})
    assert list(bobs_browser.get(reverse(LIST)).context["cl"].result_list) == [made[1]]
    shown = bobs_browser.get(
        reverse("admin:borders_decisionreview_change", args=(made[0].id,))
    ).content.decode()
    assert "No match by eye." in shown
    assert "Was the decision right?" not in shown


def test_own_decision_cannot_be_reviewed_on_the_page(
    bobs_browser: Client, made: list[DecisionReview]
) -> None:
    page = bobs_browser.get(reverse("admin:borders_decisionreview_change", args=(made[1].id,)))
    assert "another supervisor has to review it" in page.content.decode()
    response = bobs_browser.post(answer_url(made[1]), {"outcome": "RIGHT", "reason": "Mine"})
    assert "Another person" in str(next(iter(get_messages(response.wsgi_request))))
    made[1].refresh_from_db()
    assert made[1].state == "WAITING"


def test_review_of_another_port_is_not_found(charlies_browser: Client, made: list[DecisionReview]) -> None:
    assert charlies_browser.post(answer_url(made[0]), {"outcome": "RIGHT", "reason": "x"}).status_code == 404


def test_first_page_counts_what_waits(bob: Officer, actor_of: Any, made: list[DecisionReview]) -> None:
    figure = next(f for f in figures(actor=actor_of(bob), at=timezone.now()) if f.title == "Reviews waiting")
    assert (figure.value, figure.alarm) == ("2", True)
    assert "1 overdue" in figure.note
