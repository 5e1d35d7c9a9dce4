"""Hits: one claimant, an answer with its reason, two persons where somebody would be stopped; silence for the
rest.
"""

import threading

import pytest
from django.db import DatabaseError, close_old_connections, connections

from audit.core.actor import Role
from audit.models import AuditEntry
from tests.db.conftest import make_officer
from tests.db.watchlists.conftest import entry
from watchlists.core.screening import Action
from watchlists.models import Adjudication, AdjudicationReview, Hit
from watchlists.queries import visible_entries, visible_hits
from watchlists.services import (
    HitRefused,
    HitUnknown,
    adjudicate_hit,
    claim_hit,
    release_hit,
    review_match,
)
from watchlists.services.withheld import write_withheld_hits

TRUE, FALSE = Adjudication.Answer.TRUE_MATCH, Adjudication.Answer.FALSE_MATCH


@pytest.fixture
def make_hit(activate, screen_reading, make_reading):
    """make_hit(**changes): the hit on one entry, by name."""

    def make(**changes: object) -> Hit:
        activate(entry(**changes))
        screening = screen_reading(make_reading()).screening
        write_withheld_hits()
        return Hit.objects.get(screening=screening)

    return make


@pytest.fixture
def erik(airport, actor_of):
    """A second-line officer at the airport."""
    return actor_of(make_officer("erik", "UT-0005", airport, Role.SECOND_LINE))


def test_open_hit_is_claimed_once(make_hit, erik, second, at) -> None:
    hit = make_hit()

    assert claim_hit(actor=erik, at=at, hit_id=hit.id).claimed_by_id == erik.user_id
    with pytest.raises(HitRefused, match="hit_not_open"):
        claim_hit(actor=second, at=at, hit_id=hit.id)


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_wins(make_hit, erik, second, at) -> None:
    hit = make_hit()
    start = threading.Barrier(2)
    answers = []

    def run(actor) -> None:
        close_old_connections()
        try:
            start.wait(timeout=10)
            answers.append(claim_hit(actor=actor, at=at, hit_id=hit.id).claimed_by_id)
        except HitRefused as error:
            answers.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(actor,)) for actor in (erik, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert answers.count("hit_not_open") == 1
    assert len(answers) == 2


def test_hit_is_answered_by_its_claimant_only(make_hit, erik, second, at) -> None:
    hit = make_hit(action=Action.SECOND_LINE)
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        adjudicate_hit(actor=second, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")

    hit.refresh_from_db()
    assert hit.state == "FALSE_MATCH"
    assert hit.adjudications.get().adjudicated_by_id == erik.user_id


def test_answered_hit_is_not_answered_again(make_hit, erik, at) -> None:
    hit = make_hit(action=Action.SECOND_LINE)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same person")

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="No")
    assert Adjudication.objects.count() == 1


def test_inconclusive_hit_is_taken_up_again(make_hit, erik, second, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer="INCONCLUSIVE", reason="No fingerprints")

    assert claim_hit(actor=second, at=at, hit_id=hit.id).state == "CLAIMED"


@pytest.mark.parametrize("reason", ["", "   "])
def test_answer_needs_a_reason(make_hit, erik, at, reason: str) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="reason_required"):
        adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason=reason)


@pytest.fixture
def proposed(make_hit, erik, at) -> Hit:
    """A stop that Erik takes for a true match."""
    hit = make_hit(action=Action.STOP_ARREST)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same scar")
    hit.refresh_from_db()
    return hit


def test_true_match_that_stops_a_traveler_is_proposed_and_confirmed_by_another(
    proposed, second, dora, at
) -> None:
    assert proposed.state == "PROPOSED"

    review = review_match(actor=second, at=at, hit_id=proposed.id, verdict="CONFIRMED")

    proposed.refresh_from_db()
    assert proposed.state == "TRUE_MATCH"
    assert (review.reviewed_by_id, review.own_act) == (dora.user_id, True)
    assert AuditEntry.objects.get(action="hit.match_confirmed").actor_id == dora.user_id


def test_match_turned_down_goes_back_to_the_first_person(proposed, erik, second, at) -> None:
    review_match(actor=second, at=at, hit_id=proposed.id, verdict="TURNED_DOWN", reason="Another ear")

    proposed.refresh_from_db()
    assert (proposed.state, proposed.claimed_by_id) == ("CLAIMED", erik.user_id)
    adjudicate_hit(actor=erik, at=at, hit_id=proposed.id, answer=FALSE, reason="Another ear indeed")
    assert Hit.objects.get().state == "FALSE_MATCH"


def test_first_person_withdraws_and_proposes_anew(proposed, erik, second, at) -> None:
    review_match(actor=erik, at=at, hit_id=proposed.id, verdict="WITHDRAWN", reason="Wrong hit")
    adjudicate_hit(actor=erik, at=at, hit_id=proposed.id, answer=TRUE, reason="The same after all")
    review_match(actor=second, at=at, hit_id=proposed.id, verdict="CONFIRMED")

    assert Hit.objects.get().state == "TRUE_MATCH"
    verdicts = proposed.adjudications.order_by("id").values_list("review__verdict", flat=True)
    assert list(verdicts) == ["WITHDRAWN", "CONFIRMED"]


