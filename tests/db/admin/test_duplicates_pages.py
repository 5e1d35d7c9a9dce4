"""Runs, pairs and reviews on the supervisor's desk: who may see which, and no answer before the question is settled."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import new_id
from biometrics.core.reviews import Answer
from biometrics.models import (
    DeduplicationPair,
    DeduplicationRun,
    Gallery,
    IdentificationReview,
    OperatingPoint,
)
from biometrics.services.reviews import give_opinion, open_pair_review
from borders.models import Booth, Officer
from tests.db.conftest import ActorOf
from tests.db.factories import make_crossing, make_image, make_template

REASON = "ears compared"


@pytest.fixture
def pair(alice: Officer, bob: Officer, booth: Booth, at: datetime) -> DeduplicationPair:
    """Of somebody who crossed at Bob's airport with somebody of whom nothing else is known."""
    gallery = Gallery.objects.create(name="crossings", engine="sface", engine_version="1")
    point = OperatingPoint.objects.create(
        purpose="CROSSINGS_IDENTIFICATION", engine="sface", engine_version="1", threshold=0.5, target="t",
        provenance="p", version=1, state="ACTIVE", proposed_by=alice.user, proposed_at=at,
        approved_by=bob.user, approved_at=at,
    )  # fmt: skip
    run = DeduplicationRun.objects.create(
        gallery=gallery, gallery_version=3, operating_point=point, threshold=0.5, state="FINISHED",
        member_count=8, done_count=8, pair_count=1, started_at=at, updated_at=at, ended_at=at,
    )  # fmt: skip
    crossed = make_crossing(booth=booth, officer=alice, at=at)
    first, second = sorted((crossed.traveler_id, new_id()))
    return DeduplicationPair.objects.create(
        run=run, subject_a=first, subject_b=second, template_a=make_template(image=make_image(at=at), at=at),
        template_b=make_template(image=make_image(at=at), at=at), score=0.71, found_at=at,
    )  # fmt: skip


@pytest.fixture
def review(pair: DeduplicationPair, bob: Officer, actor_of: ActorOf, at: datetime) -> IdentificationReview:
    return open_pair_review(actor=actor_of(bob), at=at, pair=pair)


def open_page(browser: Client, row: object) -> str:
    name = f"admin:biometrics_{row._meta.model_name}_change"
    response = browser.get(reverse(name, args=(row.pk,)))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("model", ["deduplicationrun", "deduplicationpair", "identificationreview"])
def test_lists_open(bobs_browser: Client, review: IdentificationReview, model: str) -> None:
    response = bobs_browser.get(reverse(f"admin:biometrics_{model}_changelist"))
    assert response.status_code == 200
    assert b"2026" in response.content


@pytest.mark.parametrize(("least", "shown"), [("0.5", True), ("0.8", False)])
def test_pairs_are_filtered_by_score(
    bobs_browser: Client, pair: DeduplicationPair, least: str, shown: bool
) -> None:
    response = bobs_browser.get(reverse("admin:biometrics_deduplicationpair_changelist"), {"least": least})
    assert (str(pair.subject_a) in response.content.decode()) == shown


def test_a_pair_is_seen_where_one_of_the_two_has_crossed(
    bobs_browser: Client, charlies_browser: Client, pair: DeduplicationPair, land_booth: Booth, charlie: Officer,
    at: datetime,
) -> None:  # fmt: skip
    address = reverse("admin:biometrics_deduplicationpair_change", args=(pair.pk,))
    assert [b.get(address).status_code for b in (bobs_browser, charlies_browser)] == [200, 404]
    other = make_crossing(booth=land_booth, officer=charlie, at=at, number=1)
    ends = sorted((pair.subject_a, other.traveler_id))
    DeduplicationPair.objects.filter(pk=pair.pk).update(subject_a=ends[0], subject_b=ends[1])
    assert charlies_browser.get(address).status_code == 200


def test_run_shows_how_far_it_is(bobs_browser: Client, pair: DeduplicationPair) -> None:
    assert "8 of 8 (100 %)" in open_page(bobs_browser, pair.run)


def test_pair_shows_its_review(bobs_browser: Client, review: IdentificationReview) -> None:
    assert "Waits for the first person" in open_page(bobs_browser, review.pair)


def test_opinions_are_shown_only_when_the_question_is_settled(
    bobs_browser: Client, review: IdentificationReview, bob: Officer, actor_of: ActorOf, at: datetime
) -> None:
    give_opinion(actor=actor_of(bob), at=at, review_id=review.id, answer=Answer.SAME, reason=REASON)
    assert REASON not in open_page(bobs_browser, review)
    other = open_pair_review(actor=actor_of(bob), at=at, pair=copy_of(review.pair))
    give_opinion(actor=actor_of(bob), at=at, review_id=other.id, answer=Answer.DIFFERENT, reason=REASON)
    assert REASON in open_page(bobs_browser, other)


def copy_of(pair: DeduplicationPair) -> DeduplicationPair:
    """Return another pair of the same run."""
    first, second = sorted((new_id(), new_id()))
    return DeduplicationPair.objects.create(
        run=pair.run, subject_a=first, subject_b=second, template_a=pair.template_a,
        template_b=pair.template_b, score=0.6, found_at=pair.found_at,
    )  # fmt: skip