@pytest.mark.parametrize(
    ("who", "verdict", "reason", "code"),
    [
        ("erik", "CONFIRMED", "", "second_person_required"),
        ("erik", "TURNED_DOWN", "x", "second_person_required"),
        ("dora", "WITHDRAWN", "x", "first_person_required"),
        ("dora", "TURNED_DOWN", "", "reason_required"),
        ("dora", "CONFIRMED", "x" * 201, "reason_too_long"),
        ("alice", "CONFIRMED", "", "role_required"),
    ],
)
def test_review_is_refused(
    proposed, erik, dora, alice, actor_of, at, who: str, verdict: str, reason: str, code: str
) -> None:
    actor = {"erik": erik, "dora": actor_of(dora), "alice": actor_of(alice)}[who]

    with pytest.raises(HitRefused, match=code):
        review_match(actor=actor, at=at, hit_id=proposed.id, verdict=verdict, reason=reason)
    proposed.refresh_from_db()
    assert proposed.state == "PROPOSED"


def test_review_by_an_officer_of_another_port_finds_nothing(proposed, charlie, actor_of, at) -> None:
    with pytest.raises(HitUnknown):
        review_match(actor=actor_of(charlie), at=at, hit_id=proposed.id, verdict="CONFIRMED")


def test_match_is_reviewed_once(proposed, second, owner, at) -> None:
    review_match(actor=second, at=at, hit_id=proposed.id, verdict="CONFIRMED")

    with pytest.raises(HitRefused, match="hit_not_proposed"):
        review_match(actor=owner, at=at, hit_id=proposed.id, verdict="TURNED_DOWN", reason="No")


def test_database_keeps_the_first_person_from_confirming(proposed, erik, at) -> None:
    with pytest.raises(DatabaseError, match="another person"):
        AdjudicationReview.objects.create(
            adjudication=proposed.adjudications.get(), verdict="CONFIRMED", reviewed_by_id=erik.user_id, at=at
        )


def test_false_match_on_a_stop_needs_one_person(make_hit, erik, at) -> None:
    hit = make_hit(action=Action.STOP_ARREST)
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    assert adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")


def test_true_match_of_a_face_needs_a_second_person(
    activate, screen_reading, make_reading, compare_face, make_template, erik, at
) -> None:
    version = activate(entry(action=Action.INQUIRY, faces=(make_template().id,)))
    reading = make_reading(primary_identifier="ERIKSSON", secondary_identifier="ANNA")
    screen_reading(reading, compare_face([version.entries.get().id]))
    hit = Hit.objects.get()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=TRUE, reason="Same face")
    assert Hit.objects.get().state == "PROPOSED"


def test_claimed_hit_is_given_back(make_hit, erik, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    released = release_hit(actor=erik, at=at, hit_id=hit.id)

    assert (released.state, released.claimed_by_id) == ("OPEN", None)


def test_supervisor_gives_back_the_hit_of_somebody_else(make_hit, erik, second, owner, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)

    with pytest.raises(HitRefused, match="hit_not_claimed"):
        release_hit(actor=second, at=at, hit_id=hit.id)
    assert release_hit(actor=owner, at=at, hit_id=hit.id).state == "OPEN"


def test_officer_of_the_first_line_may_not_claim(make_hit, alice, actor_of, at) -> None:
    with pytest.raises(HitRefused, match="role_required"):
        claim_hit(actor=actor_of(alice), at=at, hit_id=make_hit().id)


def test_hit_of_another_port_does_not_exist(make_hit, charlie, actor_of, at) -> None:
    hit = make_hit()

    with pytest.raises(HitUnknown):
        claim_hit(actor=actor_of(charlie), at=at, hit_id=hit.id)
    assert not visible_hits(actor=actor_of(charlie)).exists()


def test_silent_hit_and_entry_exist_for_their_owners_alone(
    make_hit, erik, owner, airport, actor_of, at
) -> None:
    hit = make_hit(action=Action.SILENT)
    supervisor = actor_of(make_officer("fritz", "UT-0006", airport, Role.SUPERVISOR))

    for actor in (erik, supervisor):
        assert not visible_hits(actor=actor).exists()
        assert not visible_entries(actor=actor, at=at).exists()
        with pytest.raises(HitUnknown):
            claim_hit(actor=actor, at=at, hit_id=hit.id)
    assert visible_hits(actor=owner).get() == hit
    assert visible_entries(actor=owner, at=at).get() == hit.entry


def test_entries_are_read_by_supervisors_and_owners_only(activate, alice, erik, owner, actor_of, at) -> None:
    activate(entry())

    assert visible_entries(actor=owner, at=at).exists()
    for actor in (actor_of(alice), erik):
        assert not visible_entries(actor=actor, at=at).exists()


def test_every_act_on_a_hit_writes_audit(make_hit, erik, at) -> None:
    hit = make_hit()
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    release_hit(actor=erik, at=at, hit_id=hit.id)
    claim_hit(actor=erik, at=at, hit_id=hit.id)
    adjudicate_hit(actor=erik, at=at, hit_id=hit.id, answer=FALSE, reason="Another face")

    trail = AuditEntry.objects.filter(object_type="hit", object_id=str(hit.id)).order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "hit.claimed",
        "hit.released",
        "hit.claimed",
        "hit.adjudicated",
    ]
